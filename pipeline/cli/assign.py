"""`pipeline assign`: a person says whose photographs are."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from pipeline.assembly import choice_for, engine_for, run_engine
from pipeline.batches import BatchKind
from pipeline.claimable import OWN
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.named_product import products_meant
from pipeline.cli.observing import observing
from pipeline.cli.options import (
    json_array,
    loaded,
    log_options,
    print_json_array,
    product_options,
    say_aside,
    shop_options,
)
from pipeline.cli.terminal import say
from pipeline.cli.wanted import absolute
from pipeline.engine import (
    RUN,
    Changing,
    Engine,
    Given,
    assigned,
    brought_up_to_date,
    waiting_arrivals,
)
from pipeline.errors import StoreUnavailable
from pipeline.intake import scan
from pipeline.ledger.port import Obstacle
from pipeline.lifecycle import State
from pipeline.placing import standings_for
from pipeline.report.assigned import given_document, given_sentence
from pipeline.report.schemas import Document
from pipeline.report.wording import photographs, word_of
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.service.logs import Shown
from pipeline.settings import Settings
from pipeline.skus import skus_in
from pipeline.values import Arrival, Door, Original, Photo, Placement, Rule
from pipeline.wording import writable

__all__ = ["assign"]

_NAMED: Final = 20
"""Photographs that are named, one a line."""


@click.command()
@click.argument("files", nargs=-1, metavar="[FILES]...")
@product_options
@click.option("--view", metavar="VIEW", help="Which side they show: front, back, detail.")
@click.option(
    "--order", type=int, metavar="N", help="Their place among the product's; lower comes first."
)
@click.option("--alt", metavar="TEXT", help="The alt text: what the picture shows.")
@click.option(
    "--waiting",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="All that waits in this folder, and in those in it.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@json_array
@log_options
@shop_options
@common_options
def assign(
    files: Sequence[str],
    product: int | None,
    sku: str | None,
    view: str | None,
    order: int | None,
    alt: str | None,
    waiting: Path | None,
    dry_run: bool,
    as_json: bool,
    shown: Shown,
    **flags: object,
) -> int:
    """Say by hand whose photographs FILES are: they go to that product, whatever their names say.

    FILES are files, folders, or patterns such as 'shoot/IMG_*.jpg'; with --waiting, what waits in
    a folder. The decision is kept: a later run, a retry and another name of the file change
    nothing about it. What is in the shop at this product already gets the new order and words.
    """
    if bool(files) == (waiting is not None):
        raise click.UsageError("name files, or give --waiting: one of these")
    if product is None and sku is None:
        raise click.UsageError("say whose they are: give --sku or --product")
    named = _named(files)
    settings = loaded(flags).settings
    clock = SystemClock()
    with ExitStack() as stack:
        observer = stack.enter_context(
            observing(None if dry_run else settings.home, "assign", shown=shown, quiet=True)
        )
        stack.enter_context(stopping_on_signals(clock, say_aside))
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        meant = products_meant(settings, store.address, clock.wait, product=product, sku=sku)
        engine = stack.enter_context(engine_for(settings, store.address, clock, observer, Door.RUN))
        engine.ledger.recover()
        facts = {"view": view, "order": order, "description": alt}
        told = _told(settings, meant, sku, {k: v for k, v in facts.items() if v is not None})
        arrived = list(_arrived(settings, engine, named, waiting))
        given = [
            one
            for product_id in meant
            for one in assigned(engine, arrived, partial(told, product_id), only_asked=dry_run)
        ]
        ended = [(one, one.photo) for one in given]
        if not dry_run and any(one.is_done for one in given):
            _bring_in(settings, engine, given)
            ended = [(one, _now(engine, one)) for one in given]
        if as_json:
            documents = (given_document(one, now) for one, now in ended)
            print_json_array(Document.ASSIGN, documents)
        else:
            _tell(ended, meant, dry_run=dry_run)
    if clock.stopping():
        return EXIT_INTERRUPTED
    well = all(_is_well(one, now, dry_run=dry_run) for one, now in ended)
    return EXIT_OK if well else EXIT_TROUBLE


def _named(files: Sequence[str]) -> Sequence[Path]:
    """Return the files that are meant: a pattern that no shell has filled in is one here.

    Raises:
        UsageError: nothing is there that a pattern could mean.
    """
    named: list[Path] = []
    for text in files:
        if os.path.lexists(text) or not glob.has_magic(text):
            named.append(Path(text))
            continue
        found = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - a pattern, absolute too
        if not found:
            raise click.UsageError(f"no file is there that {text} could mean")
        named += map(Path, found)
    return named


def _told(
    settings: Settings, meant: Sequence[int], sku: str | None, facts: dict[str, Any]
) -> Callable[[int, Path], Placement]:
    """Return what says what is decided of a file at a product."""
    called = [*map(str, meant), *([] if sku is None else [sku, *skus_in(sku)])]
    rule = "assigned by hand" if sku is None else f"assigned by hand to the SKU {writable(sku)}"
    standings = standings_for(settings)

    def told(product_id: int, path: Path) -> Placement:
        placement = Placement(
            product_id=product_id,
            rule=rule,
            by=Rule.HAND,
            decided=tuple(facts),
            also=tuple(one for one in meant if one != product_id),
            **facts,
        )
        return replace(placement, standing=standings.of(placement, path, called).standing)

    return told


def _arrived(
    settings: Settings, engine: Engine, named: Sequence[Path], waiting: Path | None
) -> Iterator[tuple[Arrival, Original | None]]:
    if waiting is not None:
        yield from waiting_arrivals(engine, absolute(waiting))
        return
    choice = choice_for(settings)
    for arrival in scan(named, door=Door.RUN, now=engine.clock.now(), choice=choice):
        yield arrival, None


def _bring_in(settings: Settings, engine: Engine, given: Sequence[Given]) -> None:
    """Send what is to be sent, and bring up to date what is there, in a batch of its own."""
    batch = engine.ledger.begin_batch(BatchKind.COMMAND)
    changes = list(brought_up_to_date(given))
    try:
        if changes:
            engine.ledger.plan(changes)
            for sentence in Changing.of(engine).carry_out(batch).left:
                say_aside(f"pipeline: {sentence}")
    except StoreUnavailable as error:
        say_aside(f"pipeline: {error}")
    result = run_engine(settings, engine, (), replace(RUN, claimable=OWN))
    if result.error is not None:
        say_aside(f"pipeline: {result.error}")


def _now(engine: Engine, one: Given) -> Photo | None:
    if one.photo is None or not one.is_done:
        return one.photo
    # What shows the same as another of its product has become part of that one.
    return engine.ledger.photo(one.photo.id) or next(iter(engine.ledger.at_path(one.path)), None)


def _is_well(one: Given, photo: Photo | None, *, dry_run: bool) -> bool:
    return one.is_done and (dry_run or (photo is not None and photo.state is State.STORED))


def _tell(
    ended: Sequence[tuple[Given, Photo | None]], meant: Sequence[int], *, dry_run: bool
) -> None:
    counts: Counter[str] = Counter()
    given = [one for one, _ in ended]
    for number, (one, photo) in enumerate(ended):
        if number < _NAMED or not one.is_done:
            say(given_sentence(one, photo, rehearsed=dry_run))
        counts[word_of(photo) if one.is_done and photo is not None else ""] += 1
    if (more := sum(one.is_done for one in given[_NAMED:])) > 0:
        say(f"and {more} more")
    done = sum(one.is_done for one in given)
    products = f"product{'' if len(meant) == 1 else 's'} {', '.join(map(str, meant))}"
    if not given:
        say("Nothing is there to be assigned.")
    elif dry_run:
        say(f"{photographs(done)} would go to {products}. Nothing was changed.")
    elif done:
        states = ", ".join(f"{number} {word}" for word, number in counts.items() if word)
        say(f"{photographs(done)} of {products} by hand: {states}.")
    if any(one.obstacle is Obstacle.IN_SHOP for one in given):
        say(
            "What is in the shop at another product stays there: `pipeline remove FILE` takes it "
            "out, then assign it again."
        )
