"""The ledger in one SQLite file, shared by the watcher, the hook, runs and questions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from pipeline.ledger import arrivals as receiving
from pipeline.ledger import reports as questions
from pipeline.ledger.holding import ClaimHolder
from pipeline.ledger.moving import LET_GO, add_history, move
from pipeline.ledger.rows import photo_of, readable, to_json, to_text
from pipeline.lifecycle import Reason, State
from pipeline.values import (
    Arrival,
    Claim,
    Inspection,
    Original,
    Photo,
    Picture,
    Placement,
    RunReport,
    SendRecord,
    StoredImage,
)

__all__ = ["SqliteLedger"]


class SqliteLedger(ClaimHolder):
    """See `pipeline.ledger.port.Ledger` for what each method promises."""

    def receive(self, arrival: Arrival, original: Original) -> Photo:
        """See the port."""
        moved = self._moved(f"received as {readable(arrival.path)}")
        with self._connection.writing() as connection:
            return receiving.receive(connection, self._store, arrival, original, moved)

    def receive_refused(self, arrival: Arrival, reason: Reason, sentence: str) -> Photo:
        """See the port."""
        with self._connection.writing() as connection:
            return receiving.receive_refused(
                connection, self._store, arrival, reason, self._moved(sentence)
            )

    def validated(
        self, claim: Claim, inspection: Inspection, placement: Placement, sentence: str
    ) -> Photo:
        """See the port."""
        with self._connection.writing() as connection:
            known = questions.same_photo(connection, self._store, placement.product_id, claim.photo)
            if known is not None:
                return receiving.merge(connection, claim, known, self._moved)
            move(
                connection,
                claim,
                State.VALIDATED,
                self._moved(sentence),
                inspection=to_json(inspection),
                placement=to_json(placement),
                product_id=placement.product_id,
                reason=None,
                attempts=0,
                not_before=None,
                **LET_GO,
            )
        return replace(
            claim.photo, state=State.VALIDATED, inspection=inspection, placement=placement
        )

    def set_waiting(
        self, claim: Claim, inspection: Inspection, reason: Reason, sentence: str
    ) -> None:
        """See the port."""
        self._move(
            claim, State.WAITING, sentence, inspection=to_json(inspection), reason=reason, **LET_GO
        )

    def prepared(self, claim: Claim, picture: Picture, sentence: str) -> None:
        """See the port."""
        self._move(
            claim,
            State.PREPARED,
            sentence,
            picture=to_json(picture),
            attempts=0,
            not_before=None,
            **LET_GO,
        )

    def unprepared(self, claim: Claim, sentence: str) -> None:
        """See the port."""
        self._move(claim, State.VALIDATED, sentence, picture=None, **LET_GO)

    def intend(self, claim: Claim) -> Claim:
        """See the port."""
        moved = self._moved("going up to the store")
        with self._connection.writing() as connection:
            move(
                connection,
                claim,
                State.UPLOADING,
                moved,
                attempt_ended_at=None,
                unseen_at=None,
                not_before=None,
            )
            connection.execute(
                "INSERT INTO attempts (photo, owner, began_at) VALUES (?, ?, ?)",
                (claim.photo.id, self._owner.id, moved.at),
            )
        return Claim(photo=replace(claim.photo, state=State.UPLOADING), token=claim.token)

    def stored(self, claim: Claim, image: StoredImage, sentence: str) -> None:
        """See the port."""
        self._end_attempt(
            claim,
            State.STORED,
            sentence,
            image=to_json(image),
            image_id=image.id,
            reason=None,
            not_before=None,
        )

    def not_sent(
        self, claim: Claim, sentence: str, *, not_before: datetime | None, attempts: int
    ) -> None:
        """See the port."""
        self._end_attempt(
            claim,
            State.PREPARED,
            sentence,
            not_before=to_text(not_before),
            attempts=attempts,
            attempt_ended_at=None,
            unseen_at=None,
        )

    def doubt(
        self,
        claim: Claim,
        sentence: str,
        *,
        ended_at: datetime,
        missing_since: datetime | None,
        not_before: datetime,
    ) -> None:
        """See the port."""
        self._move(
            claim,
            State.UPLOADING,
            sentence,
            stay=True,
            attempt_ended_at=to_text(ended_at),
            unseen_at=to_text(missing_since),
            not_before=to_text(not_before),
            **LET_GO,
        )

    def send_record(self, photo: Photo) -> SendRecord:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.send_record(connection, self._store, photo)

    def refuse(self, claim: Claim, reason: Reason, sentence: str) -> None:
        """See the port."""
        self._move(claim, State.REFUSED, sentence, reason=reason, **LET_GO)

    def fail(self, claim: Claim, reason: Reason, sentence: str, *, retry_from: State) -> None:
        """See the port."""
        self._end_attempt(claim, State.FAILED, sentence, reason=reason, failed_from=retry_from)

    def postpone(self, claim: Claim, sentence: str, *, not_before: datetime, attempts: int) -> None:
        """See the port."""
        self._move(
            claim,
            claim.photo.state,
            sentence,
            stay=True,
            not_before=to_text(not_before),
            attempts=attempts,
            **LET_GO,
        )

    def retry(self, photo_id: str) -> Photo | None:
        """See the port."""
        with self._connection.writing() as connection:
            row = connection.execute(
                "SELECT * FROM photos WHERE id = ? AND lease IS NULL", (photo_id,)
            ).fetchone()
            if row is None or not receiving.reopen(
                connection, photo_of(row), self._moved("taken up again on request")
            ):
                return None
            return questions.photo(connection, photo_id)

    def removed(self, product_id: int, image_id: int) -> Photo | None:
        """See the port."""
        moved = self._moved("deleted from the store by hand")
        with self._connection.writing() as connection:
            row = connection.execute(
                "SELECT * FROM photos WHERE store = ? AND product_id = ? AND image_id = ? "
                "AND state = 'stored'",
                (self._store, product_id, image_id),
            ).fetchone()
            if row is None:
                return None
            connection.execute(
                "UPDATE photos SET state = ?, sentence = ?, changed_at = ? WHERE id = ?",
                (State.REMOVED, moved.sentence, moved.at, row["id"]),
            )
            add_history(connection, row["id"], State.STORED, State.REMOVED, moved)
            return questions.photo(connection, row["id"])

    def adopted(self, claim: Claim, image: StoredImage, sentence: str) -> None:
        """See the port."""
        self._move(
            claim,
            State.STORED,
            sentence,
            image=to_json(image),
            image_id=image.id,
            reason=None,
            not_before=None,
            **LET_GO,
        )

    def requeue_missing(self, photo_id: str, sentence: str) -> Photo | None:
        """See the port."""
        with self._connection.writing() as connection:
            return receiving.requeue_missing(connection, photo_id, self._moved(sentence))

    def run_report(self) -> RunReport:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.run_report(connection, self._owner.id)

    def _move(self, claim: Claim, after: State, sentence: str, **columns: Any) -> None:
        with self._connection.writing() as connection:
            move(connection, claim, after, self._moved(sentence), **columns)

    def _end_attempt(self, claim: Claim, after: State, sentence: str, **columns: Any) -> None:
        moved = self._moved(sentence)
        with self._connection.writing() as connection:
            move(connection, claim, after, moved, **columns, **LET_GO)
            connection.execute(
                "UPDATE attempts SET ended_at = ?, outcome = ? "
                "WHERE photo = ? AND ended_at IS NULL",
                (moved.at, after, claim.photo.id),
            )
