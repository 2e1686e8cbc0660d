"""One deadline for a whole answer, its header and its body, however slowly it drips.

`requests` knows a time-out for the next piece alone: an answer that gives one byte before each of
them ends never arrives and is never given up (measured: a byte each 0.8 s against a time-out of
1 s was read to its end). So every read of the socket gets what is left of the whole time.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Mapping
from functools import partial
from http.client import HTTPResponse
from typing import Any, Final

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.retry import Retry

__all__ = ["DeadlineAdapter"]

BUFFER_BYTES: Final = 64 << 10

SEND_BUFFER: Final = (socket.SOL_SOCKET, socket.SO_SNDBUF, 128 << 10)
"""What the system may hold of a request that it was handed: it goes on sending that when this
program has given up or was killed. Otherwise it would take the whole of a picture, which over a
slow line arrives when its waiting time is long over."""


SOCKET_OPTIONS: Final = [*HTTPConnection.default_socket_options, SEND_BUFFER]


class DeadlineAdapter(HTTPAdapter):
    """Sends one request, and gives an answer so many seconds to be there as a whole."""

    def __init__(
        self, seconds: float, connected: Callable[[HTTPConnection], None] = lambda connection: None
    ) -> None:
        """Make no connection yet.

        Args:
            seconds: from the last byte of a request to the last byte of its answer.
            connected: is told each new connection, in the thread that asks by it.
        """
        self._pools = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, seconds, connected),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, seconds, connected),
        }
        super().__init__(max_retries=Retry(total=0, read=False))

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Have the connections made that keep the deadline."""
        super().init_poolmanager(*arguments, **options, socket_options=SOCKET_OPTIONS)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Have them made behind a proxy as well."""
        manager = super().proxy_manager_for(proxy, **options, socket_options=SOCKET_OPTIONS)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pool(
    pool: type[Any],
    connection: type[Any],
    seconds: float,
    connected: Callable[[HTTPConnection], None],
) -> type[Any]:
    def connect(self: Any) -> None:
        connection.connect(self)
        connected(self)

    # The class of the answers is not an argument anywhere below, only an attribute.
    ours = {"response_class": partial(_Timed, seconds), "connect": connect}
    timed = type(connection.__name__, (connection,), ours)
    return type(pool.__name__, (pool,), {"ConnectionCls": timed})


class _Timed(HTTPResponse):
    """An answer that is read from its socket until the deadline."""

    def __init__(
        self, seconds: float, connection: socket.socket, **options: Mapping[str, Any]
    ) -> None:
        super().__init__(connection, **options)  # type: ignore[arg-type]
        socket_file = _TimedSocket(connection, self.fp.detach(), time.monotonic() + seconds)
        self.fp = io.BufferedReader(socket_file, BUFFER_BYTES)


class _TimedSocket(io.RawIOBase):
    def __init__(self, connection: socket.socket, raw: io.RawIOBase, deadline: float) -> None:
        self._connection = connection
        self._pause = connection.gettimeout()
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer takes too long")
        # Until the end is near, the time-out for the next piece, which is set, ends it sooner.
        if self._pause is None or left < self._pause:
            self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
