"""`pipeline missing`: which products of the shop lack pictures, a main picture or alt text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

import click

from pipeline.assembly import client_for
from pipeline.cli.columns import PEEKED, Column, print_rows
from pipeline.cli.csv_rows import print_csv
from pipeline.cli.display import reading_shown
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import json_array, loaded, print_json_array, say_aside, shop_options
from pipeline.cli.pager import no_pager_option, paged
from pipeline.cli.shop_products import named_products, products_bearing
from pipeline.cli.terminal import say, say_shop
from pipeline.errors import StoreUnavailable
from pipeline.intake.shop_views import shop_views
from pipeline.intake.shot_list import ShotList, read_shot_list, views_named
from pipeline.intake.views import ViewWords
from pipeline.lacking import Here, Lacks, Needs, ShopProduct, ViewsOf, lacks_of
from pipeline.layout import cut_words
from pipeline.ledger import LedgerReader
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.opening import reader_for
from pipeline.report.documents import store_document
from pipeline.report.missing import (
    CSV_COLUMNS,
    lacks_document,
    lacks_in_words,
    lacks_row,
    missing_sentences,
)
from pipeline.report.schemas import Document
from pipeline.report.wording import photographs
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import StoreInForce, store_in_force
from pipeline.skus import compared
from pipeline.upload import StoreClient
from pipeline.wording import shown

__all__ = ["missing"]

MOST_SAID: Final = 20
"""What is wrong with a list, one by one."""

_COLUMNS: Final = (
    Column(name="product", width=9, side=">", weight=5),
    Column(name="sku", width=20, weight=4, cut=cut_words, least=8),
    Column(name="name", width=30, weight=1, cut=cut_words, least=10),
    Column(name="pictures", width=8, side=">", weight=3),
    Column(name="lacks", weight=5, cut=cut_words, least=24),
)


@click.command()
@click.option("--sku", "skus", multiple=True, metavar="SKU", help="Only this product; repeatable.")
@click.option(
    "--min",
    "least",
    type=click.IntRange(1, 1_000),
    default=1,
    metavar="N",
    help="So many pictures every product should have.",
)
@click.option(
    "--views", metavar="NAMES", help="Of each of these views, with commas between, one picture."
)
@click.option(
    "--list",
    "shot_list",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table with the columns sku (or category) and views: these products alone.",
)
@json_array
@click.option("--csv", "as_csv", is_flag=True, help="Print a row for each product, as CSV.")
@shop_options
@common_options
@no_pager_option
def missing(
    skus: Sequence[str],
    least: int,
    views: str | None,
    shot_list: Path | None,
    as_json: bool,
    as_csv: bool,
    **flags: object,
) -> int:
    """Say which products of the shop lack pictures, a main picture, alt text, or a view.

    All products are read, with their pictures, up to 250 in one request, or those of --sku or
    --list alone. Beside each stands what is here of it and not in the shop yet. Nothing is
    changed. The exit status is 1 where a product lacks something.
    """
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    if skus and shot_list is not None:
        raise click.UsageError("give --sku or --list, not both")
    settings = loaded(flags).settings
    words = ViewWords(settings.views, settings.view_words)
    needs = Needs(pictures=least, views=_views(views, words))
    shots = None if shot_list is None else read_shot_list(shot_list, words)
    clock = SystemClock()
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(clock, say_aside))
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        client = client_for(settings, store.address, clock.wait)
        ledger = stack.enter_context(reader_for(settings, store.address.identity, say_aside))
        while_read = stack.enter_context(ExitStack())
        progress = while_read.enter_context(reading_shown(quiet=as_json or as_csv))
        listed = None if shots is None else _Listed(client, shots, needs)
        views_of = _views_of(ledger, words)
        if listed is None:
            judge = partial(lacks_of, needs=needs, views_of=views_of)
            found = _Found(_each(client, skus, judge, progress))
        else:
            found = _Found(listed.each(views_of, progress))
        try:
            if as_json:
                print_json_array(Document.MISSING, _documents(found, ledger, store))
            elif as_csv:
                here = ((one, _here(ledger, one.product_id)) for one in found)
                print_csv(CSV_COLUMNS, (lacks_row(*both) for both in here))
            else:
                stack.enter_context(paged())
                _print(found, ledger, store, while_read.close)
        except StoreUnavailable:
            if clock.stopping():
                return EXIT_INTERRUPTED
            raise
    wrong = listed is not None and listed.say_what_is_wrong()
    return EXIT_TROUBLE if found.lacking or wrong else EXIT_OK


def _views(text: str | None, words: ViewWords) -> tuple[str, ...]:
    try:
        return () if text is None else views_named(text, words)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--views") from error


def _views_of(ledger: LedgerReader, words: ViewWords) -> ViewsOf:
    def views_of(product: ShopProduct) -> Collection[str]:
        photos = ledger.of_product(product.id)
        ours = {photo.image.id: photo for photo in photos if photo.image is not None}
        seen = (shop_views(image, product.sku, ours, words) for image in product.images)
        return {view for views in seen for view in views}

    return views_of


class _Listed:
    """The products of a shot list, and what each of them needs."""

    def __init__(self, client: StoreClient, shots: ShotList, needs: Needs) -> None:
        self._client, self._needs = client, needs
        self._shots = shots
        bearing = products_bearing(client, shots.skus)
        self._views: dict[int, tuple[str, ...]] = {}
        for sku, products in bearing.items():
            for id_ in products:
                # Two variants of a product may be on the list.
                both = (*self._views.get(id_, needs.views), *shots.of(sku))
                self._views[id_] = tuple(dict.fromkeys(both))
        self.unknown = [sku for sku in shots.skus if not bearing.get(sku)]
        categories = client.categories.ids_of(shots.categories) if shots.categories else {}
        self.no_category = [name for name in shots.categories if not categories[name]]
        self._of_category = [
            (ids, shots.of_category[compared(name)]) for name, ids in categories.items()
        ]

    def each(self, views_of: ViewsOf, progress: Callable[[int, int], None]) -> Iterator[Lacks]:
        """Yield what each of them lacks; all products are read where a category is on the list."""
        if self._of_category:

            def judge(product: ShopProduct) -> Lacks | None:
                views = self._needed(product)
                if views is None:
                    return None
                return lacks_of(product, replace(self._needs, views=views), views_of)

            each = self._client.products.each(judge, progress)
            yield from (lacks for lacks in each if lacks is not None)
            return
        for product in named_products(self._client, (), sorted(self._views)):
            needs = replace(self._needs, views=self._views[product.id])
            yield lacks_of(product, needs, views_of)

    def _needed(self, product: ShopProduct) -> tuple[str, ...] | None:
        """Return the views that a product needs; None where nothing on the list means it."""
        if product.id in self._views:
            return self._views[product.id]
        needed = [views for ids, views in self._of_category if ids & product.categories]
        if not needed:
            return None
        return tuple(dict.fromkeys(chain(self._needs.views, *needed)))

    def say_what_is_wrong(self) -> bool:
        """Say which rows are of no use, and which products the shop does not have; whether any."""
        wrong = [f"{shown(self._shots.path)}, {row}" for row in self._shots.bad]
        wrong += [f"the shop has no product with the SKU {sku}" for sku in self.unknown]
        wrong += [f"the shop has no category {name}" for name in self.no_category]
        for sentence in wrong[:MOST_SAID]:
            say_aside(f"pipeline: {sentence}")
        if len(wrong) > MOST_SAID:
            say_aside(f"pipeline: and {len(wrong) - MOST_SAID:,} more of the list")
        return bool(wrong)


class _Found:
    """Those that lack something, as they come; counts them, and all."""

    def __init__(self, each: Iterator[Lacks]) -> None:
        self._each = each
        self.products = self.lacking = self.bare = self.no_main = self.without_text = 0

    def __iter__(self) -> Iterator[Lacks]:
        for one in self._each:
            self.products += 1
            if one:
                self.lacking += 1
                self.bare += not one.pictures
                self.no_main += one.no_main
                self.without_text += bool(one.without_text)
                yield one


def _each(
    client: StoreClient,
    skus: Sequence[str],
    judge: Callable[[ShopProduct], Lacks],
    progress: Callable[[int, int], None],
) -> Iterator[Lacks]:
    if not skus:
        return client.products.each(judge, progress)
    return map(judge, named_products(client, skus))


def _documents(
    found: _Found, ledger: LedgerReader, store: StoreInForce
) -> Iterator[dict[str, Any]]:
    shop = store_document(store.address)
    for one in found:
        yield {**lacks_document(one, _here(ledger, one.product_id)), "store": shop}


def _here(ledger: LedgerReader, product_id: int) -> Here:
    states = [photo.state for photo in ledger.of_product(product_id)]
    return Here(
        not_finished=sum(state in UNFINISHED_STATES for state in states),
        refused=states.count(State.REFUSED),
        failed=states.count(State.FAILED),
    )


def _print(
    found: _Found, ledger: LedgerReader, store: StoreInForce, first_shown: Callable[[], None]
) -> None:
    """Print those that lack something as they come; `first_shown` is called before the first."""
    print_rows(_COLUMNS, _rows(found, ledger, first_shown), whole=False)
    say_shop(store)
    for sentence in missing_sentences(
        found.products, found.lacking, found.bare, found.no_main, found.without_text
    ):
        say(sentence)
    if waiting := ledger.tally()[State.WAITING]:
        say(
            f"{photographs(waiting)} here {'waits' if waiting == 1 else 'wait'}, for nobody knows "
            "their product: pipeline list --state waiting"
        )


def _rows(
    found: _Found, ledger: LedgerReader, first_shown: Callable[[], None]
) -> Iterator[tuple[Sequence[str], str]]:
    for number, one in enumerate(found):
        if number == PEEKED:
            first_shown()
        lacks = lacks_in_words(one, _here(ledger, one.product_id))
        yield (str(one.product_id), one.sku, one.name, str(one.pictures), lacks), ""
    first_shown()
