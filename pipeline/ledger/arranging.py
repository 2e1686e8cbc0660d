"""Which products are to be arranged in the store, and what a person decided of their images."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from pipeline.ledger.changes import ON_ITS_WAY, Writer
from pipeline.ledger.database import Transaction
from pipeline.ledger.port.arranging import ByHand, Decision
from pipeline.ledger.rows import text_of

__all__ = ["SqlArranging", "is_to_be_arranged"]

_NOBODYS = "(t.owner IS NULL OR t.owner = :owner OR t.owner NOT IN (SELECT o.id FROM owners o))"


class SqlArranging(Writer):
    """See `pipeline.ledger.port.Arranging` for what each method promises."""

    def take_to_arrange(self, before: datetime, after: int, most: int) -> Sequence[int]:
        with self._database.reading() as transaction:
            found = self._free(transaction, before, after, most)
        if not found:
            return []
        with self._database.writing() as transaction:
            taken = self._free(transaction, before, after, most)
            for product_id in taken:
                transaction.run(
                    "UPDATE to_arrange SET owner = :owner, taken_since = since "
                    "WHERE store = :store AND product_id = :product",
                    owner=self._owner.id,
                    store=self._store,
                    product=product_id,
                )
        return taken

    def arranged(self, product_id: int) -> None:
        with self._database.writing(deferred=True) as transaction:
            transaction.run(
                "DELETE FROM to_arrange WHERE store = :store AND product_id = :product "
                "AND owner = :owner AND taken_since = since",
                store=self._store,
                product=product_id,
                owner=self._owner.id,
            )
            self._give_back(transaction, product_id)

    def give_back_to_arrange(self, product_id: int) -> None:
        with self._database.writing(deferred=True) as transaction:
            self._give_back(transaction, product_id)

    def made_here(self, product_id: int) -> frozenset[int]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT p.image_id FROM photos p WHERE p.store = :store "
                "AND p.product_id = :product AND (p.state = 'stored') IS TRUE "
                "AND (p.image_id IS NOT NULL) IS TRUE AND (p.batch IS NOT NULL) IS TRUE",
                store=self._store,
                product=product_id,
            )
        return frozenset(int(row["image_id"]) for row in rows)

    def by_hand(self, product_id: int) -> Collection[ByHand]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT image_id, decision FROM by_hand "
                "WHERE store = :store AND product_id = :product",
                store=self._store,
                product=product_id,
            )
        return {ByHand(row["image_id"], Decision(row["decision"])) for row in rows}

    def note_by_hand(self, product_id: int, what: Collection[ByHand]) -> None:
        if what:
            with self._database.writing() as transaction:
                for one in what:
                    transaction.run(
                        "INSERT INTO by_hand (store, product_id, image_id, decision) "
                        "VALUES (:store, :product, :image, :decision) ON CONFLICT DO NOTHING",
                        store=self._store,
                        product=product_id,
                        image=one.image_id,
                        decision=one.decision,
                    )

    def forget_by_hand(self, product_id: int, what: Collection[Decision]) -> None:
        with self._database.writing() as transaction:
            for decision in what:
                transaction.run(
                    "DELETE FROM by_hand WHERE store = :store AND product_id = :product "
                    "AND decision = :decision",
                    store=self._store,
                    product=product_id,
                    decision=decision,
                )

    def to_be_arranged(self, product_id: int) -> None:
        with self._database.writing(deferred=True) as transaction:
            at = text_of(self._now())
            is_to_be_arranged(transaction, self._store, product_id, at)

    def _free(
        self, transaction: Transaction, before: datetime, after: int, most: int
    ) -> Sequence[int]:
        rows = transaction.rows(
            "SELECT t.product_id FROM to_arrange t WHERE t.store = :store "
            f"AND t.product_id > :after AND t.since <= :before AND {_NOBODYS} "
            "AND NOT EXISTS (SELECT 1 FROM photos q WHERE q.store = t.store "
            f"AND q.product_id = t.product_id AND {ON_ITS_WAY.format('q')}) "
            "ORDER BY t.product_id LIMIT :most",
            store=self._store,
            after=after,
            before=text_of(before),
            owner=self._owner.id,
            most=most,
        )
        return [int(row["product_id"]) for row in rows]

    def _give_back(self, transaction: Transaction, product_id: int) -> None:
        transaction.run(
            "UPDATE to_arrange SET owner = NULL WHERE store = :store AND product_id = :product "
            "AND owner = :owner",
            store=self._store,
            product=product_id,
            owner=self._owner.id,
        )


def is_to_be_arranged(transaction: Transaction, store: str, product_id: int, at: str) -> None:
    """Note that a product's pictures may be out of order since a moment."""
    transaction.run(
        "INSERT INTO to_arrange (store, product_id, since) VALUES (:store, :product, :at) "
        "ON CONFLICT DO UPDATE SET since = excluded.since",
        store=store,
        product=product_id,
        at=at,
    )
