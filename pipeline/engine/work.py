"""Work until nothing is due: threads that claim, and one that watches over the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from pipeline.engine.advance import Engine
from pipeline.errors import PipelineError
from pipeline.values import Arrival, Step

__all__ = ["Outcome", "work"]

LOOK_SECONDS: Final = 0.5
"""How often a thread without work asks the ledger, for other processes also put things there."""

RECOVER_SECONDS: Final = 5.0
"""How often the claims of dead processes are looked for."""

FAILURES_BEFORE_A_PAUSE: Final = 3
"""Bad answers of the store in a row after which all uploads pause, and one at a time probes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
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
        self._store_failures = 0
        self._store_rests_until = 0.0

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

    def store_answered(self, well: bool, pause: Callable[[int], float]) -> None:
        with self.changed:
            if well:
                self._store_failures = 0
                return
            self._store_failures += 1
            beyond = self._store_failures - FAILURES_BEFORE_A_PAUSE
            if beyond >= 0:
                self._store_rests_until = time.monotonic() + pause(beyond + 1)

    def store_rests(self) -> bool:
        return time.monotonic() < self._store_rests_until


def work(
    engine: Engine,
    arrivals: Iterable[Arrival],
    *,
    preparing: int,
    uploading: int,
    give_up_after: float,
    everything: bool = False,
    upload: bool = True,
    tick: Callable[[], None] = lambda: None,
) -> Outcome:
    """Submit every arrival and advance photographs until nothing is due.

    Args:
        engine: hands out the steps.
        arrivals: taken one by one, while the first are already being worked on.
        preparing: how many photographs are checked or prepared at once.
        uploading: how many are uploaded at once, each of another product.
        give_up_after: seconds without any progress after which what is postponed is left for a
            later run.
        everything: also work on what arrived through other processes.
        upload: False to stop before anything is sent (a dry run).
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
        threading.Thread(target=_hand, args=(engine, step, floor, everything), daemon=True)
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
                engine, floor, everything, upload, give_up_after
            ):
                break
            tick()
            floor.over.wait(0.1)
    tick()
    if floor.crash is not None:
        raise floor.crash
    return Outcome(stopped=engine.clock.stopping(), error=floor.error)


def _submit(engine: Engine, arrivals: Iterable[Arrival], floor: _Floor) -> None:
    with _Crash(floor):
        for arrival in arrivals:
            if floor.over.is_set() or engine.clock.stopping():
                return
            engine.submit(arrival)
            floor.wake()


def _hand(engine: Engine, step: Step, floor: _Floor, everything: bool) -> None:
    with _Crash(floor):
        while not (floor.over.is_set() or engine.clock.stopping()):
            if step is Step.UPLOAD and (floor.store_rests() or engine.stages.store_pause() > 0):
                floor.rest()
                continue
            claim = engine.ledger.claim_next(step, everything=everything)
            if claim is None:
                floor.rest()
                continue
            if engine.clock.stopping():
                engine.ledger.release(claim)
                return
            with floor.holding():
                well = engine.advance(claim)
            if step is Step.UPLOAD:
                floor.store_answered(well, engine.pause_seconds)
            if well:
                floor.last_progress = time.monotonic()
            floor.wake()


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
    engine: Engine, floor: _Floor, everything: bool, upload: bool, give_up_after: float
) -> bool:
    if engine.ledger.unfinished(everything=everything, step=None if upload else Step.PREPARE) == 0:
        return True
    return floor.in_hand == 0 and time.monotonic() - floor.last_progress > give_up_after
