"""The shop's categories, by name or id, and the products in them, up to 250 in one question."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from pipeline.errors import StoreRejected, StoreUnavailable
from pipeline.upload.catalogue import TOO_MUCH, Record
from pipeline.upload.responses import is_id

__all__ = ["CategoryReader", "categories_in"]

PAGE_SIZE: Final = 250

MOST_PAGES: Final = 40_000
"""Ten million products; a shop whose pages do not end is not followed."""

CATEGORIES_A_QUESTION: Final = 40
"""As many as surely fit into an address."""


class OnePage(Protocol):
    """Asks for a page of a listing, and how many pages there are; None where that is not told."""

    def __call__(
        self, path: str, query: Mapping[str, str], page: int = 1, *, size: int = PAGE_SIZE
    ) -> tuple[Sequence[Record], int | None]: ...


class CategoryReader:
    """Asks the shop for its categories."""

    def __init__(self, page: OnePage) -> None:
        """Know nothing of the shop yet; `page` asks for a page of a listing."""
        self._page = page

    def ids_of(self, names: Collection[str]) -> dict[str, frozenset[int]]:
        """Return the ids of each of these categories; none for one that the shop does not have.

        A name is unique beside its siblings alone (the shop's reference): of several that bear it
        all are meant. A number that no category is called is the id of one.

        Raises:
            StoreError: the shop could not be asked.
        """
        called: dict[str, set[int]] = {}
        every: set[int] = set()
        fields = {"include_fields": "category_id,name"}
        for record in self._all("/catalog/trees/categories", fields):
            id_, name = record.get("category_id"), record.get("name")
            if is_id(id_) and isinstance(name, str):
                called.setdefault(name.strip().casefold(), set()).add(id_)
                every.add(id_)
        found = {}
        for name in names:
            ids = called.get(name.strip().casefold(), set())
            if not ids and name.strip().isdecimal() and len(name) < 19:
                ids = {int(name)} & every
            found[name] = frozenset(ids)
        return found

    def skus_in(self, names: Collection[str]) -> dict[str, list[str] | None]:
        """Return the SKUs of the products in each of these categories, in order of their ids.

        Args:
            names: the categories' names or ids.

        Returns:
            None for a category that the shop does not have.

        Raises:
            StoreError: the shop could not be asked.
        """
        ids = self.ids_of(names)
        found: dict[str, list[str] | None] = {name: [] if ids[name] else None for name in names}
        wanted = sorted(frozenset().union(*ids.values()))
        seen: set[int] = set()
        for begin in range(0, len(wanted), CATEGORIES_A_QUESTION):
            for product in self._products(wanted[begin : begin + CATEGORIES_A_QUESTION]):
                id_, sku = product.get("id"), product.get("sku")
                if not is_id(id_) or id_ in seen or not isinstance(sku, str) or not sku:
                    continue
                seen.add(id_)
                # A filter that the shop ignores shows others, too: what they are in decides.
                its = categories_in(product)
                for name, there in found.items():
                    if there is not None and ids[name] & its:
                        there.append(sku)
        return found

    def _products(self, categories: Sequence[int]) -> Iterator[Record]:
        path, fields = "/catalog/products", {"include_fields": "sku,categories"}
        named = {"categories:in": ",".join(map(str, categories))}
        try:
            yield from self._all(path, {**fields, **named})
        except StoreRejected as error:
            if error.status not in TOO_MUCH:
                raise
            # It does not know such a question: all are read.
            yield from self._all(path, fields)

    def _all(self, path: str, query: Mapping[str, str]) -> Iterator[Record]:
        for page in range(1, MOST_PAGES + 1):
            records, pages = self._page(path, query, page)
            yield from records
            if not records or (pages is not None and page >= pages):
                return
        raise StoreUnavailable(f"the shop's listing does not end after {MOST_PAGES} pages")


def categories_in(record: Mapping[str, Any]) -> frozenset[int]:
    """Return the ids of the categories that a product is in; none where that is not told."""
    categories = record.get("categories")
    return frozenset(filter(is_id, categories)) if isinstance(categories, list) else frozenset()
