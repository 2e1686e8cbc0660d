"""`pipeline batches`: what was changed in the shop, when, by what, and whether it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click

from pipeline.batches import Batch
from pipeline.cli.columns import Column, print_rows
from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import json_array, loaded, print_json_array, shop_options
from pipeline.cli.shops_told import Told, all_shops_option, readers, shops_told
from pipeline.cli.terminal import say
from pipeline.home_shops import HomeShop
from pipeline.layout import cut_words
from pipeline.ledger import LedgerReader
from pipeline.opening import uploaded_for
from pipeline.report.batches import BATCH_NAMES, batch_document, done_of, lost_of, undo_of
from pipeline.report.documents import store_document
from pipeline.report.schemas import Document
from pipeline.settings import Settings
from pipeline.uploaded import Uploaded
from pipeline.values import Picture
from pipeline.wording import moment

__all__ = ["batches", "kept_among", "known_batch"]

_COLUMNS: Final = (
    Column(name="batch", width=5, side=">", weight=6),
    Column(name="began", width=19, weight=4),
    Column(name="by", width=7, weight=5),
    Column(name="did", width=30, weight=6, cut=cut_words, least=12),
    Column(name="undo", width=14, weight=5, cut=cut_words, least=8),
    Column(name="command", weight=1, cut=cut_words, least=16),
)


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(min=1, max=10_000),
    default=20,
    help="So many of each shop, the last ones.",
)
@json_array
@all_shops_option
@shop_options
@common_options
def batches(limit: int, as_json: bool, all_shops: bool, **flags: object) -> int:
    """Say what was changed in the shop: when, by what, and whether it can be undone.

    A batch is all that came in through one run, or through the watcher or the hooks on one day, and
    all that these changed in the shop; or what was changed by a command by hand, or by an undo.
    `pipeline undo BATCH` takes back what one changed; `pipeline report --batch BATCH` tells what
    came in through it.
    """
    settings = loaded(flags).settings
    told = shops_told(settings, flags, every=all_shops)
    if as_json:
        documents = (
            {**batch_document(batch, lost), "store": store_document(shop)}
            for shop, found in _found(settings, told, limit)
            for batch, lost in found
        )
        print_json_array(Document.BATCHES, documents)
        return EXIT_OK
    for number, (shop, found) in enumerate(_found(settings, told, limit)):
        if number:
            say("")
        if (line := told.first_line(shop)) is not None:
            say(line)
        if not print_rows(_COLUMNS, ((_row(*one), "") for one in found), whole=False):
            say("Nothing was changed in the shop yet.")
    return EXIT_OK


def _found(
    settings: Settings, told: Told, limit: int
) -> Iterator[tuple[HomeShop, list[tuple[Batch, int]]]]:
    """Yield each shop with its last batches, and how many images of each cannot be put back."""
    kept = kept_among(uploaded_for(settings))
    for shop, reader in readers(settings, told):
        yield shop, [(batch, lost_of(reader, batch, kept)) for batch in reader.batches(limit)]


def known_batch(reader: LedgerReader, number: int) -> Batch:
    """Return the batch of a number that somebody gave.

    Raises:
        UsageError: the shop has none of that number.
    """
    batch = reader.batch(number)
    if batch is None:
        raise click.UsageError(
            f"there is no batch {number} of this shop: `pipeline batches` lists them"
        )
    return batch


def kept_among(uploaded: Uploaded) -> Callable[[Picture], bool]:
    """Return what says whether the very bytes of a picture are kept; all names are read once."""
    names: list[frozenset[str]] = []

    def kept(picture: Picture) -> bool:
        if not names:
            names.append(uploaded.names())
        return Path(picture.spool_name).name in names[0]

    return kept


def _row(batch: Batch, lost: int) -> tuple[str, ...]:
    by = BATCH_NAMES[batch.kind]
    return (
        str(batch.number),
        moment(batch.began_at),
        by if batch.takes_back is None else f"{by} {batch.takes_back}",
        done_of(batch),
        undo_of(batch, lost),
        batch.command,
    )
