"""Rounds of a watcher: each with the settings of its time, ended by a stop or by new settings."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Final

from pipeline.service.clock import SystemClock

__all__ = ["RoundClock", "SettingsFile", "leaving_in_time", "reading_again"]

STOP_SECONDS: Final = 8.0
"""After so long a stop no longer waits for what is in hand: the ledger is true at every moment,
and the next start goes on from it."""

SLICE_SECONDS: Final = 0.2


class RoundClock:
    """The clock of one round: asked to stop when the program is, or when the round is over."""

    def __init__(self, clock: SystemClock) -> None:
        """Take the program's clock."""
        self._clock = clock
        self._over = threading.Event()

    def end(self) -> None:
        """End the round: what is in hand is finished first."""
        self._over.set()

    def now(self) -> datetime:
        """Give the time, aware and in UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Give seconds that only ever go forward."""
        return self._clock.monotonic()

    def random(self) -> float:
        """Give a random number from 0 up to 1, for jitter."""
        return self._clock.random()

    def stopping(self) -> bool:
        """Tell whether the round is to end."""
        return self._over.is_set() or self._clock.stopping()

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the round is to end; tell whether it is."""
        until = time.monotonic() + seconds
        while not self.stopping() and (left := until - time.monotonic()) > 0:
            self._clock.wait(min(left, SLICE_SECONDS))
        return self.stopping()


class SettingsFile:
    """The settings file, and whether it is another one than before."""

    def __init__(self, file: Path) -> None:
        """Take the file as it is now."""
        self._file = file
        self._seen = self._look()

    def changed(self) -> bool:
        """Tell whether it was changed since the last question."""
        before, self._seen = self._seen, self._look()
        return before != self._seen

    def _look(self) -> tuple[int, int, int] | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


@contextmanager
def reading_again() -> Iterator[Callable[[], bool]]:
    """Have SIGHUP ask for the settings to be read again; gives what tells whether it did.

    Where the platform has no such signal, nothing asks.
    """
    asked = threading.Event()

    def heed(number: int, frame: FrameType | None) -> None:
        asked.set()

    def was_asked() -> bool:
        was = asked.is_set()
        asked.clear()
        return was

    number = getattr(signal, "SIGHUP", None)
    before = None if number is None else signal.signal(number, heed)
    try:
        yield was_asked
    finally:
        if number is not None:
            signal.signal(number, before)


@contextmanager
def leaving_in_time(
    clock: SystemClock, say: Callable[[str], None], at_last: Callable[[], None]
) -> Iterator[None]:
    """See that the program has ended a few seconds after it was asked to, whatever is in hand."""
    over = threading.Event()

    def watch_over() -> None:
        while not over.is_set():
            if clock.wait(3600.0) and not over.wait(STOP_SECONDS):
                say("something is still in hand: it is taken up again at the next start")
                time.sleep(SLICE_SECONDS)  # another thread prints it
                at_last()
                os._exit(0)

    threading.Thread(target=watch_over, daemon=True).start()
    try:
        yield
    finally:
        over.set()
