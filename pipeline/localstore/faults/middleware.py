"""The layer that misbehaves: between the connection and the store's own work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableSequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.localstore.connection import connection_of, cut_and_wait
from pipeline.localstore.errors import ApiError, error_response
from pipeline.localstore.faults.rules import ActiveRules, FaultRule
from pipeline.localstore.quirks import Quirks
from pipeline.localstore.rate_limit import RateLimit
from pipeline.localstore.request_log import LogEntry

__all__ = ["FaultInjection"]

HELD_BYTES: Final = 16 * 2**20
"""The longest body that is read to be worked on late."""

FIRST_BYTES: Final = 16_384
"""Where the middle of a body is whose length is not known."""


class FaultInjection:
    """Lets a request through, or does to it what a rule says.

    A 429 on demand speaks of the same window of the rate limit as one that is earned.
    """

    def __init__(
        self, app: ASGIApp, rules: ActiveRules, rate_limit: RateLimit, quirks: Quirks
    ) -> None:
        self._app = app
        self._rules = rules
        self._rate_limit = rate_limit
        self._quirks = quirks
        self._late: set[asyncio.Task[Any]] = set()
        self._actions: dict[str, Callable[[FaultRule, Scope, Receive, Send], Awaitable[None]]] = {
            "delay": self._delay,
            "answer": self._answer,
            "drop": self._drop,
            "garble": self._garble,
            "drip": self._drip,
            "late": self._work_late,
            "silence": self._say_nothing,
            "quota": self._without_quota,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        entry: LogEntry | None = scope.get("state", {}).get("log_entry")
        rule = None
        if entry is not None:
            connection_of(scope).requests += 1
            number = connection_of(scope).requests
            rule = self._rules.choose(entry.method, entry.path, number)
        if entry is None or rule is None:
            await self._app(scope, receive, send)
            return
        entry.fault = rule.name or rule.do
        await self._actions[rule.do](rule, scope, receive, send)

    async def _delay(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.when == "before":
            await asyncio.sleep(rule.seconds)
            await self._app(scope, receive, send)
            return
        answer = await _buffered(self._app, scope, receive)
        await asyncio.sleep(rule.seconds)
        await answer.send(send)

    async def _answer(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.when == "after":
            await _buffered(self._app, scope, receive)
        await self._said(rule, scope)(scope, receive, send)

    def _said(self, rule: FaultRule, scope: Scope) -> Response:
        headers: dict[str, str] = {}
        if rule.status == 429 and rule.headers:
            headers = self._rate_limit.exhausted_headers()
        if rule.retry_after is not None:
            headers["X-Retry-After"] = f"{rule.retry_after:g}"
        title = TITLES.get(rule.status, "The answer that was asked for")
        if rule.body == "html":
            page = f"<html><body><h1>{rule.status} {title}</h1></body></html>"
            return HTMLResponse(page, status_code=rule.status, headers=headers)
        error = ApiError(rule.status, title, bare=rule.body == "empty", headers=headers)
        return error_response(error, scope["path"], self._quirks)

    async def _drop(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        reset = rule.how == "reset"
        if rule.when == "mid-body":
            await _read_half(scope, receive)
        elif rule.when == "after-body":
            await _whole_body(receive, HELD_BYTES)
        elif rule.when == "after-work":
            await _buffered(self._app, scope, receive)
        elif rule.when == "mid-answer":
            answer = await _buffered(self._app, scope, receive)
            await answer.begin(send)
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            if reset:
                # A reset takes along what the other side has not read yet.
                await asyncio.sleep(0.05)
        await cut_and_wait(scope, receive, reset=reset)

    async def _garble(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await _buffered(self._app, scope, receive)
        if 200 <= answer.status < 300:
            answer.replace_body(*_garbled(rule.how, answer))
            # An answer 204 has no body that could be spoilt: an empty listing is said otherwise.
            answer.status = 200 if scope["method"] == "GET" else answer.status
        await answer.send(send)

    async def _drip(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await _buffered(self._app, scope, receive)
        await answer.begin(send)
        for at in range(0, len(answer.body), rule.bytes):
            piece = answer.body[at : at + rule.bytes]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(rule.seconds)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _work_late(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole_body(receive, HELD_BYTES)
        if body is None:
            return

        async def work() -> None:
            await asyncio.sleep(rule.seconds)
            await _buffered(self._app, scope, _replay(body))

        task = asyncio.create_task(work())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        if rule.then == "answer":
            await self._said(rule, scope)(scope, receive, send)
        elif rule.then == "drop":
            await cut_and_wait(scope, receive, reset=True)
        else:
            await _until_gone(receive)

    async def _say_nothing(
        self, rule: FaultRule, scope: Scope, receive: Receive, send: Send
    ) -> None:
        await _whole_body(receive, HELD_BYTES)
        await _until_gone(receive)

    async def _without_quota(
        self, rule: FaultRule, scope: Scope, receive: Receive, send: Send
    ) -> None:
        answer = await _buffered(self._app, scope, receive)
        answer.headers = [
            (name, b"0" if name.lower() in NOTHING_LEFT else value)
            for name, value in answer.headers
        ]
        await answer.send(send)


NOTHING_LEFT: Final = (b"x-rate-limit-requests-left", b"x-rate-limit-requests-quota")

TITLES: Final = {
    429: "Too many requests",
    500: "Internal server error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway time-out",
}


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_half(scope: Scope, receive: Receive) -> None:
    length = dict(scope["headers"]).get(b"content-length")
    half = FIRST_BYTES if length is None else int(length) // 2
    read = 0
    while read < half:
        message: Message = await receive()
        read += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def _garbled(how: str, answer: _BufferedResponse) -> tuple[bytes, str]:
    if how == "short":
        return answer.body[: max(1, len(answer.body) // 2)], "application/json"
    if how == "not-json":
        return b"OK, that worked", "application/json"
    if how == "html":
        return b"<html><body>Welcome</body></html>", "text/html"
    if how == "empty":
        return b"", "application/json"
    try:
        said = json.loads(answer.body)
        for record in said["data"] if isinstance(said["data"], list) else [said["data"]]:
            _about_another(how, record)
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.body, "application/json"
    return json.dumps(said).encode(), "application/json"


def _about_another(how: str, record: dict[str, Any]) -> None:
    if how == "last-id":
        record["id"] -= 1
    elif how == "product":
        record["product_id"] += 1
    elif how == "name":
        record["image_file"] = "a/001/another-photograph__00001.jpg"
    else:
        record.pop("id", None)


@dataclass(slots=True)
class _BufferedResponse:
    """A whole answer, held back, so that it can be given late, changed, by half, or not at all."""

    status: int = 0
    headers: MutableSequence[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def begin(self, send: Send) -> None:
        """Send status and headers."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})

    async def send(self, send: Send) -> None:
        """Send all of it."""
        await self.begin(send)
        await send({"type": "http.response.body", "body": self.body})

    def replace_body(self, body: bytes, media_type: str) -> None:
        """Put another body in, with the headers that fit it."""
        self.body = body
        self.headers = [
            (name, value)
            for name, value in self.headers
            if name.lower() not in (b"content-length", b"content-type")
        ]
        self.headers.append((b"content-length", str(len(body)).encode()))
        self.headers.append((b"content-type", media_type.encode()))


async def _buffered(app: ASGIApp, scope: Scope, receive: Receive) -> _BufferedResponse:
    """Return the answer to a request, kept back."""
    answer = _BufferedResponse()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = list(message["headers"])
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await app(scope, receive, keep)
    return answer


async def _whole_body(receive: Receive, at_most: int) -> bytes | None:
    """Return a whole body; None when the client went away before its end.

    Args:
        receive: the request's.
        at_most: bytes to read; what goes beyond is left, and the body is as long as it then is.
    """
    body = bytearray()
    while len(body) <= at_most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


def _replay(body: bytes) -> Receive:
    """Return what hands out a body once more that was read already."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
