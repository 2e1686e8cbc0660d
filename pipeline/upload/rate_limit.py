"""How much the store still allows, by what it said last: the one place that paces all calls.

The quota is shared by every app of the store and by all processes of ours, so nothing is counted
here for long: each answer says anew how many requests are left, whoever made the others.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Mapping
from typing import Final

from pipeline.lifecycle import backoff_seconds
from pipeline.upload.responses import REQUESTS_LEFT, REQUESTS_QUOTA, TIME_RESET_MS, pause_of

__all__ = ["Pacer"]

FREELY: Final = 0.5
"""The share of what is ours that is used without a pause: a few photographs go up at once."""

LONGEST_WINDOW: Final = 60_000
"""Milliseconds; the store's windows are 30 s, and what goes far beyond is no answer of it."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
"""Seconds where the store is overloaded and names no pause: doubled from one to the other."""

MARGIN: Final = 0.05
"""Seconds by which a window is taken to be longer: an answer is some time on its way."""


class Pacer:
    """Remembers the store's rate-limit headers and the pauses it asked for."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        reserve: float = 0.1,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Begin without having heard of the store.

        Args:
            monotonic: seconds on a clock that never jumps.
            reserve: the share of the quota that is left to the store's other apps, 0 to 1.
            jitter: a random number from 0 up to 1.
        """
        self._monotonic = monotonic
        self._reserve = reserve
        self._jitter = jitter
        self._until = 0.0
        self._next = 0.0
        self._ends = 0.0
        self._ours = 0.0
        self._usable = 0.0
        self._asking = 0
        self._overloads = 0
        self._lock = threading.Lock()

    def turn(self, wait: Callable[[float], bool], most: float = math.inf) -> bool:
        """Wait for this request's turn; every turn is followed by `over`.

        Half of what is ours in a window is free at once; the rest is spread over what is left of
        the window, so that the end of it is not spent waiting.

        Args:
            wait: waits so many seconds, and returns whether the program was asked to stop.
            most: seconds, at most, that are waited for.

        Returns:
            False where it is not its turn: it would take longer, or the program was asked to stop.
        """
        latest = math.inf
        while True:
            with self._lock:
                now = self._monotonic()
                latest = min(latest, now + most)
                at = max(self._until, self._next)
                if at <= now:
                    self._asking += 1
                    self._usable -= 1
                    self._next = now + self._spacing(now)
                    return True
            if at > latest or wait(at - now):
                return False

    def over(self) -> None:
        """Note that a request whose turn it was is over, however it ended."""
        with self._lock:
            self._asking -= 1

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer.

        Source: the store's reference: `X-Rate-Limit-Requests-Left` and `-Quota` count this window
        of 30 s, `X-Rate-Limit-Time-Reset-Ms` is what is left of it. A 429 that says nothing of
        the kind means that the platform is overloaded: growing, jittered pauses.
        """
        with self._lock:
            now = self._monotonic()
            if status == 429:
                pause = pause_of(headers)
                self._until = max(self._until, now + (self._backoff() if pause is None else pause))
                return
            self._overloads = 0
            left = _whole(headers.get(REQUESTS_LEFT))
            quota = _whole(headers.get(REQUESTS_QUOTA))
            reset = _whole(headers.get(TIME_RESET_MS))
            if left is None or quota is None or reset is None or reset > LONGEST_WINDOW:
                return
            self._ends = now + reset / 1000
            self._ours = quota * (1 - self._reserve)
            # Those that are on their way may not be counted yet; this one is.
            self._usable = left - quota * self._reserve - max(0, self._asking - 1)
            if left <= self._reserve * quota:
                self._until = max(self._until, self._ends)

    def pause(self) -> float:
        """Return for how many seconds no request should be made."""
        with self._lock:
            return max(0.0, self._until - self._monotonic())

    def _spacing(self, now: float) -> float:
        rest = self._ends - now
        if rest <= 0 or self._usable > self._ours * FREELY:
            return 0.0
        if self._usable < 1:
            return rest + MARGIN
        return rest / self._usable

    def _backoff(self) -> float:
        self._overloads += 1
        return backoff_seconds(
            self._overloads, self._jitter(), first=FIRST_PAUSE, most=LONGEST_PAUSE
        )


def _whole(text: str | None) -> int | None:
    whole = text is not None and len(text) <= 12 and text.isascii() and text.isdecimal()
    return int(text) if whole and text is not None else None
