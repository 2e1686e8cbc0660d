"""`pipeline undo` and `redo`: what a batch did to the shop is taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

import click

from pipeline.assembly import engine_for, run_engine
from pipeline.batches import Batch, BatchKind, ChangeKind, ChangeState, PlannedChange
from pipeline.claimable import OWN
from pipeline.cli.batches import kept_among, known_batch
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.observing import observing
from pipeline.cli.options import agreed_to, loaded, log_options, say_aside, shop_options
from pipeline.cli.terminal import say
from pipeline.engine import (
    RUN,
    Changing,
    Engine,
    TakingBack,
    batch_to_take_back,
    note_taken_back,
    taking_back,
)
from pipeline.errors import StoreUnavailable
from pipeline.opening import uploaded_for
from pipeline.report.batches import BATCH_NAMES, done_of, images
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.service.logs import Shown
from pipeline.settings import Settings
from pipeline.values import Door
from pipeline.wording import since

__all__ = ["carried_out", "redo", "say_planned", "undo"]

_NAMED: Final = 20
"""Changes that are named before they are made."""

_PLANNED: Final = {
    ChangeKind.DELETE: "deleted from the shop",
    ChangeKind.CREATE: "put back into the shop, byte for byte",
    ChangeKind.UPDATE: "given the order, words or place as main picture that they had",
}

_batch = click.argument("batch", required=False, type=click.IntRange(min=1))
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
_yes = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@_batch
@_dry_run
@_yes
@log_options
@shop_options
@common_options
def undo(batch: int | None, dry_run: bool, yes: bool, shown: Shown, **flags: object) -> int:
    """Take back what BATCH did to the shop; without BATCH what the last one did.

    What was uploaded is deleted. What was deleted is put back from the very bytes that were
    uploaded, as long as they are kept. Order, words and main picture become what they were. What
    somebody changed in the shop since is left as it is, and said. First it is said what will be
    done, and you are asked. `pipeline batches` lists all batches; `pipeline redo` takes an undo
    back.
    """
    return _take_back(batch, BatchKind.UNDO, flags, shown, dry_run=dry_run, yes=yes)


@click.command()
@_batch
@_dry_run
@_yes
@log_options
@shop_options
@common_options
def redo(batch: int | None, dry_run: bool, yes: bool, shown: Shown, **flags: object) -> int:
    """Take back the undo BATCH; without BATCH the last one.

    What it deleted is put back, and what it put back is deleted, by the same rules as
    `pipeline undo`.
    """
    return _take_back(batch, BatchKind.REDO, flags, shown, dry_run=dry_run, yes=yes)


def _take_back(
    number: int | None,
    kind: BatchKind,
    flags: dict[str, object],
    shown: Shown,
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    settings = loaded(flags).settings
    clock = SystemClock()
    with ExitStack() as stack:
        display = stack.enter_context(ExitStack())
        observer = display.enter_context(
            observing(settings.home, kind.value, shown=shown, quiet=True)
        )
        stack.enter_context(stopping_on_signals(clock, say_aside))
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        engine = stack.enter_context(engine_for(settings, store.address, clock, observer, Door.RUN))
        engine.ledger.recover()
        if not dry_run:
            Changing.of(engine).go_on()
        batch = _meant(engine, number, kind)
        if batch is None:
            say(f"There is nothing to {kind}.")
            return EXIT_OK
        _refuse(batch, kind)
        planned = taking_back(engine.ledger, batch.number, kept_among(uploaded_for(settings)))
        say(
            f"Batch {batch.number}, {BATCH_NAMES[batch.kind]}, {since(batch.began_at)}: "
            f"{done_of(batch)} ({batch.command})"
        )
        say_planned(planned)
        if not planned.changes:
            say("Nothing of it can be taken back." if planned.left else "Nothing is to be done.")
            return EXIT_TROUBLE if planned.left else EXIT_OK
        if dry_run:
            return EXIT_OK
        agreed_to(f"Do that to {images(len(planned.changes))} in the shop?", yes=yes)
        note_taken_back(engine, batch, planned.changes)
        own = engine.ledger.begin_batch(kind, takes_back=batch.number)
        ended = carried_out(settings, engine, own, planned.changes)
        return EXIT_TROUBLE if planned.left and ended == EXIT_OK else ended


def _meant(engine: Engine, number: int | None, kind: BatchKind) -> Batch | None:
    if number is None:
        return batch_to_take_back(engine.ledger, redo=kind is BatchKind.REDO)
    return known_batch(engine.ledger, number)


def _refuse(batch: Batch, kind: BatchKind) -> None:
    """Refuse what makes no sense to be taken back.

    Raises:
        UsageError: it is that.
    """
    number = batch.number
    if batch.taken_back_by is not None:
        raise click.UsageError(f"batch {number} was taken back already, by {batch.taken_back_by}")
    if kind is BatchKind.REDO and batch.kind is not BatchKind.UNDO:
        raise click.UsageError(f"batch {number} is no undo: `pipeline undo {number}` takes it back")
    if batch.ended_at is None and batch.kind not in (BatchKind.WATCH, BatchKind.HOOK):
        raise click.UsageError(f"batch {number} is still at work: wait until it has ended")


def say_planned(planned: TakingBack) -> None:
    """Say what is to be done, and what cannot be."""
    counts = Counter(change.kind for change in planned.changes)
    for kind, what in _PLANNED.items():
        if counts[kind]:
            say(f"{images(counts[kind])} will be {what}.")
    for change in planned.changes[:_NAMED]:
        say(f"  product {change.image.product_id}: {change.image.image_file}")
    if len(planned.changes) > _NAMED:
        say(f"  and {len(planned.changes) - _NAMED:,} more")
    for sentence in planned.left:
        say(sentence)


def carried_out(
    settings: Settings, engine: Engine, batch: int, changes: Sequence[PlannedChange]
) -> int:
    """Write changes down and make them, in this process's batch; say how it went.

    Returns:
        The exit status.
    """
    engine.ledger.plan(changes)
    changing = Changing.of(engine)
    try:
        changing.carry_out(batch)
        if any(change.kind is ChangeKind.CREATE for change in changes):
            result = run_engine(settings, engine, (), replace(RUN, claimable=OWN))
            if result.error is not None:
                say_aside(f"pipeline: {result.error}")
            changing.carry_out(batch)
    except StoreUnavailable as error:
        say_aside(f"pipeline: {error}")
    ended = engine.ledger.batch(batch)
    assert ended is not None  # noqa: S101 - it was begun here
    for change in engine.ledger.changes_of(batch):
        if change.state is ChangeState.LEFT:
            image = change.image_id if change.before is None else change.before.id
            say(f"image {image} of product {change.product_id} is left: {change.sentence}")
    say(f"Batch {batch}: {done_of(ended)}.")
    if ended.to_do:
        say_aside("pipeline: it is not finished: the next command that works goes on with it")
        return EXIT_INTERRUPTED if engine.clock.stopping() else EXIT_TROUBLE
    return EXIT_TROUBLE if ended.left else EXIT_OK
