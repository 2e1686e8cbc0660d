"""A person gives a photograph to a product: what is known of it becomes that product's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeline.ledger.arranging import is_to_be_arranged
from pipeline.ledger.arrivals import SqlArrivals, hand_over
from pipeline.ledger.changes import Change, add_history
from pipeline.ledger.database import Row, Transaction
from pipeline.ledger.decided import came_here
from pipeline.ledger.port.assigning import Assigned, Obstacle
from pipeline.ledger.records import placement_record
from pipeline.ledger.rows import photo_of, rank_of
from pipeline.ledger.shown_by import known_to_show
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Arrival, Original, Photo, Placement

__all__ = ["SqlAssigning"]


class SqlAssigning(SqlArrivals):
    """See `pipeline.ledger.port.Assigning` for what each method promises."""

    def assign(self, arrival: Arrival, original: Original) -> Assigned:
        told = original.placement
        assert told is not None  # noqa: S101 - that is what is decided
        change = self._change(f"given by hand to product {told.product_id} ({told.why})")
        with self._receiving() as transaction:
            rows = list(came_here(transaction, self._store, original))
            if (met := _in_the_way(rows, told)) is not None:
                return met
            for row in rows:
                its = (told.product_id, *told.also)
                if row["product_id"] not in its and row["state"] != State.REMOVED:
                    self._give(transaction, row, told)
            photo = self._received(transaction, arrival, original)
            return Assigned(photo=self._decided(transaction, photo, told, change))

    def assignable(self, original: Original) -> Assigned:
        told = original.placement
        assert told is not None  # noqa: S101 - that is what is decided
        with self._database.reading() as transaction:
            rows = list(came_here(transaction, self._store, original))
            if (met := _in_the_way(rows, told)) is not None:
                return met
            own = self._known_of(transaction, original, told)
        first = own or next((row for row in rows if row["state"] != State.REMOVED), None)
        return Assigned(photo=None if first is None else photo_of(first))

    def _give(self, transaction: Transaction, row: Row, told: Placement) -> None:
        """Have what was not sent be of another product, or part of what that has already."""
        photo = photo_of(row)
        known = self._known_of(transaction, photo.original, told)
        if known is not None:
            hand_over(transaction, photo.id, known["id"])
            return
        transaction.run(
            "UPDATE photos SET product_id = :product, placement = :placement, sku = NULL, "
            "on_table = 0, rank = :rank WHERE id = :photo",
            product=told.product_id,
            placement=placement_record(told),
            rank=rank_of(photo.path, told),
            photo=photo.id,
        )

    def _known_of(
        self, transaction: Transaction, original: Original, told: Placement
    ) -> Row | None:
        return transaction.row(
            "SELECT * FROM photos "
            "WHERE store = :store AND product_id = :product AND sha256 = :sha256",
            store=self._store,
            product=told.product_id,
            sha256=original.sha256,
        ) or known_to_show(transaction, self._store, original.sha256, told.product_id)

    def _decided(
        self, transaction: Transaction, photo: Photo, told: Placement, change: Change
    ) -> Photo:
        before = photo.placement
        if photo.state is State.STORED:
            rank = ""  # it counts on the way alone
            if before is None or before.standing != told.standing:
                is_to_be_arranged(transaction, self._store, told.product_id, change.at)
        else:
            rank = rank_of(photo.path, told)
        transaction.run(
            "UPDATE photos SET placement = :placement, rank = :rank WHERE id = :photo",
            placement=placement_record(told),
            rank=rank,
            photo=photo.id,
        )
        add_history(transaction, photo.id, photo.state, photo.state, change)
        return replace(photo, placement=told)


def _in_the_way(rows: Iterable[Row], told: Placement) -> Assigned | None:
    """Return what keeps a photograph from being given to a product; None: nothing does."""
    for row in rows:
        photo = photo_of(row)
        # One that failed after it was sent in vain may be there all the same.
        doubtful = photo.state is State.FAILED and photo.attempt_ended_at is not None
        if photo.state is State.UPLOADING or doubtful:
            return Assigned(photo=photo, obstacle=Obstacle.GOING_UP)
        its = (told.product_id, *told.also)
        if photo.state is State.STORED and row["product_id"] not in its:
            return Assigned(photo=photo, obstacle=Obstacle.IN_SHOP)
        if photo.state in UNFINISHED_STATES and row["lease"] is not None:
            return Assigned(photo=photo, obstacle=Obstacle.IN_HAND)
    return None
