"""`pipeline report`: the account of a day, or of any time."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from pipeline.cli.columns import Column, print_rows
from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import json_array, loaded, print_json_array, shop_options, when_given
from pipeline.cli.pager import pages
from pipeline.cli.shops_told import Told, all_shops_option, readers, shops_told
from pipeline.cli.terminal import columns_of, say, say_text
from pipeline.home_shops import HomeShop
from pipeline.layout import cut_middle, cut_path, cut_words
from pipeline.ledger import LedgerReader
from pipeline.lifecycle import State
from pipeline.report.accounts import CSV_COLUMNS, Account, csv_row
from pipeline.report.documents import store_document
from pipeline.report.mending import mended_by
from pipeline.report.schemas import Document
from pipeline.report.whose import Products
from pipeline.report.wording import photographs, word_of
from pipeline.scope import Scope
from pipeline.settings import Settings
from pipeline.values import Photo
from pipeline.wanted import Wanted
from pipeline.wording import data_size, moment, shown

__all__ = ["report"]

_PRODUCTS: Final = (
    Column(name="product", width=9, side=">", weight=6),
    Column(name="sku", width=20, weight=5, cut=cut_middle, least=8),
    Column(name="name", width=24, weight=2, cut=cut_words, least=12),
    Column(name="stored", width=6, side=">", weight=7),
    Column(name="size", width=10, side=">", weight=1),
    Column(name="not finished", width=12, side=">", weight=4),
    Column(name="refused", width=7, side=">", weight=3),
    Column(name="failed", width=6, side=">", weight=2),
)

_NAMED: Final = (
    Column(name="state", width=14, weight=2),
    Column(name="file", weight=1, cut=cut_path, least=24),
)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--since",
    metavar="WHEN",
    default="today",
    callback=when_given,
    help="From then on: today, yesterday, 2h, 3d, 2026-11-01, '2026-11-01 14:30'.",
)
@click.option("--until", metavar="WHEN", callback=when_given, help="Up to then; else up to now.")
@json_array
@click.option("--csv", "as_csv", is_flag=True, help="Print a row for each photograph, as CSV.")
@all_shops_option
@shop_options
@common_options
@pages
def report(
    paths: Sequence[Path],
    since: datetime,
    until: datetime | None,
    as_json: bool,
    as_csv: bool,
    all_shops: bool,
    **flags: object,
) -> int:
    """Give the account of a day, or of any time: what was found, and what came of it.

    It counts the photographs that were found in that time for the first time, all or those that
    lie in PATHS, by how they stand now and by product, and names those that need somebody. With
    --csv there is a row for each photograph, for a spreadsheet.
    """
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    settings = loaded(flags).settings
    told = shops_told(settings, flags, every=all_shops)
    told.say_missing()
    scope = Scope.of(paths) if paths else None
    asked = _Asked(scope, since, until)
    if as_json:
        print_json_array(Document.REPORT, _documents(settings, told, asked))
        return EXIT_OK
    if as_csv:
        _print_csv(settings, told, asked)
        return EXIT_OK
    for number, (shop, reader) in enumerate(readers(settings, told)):
        if number:
            say("")
        if (line := told.first_line(shop)) is not None:
            say(line)
        _print(asked.account(reader), asked, Products(reader))
    return EXIT_OK


class _Asked:
    """The time that is asked about, and where the photographs must lie."""

    def __init__(self, scope: Scope | None, since: datetime, until: datetime | None) -> None:
        self.scope, self.since, self.until = scope, since, until

    def photos(self, reader: LedgerReader) -> Iterator[Photo]:
        """Yield the photographs that were found in that time for the first time."""
        for photo in reader.found_since(self.since):
            if not self._is_before_the_end(photo.received_at):
                return
            if self._lies_there(photo):
                yield photo

    def account(self, reader: LedgerReader) -> Account:
        products, account, stored_then = Products(reader), Account(), 0
        for photo in self.photos(reader):
            account.found(photo, products.sku_of(photo))
            stored_then += photo.state is State.STORED and self._is_before_the_end(photo.changed_at)
        # What was stored since they were gone through may be counted in one of both alone.
        account.stored_earlier = max(self._stored(reader) - stored_then, 0)
        return account

    def _stored(self, reader: LedgerReader) -> int:
        """Return how many came into the shop in that time, whenever they were found."""
        if self.scope is None:
            later = 0 if self.until is None else reader.stored_since(self.until)
            return reader.stored_since(self.since) - later
        stored = Wanted(states=frozenset({State.STORED}), since=self.since)
        return sum(
            self._is_before_the_end(photo.changed_at) and self._lies_there(photo)
            for photo in reader.wanted(stored)
        )

    def _is_before_the_end(self, moment: datetime) -> bool:
        return self.until is None or moment < self.until

    def words(self) -> str:
        """Return the time in words, as the account's sentence begins."""
        if self.until is None:
            return f"Since {moment(self.since)[:16]}"
        return f"From {moment(self.since)[:16]} to {moment(self.until)[:16]}"

    def _lies_there(self, photo: Photo) -> bool:
        return self.scope is None or self.scope.holds(photo.path)


def _documents(settings: Settings, told: Told, asked: _Asked) -> Iterator[dict[str, Any]]:
    for shop, reader in readers(settings, told):
        account, products = asked.account(reader), Products(reader)
        document = account.document(asked.since, asked.until, products.name)
        yield {**document, "store": _store(shop)}


def _store(shop: HomeShop) -> dict[str, str | None] | None:
    return None if shop.identity is None else store_document(shop)


def _print_csv(settings: Settings, told: Told, asked: _Asked) -> None:
    text = io.StringIO(newline="")
    on_terminal = columns_of() is not None
    # Where the system ends a line with both signs, it makes both of the one.
    writer = csv.writer(
        text, lineterminator="\n" if on_terminal or os.linesep == "\r\n" else "\r\n"
    )
    if not on_terminal:
        # Excel takes what has no mark at its beginning for the letters of one country.
        say_text("\ufeff")

    def print_row(row: Sequence[str]) -> bool:
        text.seek(0)
        text.truncate()
        writer.writerow(row)
        return say_text(text.getvalue())

    print_row(("shop", *CSV_COLUMNS))
    for shop, reader in readers(settings, told):
        products = Products(reader)
        for photo in asked.photos(reader):
            row = csv_row(photo, products.sku_of(photo), products.name_of(photo))
            if not print_row((shop.words, *row)):
                return  # nobody reads on


def _print(account: Account, asked: _Asked, products: Products) -> None:
    say(account.sentence(asked.words()))
    rows = (
        (
            (
                str(product_id),
                sums.sku,
                products.name(product_id),
                str(sums.counts[State.STORED] or ""),
                data_size(sums.stored_bytes) if sums.stored_bytes else "",
                str(sums.not_finished or ""),
                str(sums.counts[State.REFUSED] or ""),
                str(sums.counts[State.FAILED] or ""),
            ),
            "",
        )
        for product_id, sums in account.by_product()
    )
    print_rows(_PRODUCTS, rows, whole=False)
    if account.named:
        say("")
        say(f"{photographs(len(account.named) + account.more)} need somebody:")
        named = (((word_of(photo), shown(photo.path)), _about(photo)) for photo in account.named)
        print_rows(_NAMED, named, whole=False)
    if account.more:
        say(f"and {account.more:,} more: pipeline list --state waiting, refused or failed")


def _about(photo: Photo) -> str:
    """Return why a photograph is not in the shop, and what would mend it."""
    return f"{photo.sentence.rstrip('.')}. {mended_by(photo)}"
