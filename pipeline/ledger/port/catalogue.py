"""What every ledger promises of the store's SKUs that it keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from pipeline.skus import CatalogueAge
from pipeline.values import ProductName

__all__ = ["Catalogue"]


class Catalogue(Protocol):
    """The SKUs of the store's products and of their variants, as they were when they were read.

    Nothing here is proof of anything: whoever believes what is kept looks at its age, and makes
    sure of it. What is written is soon durable; of what is lost more is read again.
    """

    def catalogue_age(self) -> CatalogueAge:
        """Return how old it is; of a store whose catalogue was never read, nothing is known."""
        ...

    def age_catalogue(self, before: CatalogueAge, age: CatalogueAge) -> bool:
        """Note how old it is from now on, and what it took to ask.

        Args:
            before: what it was; where another process has read, or has brought up to date, or
                disbelieves what is kept since, nothing is changed.
            age: what it is.

        Returns:
            Whether it was noted.
        """
        ...

    def keep_skus(self, skus: Mapping[int, Collection[str]]) -> None:
        """Keep the SKUs of some products in place of those that were kept of them."""
        ...

    def note_skus(self, products: Mapping[str, Collection[int]]) -> None:
        """Keep of some SKUs which products bear them, beside what is kept already."""
        ...

    def keep_page(
        self, skus: Mapping[int, Collection[str]], *, above: int, up_to: int | None
    ) -> None:
        """Keep the SKUs of all products with ids in a range, and forget all others in it.

        Args:
            skus: of each product that there is.
            above: the range begins above this id.
            up_to: and ends with this one; None: there are no products of higher ids.
        """
        ...

    def keep_names(self, names: Mapping[int, ProductName]) -> None:
        """Keep what the store calls some products, by their ids.

        For people alone: nothing is found by it, and it may be older than the SKUs.
        """
        ...
