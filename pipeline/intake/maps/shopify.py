"""Shopify's product export: rows that continue a handle, each with a variant, an image, or both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from pipeline.intake.maps.entries import (
    BadCell,
    BadRow,
    Cells,
    Entry,
    file_name,
    sku_in,
    whole_in,
)

__all__ = ["HANDLES", "IMAGES", "SKUS", "read"]

_HANDLES: Final = ("handle", "url handle")
_SKUS: Final = ("variant sku", "sku")
_IMAGES: Final = ("image src", "product image url")
_POSITIONS: Final = ("image position",)
_ALTS: Final = ("image alt text",)
_OF_VARIANTS: Final = ("variant image", "variant image url")

HANDLES: Final = frozenset(_HANDLES)
SKUS: Final = frozenset(_SKUS)
IMAGES: Final = frozenset(_IMAGES)

MOST_SKUS: Final = 100
"""Variants of a product by whose SKUs it is looked for; the store takes 600 of one."""


def read(rows: Iterable[Cells]) -> Iterator[Entry | BadRow]:
    """Yield what is said of each image; it is a picture of the handle, whose SKUs all name it."""
    for _, group in groupby(_with_handles(rows), key=lambda pair: pair[0]):
        yield from _of_handle([row for _, row in group])


def _with_handles(rows: Iterable[Cells]) -> Iterator[tuple[str, Cells]]:
    handle = ""
    for row in rows:
        handle = row.first(*_HANDLES)[1] or handle
        yield handle, row


def _of_handle(rows: list[Cells]) -> Iterator[Entry | BadRow]:
    skus: dict[str, None] = {}
    for row in rows:
        column, cell = row.first(*_SKUS)
        try:
            if cell:
                skus[sku_in(cell, column)] = None
        except BadCell as bad:
            yield row.bad(bad.column, str(bad))
    names = tuple(skus)[:MOST_SKUS]
    shown: set[str] = set()
    for row in rows:
        try:
            entry = _image(row, names)
        except BadCell as bad:
            yield row.bad(bad.column, str(bad))
            continue
        if entry is not None:
            shown.add(entry.file.name)
            yield entry
    # What a variant shows is mostly one of these.
    for row in rows:
        file = file_name(row.first(*_OF_VARIANTS)[1], of_shop=True)
        if file is not None and file.name not in shown and names:
            shown.add(file.name)
            yield Entry(row=row.row, file=file, names=names)


def _image(row: Cells, names: tuple[str, ...]) -> Entry | None:
    _, cell = row.first(*_IMAGES)
    file = file_name(cell, of_shop="/" in cell)
    if file is None:
        return None
    if not names:
        raise BadCell(_SKUS[0], "no variant of its handle has a SKU")
    column, position = row.first(*_POSITIONS)
    return Entry(
        row=row.row,
        file=file,
        names=names,
        order=whole_in(position, column) if position else None,
        alt=row.first(*_ALTS)[1],
    )
