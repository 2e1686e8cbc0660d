"""What every ledger answers, and how it is made smaller."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.ledger.port.journal import JournalReader
from pipeline.lifecycle import State
from pipeline.values import HistoryLine, Meeting, Photo, ProductName, Tally
from pipeline.wanted import Named, Wanted

__all__ = ["LedgerReader", "Reports", "Tidying"]


class Reports(Protocol):
    """What people, and the rest of the program, ask of the photographs of one store (or of all)."""

    def photo(self, photo_id: str) -> Photo | None:
        """Return one photograph; None where it became part of another."""
        ...

    def tally(self) -> Tally:
        """Return how many photographs are in each state."""
        ...

    def stores(self) -> Mapping[str, int]:
        """Return how many photographs there are of each store, by its identity, the most first."""
        ...

    def stores_that_answered(self) -> Sequence[str]:
        """Return the identities of the stores that ever answered, in order.

        One that did has a photograph, or had one, or its products were read.
        """
        ...

    def stored_since(self, moment: datetime) -> int:
        """Return how many photographs were stored since a time."""
        ...

    def arrived_since(self, moment: datetime) -> Tally:
        """Return how many photographs that arrived first since a time are in each state now.

        Only these are read: photographs are numbered as they arrive.
        """
        ...

    def found_since(self, moment: datetime) -> Iterator[Photo]:
        """Yield the photographs that `arrived_since` counts, page by page as `photos` does."""
        ...

    def left_behind(self, *, nobody_works: bool = False) -> Mapping[Path, int]:
        """Return how many are parked, by the folder that was named, the most first.

        Args:
            nobody_works: no process of the home lives: then all that are on their way are.
        """
        ...

    def met(self) -> Mapping[Meeting, int]:
        """Return how many images in the store are not as the ledger has them, of each kind.

        They are as the last listing of each product showed them, and some ten thousand at most.
        """
        ...

    def photos(self, state: State | None = None) -> Iterator[Photo]:
        """Yield the photographs, all or those in one state, in the order of their arrival.

        They are read page by page, each in a transaction of its own, and nothing is held between:
        what changes meanwhile may be told as it was or as it is.
        """
        ...

    def wanted(self, wanted: Wanted) -> Iterator[Photo]:
        """Yield the photographs that somebody asks for, page by page as `photos` does.

        Those within a folder come in the order of their paths; those changed since a time state
        by state, the stored ones first, in the order of their change; all others in the order of
        their arrival.
        """
        ...

    def named(self, part: str, most: int) -> Named:
        """Return the photographs whose file's name holds a text, in whatever case.

        Where there is none: those that once arrived from a file so named. All names are read, page
        by page, of an index alone, which takes some seconds for a million.

        Args:
            part: some of a file's name, or of the end of its path where it has a separator.
            most: of the newest, so many at the most.
        """
        ...

    def of_image(self, image_id: int) -> Sequence[Photo]:
        """Return the photographs that are, or were, the image of that id in the store."""
        ...

    def skus_of(self, product_id: int) -> frozenset[str]:
        """Return the SKUs of a product as far as they are kept, as they compare."""
        ...

    def product_names(self, product_ids: Collection[int]) -> Mapping[int, ProductName]:
        """Return what the store called these products when it was last asked, as far as kept."""
        ...

    def products_bearing(self, skus: Collection[str]) -> Mapping[str, frozenset[int]]:
        """Return the products that bear each of the SKUs, or of which a variant does, as kept.

        Without regard to case; SKUs that nothing bears are left out.
        """
        ...

    def stored_products(self, after: int, most: int) -> Sequence[int]:
        """Return the next products that have a stored photograph, by id, those above one.

        Args:
            after: only products of a higher id.
            most: as many at the most.
        """
        ...

    def stored_product_count(self) -> int:
        """Return how many products have a stored photograph."""
        ...

    def of_product(self, product_id: int) -> Sequence[Photo]:
        """Return the photographs of a product, in the order of their arrival."""
        ...

    def of_content(self, beginning: str) -> Sequence[Photo]:
        """Return the photographs whose SHA-256 begins so, in the order of their arrival."""
        ...

    def at_path(self, path: Path) -> Sequence[Photo]:
        """Return the photographs that ever arrived from a path, the latest first."""
        ...

    def needs_bytes(self, sha256: str) -> bool | None:
        """Return whether any store's photograph of that content may need its original still.

        None where there is no photograph of that content.
        """
        ...

    def history(self, photo_id: str) -> Sequence[HistoryLine]:
        """Return every step of one photograph, the oldest first."""
        ...

    def check(self) -> str | None:
        """Return what is wrong with what the ledger is kept in, None where nothing is."""
        ...


class LedgerReader(Reports, JournalReader, Protocol):
    """The ledger for whoever only asks: no claims, and nothing is changed."""

    def close(self) -> None:
        """Let go of everything; a second time nothing happens."""
        ...


class Tidying(Protocol):
    """What makes a ledger smaller, of every store, and loses nothing that anybody counts on."""

    def long_stored(self, before: datetime) -> int:
        """Return how many photographs are stored, and were so before a time."""
        ...

    def fold(self, before: datetime) -> Iterator[int]:
        """Have each of them take as little room as it can.

        Its history becomes one line: when it arrived as what, and its last step. What is said of
        it elsewhere goes: its arrivals from its own path and its attempts, but for those of a
        living process, and how its picture was made, in figures. All else is read as before.

        Some hundred at a time, each time in one transaction; yields how many of them are smaller
        now. Whoever ends in the middle goes on with the rest the next time.
        """
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
