"""How much the store still allows, by what it said last; shared by all threads of a process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from pipeline.upload.answers import pause_of

__all__ = ["Quota"]


class Quota:
    """Remembers the store's rate-limit headers and the pauses it asked for."""

    def __init__(self, monotonic: Callable[[], float], *, reserve: float = 0.1) -> None:
        """Take a clock that never jumps, and the share of the quota left to other apps (0 to 1)."""
        self._monotonic = monotonic
        self._reserve = reserve
        self._until = 0.0
        self._lock = threading.Lock()

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer.

        Source: the store's reference: `X-Rate-Limit-Requests-Left` and `-Quota` count this window
        of 30 s, `X-Rate-Limit-Time-Reset-Ms` is what is left of it.
        """
        pause = 0.0
        if status == 429:
            pause = pause_of(headers) or 0.0
        else:
            left = _whole(headers.get("x-rate-limit-requests-left"))
            quota = _whole(headers.get("x-rate-limit-requests-quota"))
            reset = _whole(headers.get("x-rate-limit-time-reset-ms"))
            known = left is not None and quota is not None and reset is not None
            if known and left <= self._reserve * quota and reset <= 60_000:  # type: ignore[operator]
                pause = reset / 1000  # type: ignore[operator]
        with self._lock:
            self._until = max(self._until, self._monotonic() + pause)

    def pause(self) -> float:
        """Give for how many seconds no request should be made."""
        with self._lock:
            return max(0.0, self._until - self._monotonic())


def _whole(text: str | None) -> int | None:
    whole = text is not None and len(text) <= 12 and text.isascii() and text.isdecimal()
    return int(text) if whole and text is not None else None
