"""Work until nothing is due: threads that claim, and one that watches over the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from pipeline.engine.engine import Engine
from pipeline.engine.ports import StoreHealth
from pipeline.errors import PipelineError, StoreDenied
from pipeline.lifecycle import FINAL_STATES
from pipeline.values import Arrival, Claim, Photo, Step

__all__ = ["Feed", "WorkResult", "work"]

Feed = Callable[[Callable[[Arrival], Photo | None], Callable[[], bool]], None]
"""A source that goes on by itself, until the second function that it is given says that it is over.

It hands each arrival to the first, which returns the photograph that was written down, or None
where the file was not ready.
"""

LOOK_SECONDS: Final = 0.5
"""How often a thread without work asks the ledger, for other processes also put things there."""

RECOVER_SECONDS: Final = 5.0
"""How often the claims of dead processes are looked for."""

FAILURES_BEFORE_A_PAUSE: Final = 3
"""Bad answers of the store, each for another photograph, and no good one since, after which all
uploads pause, and one at a time probes. One that it always stumbles over holds up no other."""


LONGEST_DENIAL: Final = 60.0
"""Seconds, at most, until the store is asked whether it takes the token again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkResult:
    """How the work ended: `stopped` on request, or by `error`; else nothing more was due."""

    stopped: bool
    error: PipelineError | None


class _Floor:
    """What the threads of one `work` share: when to wake, when to end, how the store does."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.over = threading.Event()
        self.error: PipelineError | None = None
        self.crash: BaseException | None = None
        self.last_progress = time.monotonic()
        self.in_hand = 0
        self._stumbled: set[str] = set()
        self._failures = 0
        self._store_rests_until = 0.0
        self._probing = False
        self._denials = 0
        self._denied_until = dict.fromkeys(Step, 0.0)

    @contextmanager
    def holding(self) -> Iterator[None]:
        with self.changed:
            self.in_hand += 1
        try:
            yield
        finally:
            with self.changed:
                self.in_hand -= 1

    def wake(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def rest(self) -> None:
        with self.changed:
            self.changed.wait(LOOK_SECONDS)

    def end(self, error: PipelineError | None = None) -> None:
        self.error = self.error or error
        self.over.set()
        self.wake()

    def store_answered(
        self, health: StoreHealth, photo_id: str, pause: Callable[[int], float]
    ) -> None:
        with self.changed:
            self._probing = False
            if health is StoreHealth.WELL:
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
        """Tell whether nothing is to be begun; where it is, a store in trouble gets one probe."""
        with self.changed:
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
        """There was nothing to probe the store with."""
        if step is Step.UPLOAD:
            with self.changed:
                self._probing = False

    def denied(self, step: Step, pause: Callable[[int], float]) -> bool:
        """Rest until the token may have been mended; tell whether this is news."""
        with self.changed:
            self._denials += 1
            rest = min(pause(self._denials), LONGEST_DENIAL)
            self._denied_until[step] = time.monotonic() + rest
            return self._denials == 1

    def allowed(self) -> bool:
        """The token was taken; tell whether this is news."""
        with self.changed:
            news = self._denials > 0
            self._denials = 0
            self._denied_until = dict.fromkeys(Step, 0.0)
            return news


def work(
    engine: Engine,
    arrivals: Iterable[Arrival] | Feed,
    *,
    preparing: int,
    uploading: int,
    give_up_after: float,
    any_owner: bool = False,
    upload: bool = True,
    survives_denial: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> WorkResult:
    """Submit every arrival and advance photographs until nothing is due.

    Args:
        engine: hands out the steps.
        arrivals: taken one by one, while the first are already being worked on; the work does
            not end before they do.
        preparing: how many photographs are checked or prepared at once.
        uploading: how many are uploaded at once, each of another product.
        give_up_after: seconds without any progress after which what is postponed is left for a
            later run.
        any_owner: also work on what arrived through other processes.
        upload: False to stop before anything is sent (a dry run).
        survives_denial: where the store does not take the token, say so once, rest, and ask again
            now and then, instead of ending.
        tick: called now and then from the calling thread, for progress.

    Returns:
        How it ended. An error that made going on senseless is in there, not raised, so that the
        report can still be given.
    """
    floor = _Floor()
    engine.ledger.recover()
    submitting = threading.Thread(target=_submit, args=(engine, arrivals, floor), daemon=True)
    loops = [(Step.PREPARE, preparing)] + ([(Step.UPLOAD, uploading)] if upload else [])
    hands = [
        threading.Thread(
            target=_hand, args=(engine, step, floor, any_owner, survives_denial), daemon=True
        )
        for step, number in loops
        for _ in range(number)
    ]
    with ExitStack() as cleanup:
        for thread in (submitting, *hands):
            thread.start()
            cleanup.callback(thread.join)
        cleanup.callback(floor.end)
        recovered = time.monotonic()
        while not (floor.over.is_set() or engine.clock.stopping()):
            if time.monotonic() - recovered > RECOVER_SECONDS:
                engine.ledger.recover()
                recovered = time.monotonic()
            if not submitting.is_alive() and _nothing_due(
                engine, floor, any_owner, upload, give_up_after
            ):
                break
            tick()
            floor.over.wait(0.1)
    tick()
    if floor.crash is not None:
        raise floor.crash
    return WorkResult(stopped=engine.clock.stopping(), error=floor.error)


def _submit(engine: Engine, arrivals: Iterable[Arrival] | Feed, floor: _Floor) -> None:
    def submit(arrival: Arrival) -> Photo | None:
        photo = engine.submit(arrival)
        floor.wake()
        return photo

    def over() -> bool:
        return floor.over.is_set() or engine.clock.stopping()

    with _Crash(floor):
        if callable(arrivals):
            arrivals(submit, over)
            return
        for arrival in arrivals:
            if over():
                return
            submit(arrival)


def _hand(
    engine: Engine, step: Step, floor: _Floor, any_owner: bool, survives_denial: bool
) -> None:
    with _Crash(floor):
        while not (floor.over.is_set() or engine.clock.stopping()):
            if (step is Step.UPLOAD and engine.stages.store_pause() > 0) or floor.rests(step):
                floor.rest()
                continue
            claim = engine.ledger.claim_next(step, any_owner=any_owner)
            if claim is None:
                floor.nothing_begun(step)
                floor.rest()
                continue
            if engine.clock.stopping():
                engine.ledger.release(claim)
                return
            try:
                with floor.holding():
                    health = engine.advance(claim)
            except StoreDenied as error:
                floor.nothing_begun(step)
                if not survives_denial:
                    raise
                if floor.denied(step, engine.pause_seconds):
                    engine.observer.warned(f"nothing is uploaded until this is mended: {error}")
                continue
            if step is Step.UPLOAD:
                floor.store_answered(health, claim.photo.id, engine.pause_seconds)
                if health is StoreHealth.WELL and floor.allowed():
                    engine.observer.said("the store takes the token again: uploads go on")
            if health is StoreHealth.WELL and (step is Step.PREPARE or _is_over(engine, claim)):
                floor.last_progress = time.monotonic()
            floor.wake()


def _is_over(engine: Engine, claim: Claim) -> bool:
    """Tell whether it came to an end: sending and looking in turns for ever is no progress."""
    photo = engine.ledger.photo(claim.photo.id)
    return photo is None or photo.state in FINAL_STATES


class _Crash:
    """Ends the whole work where one of its threads cannot go on."""

    def __init__(self, floor: _Floor) -> None:
        self._floor = floor

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, PipelineError):
            self._floor.end(error)
        elif error is not None:
            self._floor.crash = error
            self._floor.end()
        return True


def _nothing_due(
    engine: Engine, floor: _Floor, any_owner: bool, upload: bool, give_up_after: float
) -> bool:
    if engine.ledger.unfinished(any_owner=any_owner, step=None if upload else Step.PREPARE) == 0:
        return True
    return floor.in_hand == 0 and time.monotonic() - floor.last_progress > give_up_after
