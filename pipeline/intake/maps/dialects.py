"""The maps that programs write, a row of the table for each: which columns tell it, how it is read.

Sources: BigCommerce's "Supported product fields" and the heads of real exports (v3: `Item`, `Image
URL (Import)` …; the older one: `Product Image File - 1` …); Your Store Tools' bulk image uploader
(`SKU, image_name, ALT, thumb`); Shopify's product CSV, old and new headings; Magento's
catalogue export; WooCommerce's product export, whose headings follow the shop's language.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from pipeline.intake.maps import bigcommerce, plain, several, shopify
from pipeline.intake.maps.entries import BadRow, Cells, Entry

__all__ = ["DIALECTS", "Dialect", "dialect_of"]

Read: TypeAlias = Callable[[Iterable[Cells]], Iterator[Entry | BadRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A kind of map.

    Attributes:
        name: for people.
        told_by: of each group of columns one at least is there, by their names as compared.
        read: says what the rows say.
    """

    name: str
    told_by: tuple[frozenset[str], ...]
    read: Read

    def fits(self, columns: Collection[str]) -> bool:
        """Whether a map with these columns is of this kind."""
        return all(not group.isdisjoint(columns) for group in self.told_by)


DIALECTS: Final = (
    Dialect(
        name="BigCommerce's product export",
        told_by=(frozenset({"item"}), bigcommerce.IMAGES),
        read=bigcommerce.read,
    ),
    Dialect(
        name="BigCommerce's older product export",
        told_by=(bigcommerce.OLDER_PRODUCTS, bigcommerce.OLDER_IMAGES),
        read=bigcommerce.read_older,
    ),
    Dialect(
        name="Shopify's product export",
        told_by=(shopify.HANDLES, shopify.SKUS, shopify.IMAGES),
        read=shopify.read,
    ),
    Dialect(
        name="Magento's product export",
        told_by=(frozenset({"sku"}), several.MAGENTO_IMAGES),
        read=several.read_magento,
    ),
    Dialect(
        name="WooCommerce's product export",
        told_by=(several.WOO_SKUS, several.WOO_IMAGES),
        read=several.read_woo,
    ),
    Dialect(
        name="a list of files and products",
        told_by=(plain.FILES, plain.PRODUCTS),
        read=plain.read,
    ),
)
"""The first that fits is it: what tells a program's own export goes before the plain list."""


def dialect_of(columns: Collection[str]) -> Dialect | None:
    """Return the kind of a map by the names of its columns; None where it is no map."""
    return next((one for one in DIALECTS if one.fits(columns)), None)
