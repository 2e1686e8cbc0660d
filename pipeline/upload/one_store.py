"""Requests to one store: what is the same for all of them is worked out once.

`requests` is made for any request to anywhere: for each it takes the address apart, looks which
proxy and which connection is meant, and for cookies in every answer. For a small photograph that
was a sixth of what its request costs this process. And once a connection is there, a request goes
past the libraries (`pipeline.upload.kept_alive`).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header
from requests.structures import CaseInsensitiveDict
from requests_toolbelt import MultipartEncoderMonitor
from urllib3 import HTTPHeaderDict
from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse as PackedAnswer

from pipeline.upload.deadline import DeadlineAdapter
from pipeline.upload.kept_alive import Body, Heard, heard_by

__all__ = ["Asked", "StoreAdapter", "StoreSession", "Template"]

PIECE_BYTES = 64 << 10
"""Of an answer's body, as it is read where it is not plain."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What is asked of a store; see `Template.prepared`."""

    method: str
    path: str
    query: Mapping[str, str] | None = None
    document: Mapping[str, Any] | None = None
    body: MultipartEncoderMonitor | None = None


class Template:
    """Puts requests together, as `requests` would, from what is the same for all of a store.

    Attributes:
        url: the address that all paths go below.
        origin: the host and the port of it.
    """

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        """Have `requests` look at what is the same.

        Args:
            base_url: the address that all paths go below.
            headers: what every request says.
        """
        same = requests.PreparedRequest()
        same.prepare(method="GET", url=base_url.rstrip("/"), headers=headers)
        self.url = str(same.url)
        self._headers = dict(same.headers)
        parts = urlsplit(self.url)
        usual = {"http": 80, "https": 443}[parts.scheme]
        self.origin = (parts.hostname or "", parts.port or usual)
        host, port = self.origin
        self._path = parts.path
        lines = {"Host": host if port == usual else f"{host}:{port}", **self._headers}
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in lines.items())

    def prepared(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
        body: MultipartEncoderMonitor | None = None,
        cookies: RequestsCookieJar,
    ) -> requests.PreparedRequest:
        """Return a request.

        Args:
            method: the HTTP method, in capitals.
            path: below the base address, beginning with a slash, of signs that need no escape.
            query: parameters of the address.
            document: sent as JSON.
            body: a fresh multipart body, streamed.
            cookies: those that the store gave; what is for this path goes along.
        """
        request = requests.PreparedRequest()
        request.method = method
        request.url = f"{self.url}{path}?{urlencode(query)}" if query else self.url + path
        request.headers = CaseInsensitiveDict(self._headers)
        if body is not None:
            request.body = body
            request.headers["Content-Length"] = str(body.len)
            request.headers["Content-Type"] = body.content_type
        elif document is not None:
            request.body = json.dumps(document, allow_nan=False).encode()
            request.headers["Content-Length"] = str(len(request.body))
            request.headers["Content-Type"] = "application/json"
        elif method != "GET":
            request.headers["Content-Length"] = "0"
        if cookies and (cookie := get_cookie_header(cookies, request)):  # type: ignore[no-untyped-call]
            request.headers["Cookie"] = cookie
        return request

    def said(self, asked: Asked, cookies: RequestsCookieJar) -> tuple[bytes, Body]:
        """Return the same request as it goes over the connection: its head, and its body."""
        target = f"{self._path}{asked.path}"
        if asked.query:
            target = f"{target}?{urlencode(asked.query)}"
        body: Body = b""
        further = ""
        if asked.body is not None:
            body = asked.body
            further = f"Content-Length: {body.len}\r\nContent-Type: {body.content_type}\r\n"
        elif asked.document is not None:
            body = json.dumps(asked.document, allow_nan=False).encode()
            further = f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n"
        elif asked.method != "GET":
            further = "Content-Length: 0\r\n"
        if cookies and (cookie := self.of(asked, cookies).headers.get("Cookie")):
            further += f"Cookie: {cookie}\r\n"
        head = f"{asked.method} {target} HTTP/1.1\r\n{self._lines}{further}\r\n"
        return head.encode("latin-1"), body

    def of(self, asked: Asked, cookies: RequestsCookieJar) -> requests.PreparedRequest:
        """Return the request for `requests`."""
        return self.prepared(
            asked.method,
            asked.path,
            query=asked.query,
            document=asked.document,
            body=asked.body,
            cookies=cookies,
        )


class StoreSession(requests.Session):
    """A session that knows where it goes: it looks nowhere for anything else."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies = _Cookies()
        # No .netrc, and none but the trusted certificates; proxies are given to it.
        self.trust_env = False

    def heard(self, template: Template, asked: Asked, seconds: tuple[float, float]) -> Heard:
        """Make a request, and return the answer when it begins.

        Args:
            template: puts it together.
            asked: what is asked.
            seconds: until it is connected, or has handed over a piece of the body; until the next
                piece of the answer has come.

        Raises:
            requests.RequestException: as `send` does.
        """
        adapter = self.get_adapter(template.url)
        kept = None
        if isinstance(adapter, StoreAdapter) and not self.proxies:
            kept = adapter.kept_to(template.origin)
        if kept is None:
            return self._heard_anew(template, asked, seconds)
        head, body = template.said(asked, self.cookies)

        def library(answer: HTTPResponse) -> Heard:
            return self._heard_by_library(template.of(asked, self.cookies), answer, kept)

        return heard_by(kept, asked.method, head, body, seconds, library)

    def _heard_anew(self, template: Template, asked: Asked, seconds: tuple[float, float]) -> Heard:
        response = self.send(
            template.of(asked, self.cookies),
            proxies=self.proxies,
            timeout=seconds,
            allow_redirects=False,
            stream=True,
        )
        return _heard(response, response.close)

    def _heard_by_library(
        self, request: requests.PreparedRequest, answer: HTTPResponse, kept: HTTPConnection
    ) -> Heard:
        """Go on with an answer of which `http.client` has read the head, as urllib3 would."""
        raw = PackedAnswer(
            body=answer,
            headers=HTTPHeaderDict(answer.headers.items()),
            status=answer.status,
            version=answer.version,
            reason=answer.reason,
            preload_content=False,
            decode_content=False,
            original_response=answer,
            request_method=request.method,
        )
        extract_cookies_to_jar(self.cookies, request, raw)  # type: ignore[no-untyped-call]
        closes = answer.will_close

        def end() -> None:
            # Whether it was read to its end shows before it is closed.
            whole = answer.isclosed()
            raw.close()
            if closes or not whole:
                kept.close()

        return _heard(_response(request, raw), end)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """See nowhere to go: `requests` prepares for a redirect even where none is followed."""


class StoreAdapter(DeadlineAdapter):
    """Asks one store again and again; its session's proxies and certificates never change."""

    _asked: tuple[str, Any] = ("", None)
    """The scheme, host and port that was last asked, and what keeps its connections."""
    _trusted: Any = None
    """Of these the one that knows whose certificates are trusted."""
    _kept: HTTPConnection | None = None
    """The connection that was made last."""

    def __init__(
        self, seconds: float, connected: Callable[[socket.socket], None] = lambda connection: None
    ) -> None:
        """Make no connection yet; see `DeadlineAdapter`."""

        def keeps(connection: HTTPConnection) -> None:
            self._kept = connection
            connected(connection.sock)

        super().__init__(seconds, keeps)

    def kept_to(self, origin: tuple[str, int]) -> HTTPConnection | None:
        """Return the connection to a host and port that is there, and by which nothing came."""
        kept = self._kept
        if kept is None or (kept.host, kept.port) != origin or kept.proxy is not None:
            return None
        return kept if kept.is_connected else None

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *arguments: Any, **options: Any
    ) -> Any:
        """Look for what keeps the connections to a host only where it is another host's turn."""
        url = str(request.url)
        origin, pool = self._asked
        if url[: url.find("/", 8)] != origin:
            pool = super().get_connection_with_tls_context(request, *arguments, **options)
            self._asked = url[: url.find("/", 8)], pool
        return pool

    def close(self) -> None:
        """Close all connections: what keeps them does when nobody keeps it."""
        self._asked, self._trusted, self._kept = ("", None), None, None
        super().close()

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Tell it once whose certificates are trusted."""
        if conn is not self._trusted:
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
            self._trusted = conn

    def request_url(
        self, request: requests.PreparedRequest, proxies: Mapping[str, str] | None
    ) -> str:
        """Name the path, where no proxy needs all of the address."""
        return super().request_url(request, proxies) if proxies else request.path_url

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Keep what is read of an answer: its status, its headers, and its body."""
        return _response(req, resp)


def _response(request: requests.PreparedRequest, raw: Any) -> requests.Response:
    response = requests.Response()
    response.status_code = raw.status
    response.headers = CaseInsensitiveDict(raw.headers)
    response.raw = raw
    response.request = request
    return response


def _heard(response: requests.Response, end: Callable[[], None]) -> Heard:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Heard(response.status_code, headers, response.iter_content(PIECE_BYTES), end)


class _Cookies(RequestsCookieJar):
    """Cookies that are looked for where there are any."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        if "set-cookie" in response.info():
            super().extract_cookies(response, request)
