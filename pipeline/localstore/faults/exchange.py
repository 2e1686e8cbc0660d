"""An answer held back, so that it can be given late, changed, by half, or not at all."""

from __future__ import annotations

from collections.abc import MutableSequence
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Answer", "answer_of", "body_of", "replayed"]


@dataclass(slots=True)
class Answer:
    """A whole answer: status, headers in lower case, body."""

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


async def answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Let a request be answered, and hold the answer back."""
    answer = Answer()

    async def hold(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = list(message["headers"])
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await app(scope, receive, hold)
    return answer


async def body_of(receive: Receive, at_most: int) -> bytes | None:
    """Read a whole body; None when the client went away before its end.

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


def replayed(body: bytes) -> Receive:
    """Give a body that was read once more, to somebody who has not seen it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
