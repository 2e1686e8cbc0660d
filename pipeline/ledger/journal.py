"""The journal of updates and deletes: written down before they are sent, and once they are done."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from pipeline.batches import ChangeKind, ChangeState, PlannedChange, ShopChange
from pipeline.ledger.batches import SqlBatches
from pipeline.ledger.changes import add_history, set_image
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.journal_reports import change_of
from pipeline.ledger.meetings import no_longer_met
from pipeline.ledger.records import image_of, image_record
from pipeline.ledger.rows import text_of
from pipeline.lifecycle import State
from pipeline.values import StoredImage

__all__ = ["SqlJournal"]


class SqlJournal(SqlBatches):
    """See `pipeline.ledger.port.Journal` for what each method promises."""

    def plan(self, changes: Collection[PlannedChange]) -> None:
        batch = self.own_batch()
        with self._database.writing() as transaction:
            transaction.run_for_each(
                "INSERT INTO changes (batch, store, kind, product_id, image_id, photo, before, "
                "main_before, facts, state, at) VALUES (:batch, :store, :kind, :product, :image, "
                ":photo, :before, :main, :facts, 'planned', :at)",
                (self._planned(batch, change) for change in changes),
            )

    def product_to_do(self, batch: int, after: int) -> int | None:
        with self._database.reading() as transaction:
            row = transaction.row(
                "SELECT min(c.product_id) AS first FROM changes c WHERE c.store = :store "
                "AND c.batch = :batch AND c.product_id > :after "
                "AND c.state IN ('planned', 'intended')",
                store=self._store,
                batch=batch,
                after=after,
            )
        return None if row is None or row["first"] is None else int(row["first"])

    def changes_in(self, batch: int, product_id: int) -> Sequence[ShopChange]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT * FROM changes c WHERE c.batch = :batch AND c.product_id = :product "
                "ORDER BY c.seq",
                batch=batch,
                product=product_id,
            )
        return [change_of(row) for row in rows]

    def intend_change(self, change: int, before: StoredImage, main_before: int | None) -> None:
        with self._database.writing(one_change=True) as transaction:
            transaction.run(
                "UPDATE changes SET state = 'intended', before = :before, main_before = :main "
                "WHERE seq = :change AND state IN ('planned', 'intended')",
                before=image_record(before),
                main=main_before,
                change=change,
            )

    def change_done(self, change: ShopChange, now: StoredImage | None, sentence: str) -> None:
        with self._database.writing(deferred=True) as transaction:
            self._close(transaction, change.number, ChangeState.DONE, "")
            if now is None:
                assert change.image_id is not None  # noqa: S101 - only a create has none
                self._deleted(transaction, change.product_id, change.image_id, sentence)
                return
            if change.kind is ChangeKind.CREATE:
                # How its image came to be is told by its photograph's own steps.
                transaction.run(
                    "UPDATE changes SET image_id = :image WHERE seq = :change",
                    image=now.id,
                    change=change.number,
                )
                return
            for row in self._of_image(transaction, now.id):
                set_image(transaction, row["id"], now, self._change(sentence))

    def leave_change(self, change: int, sentence: str) -> None:
        with self._database.writing(deferred=True) as transaction:
            self._close(transaction, change, ChangeState.LEFT, sentence)

    def shown_as(self, images: Collection[StoredImage]) -> None:
        with self._database.reading() as transaction:
            changed = any(self._differing(transaction, images))
        if not changed:
            return
        with self._database.writing(deferred=True) as transaction:
            for row, image in self._differing(transaction, images):
                # No line of history: somebody else's place was changed, and this one's with it.
                transaction.run(
                    "UPDATE photos SET image = :image WHERE id = :photo",
                    image=image_record(image),
                    photo=row["id"],
                )

    def _differing(
        self, transaction: Transaction, images: Iterable[StoredImage]
    ) -> Iterable[tuple[Row, StoredImage]]:
        for image in images:
            for row in self._of_image(transaction, image.id):
                known = image_of(row)
                if known is not None and (known.sort_order, known.is_thumbnail) != (
                    image.sort_order,
                    image.is_thumbnail,
                ):
                    yield row, image

    def _of_image(self, transaction: Transaction, image_id: int) -> Sequence[Row]:
        return transaction.rows(
            "SELECT * FROM photos WHERE store = :store AND image_id = :image AND state = 'stored'",
            store=self._store,
            image=image_id,
        )

    def _deleted(
        self, transaction: Transaction, product_id: int, image_id: int, sentence: str
    ) -> None:
        change = self._change(sentence)
        no_longer_met(transaction, self._store, product_id, image_id)
        for row in self._of_image(transaction, image_id):
            transaction.run(
                "UPDATE photos SET state = 'removed', sentence = :sentence, changed_at = :at "
                "WHERE id = :photo",
                sentence=change.sentence,
                at=change.at,
                photo=row["id"],
            )
            add_history(transaction, row["id"], State.STORED, State.REMOVED, change)

    def _close(
        self, transaction: Transaction, change: int, state: ChangeState, sentence: str
    ) -> None:
        transaction.run(
            "UPDATE changes SET state = :state, done_at = :at, sentence = :sentence "
            "WHERE seq = :change AND state IN ('planned', 'intended')",
            state=state,
            at=text_of(self._now()),
            sentence=sentence,
            change=change,
        )

    def _planned(self, batch: int, change: PlannedChange) -> Mapping[str, Value]:
        return {
            "batch": batch,
            "store": self._store,
            "kind": ChangeKind(change.kind),
            "product": change.image.product_id,
            "image": None if change.kind is ChangeKind.CREATE else change.image.id,
            "photo": change.photo_id,
            "before": image_record(change.image),
            "main": change.main,
            "facts": json.dumps(dict(change.facts)),
            "at": text_of(self._now()),
        }
