"""Which names are a product's, so that it shows which photographs are certainly not of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from pipeline.skus import alike

__all__ = ["NamesOf", "SkusOf"]

FRESH_SECONDS: Final = 600.0
"""For so long a product's names are believed, as what the store shows of its images is."""

REST_SECONDS: Final = 30.0
"""After so long a product is asked for again whose names could not be told."""

MOST: Final = 1_000
"""Products of which the names are kept."""

SkusOf = Callable[[int], Collection[str] | None]
"""Asks the store for every SKU of a product and of its variants; None where it cannot be told."""


@dataclass(frozen=True, slots=True)
class _Known:
    names: frozenset[str] | None
    until: float


class NamesOf:
    """Keeps the names of products, and which are to be asked for; threads may share it."""

    def __init__(self, skus_of: SkusOf, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Know none."""
        self._skus_of = skus_of
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[int, _Known] = {}
        self._wanted: set[int] = set()
        self._asked: set[int] = set()

    def of(self, product_id: int) -> frozenset[str] | None:
        """Return a product's SKUs, as they compare; None where they are not known, yet or at all.

        What is not known is noted, to be asked for by `learn`.
        """
        with self._lock:
            known = self._known.get(product_id)
            if known is not None and self._monotonic() < known.until:
                return known.names
            if product_id not in self._asked:
                self._wanted.add(product_id)
        return None

    def learn(self) -> bool:
        """Ask the store for what was missed; return whether there was any.

        Raises:
            StoreError: the store could not be asked.
        """
        with self._lock:
            wanted, self._wanted = self._wanted, set()
            self._asked |= wanted
        for product_id in wanted:
            self._learn(product_id)
        return bool(wanted)

    def _learn(self, product_id: int) -> None:
        names: frozenset[str] | None = None
        try:
            skus = self._skus_of(product_id)
            names = None if skus is None else frozenset(map(alike, skus))
        finally:
            with self._lock:
                if len(self._known) >= MOST:
                    self._known.clear()
                lasts = REST_SECONDS if names is None else FRESH_SECONDS
                self._known[product_id] = _Known(names, self._monotonic() + lasts)
                self._asked.discard(product_id)
