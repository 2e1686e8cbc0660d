"""The layer that misbehaves: between the connection and the store's own work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.localstore.connection import cut_and_wait
from pipeline.localstore.errors import Refusal, refusal_response
from pipeline.localstore.faults.exchange import Answer, answer_of, body_of, replayed
from pipeline.localstore.faults.rules import FaultBook, Rule
from pipeline.localstore.quirks import Quirks
from pipeline.localstore.rate_limit import Quota
from pipeline.localstore.request_log import Visit

__all__ = ["Faulting"]

HELD_BYTES: Final = 16 * 2**20
"""The longest body that is read to be worked on late."""

FIRST_BYTES: Final = 16_384
"""Where the middle of a body is whose length is not known."""


class Faulting:
    """Lets a request through, or does to it what a rule says."""

    def __init__(self, app: ASGIApp, book: FaultBook, quota: Quota, quirks: Quirks) -> None:
        """Take what lies within, the rules, the window that a 429 speaks of, and the switches."""
        self._app = app
        self._book = book
        self._quota = quota
        self._quirks = quirks
        self._late: set[asyncio.Task[Any]] = set()
        self._actions: dict[str, Callable[[Rule, Scope, Receive, Send], Awaitable[None]]] = {
            "delay": self._delay,
            "answer": self._answer,
            "drop": self._drop,
            "garble": self._garble,
            "drip": self._drip,
            "late": self._late_commit,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        visit: Visit | None = scope.get("state", {}).get("visit")
        rule = self._book.choose(visit.method, visit.path) if visit is not None else None
        if visit is None or rule is None:
            await self._app(scope, receive, send)
            return
        visit.fault = rule.name or rule.do
        await self._actions[rule.do](rule, scope, receive, send)

    async def _delay(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.when == "before":
            await asyncio.sleep(rule.seconds)
            await self._app(scope, receive, send)
            return
        answer = await answer_of(self._app, scope, receive)
        await asyncio.sleep(rule.seconds)
        await answer.send(send)

    async def _answer(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.when == "after":
            await answer_of(self._app, scope, receive)
        await self._said(rule, scope)(scope, receive, send)

    def _said(self, rule: Rule, scope: Scope) -> Response:
        headers: dict[str, str] = {}
        if rule.status == 429 and rule.headers:
            headers = self._quota.refusal_headers()
        if rule.retry_after is not None:
            headers["X-Retry-After"] = f"{rule.retry_after:g}"
        title = TITLES.get(rule.status, "The answer that was asked for")
        if rule.body == "html":
            page = f"<html><body><h1>{rule.status} {title}</h1></body></html>"
            return HTMLResponse(page, status_code=rule.status, headers=headers)
        refusal = Refusal(rule.status, title, bare=rule.body == "empty", headers=headers)
        return refusal_response(refusal, scope["path"], self._quirks)

    async def _drop(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        reset = rule.how == "reset"
        if rule.when == "mid-body":
            await _read_half(scope, receive)
        elif rule.when == "after-body":
            await body_of(receive, HELD_BYTES)
        elif rule.when == "after-work":
            await answer_of(self._app, scope, receive)
        elif rule.when == "mid-answer":
            answer = await answer_of(self._app, scope, receive)
            await answer.begin(send)
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            if reset:
                # A reset takes along what the other side has not read yet.
                await asyncio.sleep(0.05)
        await cut_and_wait(scope, receive, reset=reset)

    async def _garble(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await answer_of(self._app, scope, receive)
        if 200 <= answer.status < 300:
            answer.replace_body(*_garbled(rule.how, answer))
        await answer.send(send)

    async def _drip(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await answer_of(self._app, scope, receive)
        await answer.begin(send)
        for at in range(0, len(answer.body), rule.bytes):
            piece = answer.body[at : at + rule.bytes]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(rule.seconds)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _late_commit(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive, HELD_BYTES)
        if body is None:
            return

        async def work() -> None:
            await asyncio.sleep(rule.seconds)
            await answer_of(self._app, scope, replayed(body))

        task = asyncio.create_task(work())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        if rule.then == "answer":
            await self._said(rule, scope)(scope, receive, send)
        elif rule.then == "drop":
            await cut_and_wait(scope, receive, reset=True)
        else:
            while (await receive())["type"] != "http.disconnect":
                pass


TITLES: Final = {
    429: "Too many requests",
    500: "Internal server error",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway time-out",
}


async def _read_half(scope: Scope, receive: Receive) -> None:
    length = dict(scope["headers"]).get(b"content-length")
    half = FIRST_BYTES if length is None else int(length) // 2
    read = 0
    while read < half:
        message: Message = await receive()
        read += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def _garbled(how: str, answer: Answer) -> tuple[bytes, str]:
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
            record.pop("id", None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.body, "application/json"
    return json.dumps(said).encode(), "application/json"
