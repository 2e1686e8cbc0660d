"""What is asked of the journal: its rows as values, and the questions of whoever only asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import Final

from pipeline.batches import Batch, BatchKind, ChangeKind, ChangeState, ShopChange
from pipeline.errors import LedgerError
from pipeline.ledger.database import Database, Row, Transaction, Value
from pipeline.ledger.pages import page_by_page
from pipeline.ledger.records import image_of_text
from pipeline.ledger.rows import from_text, moment_of, photo_of
from pipeline.values import Photo

__all__ = ["BROUGHT_IN", "SqlJournalReports", "change_of"]

MOST_OF_A_PRODUCT: Final = 1_000

_CREATED: Final = "p.batch = :batch AND p.state IN ('stored', 'removed')"

BROUGHT_IN: Final = (
    "p.brought_by = :batch",
    # By an earlier version, which noted down only in which batch it was sent.
    "p.batch = :batch AND p.brought_by IS NULL",
)
"""Of a photograph `p`: it came in through a batch; each with an index of its own."""

_FOR_OTHERS: Final = (
    "p.batch = :batch AND p.state = 'stored' "
    "AND p.brought_by IS NOT NULL AND p.brought_by <> :batch"
)

_BATCH: Final = "SELECT b.* FROM batches b WHERE {}"


class SqlJournalReports:
    """See `pipeline.ledger.port.JournalReader` for what each method promises."""

    _database: Database
    _of: str | None
    _asked: dict[str, Value]

    def batches(self, most: int) -> Sequence[Batch]:
        which = "b.number > 0" if self._of is None else "b.store = :store"
        question = f"{_BATCH.format(which)} ORDER BY b.number DESC LIMIT :most"
        with self._database.reading() as transaction:
            rows = transaction.rows(question, **self._asked, most=most)
            return [_batch(transaction, row) for row in rows]

    def batch(self, number: int) -> Batch | None:
        which = "b.number = :number"
        if self._of is not None:
            which += " AND (b.store = :store) IS TRUE"
        with self._database.reading() as transaction:
            row = transaction.row(_BATCH.format(which), **self._asked, number=number)
            return None if row is None else _batch(transaction, row)

    def created_in(self, batch: int) -> Iterator[Photo]:
        return map(photo_of, self._of_batch(_CREATED, batch))

    def brought_in(self, batch: int) -> Iterator[Photo]:
        both = (self._of_batch(which, batch) for which in BROUGHT_IN)
        return map(photo_of, merge(*both, key=lambda row: int(row["seq"])))

    def stored_for_others(self, batch: int) -> Iterator[Photo]:
        return map(photo_of, self._of_batch(_FOR_OTHERS, batch))

    def _of_batch(self, which: str, batch: int) -> Iterator[Row]:
        question = (
            f"SELECT p.* FROM photos p WHERE {which} AND p.seq > :after ORDER BY p.seq LIMIT :page"
        )
        return page_by_page(self._database, question, {"batch": batch})

    def changes_of(self, batch: int) -> Iterator[ShopChange]:
        # By its index that begins so, whose next column is the product.
        question = (
            "SELECT c.* FROM changes c WHERE c.batch = :batch AND c.seq > :after "
            "ORDER BY c.seq LIMIT :page"
        )
        return map(change_of, page_by_page(self._database, question, {"batch": batch}))

    def changes_of_product(self, product_id: int) -> Sequence[ShopChange]:
        stores = "SELECT t.store FROM tallies t" if self._of is None else ":store"
        with self._database.reading() as transaction:
            rows = transaction.rows(
                f"SELECT c.* FROM changes c WHERE c.store IN ({stores}) "
                "AND c.product_id = :product ORDER BY c.seq DESC LIMIT :most",
                **self._asked,
                product=product_id,
                most=MOST_OF_A_PRODUCT,
            )
        return [change_of(row) for row in rows]

    def changes_of_photo(self, photo_id: str) -> Sequence[ShopChange]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT c.* FROM changes c WHERE c.photo = :photo ORDER BY c.seq", photo=photo_id
            )
        return [change_of(row) for row in rows]


def change_of(row: Row) -> ShopChange:
    """Read a row of the table `changes`.

    Raises:
        LedgerError: it holds what this program does not know.
    """
    try:
        return ShopChange(
            number=row["seq"],
            batch=row["batch"],
            kind=ChangeKind(row["kind"]),
            product_id=row["product_id"],
            image_id=row["image_id"],
            photo_id=row["photo"],
            before=image_of_text(row["before"]),
            main_before=row["main_before"],
            facts=dict(json.loads(row["facts"])),
            state=ChangeState(row["state"]),
            at=moment_of(row["at"]),
            done_at=from_text(row["done_at"]),
            sentence=row["sentence"],
        )
    except (ValueError, TypeError, KeyError) as error:
        raise LedgerError(
            f"change {row['seq']} in our records cannot be read ({type(error).__name__})"
        ) from error


def _taken_back_by(transaction: Transaction, number: int) -> int | None:
    """Return the batch that takes one back, and is not taken back itself."""
    row = transaction.row(
        "SELECT max(b.number) AS number FROM batches b WHERE b.takes_back = :batch", batch=number
    )
    if row is None or row["number"] is None:
        return None
    last = int(row["number"])
    return last if _taken_back_by(transaction, last) is None else None


def _batch(transaction: Transaction, row: Row) -> Batch:
    counts = transaction.rows(
        "SELECT t.kind, t.state, t.number FROM change_tallies t "
        "WHERE t.batch = :batch AND t.number > 0",
        batch=row["number"],
    )
    return Batch(
        number=row["number"],
        kind=BatchKind(row["kind"]),
        command=row["command"],
        began_at=moment_of(row["began_at"]),
        ended_at=from_text(row["ended_at"]),
        takes_back=row["takes_back"],
        taken_back_by=_taken_back_by(transaction, row["number"]),
        created=int(row["created"]),
        changes={
            (ChangeKind(one["kind"]), ChangeState(one["state"])): int(one["number"])
            for one in counts
        },
    )
