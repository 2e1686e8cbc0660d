"""`pipeline arrange`: products are put in the shoot's order because somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from pipeline.assembly import client_for, engine_for
from pipeline.batches import BatchKind, ChangeKind
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import (
    agreed_to,
    json_document,
    loaded,
    main_option,
    print_json,
    say_aside,
    shop_options,
)
from pipeline.cli.shop_products import products_bearing
from pipeline.cli.terminal import say
from pipeline.cli.wanted import absolute
from pipeline.engine import (
    Arrangement,
    Changing,
    Engine,
    Imposed,
    SilentObserver,
    asked_for,
    give_up_by_hand,
    impose,
)
from pipeline.errors import StoreUnavailable
from pipeline.lifecycle import State
from pipeline.refusals import sku_unknown
from pipeline.report.arrangements import arranged_document, arranged_sentences, why_not_arranged
from pipeline.report.documents import store_document
from pipeline.report.schemas import Document
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import StoreInForce, store_in_force
from pipeline.upload import StoreClient
from pipeline.values import Door
from pipeline.wanted import Wanted
from pipeline.wording import shown

__all__ = ["arrange"]

_NAMED: Final = 20
"""Products of which it is told one by one how they are shown."""


@dataclass(slots=True)
class _Found:
    """What was asked for: what is to be changed, and how much is in order."""

    to_change: list[Imposed] = field(default_factory=list)
    in_order: list[Arrangement] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    done: int = 0
    left: Sequence[str] = ()
    batch: int | None = None
    cut_off: bool = False

    def note(self, one: Imposed) -> None:
        if one.plan is None:
            self.wrong.append(why_not_arranged(one))
        elif one.plan.changes:
            self.to_change.append(one)
        else:
            self.in_order.append(one.plan)

    @property
    def status(self) -> int:
        return EXIT_TROUBLE if self.wrong or self.left or self.cut_off else EXIT_OK


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--sku", "skus", multiple=True, metavar="SKU", help="This product; repeatable.")
@click.option(
    "--product",
    "products",
    multiple=True,
    type=click.IntRange(min=1),
    metavar="ID",
    help="The product with this id; repeatable.",
)
@main_option
@click.option("--dry-run", is_flag=True, help="Only say what would be changed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_document
@shop_options
@common_options
def arrange(
    paths: Sequence[Path],
    skus: Sequence[str],
    products: Sequence[int],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **flags: object,
) -> int:
    """Put products in the shoot's order in the shop, also where somebody moved pictures there.

    Those of --sku or --product, or those that have a photograph of PATHS, files and folders. By
    itself the program keeps what was moved in the shop by hand; here you ask for the order of the
    shoot. First it is said how each product is shown now and how it will be, and you are asked.
    `pipeline undo` takes it back.
    """
    if bool(paths) + bool(skus or products) != 1:
        raise click.UsageError("name files or folders, or give --sku or --product")
    settings = loaded(flags).settings
    main, clock = settings.impose_main, SystemClock()
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(clock, say_aside))
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        engine = stack.enter_context(
            engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
        )
        engine.ledger.recover()
        if not dry_run:
            Changing.of(engine).go_on()
        found = _Found()
        meant = _in_folders(engine, paths, found)
        if skus:
            meant |= _bearing(client_for(settings, store.address, clock.wait), skus)
        try:
            for one in asked_for(engine, sorted(meant | {*products}), main=main):
                found.note(one)
        except StoreUnavailable:
            if not clock.stopping():
                raise
        if clock.stopping():
            return EXIT_INTERRUPTED
        if not as_json:
            _say_found(found)
        if not dry_run:
            _carry_out(engine, found, main=main, yes=yes)
    _tell(found, store, dry_run=dry_run, as_json=as_json)
    return EXIT_INTERRUPTED if clock.stopping() else found.status


def _in_folders(engine: Engine, paths: Sequence[Path], found: _Found) -> set[int]:
    """Return the products that have a photograph which lies there."""
    products: set[int] = set()
    for path in paths:
        wanted = Wanted(states=frozenset({State.STORED}), within=absolute(path))
        places = {one.placement.product_id for one in engine.ledger.wanted(wanted) if one.placement}
        if not places:
            found.wrong.append(f"nothing of {shown(path)} is in the shop")
        products |= places
    return products


def _bearing(client: StoreClient, skus: Sequence[str]) -> set[int]:
    bearing = products_bearing(client, skus)
    for sku in skus:
        if not bearing.get(sku):
            raise sku_unknown(sku)
    return set().union(*bearing.values())


def _say_found(found: _Found) -> None:
    for one in found.to_change[:_NAMED]:
        assert one.plan is not None  # noqa: S101 - something is to be changed
        for sentence in arranged_sentences(one, one.plan):
            say(sentence)
    if len(found.to_change) > _NAMED:
        say(f"and {_products(len(found.to_change) - _NAMED)} more")
    if found.in_order:
        number = len(found.in_order)
        say(f"{_products(number)} {'is' if number == 1 else 'are'} in the shoot's order already.")


def _carry_out(engine: Engine, found: _Found, *, main: bool, yes: bool) -> None:
    """Change what is to be changed, once that is agreed to."""
    if found.to_change:
        agreed_to(f"Do that to {_products(len(found.to_change))} in the shop?", yes=yes)
    for plan in found.in_order:
        give_up_by_hand(engine, plan, main=main)
    if not found.to_change:
        return
    found.batch = engine.ledger.begin_batch(BatchKind.COMMAND)
    try:
        found.left = impose(engine, found.batch, found.to_change, main=main)
    except StoreUnavailable as error:
        say_aside(f"pipeline: {error}")
    ended = engine.ledger.batch(found.batch)
    assert ended is not None  # noqa: S101 - it was begun here
    found.done = ended.number_of(ChangeKind.UPDATE)
    found.cut_off = bool(ended.to_do)


def _tell(found: _Found, store: StoreInForce, *, dry_run: bool, as_json: bool) -> None:
    for sentence in (*found.wrong, *found.left):
        say_aside(f"pipeline: {sentence}")
    if found.cut_off:
        say_aside("pipeline: it is not finished: the next command that works goes on with it")
    if as_json:
        print_json(Document.ARRANGE, _document(found, store, dry_run=dry_run))
    elif found.batch is not None:
        updates = "1 update" if found.done == 1 else f"{found.done:,} updates"
        say(f"Batch {found.batch}: {updates}. `pipeline undo {found.batch}` takes it back.")


def _document(found: _Found, store: StoreInForce, *, dry_run: bool) -> dict[str, Any]:
    return {
        "store": store_document(store.address),
        "dry_run": dry_run,
        "batch": found.batch,
        "done": found.done,
        "left": list(found.left),
        "finished": not found.cut_off,
        "in_order": len(found.in_order),
        "not_arranged": found.wrong,
        "products": [
            arranged_document(one, one.plan) for one in found.to_change if one.plan is not None
        ],
    }


def _products(number: int) -> str:
    return "1 product" if number == 1 else f"{number:,} products"
