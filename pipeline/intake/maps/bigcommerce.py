"""BigCommerce's own exports: rows of images below their product's (v3), or columns by number.

In v3's a row `Product` is followed by its rows `Variant` and `Image`; an address in it ends with
the name under which the picture went up, and what the store added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pipeline.intake.maps.entries import (
    BadCell,
    BadRow,
    Cells,
    Entry,
    called_id,
    file_name,
    sku_in,
    switch_in,
    whole_in,
)

__all__ = ["IMAGES", "OLDER_IMAGES", "OLDER_PRODUCTS", "read", "read_older"]

_URLS: Final = ("internal image url export", "image url import", "image file", "image url")
_VARIANTS: Final = "variant image url"

IMAGES: Final = frozenset((*_URLS, _VARIANTS))
OLDER_PRODUCTS: Final = frozenset({"product code sku", "product id"})
OLDER_IMAGES: Final = frozenset({"product image file 1", "product image url 1"})

_NUMBERED: Final = re.compile(r"product image (?:file|url) (\d{1,4})")


def read(rows: Iterable[Cells]) -> Iterator[Entry | BadRow]:
    """Yield what the rows of a v3 export say of their images."""
    product: tuple[str, ...] = ()
    for row in rows:
        kind = row.first("item")[1].casefold()
        try:
            if kind == "product":
                # Whatever is wrong with its name, what follows is not the one before's.
                product = ()
                product = _names(row, "sku", "id")
            elif kind == "variant":
                yield from _variant(row, product)
            elif kind == "image":
                yield _image(row, product)
        except BadCell as bad:
            yield row.bad(bad.column, str(bad))


def read_older(rows: Iterable[Cells]) -> Iterator[Entry | BadRow]:
    """Yield what the rows of an older export say: several images in a row, by number."""
    for row in rows:
        numbers = sorted({int(found[1]) for name in row.named if (found := _NUMBERED.match(name))})
        for number in numbers:
            try:
                yield _numbered(row, number)
            except BadCell as bad:
                yield row.bad(bad.column, str(bad))


def _names(row: Cells, sku_column: str, id_column: str) -> tuple[str, ...]:
    """Return the SKU; the id, which may be another shop's, only where there is none."""
    sku, id_ = row.named.get(sku_column, ""), row.named.get(id_column, "")
    if sku:
        return (sku_in(sku, sku_column),)
    return (called_id(str(whole_in(id_, id_column))),) if id_ else ()


def _variant(row: Cells, product: tuple[str, ...]) -> Iterator[Entry]:
    file = file_name(row.named.get(_VARIANTS, ""), of_shop=True)
    names = _names(row, "sku", "") or product
    if file and names:
        yield Entry(row=row.row, file=file, names=names)


def _image(row: Cells, product: tuple[str, ...]) -> Entry:
    column, cell = row.first(*_URLS)
    file = file_name(cell, of_shop="/" in cell)
    if file is None:
        raise BadCell(column or _URLS[1], "no image is named")
    if not product:
        raise BadCell("item", "no product with a SKU or an id stands before this image")
    order, main = row.named.get("image sort order"), row.named.get("image is thumbnail")
    return Entry(
        row=row.row,
        file=file,
        names=product,
        order=None if order is None else whole_in(order, "image sort order"),
        alt=row.named.get("image description", ""),
        main=None if main is None else switch_in(main, "image is thumbnail"),
    )


def _numbered(row: Cells, number: int) -> Entry:
    column, cell = row.first(f"product image file {number}", f"product image url {number}")
    file = file_name(cell, of_shop="/" in cell)
    if file is None:
        raise BadCell(column, "no image is named")
    names = _names(row, "product code sku", "product id")
    if not names:
        raise BadCell("product code sku", "no product is named")
    order_column, order = row.first(f"product image sort {number}")
    main_column, main = row.first(f"product image is thumbnail {number}")
    return Entry(
        row=row.row,
        file=file,
        names=names,
        order=whole_in(order, order_column) if order else None,
        alt=row.named.get(f"product image description {number}", ""),
        main=switch_in(main, main_column) if main else None,
    )
