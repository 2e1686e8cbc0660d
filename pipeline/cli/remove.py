"""`pipeline remove`: photographs of ours are taken out of the shop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from pipeline.assembly import engine_for
from pipeline.batches import BatchKind
from pipeline.cli.batches import known_batch
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import agreed_to, loaded, say_aside, shop_options
from pipeline.cli.terminal import say
from pipeline.cli.undo import carried_out, say_planned
from pipeline.engine import Changing, Engine, SilentObserver, TakingBack, removal_of
from pipeline.lifecycle import State
from pipeline.report.batches import images
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.values import Door, Photo
from pipeline.wording import shown

__all__ = ["remove"]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--batch", type=click.IntRange(min=1), help="What this batch uploaded.")
@click.option("--product", type=click.IntRange(min=1), help="All of ours of this product.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@shop_options
@common_options
def remove(
    files: Sequence[Path], batch: int | None, product: int | None, yes: bool, **flags: object
) -> int:
    """Take photographs out of the shop: those of FILES, of --batch or of --product.

    Only what this program uploaded is ever taken out; your files stay where they are. First it is
    said which images those are, and you are asked. `pipeline undo` puts them back.
    """
    if sum((bool(files), batch is not None, product is not None)) != 1:
        raise click.UsageError("name files, or give --batch or --product: one of these")
    settings = loaded(flags).settings
    clock = SystemClock()
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(clock, say_aside))
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        engine = stack.enter_context(
            engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
        )
        engine.ledger.recover()
        Changing.of(engine).go_on()
        changes = list(removal_of(_meant(engine, files, batch, product)))
        if not changes:
            say("There is nothing to take out: none of them is in the shop.")
            return EXIT_TROUBLE if files else EXIT_OK
        say_planned(TakingBack(changes=changes, left=()))
        agreed_to(f"Delete {images(len(changes))} from the shop?", yes=yes)
        own = engine.ledger.begin_batch(BatchKind.COMMAND)
        ended = carried_out(settings, engine, own, changes)
        say(f"`pipeline undo {own}` puts back what was deleted.")
        return ended


def _meant(
    engine: Engine, files: Sequence[Path], batch: int | None, product: int | None
) -> Iterable[Photo]:
    if batch is not None:
        return engine.ledger.created_in(known_batch(engine.ledger, batch).number)
    if product is not None:
        return engine.ledger.of_product(product)
    return _of_files(engine, files)


def _of_files(engine: Engine, files: Sequence[Path]) -> Iterator[Photo]:
    seen: set[str] = set()
    for file in files:
        found = [one for one in engine.ledger.at_path(file.absolute()) if one.id not in seen]
        if not any(one.state is State.STORED for one in found):
            say_aside(f"pipeline: {shown(file)} is not in the shop")
        seen.update(one.id for one in found)
        yield from found
