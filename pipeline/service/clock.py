"""The real clock, and the wish to stop that Ctrl-C or a termination signal expresses."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import FrameType
from typing import Final

__all__ = ["Latch", "SystemClock", "stopping_on_signals"]

LONGEST_WAIT: Final = 86_400.0
"""Seconds: whoever waits for longer waits again. A lock takes no endless time."""


class Latch:
    """Opens once, and lets through all who wait before it.

    One lock, and no other inside: a signal's handler may open it, whatever the thread that it
    interrupts was doing. (An `Event` has a lock of its own, which that thread may hold.)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()
        self._open = False

    def open(self) -> None:
        """Let all through, from now on."""
        self._open = True
        with suppress(RuntimeError):  # it is open, or somebody is going through
            self._lock.release()

    @property
    def is_open(self) -> bool:
        """Whether it was opened."""
        return self._open

    def wait(self, seconds: float) -> bool:
        """Wait until it is open, or so long; return whether it is."""
        if not self._open and self._lock.acquire(timeout=max(0.0, min(seconds, LONGEST_WAIT))):
            with suppress(RuntimeError):  # opened once more meanwhile
                self._lock.release()  # for the next who waits
        return self._open


class SystemClock:
    """The machine's time; waits end early when the program is asked to stop."""

    def __init__(self) -> None:
        self._stop = Latch()
        self._told: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only ever go forward."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait; return whether the program was asked to stop."""
        return self._stop.wait(seconds)

    def stopping(self) -> bool:
        """Whether the program was asked to stop."""
        return self._stop.is_open

    def random(self) -> float:
        """Return a random number from 0 up to 1."""
        return random.random()  # noqa: S311 - for jitter, not for secrets

    def stop(self) -> None:
        """Ask the program to stop."""
        self._stop.open()
        for call in tuple(self._told):
            call()

    @contextmanager
    def telling(self, call: Callable[[], None]) -> Iterator[None]:
        """Have something called when the program is asked to stop, also from a signal's handler."""
        self._told.append(call)
        try:
            if self.stopping():
                call()
            yield
        finally:
            self._told.remove(call)


@contextmanager
def stopping_on_signals(
    clock: SystemClock, say: Callable[[str], None], *, hangup: bool = True
) -> Iterator[None]:
    """Turn a first Ctrl-C or termination into a clean stop, and a second into one at once.

    So does the end of the terminal or the connection (SIGHUP), but where whoever started us wants
    us to outlive it (`nohup`). Ending at once is safe: the ledger is true at every moment, and the
    next run goes on from it.

    Args:
        clock: is told of the wish to stop.
        say: is told that there is one, once.
        hangup: SIGHUP is such a wish; False where it means something else.
    """

    def heed(number: int, frame: FrameType | None) -> None:
        if clock.stopping():
            os._exit(130)
        clock.stop()
        say("stopping: what is in hand is finished first (Ctrl-C again stops at once)")

    signals = [signal.SIGINT, signal.SIGTERM]
    number = getattr(signal, "SIGHUP", None) if hangup else None
    if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
        signals.append(number)
    before = {one: signal.signal(one, heed) for one in signals}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
