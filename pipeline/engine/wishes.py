"""What is changed in the store by our own commands is a person's wish: no pass puts it back.

What a person changed in the store itself is told by what we saw there last (`arranging`). A change
of ours has us see it anew, so that before it everything that shows is written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.batches import Batch, BatchKind, ChangeKind, PlannedChange
from pipeline.engine.arranging import arrangement
from pipeline.engine.differences import stored_images
from pipeline.engine.engine import Engine
from pipeline.engine.reading import all_images, chunks, in_silence, together
from pipeline.ledger import Ledger
from pipeline.ledger.port import ByHand, Decision
from pipeline.values import StoredImage

__all__ = ["note_taken_back", "note_wishes"]


def note_wishes(
    ledger: Ledger,
    product_id: int,
    images: Sequence[StoredImage],
    changes: Iterable[PlannedChange],
) -> None:
    """Write down what changes of a product mean to be kept, and what a person decided before.

    Args:
        ledger: knows what is ours.
        product_id: of the product.
        images: all that the store lists of it now.
        changes: that are to be made.

    Raises:
        LedgerError: it could not be recorded.
    """
    wishes = {one for change in changes for one in _wishes(change)}
    here = ledger.made_here(product_id)
    if here:
        photos = stored_images(ledger, product_id)
        known = ledger.by_hand(product_id)
        wishes |= {*arrangement(product_id, images, photos, here, known).by_hand}
    ledger.note_by_hand(product_id, wishes)


def note_taken_back(engine: Engine, batch: Batch, changes: Sequence[PlannedChange]) -> None:
    """Write the same down before a batch is taken back.

    What a command by hand had changed is kept as it was before that; what a run or a watcher had,
    is theirs to arrange again.

    Args:
        engine: knows the ledger and the store.
        batch: that is taken back.
        changes: what takes it back.

    Raises:
        StoreError: the store could not be asked, after several tries.
        LedgerError: it could not be recorded.
    """
    felt = [one for one in changes if one.kind is ChangeKind.UPDATE and any(_wishes(one))]
    wished = felt if _first(engine.ledger, batch).kind is BatchKind.COMMAND else []
    for some in chunks(sorted({one.image.product_id for one in felt}), in_silence):
        listed = together(engine, some)
        for product_id in some:
            images = all_images(engine, product_id, listed.get(product_id), lambda images: False)
            if images is not None:
                of_it = [one for one in wished if one.image.product_id == product_id]
                note_wishes(engine.ledger, product_id, images, of_it)


def _first(ledger: Ledger, batch: Batch) -> Batch:
    """Return what was done at first, where a batch takes back another, or that one's undo."""
    while batch.takes_back is not None and (before := ledger.batch(batch.takes_back)) is not None:
        batch = before
    return batch


def _wishes(change: PlannedChange) -> Iterable[ByHand]:
    if "sort_order" in change.facts:
        yield ByHand(change.image.id, Decision.PLACE)
    if change.facts.get("is_thumbnail"):
        yield ByHand(change.image.id, Decision.MAIN)
