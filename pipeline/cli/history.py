"""`pipeline history`: a photograph is found by what somebody knows of it, and its story told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import (
    id_given,
    json_array,
    loaded,
    print_json_array,
    say_aside,
    shop_options,
)
from pipeline.cli.pager import pages
from pipeline.cli.shops_told import all_shops_option, readers, shops_told
from pipeline.cli.terminal import say
from pipeline.home_shops import HomeShop
from pipeline.ledger import LedgerReader
from pipeline.report.documents import history_document, store_document
from pipeline.report.schemas import Document
from pipeline.report.wording import word_of
from pipeline.values import HistoryLine, Photo, ProductName
from pipeline.wanted import Named, Wanted
from pipeline.wording import moment, plain, shown

__all__ = ["history"]

NEWEST: Final = 20
"""So many are named where many are found."""


@click.command()
@click.argument("name")
@json_array
@all_shops_option
@shop_options
@common_options
@pages
def history(name: str, as_json: bool, all_shops: bool, **flags: object) -> int:
    """Find photographs by name, SKU, product or image, and tell every step of one.

    NAME is a file's path or its name, a part of it, a SKU, a product's id or an image's id. To
    mean only one of these, write it before a colon: path:, name:, sku:, product:158 or image:77.
    Where many are found, the newest are named.
    """
    settings = loaded(flags).settings
    told = shops_told(settings, flags, every=all_shops)
    told.say_missing()
    answers = [
        _answer(shop, reader, name, whole=as_json) for shop, reader in readers(settings, told)
    ]
    number = sum(answer.found.number for answer in answers)
    if not number:
        where = "" if len(told.shops) > 1 else _of_shop(told.asked)
        say_aside(
            f"pipeline: nothing is known of {plain(name)}{where}: a part of a name is enough; "
            "`pipeline list` shows what is known, and `pipeline names FOLDER` which product the "
            "files of a folder would go to"
        )
    if as_json:
        print_json_array(Document.HISTORY, chain.from_iterable(map(_documents, answers)))
    for answer in answers:
        if as_json:
            if answer.found.number > len(answer.found.newest):
                say_aside(f"pipeline: {_many(answer.found)}")
        elif answer.found.number:
            if (line := told.first_line(answer.shop)) is not None:
                say(line)
            if answer.stories:
                _tell(answer)
            else:
                _name(answer)
    return EXIT_OK if number else EXIT_TROUBLE


class _Answer(NamedTuple):
    shop: HomeShop
    found: Named
    names: Mapping[int, ProductName]
    stories: Sequence[tuple[Photo, Sequence[HistoryLine]]]


def _answer(shop: HomeShop, reader: LedgerReader, name: str, *, whole: bool) -> _Answer:
    """Return what one shop's photographs are of a name; `whole`: with each one's story."""
    found, of_one_file = _found(reader, name)
    is_told = whole or of_one_file or found.number == len(found.newest) == 1
    told = found.newest if is_told else ()
    products = {one.placement.product_id for one in found.newest if one.placement is not None}
    names = reader.product_names(products)
    return _Answer(shop, found, names, [(photo, reader.history(photo.id)) for photo in told])


def _documents(answer: _Answer) -> Iterator[dict[str, Any]]:
    store = None if answer.shop.identity is None else store_document(answer.shop)
    for photo, lines in answer.stories:
        name = _name_of(photo, answer.names) or None
        yield {**history_document(photo, lines), "product_name": name, "store": store}


def _of_shop(shop: HomeShop) -> str:
    """Return of which shop nothing is known, where there may be others."""
    return "" if shop.identity is None or shop.name is None else f" in the shop {shop.name}"


def _found(reader: LedgerReader, name: str) -> tuple[Named, bool]:
    """Return what is found, and whether it is the contents that one file had, one after another."""
    kind, colon, rest = name.partition(":")
    if colon and rest and kind.lower() in _KINDS:
        ask = _BY_INDEX.get(kind.lower())
        found = reader.named(rest, NEWEST) if ask is None else _newest(ask(reader, rest))
        return found, kind.lower() == "path"
    if photos := _at_path(reader, name):
        return _newest(photos), True
    known = {
        photo.id: photo
        for kind in ("product", "image", "sku")
        for photo in _BY_INDEX[kind](reader, name)
    }
    return (_newest(known.values()) if known else reader.named(name, NEWEST)), False


def _at_path(reader: LedgerReader, name: str) -> Sequence[Photo]:
    path = Path(name)
    return reader.at_path(path.absolute()) or reader.at_path(path.resolve())


def _of_product(reader: LedgerReader, name: str) -> Sequence[Photo]:
    number = id_given(name)
    return () if number is None else reader.of_product(number)


def _of_image(reader: LedgerReader, name: str) -> Sequence[Photo]:
    number = id_given(name)
    return () if number is None else reader.of_image(number)


def _of_sku(reader: LedgerReader, name: str) -> Sequence[Photo]:
    return tuple(reader.wanted(Wanted(sku=name)))


def _newest(photos: Iterable[Photo]) -> Named:
    latest_first = sorted(photos, key=lambda photo: photo.received_at, reverse=True)
    return Named(number=len(latest_first), newest=tuple(latest_first[:NEWEST]))


_BY_INDEX: Final[Mapping[str, Callable[[LedgerReader, str], Sequence[Photo]]]] = {
    "path": _at_path,
    "product": _of_product,
    "image": _of_image,
    "sku": _of_sku,
}

_KINDS: Final = frozenset({*_BY_INDEX, "name"})


def _tell(answer: _Answer) -> None:
    for photo, lines in answer.stories:
        say(_headline(photo, answer.names), indent=2, cut=True)
        for line in lines:
            when = f"  {moment(line.at)}  "
            say(f"{when}{plain(line.sentence)}", indent=len(when), cut=True)


def _name(answer: _Answer) -> None:
    found = answer.found
    say(f"{_many(found)}:")
    for photo in found.newest:
        when = f"  {moment(photo.changed_at)[:16]}  "
        say(f"{when}{_headline(photo, answer.names)}", indent=len(when), cut=True)
    say(f"The whole story of one: pipeline history {shown(found.newest[0].path)}")


def _many(found: Named) -> str:
    number = f"{found.number:,} photographs were found"
    return number if found.number == len(found.newest) else f"{number}; the newest {NEWEST}"


def _name_of(photo: Photo, names: Mapping[int, ProductName]) -> str:
    """Return what the shop calls the product of a photograph; nothing where it is not kept."""
    called = None if photo.placement is None else names.get(photo.placement.product_id)
    return "" if called is None else called.name


def _headline(photo: Photo, names: Mapping[int, ProductName]) -> str:
    product = "" if photo.placement is None else f", product {photo.placement.product_id}"
    if name := plain(_name_of(photo, names)):
        product += f" ({name})"
    image = "" if photo.image is None else f", image {photo.image.id}"
    return f"{shown(photo.path)}: {word_of(photo)}{product}{image}"
