"""What makes the shop show of a product what a folder holds of it: ours alone, in order, in words.

Nothing is sent from here. What a folder does not hold any more is to be deleted, what it holds and
the shop lacks is to be sent again, and what is there gets its order and its words. Whose a picture
is that was in the shop before us, or that another program sent, is none of the folder's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pipeline.batches import ChangeKind, PlannedChange
from pipeline.engine.changing import Changing
from pipeline.engine.engine import Engine
from pipeline.engine.planning import Folder, ProductPlan, Removal, plan_products
from pipeline.lifecycle import State

__all__ = ["Mirrored", "mirror"]

MOST_ROUNDS: Final = 3
"""How often one product is looked at: an image may have to be moved twice."""


@dataclass(slots=True, kw_only=True)
class Mirrored:
    """What was done: how many images were deleted and updated, and what was left, as sentences."""

    removed: int = 0
    updated: int = 0
    left: list[str] = field(default_factory=list)


def mirror(
    engine: Engine, product_ids: Sequence[int], folder: Folder, meant: frozenset[int]
) -> Mirrored:
    """Update and delete, in this process's batch, what a folder says of products.

    It comes after what had to be sent. Where something of a product did not get to the shop,
    nothing of that product is deleted.

    Args:
        engine: knows the ledger and the store.
        product_ids: the products.
        folder: as it is now.
        meant: the ids of the images that may be deleted: those that were shown before.

    Raises:
        StoreError: the store could not be asked.
        LedgerError: it could not be recorded.
    """
    ended = Mirrored()
    for found in plan_products(engine, product_ids, folder):
        if engine.clock.stopping():
            return ended
        _mirror(engine, found, folder, meant, ended)
    return ended


def _mirror(
    engine: Engine, found: ProductPlan, folder: Folder, meant: frozenset[int], ended: Mirrored
) -> None:
    removed = [one for one in found.removed if one.image.id in meant]
    if removed and (found.created or found.back or _lacks(engine, found.product_id)):
        ended.left.append(
            f"nothing of product {found.product_id} is deleted: not all that the folder holds of "
            "it is in the shop"
        )
        removed = []
    for round_ in range(MOST_ROUNDS):
        deletes = [] if round_ else [_delete(one) for one in removed]
        if not (found.changes or deletes):
            return
        engine.ledger.plan([*found.changes, *deletes])
        changed = Changing.of(engine).carry_out(engine.ledger.own_batch())
        ended.left += changed.left
        number = sum(
            one.state is State.REMOVED
            for change in deletes
            if (one := engine.ledger.photo(change.photo_id or "")) is not None
        )
        ended.removed += number
        ended.updated += changed.done - number
        if found.whole or changed.left or changed.cut_off:
            return
        found = next(plan_products(engine, [found.product_id], folder), found)


def _delete(one: Removal) -> PlannedChange:
    return PlannedChange(kind=ChangeKind.DELETE, image=one.image, photo_id=one.photo.id)


def _lacks(engine: Engine, product_id: int) -> bool:
    """Whether some of a product's photographs that lie there did not get to the shop."""
    photos = engine.ledger.of_product(product_id)
    return any(
        one.state is not State.STORED and engine.ledger.arrived_here(one.id) for one in photos
    )
