"""The requests that are under way, and how all of them end at once.

A run that gives the store up cannot wait for it: a time-out may be minutes away. Shutting a
connection down wakes the thread that reads from it, and what it sent is then as open as after any
other lost answer.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final
from weakref import WeakSet

__all__ = ["UnderWay"]

SLICE_SECONDS: Final = 0.2
"""How soon whoever waits notices that there is nothing more to wait for."""


class UnderWay:
    """Knows what each thread is asking the store; threads share it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._connections: dict[int, WeakSet[socket.socket]] = {}
        self._moved: dict[int, float] = {}

    @property
    def over(self) -> bool:
        """Whether no request is begun any more."""
        return self._over.is_set()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Be under way, in this thread."""
        self.moved()
        try:
            yield
        finally:
            with self._lock:
                self._moved.pop(threading.get_ident(), None)

    def moved(self) -> None:
        """Note that this thread's request got on: it has begun, or more of its body has gone."""
        with self._lock:
            self._moved[threading.get_ident()] = time.monotonic()

    def connected(self, connection: socket.socket) -> None:
        """Note a connection by which this thread asks from now on.

        Raises:
            ConnectionAbortedError: no request is begun any more.
        """
        with self._lock:
            thread = threading.get_ident()
            self._connections[thread] = self._of(thread) | {connection}
            if self._over.is_set():
                raise ConnectionAbortedError("the shop is not asked any more")

    def wait(self, wait: Callable[[float], bool], seconds: float) -> bool:
        """Wait by `wait`, which says whether to stop; return whether nothing is to be begun."""
        until = time.monotonic() + seconds
        while not self._over.is_set() and (left := until - time.monotonic()) > 0:
            if wait(min(left, SLICE_SECONDS)):
                return True
        return self._over.is_set()

    def end(self, rest: float) -> None:
        """Begin no request any more, and end each that has not got on for `rest` seconds."""
        with self._lock:
            self._over.set()
            before = time.monotonic() - rest
            resting = [thread for thread, moved in self._moved.items() if moved <= before]
            for connection in [one for thread in resting for one in self._of(thread)]:
                # Not the method of a connection with TLS, which would forget its state first.
                with suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _of(self, thread: int) -> WeakSet[socket.socket]:
        return self._connections.get(thread, WeakSet())
