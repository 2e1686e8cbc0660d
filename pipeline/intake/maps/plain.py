"""The plain map: a row a picture, `file,sku` or `file,product`, with order, view, words if wanted.

The bulk uploader's `SKU,image_name,ALT,thumb` is one.
"""

from __future__ import annotations

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

__all__ = ["FILES", "PRODUCTS", "read"]

_FILES: Final = (
    "file", "filename", "file name", "image name", "imagename", "image file", "image", "picture",
    "photo", "photograph", "path", "file path", "image path", "image url", "url",
    "datei", "dateiname", "bild", "fichier", "archivo",
)  # fmt: skip
_SKUS: Final = (
    "sku", "product sku", "productsku", "product code sku", "product code", "variant sku",
    "item number", "article number", "artikelnummer", "article", "référence", "referencia",
    "gtin", "upc", "ean", "upc ean", "barcode", "mpn",
)  # fmt: skip
_PRODUCTS: Final = ("product", "produkt", "produit", "producto")
_IDS: Final = ("product id", "productid", "id product")
_ORDERS: Final = (
    "order", "sort order", "sortorder", "sort", "position", "number", "reihenfolge", "ordre",
    "orden",
)  # fmt: skip
_VIEWS: Final = ("view", "angle", "side", "ansicht", "vue", "vista")
_ALTS: Final = (
    "alt", "alt text", "alttext", "alt tag", "alternative text", "image description", "image alt",
    "caption", "label", "alternativtext",
)  # fmt: skip
"""A column "description" is none of them: in a list of products it is the product's, in HTML."""
_MAINS: Final = ("thumb", "thumbnail", "is thumbnail", "main", "is main", "primary", "hauptbild")

FILES: Final = frozenset(_FILES)
PRODUCTS: Final = frozenset((*_SKUS, *_PRODUCTS, *_IDS))


def read(rows: Iterable[Cells]) -> Iterator[Entry | BadRow]:
    """Yield what each row says of its file."""
    for row in rows:
        try:
            yield _entry(row)
        except BadCell as bad:
            yield row.bad(bad.column, str(bad))


def _entry(row: Cells) -> Entry:
    column, cell = row.first(*_FILES)
    file = file_name(cell)
    if file is None:
        raise BadCell(column or _there(row, _FILES), "no file is named")
    names = _names(row)
    if not names:
        raise BadCell(_there(row, (*_SKUS, *_PRODUCTS, *_IDS)), "no product is named")
    order_column, order = row.first(*_ORDERS)
    main_column, main = row.first(*_MAINS)
    return Entry(
        row=row.row,
        file=file,
        names=names,
        order=whole_in(order, order_column) if order else None,
        view=row.first(*_VIEWS)[1],
        alt=row.first(*_ALTS)[1],
        main=switch_in(main, main_column) if main else None,
    )


def _names(row: Cells) -> tuple[str, ...]:
    column, sku = row.first(*_SKUS)
    if sku:
        return (sku_in(sku, column),)
    column, id_ = row.first(*_IDS)
    if id_:
        return (called_id(str(whole_in(id_, column))),)
    column, product = row.first(*_PRODUCTS)
    if not product:
        return ()
    name = sku_in(product, column)
    # A number in a column "product" may be either: where both are products, it is a doubt.
    return (name, called_id(name)) if name.isascii() and name.isdecimal() else (name,)


def _there(row: Cells, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in row.written), names[0])
