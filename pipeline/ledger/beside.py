"""One picture for several products is a photograph for each: those beside the first are made here.

They are made in the transaction in which the first one's products are known, with all that is known
of it, and came in as it came in. From then on each goes its own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pipeline.ledger.changes import Change, Writer, add_history
from pipeline.ledger.database import Row, Transaction
from pipeline.ledger.ids import new_id
from pipeline.ledger.records import inspection_record, placement_record
from pipeline.ledger.rows import photo_of, rank_of
from pipeline.ledger.shown_by import known_to_show
from pipeline.lifecycle import State
from pipeline.values import Inspection, Photo, Placement

__all__ = ["SqlBeside", "make_beside", "those_beside"]

_COPIED: Final = (
    "store, sha256, size, path, root, sku, on_table, urgent, likeness, brought_by, received_at"
)
"""Columns that are the first one's."""


class SqlBeside(Writer):
    """See `pipeline.ledger.port.Beside` for what it promises."""

    def beside(self, photo: Photo) -> Sequence[tuple[Photo, bool]]:
        with self._database.reading() as transaction:
            rows = those_beside(transaction, photo)
        return [(photo_of(row), row["lease"] is not None) for row in rows]


def make_beside(
    transaction: Transaction,
    photo: Photo,
    placement: Placement,
    inspection: Inspection,
    change: Change,
) -> None:
    """Make a photograph of the same file for each other product, where there is none yet.

    Args:
        transaction: that is open for writing.
        photo: the first one, which was checked.
        placement: of the first one, with the others beside it.
        inspection: what was found in the file.
        change: for the history of each.
    """
    for other in placement.beside:
        if _of_product(transaction, photo, other.product_id) is None:
            _make(transaction, photo, replace(other, beside=()), inspection, change)


def those_beside(transaction: Transaction, photo: Photo) -> list[Row]:
    """Return the photographs of the same file for the other products that were named with its."""
    also = () if photo.placement is None else photo.placement.also
    found = (_of_product(transaction, photo, product_id) for product_id in also)
    return [row for row in found if row is not None]


def _of_product(transaction: Transaction, photo: Photo, product_id: int) -> Row | None:
    row = transaction.row(
        "SELECT q.* FROM photos p JOIN photos q ON q.store = p.store "
        "AND q.product_id = :product AND q.sha256 = p.sha256 WHERE p.id = :photo",
        photo=photo.id,
        product=product_id,
    )
    if row is not None:
        return row
    store = transaction.row("SELECT store FROM photos WHERE id = :photo", photo=photo.id)
    return (
        None
        if store is None
        else known_to_show(transaction, store["store"], photo.sha256, product_id)
    )


def _make(
    transaction: Transaction,
    photo: Photo,
    placement: Placement,
    inspection: Inspection,
    change: Change,
) -> None:
    sentence = f"{change.sentence}, and for product {placement.product_id} ({placement.why})"
    own = new_id()
    transaction.run(
        f"INSERT INTO photos (id, product_id, rank, state, sentence, placement, inspection, "
        f"changed_at, {_COPIED}) SELECT :id, :product, :rank, :state, :sentence, :placement, "
        f":inspection, :at, {_COPIED} FROM photos WHERE id = :photo",
        id=own,
        product=placement.product_id,
        rank=rank_of(photo.path, placement),
        state=State.VALIDATED,
        sentence=sentence,
        placement=placement_record(placement),
        inspection=inspection_record(replace(inspection, captions=None)),
        at=change.at,
        photo=photo.id,
    )
    transaction.run(
        "INSERT INTO arrivals (owner, photo, path, door, seen_at) "
        "SELECT a.owner, :own, a.path, a.door, a.seen_at FROM arrivals a WHERE a.photo = :photo "
        "ORDER BY a.seq",
        own=own,
        photo=photo.id,
    )
    add_history(transaction, own, None, State.VALIDATED, change.saying(sentence))
