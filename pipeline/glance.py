"""A glance at the SKUs that the ledger keeps, by their beginnings: a person is typing one.

It stands by itself, and not in the ledger, whose rooms take longer to load than a shell may wait
for. The file is opened so that nothing can be written, made or brought forward, and what cannot be
looked up at once is not looked up.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Final
from urllib.parse import quote

from pipeline.skus import compared

__all__ = ["products_beginning", "skus_beginning"]

_SECONDS: Final = 0.05
"""That a lock is waited for."""

_HIGHEST: Final = 10**12
"""Of a product's id; those of shops have fewer digits."""

_LAST: Final = "\U0010ffff"
"""Comes behind whatever a SKU goes on with."""

# MPNs begin with the sign that is behind all others: see `pipeline.skus.MPN`.
SKUS: Final = (
    "SELECT sku, min(product_id) FROM catalogue_skus WHERE store = ? AND sku >= ? AND sku < ? "
    "GROUP BY sku ORDER BY sku LIMIT ?"
)

PRODUCTS: Final = (
    "SELECT product_id, sku FROM catalogue_skus INDEXED BY catalogue_skus_of_a_product "
    "WHERE store = ? AND product_id BETWEEN ? AND ? AND sku < char(0x10ffff) "
    "ORDER BY product_id LIMIT ?"
)


def skus_beginning(file: str, part: str, most: int) -> Sequence[tuple[str, int]]:
    """Return SKUs that begin so, without regard to case, each with a product that bears it.

    Args:
        file: the ledger's file; where there is none, or it cannot be read, there are no SKUs.
        part: the beginning; what is found goes on as it is written here.
        most: so many at most.
    """
    begin = compared(part)
    found: list[tuple[str, int]] = []
    with suppress(sqlite3.Error, OSError), _opened(file) as connection:
        for store in _stores(connection):
            found += connection.execute(SKUS, (store, begin, begin + _LAST, most))
    written = str.upper if part.isupper() else str
    return [
        (part + written(sku[len(begin) :]), product) for sku, product in sorted(set(found))[:most]
    ]


def products_beginning(file: str, digits: str, most: int) -> Sequence[tuple[int, str]]:
    """Return ids of products that begin so, the shortest first, each with one of its SKUs.

    Args:
        file: the ledger's file; where there is none, or it cannot be read, there are none.
        digits: the beginning; none of an id is zero.
        most: so many at most.
    """
    found: dict[int, str] = {}
    low = high = int(digits or 0)
    with suppress(sqlite3.Error, OSError), _opened(file) as connection:
        stores = _stores(connection)
        while low and high < _HIGHEST and len(found) < most:
            for store in stores:
                for product, sku in connection.execute(PRODUCTS, (store, low, high, most)):
                    found.setdefault(product, sku)
            low, high = low * 10, high * 10 + 9
    return list(found.items())[:most]


def _stores(connection: sqlite3.Connection) -> list[str]:
    """Return the stores whose SKUs are kept."""
    return [store for (store,) in connection.execute("SELECT store FROM catalogues")]


def _opened(file: str) -> closing[sqlite3.Connection]:
    """Open the file for reading alone.

    Raises:
        sqlite3.Error: there is none, or it cannot be read so.
    """
    address = f"file:{quote(os.path.abspath(file))}?mode=ro"  # noqa: PTH100
    return closing(sqlite3.connect(address, uri=True, timeout=_SECONDS))
