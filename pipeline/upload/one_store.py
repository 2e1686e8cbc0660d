"""Requests to one store: what is the same for all of them is worked out once.

`requests` is made for any request to anywhere: for each it takes the address apart, looks which
proxy and which connection is meant, and for cookies in every answer. For a small photograph that
was a sixth of what its request costs this process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests
from requests.cookies import RequestsCookieJar, get_cookie_header
from requests.structures import CaseInsensitiveDict
from requests_toolbelt import MultipartEncoderMonitor

from pipeline.upload.deadline import DeadlineAdapter

__all__ = ["StoreAdapter", "StoreSession", "Template"]


class Template:
    """Puts requests together, as `requests` would, from what is the same for all of a store."""

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        """Have `requests` look at what is the same.

        Args:
            base_url: the address that all paths go below.
            headers: what every request says.
        """
        same = requests.PreparedRequest()
        same.prepare(method="GET", url=base_url.rstrip("/"), headers=headers)
        self._base = str(same.url)
        self._headers = dict(same.headers)

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
        request.url = f"{self._base}{path}?{urlencode(query)}" if query else self._base + path
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


class StoreSession(requests.Session):
    """A session that knows where it goes: it looks nowhere for anything else."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies = _Cookies()
        # No .netrc, and none but the trusted certificates; proxies are given to it.
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> None:
        """See nowhere to go: `requests` prepares for a redirect even where none is followed."""


class StoreAdapter(DeadlineAdapter):
    """Asks one store again and again; its session's proxies and certificates never change."""

    _asked: tuple[str, Any] = ("", None)
    """The scheme, host and port that was last asked, and what keeps its connections."""
    _trusted: Any = None
    """Of these the one that knows whose certificates are trusted."""

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
        self._asked, self._trusted = ("", None), None
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
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.request = req
        return response


class _Cookies(RequestsCookieJar):
    """Cookies that are looked for where there are any."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        if "set-cookie" in response.info():
            super().extract_cookies(response, request)
