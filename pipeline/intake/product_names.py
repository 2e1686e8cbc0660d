"""What the shop calls the products of photographs, many products in one question.

Whoever looks a product up by its SKU will soon want its name, too, where alt texts are made of it:
so the ids that come along are noted, and asked for together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Final

from pipeline.intake.whose_name import Kept, Lookup
from pipeline.values import ProductName

__all__ = ["NotedCatalogue", "ProductNames"]

AT_ONCE: Final = 250
"""Products that are asked for with one question: as many as the store gives on a page."""

MOST_KEPT: Final = 20_000
"""Products of which the name is remembered while the program runs."""


class ProductNames:
    """Knows what products are called; threads may share it."""

    def __init__(self, ask: Callable[[Collection[int]], Mapping[int, ProductName]]) -> None:
        """Know none yet.

        Args:
            ask: asks the store what these products are called, 250 at most.
        """
        self._ask = ask
        self._known: dict[int, ProductName | None] = {}
        self._coming: dict[int, None] = {}
        self._lock = threading.Lock()

    def of(self, product_id: int) -> ProductName | None:
        """Return what a product is called; None where the store does not say.

        Raises:
            StoreError: the store could not be asked.
        """
        with self._lock:
            if product_id not in self._known:
                self._coming.pop(product_id, None)
                asked = [product_id, *islice(self._coming, AT_ONCE - 1)]
                found = self._ask(asked)
                if len(self._known) > MOST_KEPT:
                    self._known.clear()
                for one in asked:
                    self._known[one] = found.get(one)
                    self._coming.pop(one, None)
            return self._known[product_id]

    def note(self, found: Mapping[str, frozenset[int]]) -> None:
        """Note the products that names turned out to be of."""
        with self._lock:
            for products in found.values():
                for one in products:
                    if one not in self._known and len(self._coming) < MOST_KEPT:
                        self._coming[one] = None

    def noting(self, lookup: Lookup) -> Lookup:
        """Return the same question, with the products in its answer noted."""

        def asked(names: Collection[str]) -> Mapping[str, frozenset[int]]:
            found = lookup(names)
            self.note(found)
            return found

        return asked


class NotedCatalogue:
    """The kept catalogue, with the products in its answers noted."""

    def __init__(self, kept: Kept, names: ProductNames) -> None:
        """Ask the catalogue, and tell the names."""
        self._kept = kept
        self._names = names

    def products(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """Return whose these names are; see `KeptCatalogue`."""
        found = self._kept.products(names)
        self._names.note(found)
        return found

    def heard(self, answers: Mapping[str, frozenset[int]]) -> bool:
        """Take in what the store said; see `KeptCatalogue`."""
        return self._kept.heard(answers)

    def known(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """Return what is known without asking; see `KeptCatalogue`."""
        return self._kept.known(names)
