"""How much the store still allows, by what it said last: the one place that paces all calls.

What is in haste goes first: it waits neither for its share of the window nor behind others.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from pipeline.lifecycle import backoff_seconds
from pipeline.upload.at_once import AtOnce
from pipeline.upload.responses import (
    REQUESTS_LEFT,
    REQUESTS_QUOTA,
    TIME_RESET_MS,
    TIME_WINDOW_MS,
    pause_of,
)
from pipeline.upload.window import LONGEST_WINDOW, MARGIN, Told, Window

__all__ = ["MOST_AT_ONCE", "Pacer"]

MOST_AT_ONCE: Final = 16
"""Requests under way at once, where nothing else is said."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
"""Seconds where the store is overloaded and names no pause: doubled from one to the other."""

LOOK_SECONDS: Final = 0.5
"""How often whoever waits looks whether what it waits for has changed."""

STOP_SECONDS: Final = 0.01
"""How long it is asked whether the program is to stop, by whoever waits for another's end."""

_IN_HASTE, _ASKS, _SENDS = range(3)
"""Whose turn comes before whose."""


class Pacer:
    """Remembers the store's rate-limit headers and the pauses it asked for; threads share it."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        reserve: float = 0.1,
        most: int = MOST_AT_ONCE,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Begin without having heard of the store.

        Args:
            monotonic: seconds on a clock that never jumps.
            reserve: the share of the quota that is left to the store's other apps, 0 to 1.
            most: requests under way at once, at most.
            jitter: a random number from 0 up to 1.
        """
        self._monotonic = monotonic
        self._jitter = jitter
        self._window = Window(reserve)
        self._at_once = AtOnce(most)
        self._until = 0.0
        self._next = 0.0
        self._under_way = 0
        self._waiting = [0, 0, 0]
        self._blocks = 0
        self._last = _SENDS
        self._overloads = 0
        self._freed = threading.Condition()
        self._thread = threading.local()

    @property
    def at_once(self) -> int:
        """How many requests the store bears at once, as far as that is known."""
        return self._at_once.now

    def seconds_for(self, requests: int) -> float | None:
        """Return how long so many requests take, by what the store allows; None: it did not say."""
        with self._freed:
            return self._window.seconds_for(requests)

    @contextmanager
    def first(self) -> Iterator[None]:
        """Have this thread's requests go before those of others, while the block lasts.

        So do others' questions meanwhile, for it may wait for their answers.
        """
        self._thread.in_haste = True
        with self._freed:
            self._blocks += 1
            self._freed.notify_all()
        try:
            yield
        finally:
            self._thread.in_haste = False
            with self._freed:
                self._blocks -= 1

    def turn(
        self, wait: Callable[[float], bool], most: float = math.inf, *, asks: bool = False
    ) -> bool:
        """Wait for this request's turn; every turn is followed by `over`.

        What is in haste goes first, and does not wait for its share of the window; then questions
        and creates in turns.

        Args:
            wait: waits so many seconds, and returns whether the program was asked to stop.
            most: seconds, at most, that are waited for.
            asks: it is a question, and changes nothing.

        Returns:
            False where it is not its turn: it would take longer, or the program was asked to stop.
        """
        rank = _IN_HASTE if getattr(self._thread, "in_haste", False) else _ASKS if asks else _SENDS
        with self._freed:
            latest = self._monotonic() + most
            self._waiting[rank] += 1
        try:
            while True:
                at = self._taken_at(rank, latest)
                if at is None:
                    return True
                left = at - self._monotonic()
                if at > latest or wait(max(STOP_SECONDS, min(left, LOOK_SECONDS))):
                    return False
        finally:
            with self._freed:
                self._waiting[rank] -= 1
                self._freed.notify_all()

    def over(self) -> None:
        """Note that a request whose turn it was is over, however it ended."""
        with self._freed:
            self._under_way -= 1
            self._freed.notify_all()

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer to the request of this thread.

        Source: the store's reference: `X-Rate-Limit-Requests-Left` and `-Quota` count this window
        of 30 s, `X-Rate-Limit-Time-Reset-Ms` is what is left of it. A 429 that says nothing of
        the kind means that the platform is overloaded, or asked too much at once: growing,
        jittered pauses, and fewer at once.
        """
        with self._freed:
            now = self._monotonic()
            asked_at: float = getattr(self._thread, "asked_at", now)
            told = _told(headers, asked_at, now)
            if status == 429:
                pause = pause_of(headers)
                if pause is None:
                    self._at_once.too_many(asked_at, now)
                self._until = max(self._until, now + (self._backoff() if pause is None else pause))
                return
            self._overloads = 0
            if status < 500:
                self._at_once.answered_well(now)
            if told is not None:
                self._until = max(self._until, self._window.learn(told))

    def pause(self) -> float:
        """Return for how many seconds no request should be made."""
        with self._freed:
            now = self._monotonic()
            return max(0.0, self._until - now, self._window.opens(now, self._under_way) - now)

    def _taken_at(self, rank: int, latest: float) -> float | None:
        """Take the turn where it has come, and return None; else when to look again."""
        with self._freed:
            now = self._monotonic()
            at = max(self._until, self._window.opens(now, self._under_way))
            if at > now:
                return at + MARGIN
            if rank == _ASKS and self._blocks:
                rank = _IN_HASTE
            if rank != _IN_HASTE and self._next > now:
                return self._next
            full = self._under_way >= self._at_once.now
            if full or self._others_first(rank):
                if full:
                    self._at_once.wants_more()
                self._freed.wait(min(LOOK_SECONDS, max(0.0, latest - now)))
                return min(now + STOP_SECONDS, latest)
            self._under_way += 1
            self._thread.asked_at = now
            pause = self._window.asks(now)
            if rank != _IN_HASTE:
                self._next = now + pause
                self._last = rank
            return None

    def _others_first(self, rank: int) -> bool:
        """Whether others that wait go first: what is in haste; else questions and creates in turns.

        Without answers nothing gets ready to be sent, and questions alone would use up the quota.
        """
        if rank == _IN_HASTE:
            return False
        other = _SENDS if rank == _ASKS else _ASKS
        return self._waiting[_IN_HASTE] > 0 or (self._last == rank and self._waiting[other] > 0)

    def _backoff(self) -> float:
        self._overloads += 1
        return backoff_seconds(
            self._overloads, self._jitter(), first=FIRST_PAUSE, most=LONGEST_PAUSE
        )


def _told(headers: Mapping[str, str], asked_at: float, now: float) -> Told | None:
    """Return what an answer says of the quota; None where it does not say all of it."""
    left = _whole(headers.get(REQUESTS_LEFT))
    quota = _whole(headers.get(REQUESTS_QUOTA))
    rest = _whole(headers.get(TIME_RESET_MS))
    if left is None or quota is None or rest is None or rest > LONGEST_WINDOW * 1000:
        return None
    length = _whole(headers.get(TIME_WINDOW_MS)) or 0
    length = length if rest <= length <= LONGEST_WINDOW * 1000 else max(30_000, rest)
    return Told(
        asked_at=asked_at,
        at=now,
        left=left,
        quota=quota,
        rest=rest / 1000,
        length=length / 1000,
    )


def _whole(text: str | None) -> int | None:
    whole = text is not None and len(text) <= 12 and text.isascii() and text.isdecimal()
    return int(text) if whole and text is not None else None
