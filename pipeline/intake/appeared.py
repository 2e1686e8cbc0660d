"""Which names products have got lately: what waits for one of them is asked about again.

One question tells it, whatever number of photographs waits: the products that changed since it was
asked last. A variant that is added does not always show there; who waits for one is asked about
when all are (`ask_again_every`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from pipeline.intake.spellings import written_as
from pipeline.skus import alike, name_kept

__all__ = ["Appeared"]

OVERLAP: Final = timedelta(minutes=2)
"""It is asked from a little earlier on: a store may be slow to show it."""

LONGEST: Final = timedelta(minutes=10)
"""What waits was asked about when it came; before that nothing need be known."""

MOST_UNANSWERED: Final = 3
"""After so many questions that were not answered it is not asked again."""


class Memory(Protocol):
    """See `pipeline.ledger.port.Catalogue`."""

    def products_bearing(self, skus: Collection[str]) -> Mapping[str, frozenset[int]]: ...

    def keep_skus(self, skus: Mapping[int, Collection[str]]) -> None: ...


class Appeared:
    """Asks the store which names are new, and remembers until when it did; one thread at a time."""

    def __init__(
        self,
        changed: Callable[[datetime], Mapping[int, frozenset[str]] | None],
        memory: Memory,
        now: Callable[[], datetime],
    ) -> None:
        """Ask for nothing yet.

        Args:
            changed: the SKUs of the products that changed since a time of the store's; None where
                that is not told, or are too many.
            memory: keeps SKUs.
            now: the time by the store's clock, aware UTC.
        """
        self._changed = changed
        self._memory = memory
        self._now = now
        self._asked = now()
        self._unanswered = 0

    def names(self) -> frozenset[str]:
        """Return, as they compare, the names that products have got since this was asked last.

        Raises:
            StoreError: the store could not be asked.
            LedgerError: what is kept could not be read or written.
        """
        if self._unanswered >= MOST_UNANSWERED:
            return frozenset()
        now = self._now()
        changed = self._changed(max(self._asked, now - LONGEST) - OVERLAP)
        self._asked = now
        if changed is None:
            self._unanswered += 1
            return frozenset()
        self._unanswered = 0
        skus = {sku for of_one in changed.values() for sku in of_one if sku}
        kept = self._memory.products_bearing(skus)
        new = {
            product: of_one
            for product, of_one in changed.items()
            if any(product not in kept.get(sku, ()) for sku in of_one if sku)
        }
        self._memory.keep_skus(new)
        appeared = {
            name
            for product, of_one in new.items()
            for sku in map(name_kept, of_one)
            for name in (sku, f"id {product}", *written_as(sku))
        }
        return frozenset(map(alike, appeared))
