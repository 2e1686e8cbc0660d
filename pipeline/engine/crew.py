"""The threads of one kind of work: few as long as few have work, more as soon as all have."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["Crew"]

FIRST: Final = 3
"""Threads that stay, with work or without."""

STAYS_SECONDS: Final = 10.0
"""For so long the others stay, too, after all had work: each has its own connection to the store,
which is not made anew with every moment without work."""


class Crew:
    """Starts a thread where all have work and one more may do some; threads share it."""

    def __init__(
        self, body: Callable[[Crew], None], most: int, wanted: Callable[[], int] | None = None
    ) -> None:
        """Start none yet.

        Args:
            body: what each thread does until it returns.
            most: threads, at most.
            wanted: how many are of use just now; None: all that there may be, from the beginning.
        """
        self._body = body
        self._most = most
        self._wanted = wanted or (lambda: most)
        self._first = most if wanted is None else min(FIRST, most)
        self._busy = 0
        self._all_busy_at = time.monotonic()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False

    @property
    def threads(self) -> list[threading.Thread]:
        """Return those that have not ended; once it is closed none is added."""
        with self._lock:
            self._threads = [one for one in self._threads if one.is_alive()]
            return list(self._threads)

    def begin(self) -> None:
        """Start those that stay."""
        # Together: else the first has work before the second is there, and one too many begins.
        with self._lock:
            for _ in range(self._first):
                self._start()

    def close(self) -> None:
        """Start none any more."""
        with self._lock:
            self._closed = True

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Note that a thread of the crew has work; where all have, one more begins."""
        with self._lock:
            self._busy += 1
            if self._busy >= len(self._threads):
                self._all_busy_at = time.monotonic()
            wanted = min(self._most, self._wanted())
            if not self._closed and self._busy >= len(self._threads) < wanted:
                self._start()
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    def may_leave(self) -> bool:
        """Whether the calling thread, which finds no work, is to end; it is counted out then."""
        with self._lock:
            idle = time.monotonic() - self._all_busy_at
            if len(self._threads) <= self._first or idle < STAYS_SECONDS:
                return False
            self._threads.remove(threading.current_thread())
            return True

    def _start(self) -> None:
        thread = threading.Thread(target=self._body, args=(self,), daemon=True)
        self._threads.append(thread)
        thread.start()
