"""When a request whose answer was lost may be sent again: how long to look, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.engine.ports import Clock
from pipeline.errors import StoreRejected
from pipeline.values import Photo

__all__ = ["Unconfirmed", "Verdict"]


@dataclass(slots=True)
class _Doubt:
    ended_at: datetime
    ended: float | None
    """By the monotonic clock, where this process saw it."""
    first_missing: float | None = None
    """When a look first did not show it, by the monotonic clock."""
    answered: int | None = None
    refusal: StoreRejected | None = None
    intercepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an empty look at the store means.

    Attributes:
        certain: the picture is not there and will not come: it may be sent again.
        ended_at: when the attempt ended, as far as is known.
        look_at: when to look again, where it is not certain.
    """

    certain: bool
    ended_at: datetime
    look_at: datetime


class Unconfirmed:
    """When a lost request may be sent again: what this process saw of it; threads may share it.

    The ledger says when an attempt ended, by the machine's clock, which people and time servers
    set. So that a clock set forward does not cut the waiting time short, what this process saw
    itself it also measures by the monotonic clock, and the shorter of the two counts. What an
    earlier process saw proves less: after a restart two looks of the present one are needed.
    """

    def __init__(self, clock: Clock, confirm_after: float) -> None:
        """Take the clock, and for how many seconds the store may still finish a lost request."""
        self._clock = clock
        self._confirm_after = confirm_after
        self._doubts: dict[str, _Doubt] = {}

    def ended(
        self,
        photo_id: str,
        answered: int | None = None,
        refusal: StoreRejected | None = None,
        *,
        intercepted: bool = False,
    ) -> datetime:
        """Note that an attempt of this process has just ended without a clear answer.

        Args:
            photo_id: of the photograph.
            answered: the image's id in an answer that is not believed.
            refusal: what was said, where it was a refusal that is only believed after a look.
            intercepted: something in between answered.

        Returns:
            The time.
        """
        now = self._clock.now()
        self._doubts[photo_id] = _Doubt(
            now,
            self._clock.monotonic(),
            answered=answered,
            refusal=refusal,
            intercepted=intercepted,
        )
        return now

    def answered(self, photo: Photo) -> int | None:
        """Return the image's id that an answer to the last attempt named, where one did."""
        doubt = self._last(photo)
        return None if doubt is None else doubt.answered

    def intercepted(self, photo: Photo) -> bool:
        """Whether something in between answered the last attempt, which says nothing of it."""
        doubt = self._last(photo)
        return doubt is not None and doubt.intercepted

    def refusal(self, photo: Photo) -> StoreRejected | None:
        """Return what refused the last attempt, where this process heard it."""
        doubt = self._last(photo)
        return None if doubt is None else doubt.refusal

    def _last(self, photo: Photo) -> _Doubt | None:
        doubt = self._doubts.get(photo.id)
        return None if doubt is None or doubt.ended_at != photo.attempt_ended_at else doubt

    def not_listed(self, photo: Photo) -> Verdict:
        """Judge a look at the store that did not show the picture.

        It is certain where the whole waiting time has passed since the attempt ended, and two
        looks at least half of it apart showed nothing.
        """
        now, tick = self._clock.now(), self._clock.monotonic()
        doubt = self._last(photo)
        if doubt is None:
            # Also where another process has sent it again meanwhile.
            doubt = _Doubt(min(photo.attempt_ended_at or now, now), None)
            self._doubts[photo.id] = doubt
        if doubt.first_missing is None:
            doubt.first_missing = tick
        since_end = (now - doubt.ended_at).total_seconds()
        if doubt.ended is not None:
            since_end = min(since_end, tick - doubt.ended)
        if since_end < 0:
            # The clock was set back: count anew from here.
            doubt.ended_at, since_end = now, 0.0
        since_missing = tick - doubt.first_missing
        half = self._confirm_after / 2
        certain = since_end >= self._confirm_after and since_missing >= half
        if certain:
            del self._doubts[photo.id]
        wait = (
            half - since_end
            if since_end < half
            else max(self._confirm_after - since_end, half - since_missing)
        )
        # A hair later than exactly then, for two clocks never agree to the microsecond.
        look_at = now + timedelta(seconds=max(0.0, wait) + 0.001)
        return Verdict(certain=certain, ended_at=doubt.ended_at, look_at=look_at)
