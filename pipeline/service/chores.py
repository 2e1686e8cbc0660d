"""What a program that goes on for months does now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from pipeline.errors import PipelineError

__all__ = ["Aside", "Chore"]


class Chore:
    """Something that is done every so many seconds."""

    def __init__(self, what: Callable[[], None], every: float, first: float) -> None:
        """Take what is to be done, every so many seconds, and when first."""
        self._what = what
        self._every = every
        self._next = first

    def do(self, now: float) -> None:
        """Do it where its time has come; `now` is by the clock of the first time."""
        if now >= self._next:
            self._next = now + self._every
            self._what()


class Aside:
    """Something for which nobody waits, as it asks the shop; done by one thread at a time."""

    def __init__(self, what: Callable[[], object]) -> None:
        """Take what is to be done."""
        self._what = what
        self._thread: threading.Thread | None = None

    def do(self) -> None:
        """Begin it, unless it goes on still."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._do, name="aside", daemon=True)
            self._thread.start()

    def _do(self) -> None:
        # Where it was in vain it is done again.
        with suppress(PipelineError):
            self._what()
