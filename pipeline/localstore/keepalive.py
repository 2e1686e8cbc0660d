"""A store that lives for its users: each keeps a connection open, and with the last one it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.types import Receive, Scope, Send

from pipeline.localstore.connection import cut_and_wait

__all__ = ["KeepAlive"]

FIRST_SECONDS: Final = 30.0
"""How long the first user may take to come."""

LAST_SECONDS: Final = 2.0
"""How long the store waits for another user after the last one has gone."""

BEAT_SECONDS: Final = 3.0


class KeepAlive:
    """Who needs the store; it ends when nobody has for a while."""

    def __init__(self, end: Callable[[], None], *, ends_alone: bool) -> None:
        self._end = end
        self._ends_alone = ends_alone
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._closing = asyncio.Event()

    def begin(self) -> None:
        """Begin to wait for the first user."""
        self._wait(FIRST_SECONDS)

    def close(self) -> None:
        """Let go of everybody: the store is ending."""
        self._closing.set()

    async def keep_alive(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a newline now and then, for as long as the client stays."""
        if self._closing.is_set():
            # An answer would make this user believe that it has a store.
            await cut_and_wait(scope, receive, reset=True)
            return
        self._count += 1
        if self._timer is not None:
            self._timer.cancel()
        gone = asyncio.create_task(_gone(receive))
        closing = asyncio.create_task(self._closing.wait())
        try:
            headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while not gone.done() and not closing.done():
                await send({"type": "http.response.body", "body": b"\n", "more_body": True})
                await asyncio.wait(
                    (gone, closing), timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            closing.cancel()
            self._count -= 1
            if self._count == 0:
                self._wait(LAST_SECONDS)

    def _wait(self, seconds: float) -> None:
        if self._ends_alone and not self._closing.is_set():
            self._timer = asyncio.get_running_loop().call_later(seconds, self._over)

    def _over(self) -> None:
        self.close()
        self._end()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
