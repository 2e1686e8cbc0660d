"""The real clock, and the wish to stop that Ctrl-C or a termination signal expresses."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

__all__ = ["SystemClock", "stopping_on_signals"]


class SystemClock:
    """The machine's time; waits end early when the program is asked to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()

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
        return self._stop.is_set()

    def random(self) -> float:
        """Return a random number from 0 up to 1."""
        return random.random()  # noqa: S311 - for jitter, not for secrets

    def stop(self) -> None:
        """Ask the program to stop."""
        self._stop.set()


@contextmanager
def stopping_on_signals(clock: SystemClock, say: Callable[[str], None]) -> Iterator[None]:
    """Turn a first Ctrl-C or termination into a clean stop, and a second into one at once.

    Ending at once is safe: the ledger is true at every moment, and the next run goes on from it.
    """

    def heed(number: int, frame: FrameType | None) -> None:
        if clock.stopping():
            os._exit(130)
        clock.stop()
        say("stopping: what is in hand is finished first (Ctrl-C again stops at once)")

    signals = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, heed) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
