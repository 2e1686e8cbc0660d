"""Which photographs go before a backlog, and what of their products with them.

Whatever comes before one in haste, in its product and in shot order, is in haste as well: else it
would hold that one up.
"""

from __future__ import annotations

from typing import Final

from pipeline.ledger.changes import UNFINISHED
from pipeline.ledger.database import Row, Transaction

__all__ = ["hasten", "hasten_product"]

_OF_THE_PRODUCT: Final = f"""
  q.store = :store AND q.product_id = :product AND q.state IN ({UNFINISHED})
"""


def hasten(transaction: Transaction, photo_id: str) -> None:
    """Put a photograph before a backlog, and what of its product comes before it."""
    row = transaction.row(
        "UPDATE photos SET urgent = 1 WHERE id = :photo "
        "RETURNING store, product_id, rank, seq, urgent",
        photo=photo_id,
    )
    if row is not None and row["product_id"] is not None:
        _hasten_before(transaction, row)


def hasten_product(transaction: Transaction, photo_id: str) -> None:
    """Have a photograph whose product is known now be in haste where a later one of it is.

    Where it is in haste itself, what comes before it is, too.
    """
    row = transaction.row(
        "SELECT store, product_id, rank, seq, urgent FROM photos WHERE id = :photo", photo=photo_id
    )
    if row is None or row["product_id"] is None:
        return
    if row["urgent"]:
        _hasten_before(transaction, row)
        return
    later = transaction.row(
        f"SELECT 1 AS one FROM photos q WHERE q.urgent = 1 AND {_OF_THE_PRODUCT} "
        "AND (q.rank, q.seq) > (:rank, :seq) LIMIT 1",
        **_place(row),
    )
    if later is not None:
        hasten(transaction, photo_id)


def _hasten_before(transaction: Transaction, row: Row) -> None:
    # What comes before one that is in haste is so already: the search ends there.
    last = transaction.row(
        f"SELECT q.rank, q.seq FROM photos q WHERE {_OF_THE_PRODUCT} "
        "AND (q.rank, q.seq) < (:rank, :seq) AND q.urgent = 1 "
        "ORDER BY q.rank DESC, q.seq DESC LIMIT 1",
        **_place(row),
    )
    after = ("", -1) if last is None else (str(last["rank"]), int(last["seq"]))
    transaction.run(
        f"UPDATE photos AS q SET urgent = 1 WHERE {_OF_THE_PRODUCT} "
        "AND (q.rank, q.seq) < (:rank, :seq) AND (q.rank, q.seq) > (:after_rank, :after_seq)",
        **_place(row),
        after_rank=after[0],
        after_seq=after[1],
    )


def _place(row: Row) -> dict[str, str | int]:
    return {
        "store": str(row["store"]),
        "product": int(row["product_id"]),
        "rank": str(row["rank"]),
        "seq": int(row["seq"]),
    }
