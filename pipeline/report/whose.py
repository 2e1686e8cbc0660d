"""What products are called, as far as the ledger keeps it: the shop is asked for nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pipeline.ledger import LedgerReader
    from pipeline.values import Photo, ProductName

__all__ = ["Products"]

MOST_HELD: Final = 256
"""Products of which it is remembered what they are called: rows of one stand beside each other."""


class Products:
    """What the products of photographs are called, asked of the ledger once each."""

    def __init__(self, reader: LedgerReader) -> None:
        """Take the ledger that is asked."""
        self._reader = reader
        self._skus_of = lru_cache(maxsize=MOST_HELD)(reader.skus_of)
        self._called = lru_cache(maxsize=MOST_HELD)(self._asked)

    def sku_of(self, photo: Photo) -> str:
        """Return the SKU of a photograph, as its name or whoever gave it writes it; or nothing."""
        if photo.sku is not None or photo.placement is None:
            return photo.sku or ""
        product_id, rule = photo.placement.product_id, photo.placement.rule
        skus = sorted(self._skus_of(product_id), key=lambda sku: (len(sku), sku))
        for sku in reversed(skus):
            if (at := rule.casefold().find(sku)) >= 0 and rule[
                at : at + len(sku)
            ].casefold() == sku:
                return rule[at : at + len(sku)]
        called = self._called(product_id)
        if called is not None and called.sku:
            return called.sku
        return skus[0] if skus else ""

    def name_of(self, photo: Photo) -> str:
        """Return what the shop calls the product of a photograph; nothing where it is not kept."""
        return "" if photo.placement is None else self.name(photo.placement.product_id)

    def name(self, product_id: int) -> str:
        """Return what the shop calls a product; nothing where it is not kept."""
        called = self._called(product_id)
        return "" if called is None else called.name

    def _asked(self, product_id: int) -> ProductName | None:
        return self._reader.product_names([product_id]).get(product_id)
