"""What was achieved of a photograph, or went wrong with it: one method a move."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from pipeline.ledger.arranging import is_to_be_arranged
from pipeline.ledger.arrivals import merge
from pipeline.ledger.batches import SqlBatches
from pipeline.ledger.beside import make_beside
from pipeline.ledger.changes import (
    RELEASED,
    UNFINISHED,
    Change,
    add_history,
    known_of,
    move,
    photo_in,
    reopen,
    set_image,
)
from pipeline.ledger.database import Transaction, Value
from pipeline.ledger.haste import hasten_product
from pipeline.ledger.meetings import no_longer_met
from pipeline.ledger.noted import note_arrival
from pipeline.ledger.parking import park_one
from pipeline.ledger.records import placement_record
from pipeline.ledger.rows import from_text, photo_of
from pipeline.ledger.shown_by import known_to_show
from pipeline.lifecycle import (
    DELETED_BY_HAND,
    UNFINISHED_STATES,
    Reason,
    State,
    reopened_state,
)
from pipeline.values import (
    Arrival,
    Claim,
    Door,
    Inspection,
    Photo,
    Picture,
    Placement,
    SendRecord,
    StoredImage,
)

__all__ = ["SqlTransitions"]


class SqlTransitions(SqlBatches):
    """See `pipeline.ledger.port.Transitions` for what each method promises."""

    def validated(
        self, claim: Claim, inspection: Inspection, placement: Placement, sentence: str
    ) -> Photo:
        beside, placement = placement, replace(placement, beside=())
        with self._database.writing(deferred=True) as transaction:
            # Before it may become part of another.
            make_beside(transaction, claim.photo, beside, inspection, self._change(sentence))
            known = transaction.row(
                "SELECT * FROM photos WHERE store = :store AND product_id = :product "
                "AND sha256 = :sha256 AND id <> :photo",
                store=self._store,
                product=placement.product_id,
                sha256=claim.photo.sha256,
                photo=claim.photo.id,
            ) or known_to_show(transaction, self._store, claim.photo.sha256, placement.product_id)
            if known is not None:
                return merge(transaction, claim, known, self._change)
            facts = {
                "inspection": inspection,
                "placement": placement,
                "attempts": 0,
                "not_before": None,
            }
            photo = move(transaction, claim, State.VALIDATED, self._change(sentence), facts)
            in_haste = hasten_product(transaction, photo.id)
        return photo if photo.in_haste is in_haste else replace(photo, in_haste=in_haste)

    def set_waiting(
        self, claim: Claim, inspection: Inspection, reason: Reason, sentence: str
    ) -> Photo:
        facts = {"inspection": inspection, "reason": reason}
        return self._move(claim, State.WAITING, sentence, facts)

    def prepared(self, claim: Claim, picture: Picture, sentence: str) -> Photo:
        facts = {"picture": picture, "attempts": 0, "not_before": None}
        return self._move(claim, State.PREPARED, sentence, facts, deferred=True)

    def unprepared(self, claim: Claim, sentence: str) -> Photo:
        return self._move(claim, State.VALIDATED, sentence, {"picture": None}, deferred=True)

    def intend(self, claim: Claim) -> Claim:
        change = self._change("going up to the shop")
        facts = {"attempt_ended_at": None, "missing_since": None, "not_before": None}
        sent_in: dict[str, Value] = {"batch": self.own_batch()}
        with self._database.writing() as transaction:
            photo = move(transaction, claim, State.UPLOADING, change, facts, sent_in)
            transaction.run(
                "INSERT INTO attempts (photo, owner, began_at) VALUES (:photo, :owner, :at)",
                photo=claim.photo.id,
                owner=change.owner,
                at=change.at,
            )
        return Claim(photo=photo, token=claim.token)

    def stored(
        self,
        claim: Claim,
        image: StoredImage,
        sentence: str,
        *,
        as_answered: bool = False,
        in_place: bool = True,
    ) -> Photo | None:
        change = self._change(sentence)
        with self._database.writing(deferred=True) as transaction:
            if as_answered and self._is_anothers(transaction, image, claim.photo):
                return None
            no_longer_met(transaction, self._store, image.product_id, image.id)
            if not in_place:
                is_to_be_arranged(transaction, self._store, image.product_id, change.at)
            return _close_attempt(transaction, claim, State.STORED, change, _facts_of(image))

    def not_sent(
        self,
        claim: Claim,
        sentence: str,
        *,
        reason: Reason | None = None,
        not_before: datetime | None,
        attempts: int,
    ) -> Photo:
        facts = {
            "reason": reason,
            "not_before": not_before,
            "attempts": attempts,
            "attempt_ended_at": None,
            "missing_since": None,
        }
        return self._end_attempt(claim, State.PREPARED, sentence, facts)

    def doubt(
        self,
        claim: Claim,
        sentence: str,
        *,
        ended_at: datetime,
        missing_since: datetime | None,
        not_before: datetime,
    ) -> Photo:
        facts = {
            "attempt_ended_at": ended_at,
            "missing_since": missing_since,
            "not_before": not_before,
        }
        return self._move(claim, State.UPLOADING, sentence, facts, stay=True)

    def adopted(self, claim: Claim, image: StoredImage, sentence: str) -> Photo | None:
        with self._database.writing() as transaction:
            if self._is_anothers(transaction, image, claim.photo):
                return None
            no_longer_met(transaction, self._store, image.product_id, image.id)
            change = self._change(sentence)
            return move(transaction, claim, State.STORED, change, _facts_of(image))

    def refuse(self, claim: Claim, reason: Reason, sentence: str) -> Photo:
        return self._move(claim, State.REFUSED, sentence, {"reason": reason})

    def fail(self, claim: Claim, reason: Reason, sentence: str, *, retry_from: State) -> Photo:
        further: dict[str, Value] = {"failed_from": retry_from}
        return self._end_attempt(claim, State.FAILED, sentence, {"reason": reason}, further)

    def postpone(
        self,
        claim: Claim,
        sentence: str,
        *,
        reason: Reason | None = None,
        not_before: datetime,
        attempts: int,
    ) -> Photo:
        facts = {"reason": reason, "not_before": not_before, "attempts": attempts}
        return self._move(claim, claim.photo.state, sentence, facts, stay=True)

    def retry(self, photo_id: str) -> Photo | None:
        with self._database.writing() as transaction:
            row = transaction.row(
                "SELECT * FROM photos WHERE id = :photo AND lease IS NULL", photo=photo_id
            )
            after = None if row is None else reopened_state(known_of(row))
            if row is None or after is None:
                return None
            reopen(
                transaction, photo_of(row), after, self._change("tried again, as somebody asked")
            )
            return photo_in(transaction, photo_id)

    def removed(self, product_id: int, image_id: int) -> Photo | None:
        change = self._change(DELETED_BY_HAND)
        with self._database.writing() as transaction:
            no_longer_met(transaction, self._store, product_id, image_id)
            row = transaction.row(
                "UPDATE photos SET state = 'removed', sentence = :sentence, changed_at = :at "
                "WHERE id = (SELECT id FROM photos WHERE store = :store AND product_id = :product "
                "AND image_id = :image AND state = 'stored' LIMIT 1) RETURNING *",
                sentence=change.sentence,
                at=change.at,
                store=self._store,
                product=product_id,
                image=image_id,
            )
            if row is None:
                return None
            add_history(transaction, row["id"], State.STORED, State.REMOVED, change)
            return photo_of(row)

    def stays(
        self, photo_id: str, image_ids: Collection[int], image: StoredImage, sentence: str
    ) -> bool:
        change = self._change(sentence)
        with self._database.writing() as transaction:
            row = transaction.row(
                "SELECT image_id FROM photos WHERE id = :photo AND state = 'stored' "
                "AND lease IS NULL",
                photo=photo_id,
            )
            if row is None or row["image_id"] not in image_ids:
                return False
            no_longer_met(transaction, self._store, image.product_id, image.id)
            set_image(transaction, photo_id, image, change)
        return True

    def requeue_missing(self, photo_id: str, sentence: str) -> Photo | None:
        change = self._change(sentence)
        with self._database.writing() as transaction:
            row = transaction.row(
                "UPDATE photos SET state = 'removed' "
                "WHERE id = :photo AND state = 'stored' AND lease IS NULL RETURNING *",
                photo=photo_id,
            )
            after = None if row is None else reopened_state(known_of(row))
            if row is None or after is None:
                return None
            add_history(transaction, photo_id, State.STORED, State.REMOVED, change)
            photo = photo_of(row)
            # As if it had arrived just now, so that this process works on it and reports on it.
            arrival = Arrival(path=photo.path, root=photo.root, door=Door.RUN, seen_at=self._now())
            note_arrival(transaction, arrival, photo_id, State.REMOVED, change)
            reopen(transaction, photo, after, change)
            return photo_in(transaction, photo_id)

    def restore(self, photo_id: str, placement: Placement, sentence: str) -> Photo | None:
        change = self._change(sentence)
        with self._database.writing() as transaction:
            row = transaction.row(
                "SELECT * FROM photos WHERE id = :photo AND lease IS NULL "
                "AND (state = 'removed' AND picture IS NOT NULL "
                f"OR state IN ({UNFINISHED}))",
                photo=photo_id,
            )
            if row is None:
                return None
            photo = photo_of(row)
            arrival = Arrival(path=photo.path, root=photo.root, door=Door.RUN, seen_at=self._now())
            note_arrival(transaction, arrival, photo_id, photo.state, change)
            if photo.state is State.REMOVED:
                transaction.run(
                    "UPDATE photos SET placement = :placement WHERE id = :photo",
                    placement=placement_record(placement),
                    photo=photo_id,
                )
                reopen(transaction, photo, State.PREPARED, change)
            return photo_in(transaction, photo_id)

    def attempt_ended_at(self, photo: Photo) -> datetime | None:
        with self._database.reading() as transaction:
            return from_text(
                _greatest(
                    transaction,
                    "SELECT max(ended_at) AS greatest FROM attempts WHERE photo = :photo",
                    photo=photo.id,
                )
            )

    def send_record(self, photo: Photo) -> SendRecord:
        product_id = None if photo.placement is None else photo.placement.product_id
        with self._database.reading() as transaction:
            began_at = _greatest(
                transaction,
                "SELECT max(began_at) AS greatest FROM attempts WHERE photo = :photo",
                photo=photo.id,
            )
            last_id = _greatest(
                transaction,
                # From the highest id down: those that were stored since are few.
                "SELECT image_id AS greatest FROM photos WHERE store = :store "
                "AND image_id IS NOT NULL AND (state = 'stored') IS TRUE "
                "AND (changed_at < :began_at) IS TRUE ORDER BY image_id DESC LIMIT 1",
                store=self._store,
                began_at=began_at or "",
            )
            known = transaction.rows(
                # Of the product alone: an index of images holds those of the whole store.
                "SELECT image_id FROM photos WHERE store = :store AND product_id = :product "
                "AND (image_id IS NOT NULL) IS TRUE AND id <> :photo",
                store=self._store,
                product=product_id,
                photo=photo.id,
            )
        return SendRecord(
            at=from_text(began_at),
            last_id=last_id or 0,
            known=frozenset(int(row["image_id"]) for row in known),
        )

    def _is_anothers(self, transaction: Transaction, image: StoredImage, photo: Photo) -> bool:
        other = transaction.row(
            "SELECT id FROM photos WHERE store = :store AND image_id = :image "
            "AND id <> :photo AND state = 'stored' LIMIT 1",
            store=self._store,
            image=image.id,
            photo=photo.id,
        )
        return other is not None

    def _move(
        self,
        claim: Claim,
        after: State,
        sentence: str,
        facts: Mapping[str, Any],
        *,
        stay: bool = False,
        deferred: bool = False,
    ) -> Photo:
        change = self._change(sentence)
        with self._database.writing(deferred=deferred) as transaction:
            return move(transaction, claim, after, change, facts, stay=stay)

    def _end_attempt(
        self,
        claim: Claim,
        after: State,
        sentence: str,
        facts: Mapping[str, Any],
        further: Mapping[str, Value] = MappingProxyType({}),
    ) -> Photo:
        change = self._change(sentence)
        with self._database.writing() as transaction:
            return _close_attempt(transaction, claim, after, change, facts, further)


def _close_attempt(
    transaction: Transaction,
    claim: Claim,
    after: State,
    change: Change,
    facts: Mapping[str, Any],
    further: Mapping[str, Value] = MappingProxyType({}),
) -> Photo:
    photo = move(transaction, claim, after, change, facts, {**further, **RELEASED})
    transaction.run(
        "UPDATE attempts SET ended_at = :at, outcome = :outcome "
        "WHERE photo = :photo AND ended_at IS NULL",
        at=change.at,
        outcome=after,
        photo=claim.photo.id,
    )
    if after in UNFINISHED_STATES:
        park_one(transaction, claim.photo.id)
    return photo


def _facts_of(image: StoredImage) -> dict[str, Any]:
    return {"image": image, "reason": None, "not_before": None}


def _greatest(transaction: Transaction, question: str, **values: Value) -> Any:
    row = transaction.row(question, **values)
    return None if row is None else row["greatest"]
