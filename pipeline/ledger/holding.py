"""What is held until its product is complete: nobody works on it, and it costs nobody anything.

A held photograph is parked, and it is on the list of no process of what is on its way: however many
are held, no question for the next one looks at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.ledger.changes import (
    LIVING,
    RELEASED,
    UNFINISHED,
    Writer,
    add_history,
    move,
    unpark,
)
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.noted import note_arrival
from pipeline.ledger.rows import from_blob, photo_of
from pipeline.lifecycle import Reason, State
from pipeline.values import Arrival, Claim, Door, Photo

__all__ = ["SqlHolding"]

# By the index of what is on its way, product by product.
_HELD: Final = (
    "SELECT p.*{more} FROM photos p WHERE p.store = :store AND p.parked = 1 "
    f"AND p.state IN ({UNFINISHED}) AND p.product_id {{which}} "
    f"AND p.reason = '{Reason.HELD}' AND p.lease IS NULL ORDER BY p.product_id, p.rank{{most}}"
)

_OF_PRODUCT: Final = _HELD.format(
    more=", (SELECT a.door FROM arrivals a WHERE a.photo = p.id ORDER BY a.seq DESC LIMIT 1) "
    f"AS door, {LIVING.format('p')} AS living",
    which="= :product",
    most="",
)
_NEXT_PRODUCT: Final = _HELD.format(more="", which="> :after", most=" LIMIT 1")


class SqlHolding(Writer):
    """See `pipeline.ledger.port.Holding` for what each method promises."""

    def hold(self, claim: Claim, sentence: str) -> Photo:
        change = self._change(sentence)
        with self._database.writing(deferred=True) as transaction:
            parked: dict[str, Value] = {**RELEASED, "parked": 1}
            facts = {"reason": Reason.HELD}
            photo = move(transaction, claim, State.PREPARED, change, facts, parked, stay=True)
            transaction.run(
                "DELETE FROM on_their_way WHERE photo = "
                "(SELECT p.seq FROM photos p WHERE p.id = :photo)",
                photo=photo.id,
            )
        return photo

    def let_go(self, product_id: int, sentence: str) -> int:
        asked: dict[str, Value] = {"store": self._store, "product": product_id}
        # Mostly nothing is held: then nobody's turn to write is taken.
        with self._database.reading() as transaction:
            if transaction.row(_OF_PRODUCT, **asked) is None:
                return 0
        with self._database.writing() as transaction:
            rows = transaction.rows(_OF_PRODUCT, **asked)
            for row in rows:
                self._let_go(transaction, row, sentence)
        return len(rows)

    def held(self) -> Iterator[Photo]:
        after = 0
        while True:
            with self._database.reading() as transaction:
                row = transaction.row(_NEXT_PRODUCT, store=self._store, after=after)
            if row is None:
                return
            yield photo_of(row)
            after = int(row["product_id"])

    def _let_go(self, transaction: Transaction, row: Row, sentence: str) -> None:
        change = self._change(sentence)
        transaction.run(
            "UPDATE photos SET sentence = :sentence WHERE id = :photo",
            sentence=sentence,
            photo=row["id"],
        )
        add_history(transaction, row["id"], State.PREPARED, State.PREPARED, change)
        if not row["living"]:
            arrival = Arrival(
                path=from_blob(row["path"]),
                root=from_blob(row["root"]),
                door=Door(row["door"] or self._owner.door),
                seen_at=self._now(),
            )
            note_arrival(transaction, arrival, row["id"], State.PREPARED, change)
        unpark(transaction, row["id"])
