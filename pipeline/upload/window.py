"""The window in which the store counts requests: what is known of it, and what of it is ours.

The quota is shared by every app of the store and by all processes of ours, so nothing is counted
here for long: each answer says anew how many requests are left, whoever made the others. When an
answer says that is not said (as it came in, or as it left), so both are allowed for: the window
ends at the earliest as if it was said when the request went out, at the latest as if it was said
when the answer came.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

__all__ = ["LONGEST_WINDOW", "MARGIN", "Told", "Window"]

FREELY: Final = 0.5
"""The share of what is ours that is used without a pause: a few photographs go up at once."""

KEPT: Final = 0.15
"""The share of what is ours that is kept for what is in haste, as a window begins. It goes down to
nothing by its end, so that nothing is left unused."""

LONGEST_WINDOW: Final = 60.0
"""Seconds; the store's windows are 30 s, and what goes far beyond is no answer of it."""

USUAL_WINDOW: Final = 30.0

MARGIN: Final = 0.05
"""Seconds by which a window is taken to be longer: a store may round what it says of it."""

LEAD: Final = 0.3
"""Seconds before the end of a window by which all that is ours is to be on its way."""

MOST_KEPT: Final = 20_000
"""Requests of a window that are remembered; no plan allows as many."""

LOOK: Final = 0.05
"""Seconds until the next look, where only the answers under way tell what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer said: requests left and in all, and the window's rest and length, in seconds.

    Attributes:
        asked_at: when its request went out.
        at: when it came.
    """

    asked_at: float
    at: float
    left: int
    quota: int
    rest: float
    length: float = USUAL_WINDOW


class Window:
    """Knows how much of the store's quota may still be used; not safe for threads by itself."""

    def __init__(self, reserve: float) -> None:
        """Begin without having heard of the store.

        Args:
            reserve: the share of the quota that is left to the store's other apps, 0 to 1.
        """
        self._reserve = reserve
        self._quota: int | None = None
        self._length = USUAL_WINDOW
        self._ended = self._earliest = self._latest = -math.inf
        self._assumed = False
        """Whether it is only known that the window before is over."""
        self._left = 0
        self._others = 0
        self._asked: deque[float] = deque(maxlen=MOST_KEPT)
        """When we asked, in this window."""
        self._tried = False
        """Whether one was sent to see if the next window has begun."""

    def opens(self, now: float, under_way: int) -> float:
        """Return when the next request may be made, by what is left.

        Args:
            now: the time.
            under_way: how many of ours have no answer yet: they may not be counted yet.
        """
        if self._quota is None:
            return now
        if now >= self._latest:
            self._assume_next(now)
        certain = self._left - under_way >= 1
        if self._ours_left() >= 1:
            return now if certain else now + LOOK
        if certain and not self._tried:
            # One of the reserve at most shows whether the next window has begun, and begins it
            # where windows begin with a request.
            return min(max(now, self._earliest + MARGIN), self._latest)
        return self._latest

    def asks(self, now: float) -> float:
        """Note that a request is made; return the seconds until the next that is in no haste.

        Half of what is ours in a window is free at once; the rest is spread over what is left of
        the window, so that the end of it is not spent waiting, and nothing is left unused.
        """
        self._tried = self._tried or self._ours_left() < 1
        self._asked.append(now)
        left = self._ours_left()
        if left < 1 or left > self._ours * FREELY:
            return 0.0
        rest = max(0.0, self._earliest - LEAD - now)
        return rest / max(1.0, left - self._ours * KEPT * rest / self._length)

    def learn(self, told: Told) -> float:
        """Learn from what an answer said; return the time before which nothing may be asked."""
        self._heed(told)
        return told.asked_at + told.rest if told.left <= told.quota - self._ours else -math.inf

    def _heed(self, told: Told) -> None:
        earliest, latest = told.asked_at + told.rest, told.at + told.rest
        if earliest <= self._ended + MARGIN:
            return
        if self._quota is None or self._assumed or earliest > self._latest + MARGIN:
            self._begin(told, earliest, latest)
        self._quota, self._length = told.quota, told.length
        self._earliest = max(self._earliest, earliest)
        self._latest = min(self._latest, latest)
        self._left = min(self._left, told.left)
        # All of ours may be counted by now; what is counted beyond them is certainly others'.
        self._others = max(self._others, told.quota - told.left - len(self._asked))

    def seconds_for(self, requests: int) -> float | None:
        """Return how long so many requests take, about; None where the quota is not known yet."""
        if self._quota is None or self._ours < 1:
            return None
        return requests / self._ours * self._length

    @property
    def _ours(self) -> int:
        quota = self._quota or 0
        return quota - math.ceil(round(quota * self._reserve, 6))

    def _ours_left(self) -> int:
        return self._ours - self._others - len(self._asked)

    def _begin(self, told: Told, earliest: float, latest: float) -> None:
        if not self._assumed:
            since = max(self._earliest, earliest - told.length - MARGIN)
            while self._asked and self._asked[0] < since:
                self._asked.popleft()
            self._ended = self._latest
        self._earliest, self._latest = earliest, latest
        self._left, self._others = told.left, 0
        self._assumed = self._tried = False

    def _assume_next(self, now: float) -> None:
        self._ended, self._assumed, self._tried = self._latest, True, False
        self._earliest = self._latest = now + self._length
        self._left, self._others = self._quota or 0, 0
        self._asked.clear()
