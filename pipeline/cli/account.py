"""`pipeline report`: the account of a day, of any time, or of a batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from pipeline.batches import Batch
from pipeline.cli.batches import known_batch
from pipeline.cli.columns import Column, print_rows
from pipeline.cli.csv_rows import print_csv
from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import (
    json_array,
    loaded,
    moment_given,
    print_json_array,
    shop_options,
    when_given,
)
from pipeline.cli.pager import pages
from pipeline.cli.shops_told import Told, all_shops_option, readers, shops_told
from pipeline.cli.terminal import say
from pipeline.home_shops import HomeShop
from pipeline.layout import cut_middle, cut_path, cut_words
from pipeline.ledger import LedgerReader
from pipeline.lifecycle import State
from pipeline.report.accounts import CSV_COLUMNS, Account, csv_row
from pipeline.report.batches import BATCH_NAMES
from pipeline.report.documents import store_document
from pipeline.report.mending import mended_by, mended_together
from pipeline.report.schemas import Document
from pipeline.report.whose import Products
from pipeline.report.wording import photographs, without_mend, word_of
from pipeline.scope import Scope
from pipeline.settings import Settings
from pipeline.values import Photo
from pipeline.wanted import Wanted
from pipeline.wording import data_size, moment, plain, shown

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

_TOGETHER: Final = 3
"""So many photographs of one folder of which the same is said have one row."""

_NAMED: Final = (
    Column(name="state", width=14, weight=2),
    Column(name="file", weight=1, cut=cut_path, least=24),
)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--since",
    metavar="WHEN",
    callback=when_given,
    help="From then on: today, yesterday, 2h, 3d, 2026-11-01, '2026-11-01 14:30'; else from today.",
)
@click.option("--until", metavar="WHEN", callback=when_given, help="Up to then; else up to now.")
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    help="Of what came in through this batch (see `pipeline batches`), instead of a time.",
)
@json_array
@click.option("--csv", "as_csv", is_flag=True, help="Print a row for each photograph, as CSV.")
@all_shops_option
@shop_options
@common_options
@pages
def report(
    paths: Sequence[Path],
    since: datetime | None,
    until: datetime | None,
    batch: int | None,
    as_json: bool,
    as_csv: bool,
    all_shops: bool,
    **flags: object,
) -> int:
    """Give the account of a day, any time or a batch: what was found, and what came of it.

    It counts the photographs that were found in that time for the first time, or came in through
    that batch, all or those that lie in PATHS, by how they stand now and by product, and names
    those that need somebody. With --csv there is a row for each photograph, for a spreadsheet.
    """
    _refuse_together(since, until, batch, as_json=as_json, as_csv=as_csv, all_shops=all_shops)
    settings = loaded(flags).settings
    told = shops_told(settings, flags, every=all_shops)
    told.say_missing()
    scope = Scope.of(paths) if paths else None
    asked: _Asked = _OfBatch(scope, batch) if batch else _OfTime(scope, since, until)
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
        _print(asked.account(reader), asked.words(reader), Products(reader))
    return EXIT_OK


def _refuse_together(
    since: datetime | None,
    until: datetime | None,
    batch: int | None,
    *,
    as_json: bool,
    as_csv: bool,
    all_shops: bool,
) -> None:
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    if batch is not None and (since is not None or until is not None):
        raise click.UsageError("give --batch, or a time with --since and --until, not both")
    if batch is not None and all_shops:
        raise click.UsageError("a batch is of one shop: give --batch or --all-shops, not both")


class _Asked(ABC):
    """What is asked about: the photographs, and where they must lie."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    @abstractmethod
    def photos(self, reader: LedgerReader) -> Iterator[Photo]:
        """Yield the photographs that are to be accounted for."""

    @abstractmethod
    def account(self, reader: LedgerReader) -> Account:
        """Return the account of them."""

    @abstractmethod
    def words(self, reader: LedgerReader) -> str:
        """Return what is asked about in words, as the account's sentence begins."""

    @abstractmethod
    def time(self, reader: LedgerReader) -> tuple[datetime, datetime | None]:
        """Return its beginning, and its end; None where it goes on."""

    def _lies_there(self, photo: Photo) -> bool:
        return self.scope is None or self.scope.holds(photo.path)


class _OfTime(_Asked):
    """What was found in a time for the first time."""

    def __init__(self, scope: Scope | None, since: datetime | None, until: datetime | None) -> None:
        super().__init__(scope)
        self._since, self._until = since or moment_given("today"), until

    def photos(self, reader: LedgerReader) -> Iterator[Photo]:
        for photo in reader.found_since(self._since):
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

    def words(self, reader: LedgerReader) -> str:
        if self._until is None:
            return f"Since {moment(self._since)[:16]}"
        return f"From {moment(self._since)[:16]} to {moment(self._until)[:16]}"

    def time(self, reader: LedgerReader) -> tuple[datetime, datetime | None]:
        return self._since, self._until

    def _stored(self, reader: LedgerReader) -> int:
        """Return how many came into the shop in that time, whenever they were found."""
        if self.scope is None:
            later = 0 if self._until is None else reader.stored_since(self._until)
            return reader.stored_since(self._since) - later
        stored = Wanted(states=frozenset({State.STORED}), since=self._since)
        return sum(
            self._is_before_the_end(photo.changed_at) and self._lies_there(photo)
            for photo in reader.wanted(stored)
        )

    def _is_before_the_end(self, moment: datetime) -> bool:
        return self._until is None or moment < self._until


class _OfBatch(_Asked):
    """What came in through a batch."""

    def __init__(self, scope: Scope | None, number: int) -> None:
        super().__init__(scope)
        self._number = number

    def photos(self, reader: LedgerReader) -> Iterator[Photo]:
        return filter(self._lies_there, reader.brought_in(self._batch(reader).number))

    def account(self, reader: LedgerReader) -> Account:
        products, account = Products(reader), Account(self._number)
        for photo in self.photos(reader):
            account.found(photo, products.sku_of(photo))
        others = reader.stored_for_others(self._number)
        account.stored_earlier = sum(map(self._lies_there, others))
        return account

    def words(self, reader: LedgerReader) -> str:
        batch = self._batch(reader)
        return f"Batch {batch.number} ({BATCH_NAMES[batch.kind]}, {moment(batch.began_at)[:16]})"

    def time(self, reader: LedgerReader) -> tuple[datetime, datetime | None]:
        batch = self._batch(reader)
        return batch.began_at, batch.ended_at

    def _batch(self, reader: LedgerReader) -> Batch:
        return known_batch(reader, self._number)


def _documents(settings: Settings, told: Told, asked: _Asked) -> Iterator[dict[str, Any]]:
    for shop, reader in readers(settings, told):
        account, products = asked.account(reader), Products(reader)
        document = account.document(*asked.time(reader), products.name)
        yield {**document, "store": _store(shop)}


def _store(shop: HomeShop) -> dict[str, str | None] | None:
    return None if shop.identity is None else store_document(shop)


def _print_csv(settings: Settings, told: Told, asked: _Asked) -> None:
    print_csv(("shop", *CSV_COLUMNS), _csv_rows(settings, told, asked))


def _csv_rows(settings: Settings, told: Told, asked: _Asked) -> Iterator[Sequence[str]]:
    for shop, reader in readers(settings, told):
        products = Products(reader)
        for photo in asked.photos(reader):
            row = csv_row(photo, products.sku_of(photo), products.name_of(photo))
            yield (shop.words, *row)


def _print(account: Account, what: str, products: Products) -> None:
    say(account.sentence(what))
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
        print_rows(_NAMED, _named_rows(account.named), whole=False)
    if account.more:
        say(f"and {account.more:,} more: pipeline list --state waiting, refused or failed")


def _named_rows(named: Sequence[Photo]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield a row a photograph; those of a folder of which the same is said are told together."""
    alike: dict[tuple[Path, str, str], list[Photo]] = {}
    for photo in named:
        key = (photo.path.parent, word_of(photo), photo.sentence)
        alike.setdefault(key, []).append(photo)
    for (folder, word, sentence), photos in alike.items():
        mend = mended_together(photos[0])
        if len(photos) >= _TOGETHER and mend is not None:
            first = f"{shown(folder)}: {len(photos)} photographs, {plain(photos[0].path.name)} …"
            yield (word, first), f"{without_mend(sentence).rstrip('.')}. {mend}"
        else:
            yield from (((word, shown(one.path)), _about(one)) for one in photos)


def _about(photo: Photo) -> str:
    """Return why a photograph is not in the shop, and what would mend it."""
    return f"{photo.sentence.rstrip('.')}. {mended_by(photo)}"
