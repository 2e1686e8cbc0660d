"""The layers every request of the API passes.

Log, lingering close, requests at once, rate limit, token, Accept.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.localstore.errors import ApiError, ClientGone, error_response
from pipeline.localstore.quirks import Quirks
from pipeline.localstore.rate_limit import RateLimit
from pipeline.localstore.request_log import RequestLog

__all__ = ["AccessControl", "ConcurrencyLimit", "LingeringClose", "RequestLogging"]

API: Final = "/stores/"
API_PATH: Final = re.compile(r"/stores/[^/]+/v3(?P<below>/.*)?", re.DOTALL)

MEDIA_RANGE: Final = re.compile(r"\*/\*|[\w!#$%&'+.^`|~-]+/(\*|[\w!#$%&'+.^`|~-]+)", re.ASCII)

ID: Final = re.compile(r"/\d+(?=/|$)")
"""Endpoints are told apart without the numbers in their paths."""

LINGER_BYTES: Final = 16 * 2**20
LINGER_SECONDS: Final = 2.0


class RequestLogging:
    """Writes every request of the API into the request log."""

    def __init__(self, app: ASGIApp, request_log: RequestLog) -> None:
        self._app = app
        self._request_log = request_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        # By its beginning alone: what has no log entry is let in without a token.
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        match = API_PATH.fullmatch(scope["path"])
        below = scope["path"] if match is None else match["below"] or "/"
        query = scope["query_string"].decode("latin-1")
        entry = self._request_log.begin(scope["method"], below, query)
        scope.setdefault("state", {})["log_entry"] = entry
        began = time.monotonic()

        async def counting() -> Message:
            message = await receive()
            entry.bytes += len(message.get("body", b""))
            return message

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        try:
            await self._app(scope, counting, noting)
        finally:
            self._request_log.end(entry, time.monotonic() - began)


class LingeringClose:
    """Ends a connection gently whose request was answered before its body was read.

    Closing it at once would reset it, and the client, still sending, would lose the answer. So
    the answer goes out whole, a bounded rest of the body is read and thrown away, and only then
    is the connection closed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        unread = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers

        async def reading() -> Message:
            nonlocal unread
            message = await receive()
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                unread = False
            return message

        lingers = False

        async def sending(message: Message) -> None:
            nonlocal lingers
            if message["type"] == "http.response.start" and unread:
                lingers = True
                MutableHeaders(scope=message)["connection"] = "close"
            if lingers and message["type"] == "http.response.body" and not message.get("more_body"):
                await send({**message, "more_body": True})
                await self._throw_away(reading, lambda: unread)
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        await self._app(scope, reading, sending)

    @staticmethod
    async def _throw_away(receive: Receive, unread: Callable[[], bool]) -> None:
        thrown = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while unread() and thrown < LINGER_BYTES:
                    thrown += len((await receive()).get("body", b""))


class ConcurrencyLimit:
    """Answers what is one too many at once for its endpoint, and says nothing of a quota there."""

    def __init__(self, app: ASGIApp, most: int | None, quirks: Quirks) -> None:
        self._app = app
        self._most = most
        self._quirks = quirks
        self._in_hand: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        entry = scope.get("state", {}).get("log_entry")
        if self._most is None or entry is None:
            await self._app(scope, receive, send)
            return
        endpoint = ID.sub("/id", entry.path)
        if self._in_hand[endpoint] >= self._most:
            error = ApiError(429, "Too many requests at once")
            await error_response(error, scope["path"], self._quirks)(scope, receive, send)
            return
        self._in_hand[endpoint] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_hand[endpoint] -= 1


class _LimitStating:
    """Sends an answer, with the rate limit's headers where there is a limit; knows if it began."""

    def __init__(self, send: Send, rate_limit: RateLimit | None) -> None:
        self._send = send
        self._rate_limit = rate_limit
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            if self._rate_limit is not None:
                MutableHeaders(scope=message).update(
                    self._rate_limit.headers()
                    if message["status"] != 429
                    else self._rate_limit.exhausted_headers()
                )
        await self._send(message)


class AccessControl:
    """Lets in who has a token, within the rate limit, and turns what goes wrong into answers."""

    def __init__(
        self,
        app: ASGIApp,
        token: str,
        read_only_token: str | None,
        rate_limit: RateLimit,
        quirks: Quirks,
    ) -> None:
        self._app = app
        self._token = token.encode()
        self._read_only = read_only_token.encode() if read_only_token is not None else None
        self._rate_limit = rate_limit
        self._quirks = quirks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        in_api = scope.get("state", {}).get("log_entry") is not None
        answer = _LimitStating(send, self._rate_limit if in_api else None)
        error = await self._served(scope, receive, answer, in_api=in_api)
        if error is not None:
            await error_response(error, scope["path"], self._quirks)(scope, receive, answer)

    async def _served(
        self, scope: Scope, receive: Receive, answer: _LimitStating, *, in_api: bool
    ) -> ApiError | None:
        try:
            if in_api:
                self._admit(scope["method"], Headers(scope=scope))
            # Starlette's router answers 404 and 405 in its own words unless it is in an "app".
            await self._app({**scope, "app": self}, receive, answer)
        except ClientGone:
            return None
        except HTTPException as error:
            return ApiError(error.status_code, error.detail, headers=error.headers or {})
        except ApiError as error:
            return error
        # A mistake of the store's own is told to the client and to whoever reads the log.
        except Exception:
            traceback.print_exc()
            if answer.begun:
                raise
            return ApiError(500, "The store made a mistake; its log says which")
        return None

    def _admit(self, method: str, headers: Headers) -> None:
        given = headers.get("x-auth-token", "").encode()
        reads_only = self._read_only is not None and hmac.compare_digest(given, self._read_only)
        if not reads_only and not hmac.compare_digest(given, self._token):
            raise ApiError(401, "The X-Auth-Token header is missing or wrong")
        if not self._rate_limit.spend():
            raise ApiError(429, "Too many requests")
        if reads_only and method not in ("GET", "HEAD"):
            raise ApiError(403, "The token's scope does not allow changes")
        if not _takes_json(",".join(headers.getlist("accept"))):
            raise ApiError(406, "The Accept header must allow application/json")


def _takes_json(accept: str) -> bool:
    """Whether a header allows JSON; where it names no type at all, all are allowed (RFC 9110)."""
    # What names a type most exactly counts, wherever it stands.
    allowed: dict[str, bool] = {}
    for entry in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in entry.split(";"))
        if MEDIA_RANGE.fullmatch(kind):
            refused = any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
            allowed[kind] = allowed.get(kind, False) or not refused
    for kind in ("application/json", "application/*", "*/*"):
        if kind in allowed:
            return allowed[kind]
    return not allowed
