"""Which photographs go before a backlog, and what of their products with them.

Whatever comes before one in haste, in its product and in shot order, is in haste as well: else it
would hold that one up.
"""

from __future__ import annotations

from typing import Final

from pipeline.ledger.changes import ON_ITS_WAY
from pipeline.ledger.database import Row, Transaction

__all__ = ["hasten", "hasten_product"]

_OF_THE_PRODUCT: Final = f"""
  q.store = :store AND q.product_id = :product AND {ON_ITS_WAY.format("q")}
"""

_HASTE_OF_THE_PRODUCT: Final = f"""
  SELECT p.store, p.product_id, p.rank, p.seq, p.urgent, EXISTS (
    SELECT 1 FROM photos q WHERE q.store = p.store AND q.product_id = p.product_id
    AND {ON_ITS_WAY.format("q")} AND q.urgent = 1 AND (q.rank, q.seq) > (p.rank, p.seq)
  ) AS waited_for
  FROM photos p WHERE p.id = :photo
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


def hasten_product(transaction: Transaction, photo_id: str) -> bool:
    """Have a photograph whose product is known now be in haste where a later one of it is.

    Where it is in haste itself, what comes before it is, too.

    Returns:
        Whether it is in haste now.
    """
    row = transaction.row(_HASTE_OF_THE_PRODUCT, photo=photo_id)
    if row is None or row["product_id"] is None:
        return False
    if row["urgent"]:
        _hasten_before(transaction, row)
    elif row["waited_for"]:
        hasten(transaction, photo_id)
    return bool(row["urgent"] or row["waited_for"])


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
