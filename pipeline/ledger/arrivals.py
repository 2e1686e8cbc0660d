"""Arrivals become rows: repeatable, and one photograph however often it arrives.

What an arrival changes is decided by `pipeline.lifecycle`; here it is looked up and written down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.errors import NotReady
from pipeline.ledger.batches import SqlBatches
from pipeline.ledger.beside import those_beside
from pipeline.ledger.changes import (
    Change,
    add_history,
    known_of,
    lost_claim,
    reopen,
    row_in,
    unpark,
)
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.decided import as_decided, exists
from pipeline.ledger.ids import new_id
from pipeline.ledger.known import forget_stamp, keep_stamp
from pipeline.ledger.noted import note_arrival
from pipeline.ledger.records import placement_record
from pipeline.ledger.reports import CAME_FROM
from pipeline.ledger.rows import photo_of, rank_of, to_blob
from pipeline.ledger.shown_by import known_to_show
from pipeline.lifecycle import (
    ArrivalFacts,
    Reason,
    State,
    is_another_photo,
    on_arrival,
    reopened_state,
)
from pipeline.placement import says_otherwise
from pipeline.suffixes import Says, what_suffix_says
from pipeline.values import Arrival, Claim, Door, Original, Photo, Placement, Receipt
from pipeline.wording import encodable, writable

__all__ = ["SqlArrivals", "hand_over", "merge"]


class SqlArrivals(SqlBatches):
    """See `pipeline.ledger.port.Arrivals` for what each method promises."""

    def receive(self, arrival: Arrival, original: Original) -> Photo:
        with self._receiving() as transaction:
            return self._received(transaction, arrival, original)

    def receive_all(self, receipts: Sequence[Receipt]) -> Sequence[Photo]:
        written: list[Photo] = []
        with self._receiving() as transaction:
            for receipt in receipts:
                try:
                    written.append(self._receive_one(transaction, receipt))
                except NotReady:  # before anything of it was written
                    break
        return written

    def _receive_one(self, transaction: Transaction, receipt: Receipt) -> Photo:
        arrival, known, original = receipt.arrival, receipt.known, receipt.original
        if known is not None:
            note_arrival(transaction, arrival, known.photo_id, known.state, self._change(""))
            return photo_of(_by_id(transaction, known.photo_id))
        if original is not None:
            return self._received(transaction, arrival, original)
        assert receipt.reason is not None  # noqa: S101 - what could not be read has one
        return self._refused(transaction, arrival, receipt.reason, receipt.sentence)

    def _received(self, transaction: Transaction, arrival: Arrival, original: Original) -> Photo:
        change = self._change(f"received as {encodable(arrival.path)}")
        # Nearly always nothing did: what is known by its path alone is not looked for then.
        came_before = _came_before(transaction, original.path)
        original = as_decided(transaction, self._store, original, came_before=came_before)
        row = None
        if came_before or original.placement is not None:
            row = self._known(transaction, original)
        if row is None and came_before:
            row = self._unread_until_now(transaction, original, change)
        if row is None:
            if came_before:
                change = self._as_version(transaction, original, change)
            row = self._new(transaction, arrival.door, original, State.RECEIVED, change)
            keep_stamp(transaction, self._store, original)
            photo = photo_of(row)
            note_arrival(transaction, arrival, photo.id, None, change)
            return photo
        photo = photo_of(row)
        if row["lease"] is not None and photo.placement is None and _is_news(photo, original):
            # Whoever has it in hand would place it by what was said before.
            raise NotReady("it is being worked on: what is said of it now is taken in then")
        keep_stamp(transaction, self._store, original)
        note_arrival(transaction, arrival, photo.id, photo.state, change)
        self._forget_unread(transaction, photo, original.path, change)
        for other in those_beside(transaction, photo):
            note_arrival(transaction, arrival, other["id"], State(other["state"]), change)
            if other["lease"] is None:
                said = replace(original, placement=None, sku=None)
                _ask_again(transaction, other, said, change)
        if row["lease"] is not None:  # somebody has it in hand: what holds it up is looked at
            return photo
        return _ask_again(transaction, row, original, change)

    def receive_refused(self, arrival: Arrival, reason: Reason, sentence: str) -> Photo:
        with self._receiving() as transaction:
            return self._refused(transaction, arrival, reason, sentence)

    def _refused(
        self, transaction: Transaction, arrival: Arrival, reason: Reason, sentence: str
    ) -> Photo:
        change = self._change(sentence)
        original = Original(
            sha256="",
            size=0,
            path=arrival.path,
            root=arrival.root,
            sku=None if arrival.sku is None else writable(arrival.sku),
        )
        forget_stamp(transaction, self._store, arrival.path)
        row, before = self._known(transaction, original), None
        if row is None:
            # What went wrong is ours where the reason is a defect.
            state = State.FAILED if reason is Reason.DEFECT else State.REFUSED
            row = self._new(transaction, arrival.door, original, state, change, reason)
        else:
            before = State(row["state"])
            if row["reason"] != reason:
                row = _written(
                    transaction, row, reason=reason, sentence=sentence, changed_at=change.at
                )
                add_history(transaction, row["id"], before, before, change)
        photo = photo_of(row)
        note_arrival(transaction, arrival, photo.id, before, change)
        return photo

    def _known(self, transaction: Transaction, original: Original) -> Row | None:
        if original.placement is not None:
            return self._known_in(transaction, original, original.placement)
        # By path, not by content alone: the same bytes in another folder may be another product's.
        # They may be several products', and one more that nobody could place: each is asked.
        candidates = transaction.rows(
            # By its path: what could not be read has no digest, and there may be many of those.
            f"SELECT p.* FROM photos p WHERE {CAME_FROM} AND (p.store = :store) IS TRUE "
            "AND (p.sha256 = :sha256) IS TRUE ORDER BY p.product_id IS NULL, "
            "p.product_id IS NULL AND p.path <> :path, p.seq DESC",
            store=self._store,
            sha256=original.sha256,
            path=to_blob(original.path),
        )
        for row in candidates:
            placed = row["product_id"] is not None
            told, known = original.sku, row["sku"]
            if not is_another_photo(told_sku=told, known_sku=known, placed=placed):
                return row
        return known_to_show(transaction, self._store, original.sha256, path=original.path)

    def _known_in(
        self, transaction: Transaction, original: Original, told: Placement
    ) -> Row | None:
        placed = transaction.row(
            "SELECT * FROM photos "
            "WHERE store = :store AND product_id = :product AND sha256 = :sha256",
            store=self._store,
            product=told.product_id,
            sha256=original.sha256,
        )
        placed = placed or known_to_show(transaction, self._store, original.sha256, told.product_id)
        if placed is not None:
            return placed
        # One that nobody could place until now, and that has just been told its product.
        return transaction.row(
            "SELECT * FROM photos WHERE store = :store AND path = :path AND sha256 = :sha256 "
            "AND product_id IS NULL AND lease IS NULL",
            store=self._store,
            path=to_blob(original.path),
            sha256=original.sha256,
        )

    def _unread_until_now(
        self, transaction: Transaction, original: Original, change: Change
    ) -> Row | None:
        """Find the row of a file at this path that could not be read until now, and fill it."""
        row = self._unread(transaction, original.path)
        if row is None:
            return None
        told = original.placement
        row = _written(
            transaction,
            row,
            # At once: without a product there may be one of that content at that path, in hand.
            product_id=None if told is None else told.product_id,
            placement=placement_record(told),
            sha256=original.sha256,
            size=original.size,
            sku=original.sku,
            on_table=int(original.from_current_product),
        )
        after = reopened_state(known_of(row))
        if after is not None:
            reopen(transaction, photo_of(row), after, change)
        return _by_id(transaction, row["id"])

    def _forget_unread(
        self, transaction: Transaction, photo: Photo, path: Path, change: Change
    ) -> None:
        """Take away the row of a file that could not be read for a while, for it is known again.

        Such a row has no digest. Left there, it would be counted as refused for ever.
        """
        row = self._unread(transaction, path)
        if row is None or row["id"] == photo.id:
            return
        hand_over(transaction, row["id"], photo.id)
        again = change.saying(f"can be read again at {encodable(path)}")
        add_history(transaction, photo.id, photo.state, photo.state, again)

    def _unread(self, transaction: Transaction, path: Path) -> Row | None:
        return transaction.row(
            # By its path: of those that could not be read there may be many.
            "SELECT * FROM photos WHERE path = :path AND (store = :store) IS TRUE "
            "AND (sha256 = '') IS TRUE",
            store=self._store,
            path=to_blob(path),
        )

    def _as_version(self, transaction: Transaction, original: Original, change: Change) -> Change:
        """Say so where another content came from this path before: this is its new version."""
        row = transaction.row(
            # Not by an index of the store: that would read all its photographs.
            f"SELECT p.* FROM photos p WHERE {CAME_FROM} AND (p.store = :store) IS TRUE "
            "AND p.sha256 <> :sha256 ORDER BY p.seq DESC LIMIT 1",
            store=self._store,
            sha256=original.sha256,
            path=to_blob(original.path),
        )
        if row is None:
            return change
        image = photo_of(row).image
        what = "what came from there before" if image is None else f"image {image.id}"
        return change.saying(f"{change.sentence}: a new version of {what}")

    def _new(
        self,
        transaction: Transaction,
        door: Door,
        original: Original,
        state: State,
        change: Change,
        reason: Reason | None = None,
    ) -> Row:
        placement = original.placement
        values: dict[str, Value] = {
            "id": new_id(),
            "store": self._store,
            "product_id": None if placement is None else placement.product_id,
            "sha256": original.sha256,
            "size": original.size,
            **_place(original, placement),
            "sku": original.sku,
            "on_table": int(original.from_current_product),
            "state": state,
            "failed_from": State.RECEIVED if state is State.FAILED else None,
            "reason": reason,
            "sentence": change.sentence,
            "placement": placement_record(placement),
            "brought_by": self._brought_by(transaction, door),
            "received_at": change.at,
            "changed_at": change.at,
        }
        row = transaction.row(
            f"INSERT INTO photos ({', '.join(values)}) "
            f"VALUES ({', '.join(f':{name}' for name in values)}) RETURNING *",
            **values,
        )
        assert row is not None  # noqa: S101 - it was written just now
        add_history(transaction, row["id"], None, state, change)
        return row


def merge(
    transaction: Transaction, claim: Claim, known: Row, change: Callable[[str], Change]
) -> Photo:
    """Make a claimed photograph part of one of the same product that is the same.

    It holds the same bytes, or others that show the same.

    Its arrivals, its attempts and its history go over to that one, and its row goes.

    Args:
        transaction: that is open for writing.
        claim: on the photograph that goes.
        known: the row that stays.
        change: makes what the history is told of a sentence.

    Raises:
        LostClaim: the claim is no longer ours.
    """
    ours = transaction.row(
        "SELECT id FROM photos WHERE id = :photo AND lease = :token",
        photo=claim.photo.id,
        token=claim.token,
    )
    if ours is None:
        raise lost_claim(claim)
    photo = photo_of(known)
    _arrived_as(transaction, claim.photo.id, photo.id)
    transaction.run(
        "UPDATE arrivals SET photo = :known, state_before = :state WHERE photo = :gone",
        known=photo.id,
        state=photo.state,
        gone=claim.photo.id,
    )
    hand_over(transaction, claim.photo.id, photo.id)
    unpark(transaction, photo.id)  # it has come through a living process now
    arrived = f"arrived as {encodable(claim.photo.path)}"
    if claim.photo.sha256 == photo.sha256:
        same = change(f"the same photograph {arrived}")
    else:
        same = change(f"a file that shows the same {arrived}: it is not sent again")
    add_history(transaction, photo.id, photo.state, photo.state, same)
    return _ask_again(transaction, known, claim.photo.original, same)


def _arrived_as(transaction: Transaction, gone: str, into: str) -> None:
    """Forget what one photograph arrived as that another one, which takes it in, did as well."""
    transaction.run(
        "DELETE FROM arrivals WHERE photo = :gone AND EXISTS (SELECT 1 FROM arrivals k "
        "WHERE k.photo = :into AND k.owner = arrivals.owner AND k.path = arrivals.path)",
        gone=gone,
        into=into,
    )


def hand_over(transaction: Transaction, gone: str, into: str) -> None:
    """Make one row part of another, and nothing of it is lost."""
    _arrived_as(transaction, gone, into)
    for table in ("arrivals", "history", "attempts", "same_pictures"):
        transaction.run(
            f"UPDATE {table} SET photo = :into WHERE photo = :gone", into=into, gone=gone
        )
    transaction.run("DELETE FROM photos WHERE id = :gone", gone=gone)


def _ask_again(transaction: Transaction, row: Row, original: Original, change: Change) -> Photo:
    """Somebody put a known photograph before us again: what held it up is looked at afresh."""
    photo, told = photo_of(row), original.placement
    decision = on_arrival(
        known_of(row),
        ArrivalFacts(
            other_placement=told is not None and says_otherwise(told, photo.placement),
            sku=original.sku is not None,
            # Not what shows the same alone: its bytes are others than those that are known.
            moved=photo.sha256 == original.sha256
            and photo.path != original.path
            and not exists(photo.path),
            named_as_picture=what_suffix_says(original.path.suffix) is Says.PICTURE,
        ),
    )
    columns: dict[str, Value] = {}
    if decision.take_placement and told is not None:
        # An SKU that was given before is none of this product's.
        columns |= {"placement": placement_record(told), "product_id": told.product_id, "sku": None}
        columns["rank"] = rank_of(photo.path, told)
    if decision.take_sku:
        columns |= {"sku": original.sku, "on_table": int(original.from_current_product)}
    if decision.take_path:
        _keep_place(transaction, row)
        columns |= _place(original, told if decision.take_placement else photo.placement)
    if decision.due_now:
        # The pauses begin anew, too: the others of its product wait for it.
        columns |= {"not_before": None, "attempts": 0}
    if columns:
        photo = photo_of(_written(transaction, row, **columns))
    if decision.reopened is None:
        return photo
    again = change.saying(f"arrived again as {encodable(original.path)}: tried again")
    reopen(transaction, photo, decision.reopened, again)
    return photo_of(_by_id(transaction, photo.id))


def _keep_place(transaction: Transaction, row: Row) -> None:
    """Keep in mind that a photograph arrived from where it is no longer, where nothing says so.

    What is long stored has lost the arrivals from its own path (`pipeline.ledger.tidying`).
    """
    transaction.run(
        "INSERT INTO arrivals (owner, photo, path, door, seen_at) "
        "SELECT p.id, p.id, p.path, :door, p.received_at FROM photos p WHERE p.id = :photo "
        "AND NOT EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = p.id AND a.path = p.path)",
        door=Door.RUN,
        photo=row["id"],
    )


def _came_before(transaction: Transaction, path: Path) -> bool:
    """Whether anything ever arrived from a path, for whichever store."""
    row = transaction.row(
        "SELECT 1 AS one FROM photos o WHERE o.path = :path "
        "UNION ALL SELECT 1 FROM arrivals a WHERE a.path = :path LIMIT 1",
        path=to_blob(path),
    )
    return row is not None


def _is_news(photo: Photo, original: Original) -> bool:
    return original.sku is not None and original.sku != photo.sku


def _place(original: Original, placement: Placement | None) -> dict[str, Value]:
    return {
        "path": to_blob(original.path),
        "root": to_blob(original.root),
        "rank": rank_of(original.path, placement),
    }


def _written(transaction: Transaction, row: Row, **columns: Value) -> Row:
    """Return a row as it is after some of its columns were written."""
    written = transaction.row(
        f"UPDATE photos SET {', '.join(f'{name} = :{name}' for name in columns)} "
        "WHERE id = :photo RETURNING *",
        **columns,
        photo=row["id"],
    )
    assert written is not None  # noqa: S101 - it was read in this transaction
    return written


def _by_id(transaction: Transaction, photo_id: str) -> Row:
    row = row_in(transaction, photo_id)
    assert row is not None  # noqa: S101 - it was written in this transaction
    return row
