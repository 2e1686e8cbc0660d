"""`pipeline list`: one row a photograph, of all or of those that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import click

from pipeline.cli.columns import Column, print_rows
from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import json_array, loaded, print_json_array, shop_options
from pipeline.cli.pager import pages
from pipeline.cli.shops_told import Told, all_shops_option, readers, shops_told
from pipeline.cli.terminal import say
from pipeline.cli.wanted import wanted_options
from pipeline.layout import cut_middle, cut_path, cut_words
from pipeline.ledger import LedgerReader
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.report.documents import photo_document, store_document
from pipeline.report.schemas import Document
from pipeline.report.whose import Products
from pipeline.report.wording import word_of
from pipeline.settings import Settings
from pipeline.values import Photo
from pipeline.wanted import ALL, Wanted
from pipeline.wording import data_size, moment, shown

__all__ = ["list_photos"]

MOST_SORTED: Final = 10_000
"""Photographs that are sorted: all of them are held in memory meanwhile, some fifty megabytes."""


class _Column(NamedTuple):
    """A column of the list, and what stands in it."""

    column: Column
    text: Callable[[Photo, Products], str]


def _size(photo: Photo) -> int:
    return photo.size if photo.picture is None else photo.picture.size


def _product(photo: Photo) -> int:
    return 0 if photo.placement is None else photo.placement.product_id


_COLUMNS: Final[Mapping[str, _Column]] = MappingProxyType(
    {
        one.column.name: one
        for one in (
            _Column(
                Column(name="state", width=14, weight=9),
                lambda photo, products: word_of(photo),
            ),
            _Column(
                Column(name="date", width=16, weight=6),
                lambda photo, products: moment(photo.changed_at)[:16],
            ),
            _Column(
                Column(name="received", width=16, weight=5),
                lambda photo, products: moment(photo.received_at)[:16],
            ),
            _Column(
                Column(name="product", width=9, side=">", weight=3),
                lambda photo, products: str(_product(photo) or ""),
            ),
            _Column(
                Column(name="sku", width=12, weight=7, cut=cut_middle, least=12),
                lambda photo, products: products.sku_of(photo),
            ),
            _Column(
                Column(name="name", width=24, weight=2, cut=cut_words, least=12),
                lambda photo, products: products.name_of(photo),
            ),
            _Column(
                Column(name="image", width=9, side=">", weight=2),
                lambda photo, products: str(photo.image.id) if photo.image else "",
            ),
            _Column(
                Column(name="size", width=10, side=">", weight=1),
                lambda photo, products: data_size(_size(photo)),
            ),
            _Column(
                Column(name="reason", width=17, weight=4),
                lambda photo, products: str(photo.reason or ""),
            ),
            _Column(
                Column(name="sha256", width=64, weight=0, cut=cut_middle, least=16),
                lambda photo, products: photo.sha256,
            ),
            _Column(
                Column(name="file", weight=8, cut=cut_path, least=24),
                lambda photo, products: shown(photo.path),
            ),
            _Column(
                Column(name="sentence", weight=1, cut=cut_words, least=24),
                lambda photo, products: photo.sentence,
            ),
        )
    }
)

_USUAL: Final = ("state", "date", "product", "sku", "name", "image", "size", "file")

_SORTS: Final[Mapping[str, Callable[[Photo], Any]]] = MappingProxyType(
    {
        "date": lambda photo: photo.changed_at,
        "received": lambda photo: photo.received_at,
        "file": lambda photo: str(photo.path),
        "name": lambda photo: photo.path.name.casefold(),
        "product": _product,
        "size": _size,
        "state": lambda photo: list(State).index(photo.state),
    }
)


def _columns(
    context: click.Context, option: click.Parameter, text: str | None
) -> Sequence[str] | None:
    if text is None:
        return None
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in _COLUMNS]
    if wrong or not names:
        what = f"there is no column {wrong[0]!r}" if wrong else "no column is named"
        raise click.BadParameter(f"{what}: there are {', '.join(_COLUMNS)}")
    return names


@click.command(name="list")
@wanted_options
@click.option(
    "--sort",
    type=click.Choice(list(_SORTS)),
    help="In the order of this; at most 10,000 can be sorted.",
)
@click.option("--reverse", is_flag=True, help="With --sort: the last first.")
@click.option(
    "--columns",
    metavar="NAMES",
    callback=_columns,
    help=f"These columns, with commas between: {', '.join(_COLUMNS)}.",
)
@json_array
@all_shops_option
@shop_options
@common_options
@pages
def list_photos(
    wanted: Wanted,
    sort: str | None,
    reverse: bool,
    columns: Sequence[str] | None,
    as_json: bool,
    all_shops: bool,
    **flags: object,
) -> int:
    """List the photographs, one a row.

    All of them, or those of which all holds that is said by options. The date is when it last
    changed: of a stored one, when the shop gave it an id.
    """
    if reverse and sort is None:
        raise click.UsageError("give --sort with --reverse")
    settings = loaded(flags).settings
    told = shops_told(settings, flags, every=all_shops)
    told.say_missing()
    if as_json:
        print_json_array(Document.LIST, _documents(settings, told, wanted, sort, reverse=reverse))
        return EXIT_OK
    for number, (shop, reader) in enumerate(readers(settings, told)):
        if number:
            say("")
        if (line := told.first_line(shop)) is not None:
            say(line)
        photos = _asked_for(reader, wanted, sort, reverse=reverse)
        if not _print(photos, columns, Products(reader)):
            say(_none(wanted))
    return EXIT_OK


def _documents(
    settings: Settings, told: Told, wanted: Wanted, sort: str | None, *, reverse: bool
) -> Iterator[dict[str, Any]]:
    for shop, reader in readers(settings, told):
        store = None if shop.identity is None else store_document(shop)
        products = Products(reader)
        for photo in _asked_for(reader, wanted, sort, reverse=reverse):
            name = products.name_of(photo) or None
            yield {**photo_document(photo), "product_name": name, "store": store}


def _asked_for(
    reader: LedgerReader, wanted: Wanted, sort: str | None, *, reverse: bool
) -> Iterable[Photo]:
    photos: Iterable[Photo] = reader.wanted(wanted)
    return photos if sort is None else _sorted(photos, sort, reverse=reverse)


def _sorted(photos: Iterable[Photo], sort: str, *, reverse: bool) -> Sequence[Photo]:
    held = list(islice(photos, MOST_SORTED + 1))
    if len(held) > MOST_SORTED:
        raise click.UsageError(
            f"these are more than {MOST_SORTED:,} photographs, too many to sort: ask for fewer of "
            "them (--since, --state, --sku, --path), or leave out --sort"
        )
    return sorted(held, key=_SORTS[sort], reverse=reverse)


def _print(photos: Iterable[Photo], names: Sequence[str] | None, products: Products) -> bool:
    """Print one row each; whether there was any."""
    columns = [_COLUMNS[name] for name in names or _USUAL]

    def row(photo: Photo) -> tuple[Sequence[str], str]:
        told = names is None and photo.state is not State.STORED
        texts = [one.text(photo, products) for one in columns]
        return texts, photo.sentence if told else ""

    shape = [one.column for one in columns]
    return print_rows(shape, map(row, photos), whole=names is not None)


def _none(wanted: Wanted) -> str:
    """Say that there is none, of what was asked for."""
    if wanted == ALL:
        return "No photograph is known yet."
    if wanted == Wanted(states=UNFINISHED_STATES):
        return "None is unfinished."
    if wanted.states and wanted == Wanted(states=wanted.states):
        (state,) = wanted.states
        return _NONE_IN[state]
    return "There is no such photograph."


_NONE_IN: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.RECEIVED: "None is to be checked.",
        State.VALIDATED: "None is to be prepared.",
        State.PREPARED: "None is to be sent.",
        State.UPLOADING: "None is on its way to the shop.",
        State.STORED: "None is stored.",
        State.WAITING: "None is waiting.",
        State.REFUSED: "None was refused.",
        State.FAILED: "None has failed.",
        State.REMOVED: "None was removed.",
    }
)
