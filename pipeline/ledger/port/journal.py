"""What every ledger promises of the journal: all that is written to the store, before and after."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from pipeline.batches import Batch, BatchKind, PlannedChange, ShopChange
from pipeline.values import Photo, StoredImage

__all__ = ["Journal", "JournalReader"]


class Journal(Protocol):
    """Batches, and the updates and deletes in them.

    A create is written down by `Transitions.intend`, in the batch of the process that sends it.
    """

    def own_batch(self) -> int:
        """Return the batch of what this process writes to the store now; it begins with that.

        Or it has begun with the first photograph that came in through this process (`brought_in`).
        A run has one. What a watcher and the hooks write is one a day, whichever processes they
        are.
        """
        ...

    def batch_so_far(self) -> int | None:
        """Return the batch that this process receives and writes in; None: it has begun none."""
        ...

    def begin_batch(self, kind: BatchKind, *, takes_back: int | None = None) -> int:
        """Return a new batch: what this process writes to the store from now on belongs to it."""
        ...

    def take_up_batches(self) -> Sequence[int]:
        """See to the batches in which something is to be done and that no living process sees to.

        Returns:
            All that this process sees to and in which something is to be done, the first begun
            first.
        """
        ...

    def plan(self, changes: Collection[PlannedChange]) -> None:
        """Write changes down, in this process's batch, before anything of them is sent.

        Durable when it returns.
        """
        ...

    def product_to_do(self, batch: int, after: int) -> int | None:
        """Return the first product with a higher id in which something of a batch is to be done."""
        ...

    def changes_in(self, batch: int, product_id: int) -> Sequence[ShopChange]:
        """Return the changes of a batch in one product, in the order in which they were planned."""
        ...

    def intend_change(self, change: int, before: StoredImage, main_before: int | None) -> None:
        """PLANNED → INTENDED: from now on a request may reach the store.

        Durable when it returns.

        Args:
            change: its number.
            before: what the store says of the image now.
            main_before: which image is the product's main picture now, where that matters.
        """
        ...

    def change_done(self, change: ShopChange, now: StoredImage | None, sentence: str) -> None:
        """→ DONE. Soon durable: it can be done again.

        The photograph that it is has the new record from then on; or it is REMOVED.

        Args:
            change: what was done.
            now: the store's record of the image; None where it was deleted. Of a create, its
                photograph is stored as that by then.
            sentence: for the photograph's history.
        """
        ...

    def leave_change(self, change: int, sentence: str) -> None:
        """→ LEFT, for a reason. Soon durable."""
        ...

    def shown_as(self, images: Collection[StoredImage]) -> None:
        """Take over what a listing says of our images' order and main picture. Soon durable."""
        ...


class JournalReader(Protocol):
    """What is asked of the journal."""

    def batches(self, most: int) -> Sequence[Batch]:
        """Return so many batches, the last begun first."""
        ...

    def batch(self, number: int) -> Batch | None:
        """Return a batch by its number."""
        ...

    def created_in(self, batch: int) -> Iterator[Photo]:
        """Yield the photographs that are in the store, or were last, as images that a batch made.

        In the order of their arrival.
        """
        ...

    def brought_in(self, batch: int) -> Iterator[Photo]:
        """Yield the photographs that came in through a batch, in the order of their arrival.

        They stay with it, whoever goes on with them. Which batch received one that an earlier
        version did is told by the one in which it was sent.
        """
        ...

    def stored_for_others(self, batch: int) -> Iterator[Photo]:
        """Yield those in the store as images that a batch made, and that another one brought in."""
        ...

    def changes_of(self, batch: int) -> Iterator[ShopChange]:
        """Yield the changes of a batch, in the order in which they were planned."""
        ...

    def changes_of_product(self, product_id: int) -> Sequence[ShopChange]:
        """Return the last thousand changes of a product's images, the last first."""
        ...

    def changes_of_photo(self, photo_id: str) -> Sequence[ShopChange]:
        """Return the changes of the images that a photograph was, the first first."""
        ...
