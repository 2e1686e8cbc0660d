"""Work until nothing is due: threads that claim, and one that watches over the end."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from pipeline.claimable import ANYBODYS, OWN, Claimable
from pipeline.engine.ahead import Ahead
from pipeline.engine.coordinator import LOOK_SECONDS, Coordinator
from pipeline.engine.crew import Crew
from pipeline.engine.engine import Engine
from pipeline.engine.ports import StoreHealth
from pipeline.engine.submitting import Feed, Submitting
from pipeline.errors import (
    PipelineError,
    StoreDenied,
    StoreError,
    StoreThrottled,
    StoreUnavailable,
)
from pipeline.lifecycle import FINAL_STATES, State
from pipeline.scope import HOOK_ONLY, NOTHING, Scope
from pipeline.values import Arrival, Claim, Photo, Step

__all__ = [
    "DRAIN",
    "REHEARSAL",
    "RUN",
    "WATCH",
    "WorkMode",
    "WorkResult",
    "work",
]

REST_SECONDS: Final = 1.0
"""How often the ledger is asked where nothing is left to do, and by one thread for all of them."""

RECOVER_SECONDS: Final = 5.0
"""How often the claims of dead processes are looked for."""

LAST_SECONDS: Final = 3.0
"""What a request that has gone out gets for its answer when the work ends."""


NOT_THEIR_TURN: Final = "it is not their turn"
"""Why photographs are left that neither the shop nor the network kept back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkResult:
    """How the work ended: where neither says anything, nothing more was due.

    Attributes:
        stopped: on request.
        error: it made going on senseless.
        gave_up: why what was left was not waited for any longer, as a sentence.
        gave_up_by: what of the shop or the network it was; None where it was neither.
        left: how many that were.
        not_taken: the files that were not ready until then: still being written, or in hand.
        known: how many were stored already and known by their stamps, where they are only counted.
        beyond_limit: how many were not taken in, for there was to be a limit.
    """

    stopped: bool
    error: PipelineError | None
    gave_up: str | None = None
    gave_up_by: StoreError | None = None
    left: int = 0
    not_taken: tuple[Path, ...] = ()
    known: int = 0
    beyond_limit: int = 0

    @property
    def kept_back(self) -> str | None:
        """Why the shop, the network or the token kept back what is left; None where none did."""
        if isinstance(self.error, StoreError):
            return str(self.error)
        return None if self.gave_up_by is None else self.gave_up


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkMode:
    """What is worked on, and what ends the work.

    Attributes:
        claimable: which photographs are worked on.
        scope: which photographs that nobody works on any more are gone on with.
        upload: False to stop before anything is sent.
        survives_denial: where the store does not take the token, say so once, rest, and ask again
            now and then, instead of ending.
        gives_up: leave what is postponed for a later run, where nothing gets on any more.
        lists_known: the report is to tell of each file, also of those that are stored and were not
            even read, for they are as they were. Else these are only counted.
        limit: take in so many that are not stored yet, the first ones; None for all.
    """

    claimable: Claimable = OWN
    scope: Scope = NOTHING
    upload: bool = True
    survives_denial: bool = False
    gives_up: bool = True
    lists_known: bool = False
    limit: int | None = None

    @property
    def step(self) -> Step | None:
        """What kind of work there is; None for every kind."""
        return None if self.upload else Step.PREPARE

    @property
    def ends(self) -> frozenset[State]:
        """The states in which nothing more is done about a photograph."""
        return FINAL_STATES if self.upload else FINAL_STATES | {State.PREPARED}


RUN: Final = WorkMode(claimable=Claimable(shots=True))
"""What was handed in, once. A hook's shots go before it meanwhile, and neither its report nor its
end knows of them: whoever took them in sees to them."""

REHEARSAL: Final = WorkMode(upload=False)
"""The same, but nothing is sent."""

DRAIN: Final = WorkMode(claimable=Claimable(any_owner=True, only_haste=True), scope=HOOK_ONLY)
"""What is in haste, whoever took it in, once."""

WATCH: Final = WorkMode(claimable=ANYBODYS, survives_denial=True, gives_up=False)
"""What comes, for months."""


def work(
    engine: Engine,
    arrivals: Iterable[Arrival] | Feed,
    mode: WorkMode = RUN,
    *,
    preparing: int,
    uploading: int,
    give_up_after: float,
    tick: Callable[[], None] = lambda: None,
) -> WorkResult:
    """Submit every arrival and advance photographs until nothing is due.

    Args:
        engine: hands out the steps.
        arrivals: taken one by one, while the first are already being worked on; the work does
            not end before they do.
        mode: what is worked on, and what ends it.
        preparing: how many photographs are checked or prepared at once.
        uploading: how many are uploaded at once, at most, each of another product.
        give_up_after: seconds without any progress after which what is postponed is left for a
            later run, where the mode gives up at all.
        tick: called now and then from the calling thread, for progress.

    Returns:
        How it ended. An error that made going on senseless is in there, not raised, so that the
        report can still be given.
    """
    coordinator = Coordinator()
    ahead = Ahead(engine.ledger, mode.claimable, partial(coordinator.call, Step.PREPARE, more=True))
    gave_up: _GivenUp | None = None
    left = 0
    engine.ledger.recover()
    engine.ledger.take_up(mode.scope)
    submitting = threading.Thread(
        target=_submit, args=(engine, arrivals, coordinator, mode, give_up_after), daemon=True
    )
    crews = [
        Crew(partial(_worker, engine, Step.PREPARE, coordinator, mode, ahead), preparing),
        Crew(partial(_in_haste, engine, Step.PREPARE, coordinator, mode), 1),
    ]
    if mode.upload:
        body = partial(_worker, engine, Step.UPLOAD, coordinator, mode, None)
        # One more than the store takes at once waits, so that it shows whether it takes more.
        crews.append(Crew(body, uploading, lambda: engine.stages.at_once() + 1))
        crews.append(Crew(partial(_in_haste, engine, Step.UPLOAD, coordinator, mode), 1))
    with ExitStack() as cleanup:
        submitting.start()
        for crew in crews:
            crew.begin()
        cleanup.callback(_leave, engine, coordinator, submitting, crews)
        recovered = time.monotonic()
        while not (coordinator.over.is_set() or engine.clock.stopping()):
            if time.monotonic() - recovered > RECOVER_SECONDS:
                engine.ledger.recover()
                if engine.ledger.take_up(mode.scope):
                    coordinator.wake()
                _heed_retries(engine, coordinator)
                recovered = time.monotonic()
            if not submitting.is_alive():
                if not _anything_left(engine, mode):
                    # Another's doubt may be in hand, of which nobody waits for the end but us.
                    coordinator.grace = give_up_after
                    break
                gave_up = _why_given_up(engine, coordinator, mode, give_up_after)
                if gave_up is not None:
                    left = engine.ledger.unfinished(
                        any_owner=mode.claimable.any_owner,
                        step=mode.step,
                        urgent=mode.claimable.only_haste,
                    )
                    break
            tick()
            _wait(engine, coordinator, mode)
    _write_down(engine, coordinator, ahead)
    tick()
    if coordinator.crash is not None:
        raise coordinator.crash
    return WorkResult(
        stopped=engine.clock.stopping(),
        error=coordinator.error,
        gave_up=None if gave_up is None else gave_up.sentence,
        gave_up_by=None if gave_up is None else gave_up.by,
        left=left,
        not_taken=coordinator.not_taken,
        known=coordinator.known,
        beyond_limit=coordinator.beyond_limit,
    )


def _write_down(engine: Engine, coordinator: Coordinator, ahead: Ahead) -> None:
    """Have all be durable that was done, and nothing be in hand."""
    with _ending_on_error(coordinator):
        ahead.let_go()
        engine.ledger.make_durable()


def _wait(engine: Engine, coordinator: Coordinator, mode: WorkMode) -> None:
    """Wait until it is time to look round again; a wish to stop ends it where it is long."""
    if not mode.gives_up and coordinator.all_rest(partial(_anything_left, engine, mode)):
        engine.clock.wait(REST_SECONDS)
    else:
        coordinator.over.wait(0.1)


def _anything_left(engine: Engine, mode: WorkMode) -> bool:
    may = mode.claimable
    return engine.ledger.any_unfinished(
        any_owner=may.any_owner, step=mode.step, urgent=may.only_haste
    )


def _leave(
    engine: Engine, coordinator: Coordinator, submitting: threading.Thread, crews: Iterable[Crew]
) -> None:
    """End every thread; one that waits for the store is waited for within the grace alone."""
    coordinator.end()
    until = time.monotonic() + coordinator.grace
    for crew in crews:
        crew.close()
    for thread in (submitting, *(one for crew in crews for one in crew.threads)):
        while thread.is_alive():
            if time.monotonic() >= until or engine.clock.stopping():
                engine.stages.let_go(LAST_SECONDS)
            thread.join(0.1)


def _heed_retries(engine: Engine, coordinator: Coordinator) -> None:
    """Where somebody takes up again what failed alike, so does the work."""
    photos = (engine.ledger.photo(photo_id) for photo_id in engine.dealings.failed_alike)
    if any(photo is not None and photo.state is not State.FAILED for photo in photos):
        engine.dealings.begin_anew()
        coordinator.allowed()
        coordinator.wake()


def _submit(
    engine: Engine,
    arrivals: Iterable[Arrival] | Feed,
    coordinator: Coordinator,
    mode: WorkMode,
    patience: float,
) -> None:
    def over() -> bool:
        return coordinator.over.is_set() or engine.clock.stopping()

    def written() -> None:
        coordinator.got_on()
        coordinator.wake()

    with _ending_on_error(coordinator):
        submitting = Submitting(engine, over, written, list_known=mode.lists_known)
        if callable(arrivals):
            submitting.feed(arrivals)
        else:
            submitting.all_of(arrivals, patience, coordinator.over.wait, limit=mode.limit)
            coordinator.not_taken, coordinator.known = submitting.not_taken, submitting.known
            coordinator.beyond_limit = submitting.beyond_limit


def _worker(
    engine: Engine,
    step: Step,
    coordinator: Coordinator,
    mode: WorkMode,
    ahead: Ahead | None,
    crew: Crew,
) -> None:
    with _ending_on_error(coordinator):
        more = False
        while not (coordinator.over.is_set() or engine.clock.stopping()):
            heard = coordinator.heard(step)
            claim = None if ahead is None else _ahead(ahead, step, coordinator)
            if claim is None:
                claim = _next_claim(engine, step, coordinator, mode)
                if claim is not None and ahead is not None:
                    ahead.fill(claim)
            if claim is None and crew.may_leave():
                return
            if claim is None:
                more = coordinator.rest(step, heard)
            elif engine.clock.stopping():
                engine.ledger.release(claim)
            else:
                if more:
                    coordinator.call(step, more=True)
                more = False
                with crew.at_work():
                    _advance(engine, claim, step, coordinator, mode)


def _ahead(ahead: Ahead, step: Step, coordinator: Coordinator) -> Claim | None:
    """Return what was claimed together with another; where nothing is to be begun, give it back."""
    if coordinator.rests(step):
        ahead.let_go()
    return ahead.next()


def _in_haste(
    engine: Engine, step: Step, coordinator: Coordinator, mode: WorkMode, crew: Crew
) -> None:
    """Advance what is in haste, and only that: it waits for nobody who waits for the store."""
    with _ending_on_error(coordinator):
        while not (coordinator.over.is_set() or engine.clock.stopping()):
            coordinator.looks_for_haste(step)
            claim = _next_claim(engine, step, coordinator, mode, in_haste=True)
            if claim is None:
                coordinator.rest_until_haste(step, others=mode.claimable.shots)
            elif engine.clock.stopping():
                engine.ledger.release(claim)
            else:
                _advance(engine, claim, step, coordinator, mode)


def _next_claim(
    engine: Engine,
    step: Step,
    coordinator: Coordinator,
    mode: WorkMode,
    *,
    in_haste: bool = False,
) -> Claim | None:
    # Who waits for the end of a short pause with one in hand is there when it ends.
    if step is Step.UPLOAD and engine.stages.store_pause() > LOOK_SECONDS:
        return None
    if coordinator.rests(step):
        return None
    claim = _claim(engine, step, mode, in_haste=in_haste)
    if step is Step.UPLOAD and _learned(engine):
        coordinator.wake()
        claim = claim or _claim(engine, step, mode, in_haste=in_haste)
    if claim is None:
        coordinator.nothing_begun(step)
    elif step is Step.UPLOAD:
        coordinator.is_sent(_product_of(claim.photo))
    return claim


def _claim(engine: Engine, step: Step, mode: WorkMode, *, in_haste: bool) -> Claim | None:
    may = replace(mode.claimable, only_haste=True) if in_haste else mode.claimable
    return engine.ledger.claim_next(step, may, name_rules=engine.stages.name_rules)


def _learned(engine: Engine) -> bool:
    """Ask for what is needed to know whether one in haste may go; return whether that is new."""
    with suppress(StoreError):
        return engine.stages.learn()
    return False


def _advance(
    engine: Engine, claim: Claim, step: Step, coordinator: Coordinator, mode: WorkMode
) -> None:
    if step is Step.UPLOAD:
        coordinator.tries()
    try:
        in_haste = engine.stages.first() if claim.photo.in_haste else nullcontext()
        sent_to = _product_of(claim.photo) if step is Step.UPLOAD else None
        with coordinator.working(sent_to), in_haste:
            health, photo = engine.advanced(claim)
            _note_progress(photo, claim, step, coordinator, mode)
    except StoreDenied as error:
        coordinator.nothing_begun(step)
        if not mode.survives_denial:
            raise
        engine.dealings.denied(error)
        coordinator.denied(step, engine.pause_seconds)
        return
    if step is Step.UPLOAD:
        coordinator.store_answered(health, claim.photo.id, engine.pause_seconds)
        if health is StoreHealth.WELL and engine.dealings.held_up is None:
            coordinator.allowed()
    _call_others(photo, claim, step, coordinator)


def _call_others(photo: Photo | None, claim: Claim, step: Step, coordinator: Coordinator) -> None:
    """Call those for whom a step made work; whoever did it looks by itself for its next one.

    Over one photograph sent, or come to its end, the next of its product is due: one at most.
    """
    after = None if photo is None else photo.state
    if claim.photo.in_haste:
        coordinator.wake()
    elif step is Step.UPLOAD:
        if after is State.VALIDATED:
            coordinator.call(Step.PREPARE)
    elif photo is not None and after is State.PREPARED:
        coordinator.can_be_sent(_product_of(photo))
    else:
        # The product that was not known, or the place of one that goes no further, holds up none.
        coordinator.gave_way()


def _product_of(photo: Photo) -> int | None:
    return None if photo.placement is None else photo.placement.product_id


def _note_progress(
    photo: Photo | None, claim: Claim, step: Step, coordinator: Coordinator, mode: WorkMode
) -> None:
    """Note how far it came: asking, sending and looking in turns for ever is no progress."""
    if photo is None or photo.state in mode.ends:
        coordinator.came_to_an_end()
    elif step is Step.UPLOAD:
        coordinator.tries()
    elif photo.state is not claim.photo.state:
        coordinator.got_on()


@contextmanager
def _ending_on_error(coordinator: Coordinator) -> Iterator[None]:
    """End the whole work where one of its threads cannot go on."""
    try:
        yield
    except PipelineError as error:
        coordinator.end(error)
    except BaseException as error:
        coordinator.crash = error
        coordinator.end()


@dataclass(frozen=True, slots=True)
class _GivenUp:
    """Why what is left is not waited for: what the shop or the network did, if it was they."""

    by: StoreError | None

    @property
    def sentence(self) -> str:
        return NOT_THEIR_TURN if self.by is None else str(self.by)


def _why_given_up(
    engine: Engine, coordinator: Coordinator, mode: WorkMode, give_up_after: float
) -> _GivenUp | None:
    """Return why what is left is not waited for any longer; None while it is."""
    idle = coordinator.idle(engine.dealings.asking)
    if not mode.gives_up or idle <= give_up_after:
        return None
    pause = engine.stages.store_pause()
    if pause > 0:
        sentence = f"the shop asks for a pause of another {math.ceil(pause)} seconds"
        return _GivenUp(StoreThrottled(sentence, pause))
    if engine.dealings.trouble is not None:
        return _GivenUp(engine.dealings.trouble)
    silent = StoreUnavailable("the shop does not answer")
    return _GivenUp(silent if engine.dealings.asking else None)
