"""The rate limit: so many requests in a window of 30 seconds, and where one stands."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

__all__ = ["RateLimit"]

PLENTY = 1_000_000
"""What is said to be allowed where there is no limit: the headers are on every answer."""


class RateLimit:
    """Counts requests in windows, the first of which begins with the first request.

    Attributes of the plan: `allowed` requests a window (None: any number), `window` in seconds.
    """

    def __init__(
        self, allowed: int | None, window: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._allowed = allowed
        self._window = window
        self._clock = clock
        self._ends = -math.inf
        self._used = 0

    def spend(self) -> bool:
        """Whether the window has a request left, which is then counted; else it must be refused."""
        self._turn()
        if self._allowed is not None and self._used >= self._allowed:
            return False
        self._used += 1
        return True

    def headers(self) -> dict[str, str]:
        """Return the four headers that say where one stands."""
        self._turn()
        allowed = PLENTY if self._allowed is None else self._allowed
        left = PLENTY if self._allowed is None else allowed - self._used
        return {
            "X-Rate-Limit-Time-Window-Ms": str(round(self._window * 1000)),
            "X-Rate-Limit-Time-Reset-Ms": str(math.ceil(self._remaining() * 1000)),
            "X-Rate-Limit-Requests-Quota": str(allowed),
            "X-Rate-Limit-Requests-Left": str(left),
        }

    def exhausted_headers(self) -> dict[str, str]:
        """Return the headers of a 429: as ever, with nothing left, and how many seconds to wait."""
        return {
            **self.headers(),
            "X-Rate-Limit-Requests-Left": "0",
            "X-Retry-After": str(max(1, math.ceil(self._remaining()))),
        }

    def _turn(self) -> None:
        now = self._clock()
        if now >= self._ends:
            self._ends = now + self._window
            self._used = 0

    def _remaining(self) -> float:
        return max(0.0, self._ends - self._clock())
