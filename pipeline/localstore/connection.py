"""A connection to the store, which can also be cut: the faults need a real end of it."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Any, Final

import h11
from starlette.types import Receive, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

__all__ = ["Connection", "connection_of", "cut_and_wait"]

HEAD_SECONDS: Final = 20.0
"""How long a request's first lines may take to arrive."""


class Connection(H11Protocol):
    """uvicorn's connection, known to the request as `scope["state"]["connection"]`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, "connection": self}, _loop)
        self._head_timer: asyncio.TimerHandle | None = None
        self.requests = 0
        """How many have come by it, as far as somebody counts them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Go on; while a request's head is not whole, its time runs."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._await_head()
        elif self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._head_timer is not None:
            self._head_timer.cancel()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        # Not begun anew by every byte, or a byte now and then would keep it open for ever.
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def cut(self, *, reset: bool) -> None:
        """Close the connection under the client.

        Args:
            reset: with a TCP reset, and whatever was not sent yet is lost; otherwise what was
                handed over is sent first.
        """
        if not reset:
            self.transport.close()
            return
        lingering = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        connected = self.transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingering)
        self.transport.abort()


async def cut_and_wait(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Cut a request's connection, and come back when it is gone."""
    connection_of(scope).cut(reset=reset)
    while (await receive())["type"] != "http.disconnect":
        pass


def connection_of(scope: Scope) -> Connection:
    """Return the connection that a request came by."""
    connection: Connection = scope["state"]["connection"]
    return connection
