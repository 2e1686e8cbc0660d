"""How many requests are made at once: as many as the store bears.

Its documentation allowed three to an endpoint until 2023, and names no number now; a 429 without a
word about the quota means fewer. So it begins with three, one more at a time is
tried where there is work for it and answers are good, and half as many where the store says so.
What it did not bear is left alone for a while: to try again and again would cost a refusal each
time.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["AtOnce"]

FIRST: Final = 3

UNTRIED_SECONDS: Final = 600.0
"""For so long no more are tried than the store last bore."""


class AtOnce:
    """Knows how many requests may be under way; not safe for threads by itself."""

    def __init__(self, most: int) -> None:
        """Begin with three, or as many as there may be at most."""
        self._most = most
        self.now = min(FIRST, most)
        """How many may be under way at once."""
        self._borne = most
        self._untried_until = -math.inf
        self._fewer_since = -math.inf
        self._wanted = False

    def wants_more(self) -> None:
        """Note that a request waits for nothing but the end of another."""
        self._wanted = True

    def answered_well(self, now: float) -> None:
        """Note a good answer, and where more are wanted, allow one more."""
        most = self._borne if now < self._untried_until else self._most
        if self._wanted and self.now < most:
            self.now += 1
        self._wanted = False

    def too_many(self, asked_at: float, now: float) -> None:
        """Note that the store found a request, made at that time, to be one too many."""
        if asked_at <= self._fewer_since:
            return
        self._borne = max(1, self.now - 1)
        self._untried_until = now + UNTRIED_SECONDS
        self._fewer_since = now
        self.now = max(1, self.now // 2)
