"""What the threads of one `work` share: when to wake, when to end, how the store does."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.engine.ports import StoreHealth
from pipeline.errors import PipelineError
from pipeline.values import Step

__all__ = ["LOOK_SECONDS", "Coordinator"]

LOOK_SECONDS: Final = 0.5
"""How often a thread without work asks the ledger, for other processes also put things there."""

HASTE_SECONDS: Final = 5.0
"""How often it is looked for what is in haste without being told of it."""

SHOT_SECONDS: Final = 0.2
"""The same where another process may take in what is in haste, and tells nobody: two questions to
an index, a fifth of a millisecond."""

FAILURES_BEFORE_A_PAUSE: Final = 3
"""Bad answers of the store, each for another photograph, and no good one since, after which all
uploads pause, and one at a time probes. One that it always stumbles over says nothing of it."""

LONGEST_DENIAL: Final = 60.0
"""Seconds, at most, until the store is asked whether it takes the token again."""


@dataclass(slots=True)
class _Resting:
    """The threads of one kind that rest, and those calls that each of them is to hear."""

    changed: threading.Condition
    number: int = 0
    news: int = 0
    called: deque[bool] = field(default_factory=deque)


class Coordinator:
    """What the threads of one `work` share: when to wake, when to end, how the store does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._resting = {step: _Resting(threading.Condition(self._lock)) for step in Step}
        self.over = threading.Event()
        self.error: PipelineError | None = None
        self.crash: BaseException | None = None
        self.in_hand = 0
        self.not_taken: tuple[Path, ...] = ()
        self.known = 0
        self.beyond_limit = 0
        self.grace = 0.0
        """Seconds in which what is in hand at the end may be done with."""
        self._haste = {step: threading.Event() for step in Step}
        self._stirred = 0
        self._to_send: Counter[int | None] = Counter()
        self._sent_to: Counter[int | None] = Counter()
        self._at_rest = False
        self._last_progress = time.monotonic()
        self._tried = False
        self._stumbled: set[str] = set()
        self._failures = 0
        self._store_rests_until = 0.0
        self._probing = False
        self._denials = 0
        self._denied_until = dict.fromkeys(Step, 0.0)

    @contextmanager
    def working(self, sent_to: int | None = None) -> Iterator[None]:
        """Count a photograph as in hand; where it is sent, `sent_to` is its product."""
        with self._lock:
            self.in_hand += 1
            if sent_to is not None:
                self._sent_to[sent_to] += 1
        try:
            yield
        finally:
            with self._lock:
                self.in_hand -= 1
                _take_one(self._sent_to, sent_to)

    def got_on(self) -> None:
        """Note that a photograph arrived, or got further on this machine.

        Where uploads are tried and none of them ends, that is no progress: a store that is away
        would be waited for as long as there is something to prepare.
        """
        with self._lock:
            if not self._tried:
                self._last_progress = time.monotonic()

    def tries(self) -> None:
        """Note that an upload is tried."""
        with self._lock:
            self._tried = True

    def came_to_an_end(self) -> None:
        """Note that a photograph came to its end."""
        with self._lock:
            self._tried = False
            self._last_progress = time.monotonic()

    def idle(self, asking: int) -> float:
        """Return the seconds without progress; 0 while this machine works on the next.

        Args:
            asking: how many of the photographs in hand wait for the store.
        """
        with self._lock:
            at_work = self.in_hand > asking and not self._tried
            return 0.0 if at_work else time.monotonic() - self._last_progress

    def wake(self) -> None:
        """Have every thread that rests look for work at once."""
        with self._lock:
            self._stirred += 1
            self._at_rest = False
            self._stir()

    def _stir(self, *, in_haste: bool = True) -> None:
        for kind in self._resting.values():
            kind.called.clear()
            kind.news += 1
            kind.changed.notify_all()
        for told in self._haste.values() if in_haste else ():
            told.set()

    def call(self, step: Step, *, more: bool = False) -> None:
        """Have one thread that rests look for work, for there is some for one of its kind.

        Args:
            step: the kind.
            more: there may be some for others, too: where it finds any, it calls the next.
        """
        with self._lock:
            self._call(step, more=more)

    def _call(self, step: Step, *, more: bool) -> None:
        self._stirred += 1
        if self._at_rest:
            # Nobody would look by itself any more.
            self._at_rest = False
            self._stir(in_haste=False)
            return
        kind = self._resting[step]
        kind.news += 1
        if len(kind.called) < kind.number:
            kind.called.append(more)
            kind.changed.notify()

    def can_be_sent(self, product_id: int | None) -> None:
        """Note that a photograph was prepared here: one thread that uploads has work.

        Where one of its product is being sent it must wait for that one, and whoever sends it looks
        for the next.
        """
        with self._lock:
            self._to_send[product_id] += 1
            if product_id not in self._sent_to:
                self._call(Step.UPLOAD, more=False)

    def is_sent(self, product_id: int | None) -> None:
        """Note that one of those is in the hand of a thread that uploads."""
        with self._lock:
            _take_one(self._to_send, product_id)

    def gave_way(self) -> None:
        """Note that a photograph holds up no longer those that are prepared, if any are."""
        with self._lock:
            if not self._to_send.keys() <= self._sent_to.keys():
                self._call(Step.UPLOAD, more=True)

    def looks_for_haste(self, step: Step) -> None:
        """Note that it is looked for what is in haste: only what is told from now on is news."""
        self._haste[step].clear()

    def rest_until_haste(self, step: Step, *, others: bool = False) -> None:
        """Wait until there may be something in haste; now and then it is looked for untold.

        Those who do all work look for it more often.

        Args:
            step: the kind of work.
            others: another process may take it in.
        """
        seconds = SHOT_SECONDS if others else HASTE_SECONDS
        self._haste[step].wait(None if self._at_rest else seconds)

    def heard(self, step: Step) -> int:
        """Return what `rest` is told by who looks for work from now on, and may find none."""
        return self._resting[step].news

    def rest(self, step: Step, heard: int) -> bool:
        """Wait until there may be work; where nothing is left to do, until somebody calls.

        Args:
            step: the kind of work.
            heard: how it was when it was looked for last: what was said since is heeded at once.

        Returns:
            Whether there may be some for others, too, whom nobody calls.
        """
        with self._lock:
            kind = self._resting[step]
            if kind.news != heard:
                return False
            kind.number += 1
            kind.changed.wait(None if self._at_rest else LOOK_SECONDS)
            kind.number -= 1
            return kind.called.popleft() if kind.called else True

    def all_rest(self, anything_left: Callable[[], bool]) -> bool:
        """Whether nothing is in hand and nothing is left: then all rest until they are woken.

        Whoever asks goes on asking, for other processes put things into the ledger, too.

        Args:
            anything_left: whether there is anything that is not at its end, now or later.
        """
        with self._lock:
            stirred, in_hand = self._stirred, self.in_hand
        left = in_hand > 0 or anything_left()
        with self._lock:
            # What somebody woke the others for in between may be more than was seen.
            at_rest = not left and stirred == self._stirred
            if self._at_rest and not at_rest:
                self._stir()
            self._at_rest = at_rest
            return at_rest

    def end(self, error: PipelineError | None = None) -> None:
        """End the work, by the first error that it is given."""
        self.error = self.error or error
        self.over.set()
        self.wake()

    def store_answered(
        self, health: StoreHealth, photo_id: str, pause: Callable[[int], float]
    ) -> None:
        """Note how the store answered; `pause` says for how many seconds it is left in peace."""
        with self._lock:
            self._probing = False
            if health is StoreHealth.WELL:
                if self._failures >= FAILURES_BEFORE_A_PAUSE:
                    self._stir(in_haste=False)
                self._stumbled.clear()
                self._failures = 0
                return
            # The same one again is no news of the store: it has a pause of its own.
            if health is StoreHealth.BADLY and photo_id in self._stumbled:
                return
            self._stumbled.add(photo_id)
            self._failures += 1
            beyond = self._failures - FAILURES_BEFORE_A_PAUSE
            if beyond >= 0:
                self._store_rests_until = time.monotonic() + pause(beyond + 1)

    def rests(self, step: Step) -> bool:
        """Whether nothing is to be begun; where it is, a store in trouble gets one probe."""
        with self._lock:
            now = time.monotonic()
            if now < self._denied_until[step]:
                return True
            if step is not Step.UPLOAD or self._failures < FAILURES_BEFORE_A_PAUSE:
                return False
            if now < self._store_rests_until or self._probing:
                return True
            self._probing = True
            return False

    def nothing_begun(self, step: Step) -> None:
        """Note that there was nothing to probe the store with."""
        if step is Step.UPLOAD:
            with self._lock:
                self._probing = False

    def denied(self, step: Step, pause: Callable[[int], float]) -> None:
        """Rest until the token, or what else is wrong, may have been mended."""
        with self._lock:
            self._denials += 1
            rest = min(pause(self._denials), LONGEST_DENIAL)
            self._denied_until[step] = time.monotonic() + rest

    def allowed(self) -> None:
        """Rest no longer: nothing is in the way any more."""
        with self._lock:
            if self._denials:
                self._stir(in_haste=False)
            self._denials = 0
            self._denied_until = dict.fromkeys(Step, 0.0)


def _take_one(numbers: Counter[int | None], product_id: int | None) -> None:
    """Count one less of a product, where there is one; of none there is no word."""
    numbers[product_id] -= 1
    if numbers[product_id] <= 0:
        del numbers[product_id]
