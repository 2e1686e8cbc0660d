"""Arrivals become rows: repeatable, and one photograph however often it arrives."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.errors import LostClaim
from pipeline.ledger import reports as questions
from pipeline.ledger.folding import fold, forget_unread
from pipeline.ledger.moving import Moved, add_history
from pipeline.ledger.rows import photo_of, readable, shot_order_key, to_blob, to_json, to_text
from pipeline.lifecycle import TRANSIENT_REASONS, UNFINISHED_STATES, Reason, State
from pipeline.values import Arrival, Claim, Original, Photo

__all__ = ["merge", "receive", "receive_refused", "reopen", "requeue_missing"]


def receive(
    connection: sqlite3.Connection,
    store: str,
    arrival: Arrival,
    original: Original,
    moved: Moved,
) -> Photo:
    """Find the photograph that arrived, or make its row, and note the arrival."""
    row = _known(connection, store, original) or _unread_before(connection, store, original, moved)
    if row is None:
        moved = _as_version(connection, store, original, moved)
        photo_id = _insert(connection, store, original, State.RECEIVED, moved)
        row = _by_id(connection, photo_id)
        _note(connection, arrival, photo_id, None, moved)
        return photo_of(row)
    photo = photo_of(row)
    _note(connection, arrival, photo.id, photo.state, moved)
    forget_unread(connection, store, photo, original.path, moved)
    if row["lease"] is None:
        _ask_again(connection, photo, original, moved)
    return photo_of(_by_id(connection, photo.id))


def receive_refused(
    connection: sqlite3.Connection,
    store: str,
    arrival: Arrival,
    reason: Reason,
    moved: Moved,
) -> Photo:
    """Note an arrival that could not be read: its row is known by its path alone."""
    original = Original(
        sha256="", size=0, path=arrival.path, root=arrival.root, sku=arrival.sku, placement=None
    )
    row = _known(connection, store, original)
    if row is None:
        photo_id = _insert(connection, store, original, State.REFUSED, moved, reason)
        before = None
    else:
        photo_id, before = str(row["id"]), State(row["state"])
        if row["reason"] != reason:
            connection.execute(
                "UPDATE photos SET reason = ?, sentence = ?, changed_at = ? WHERE id = ?",
                (reason, moved.sentence, moved.at, photo_id),
            )
            add_history(connection, photo_id, before, before, moved)
    _note(connection, arrival, photo_id, before, moved)
    return photo_of(_by_id(connection, photo_id))


def reopen(connection: sqlite3.Connection, photo: Photo, moved: Moved) -> bool:
    """Make a photograph that stands aside due again, where it had got to; tell whether it did."""
    if photo.state is State.FAILED:
        row = connection.execute(
            "SELECT failed_from FROM photos WHERE id = ?", (photo.id,)
        ).fetchone()
        after = State(row["failed_from"])
    elif photo.state in (State.REFUSED, State.WAITING, State.REMOVED) and photo.sha256:
        after = State.RECEIVED
    else:
        return False
    connection.execute(
        "UPDATE photos SET state = ?, failed_from = NULL, reason = NULL, sentence = ?, "
        "attempts = 0, not_before = NULL, changed_at = ? WHERE id = ?",
        (after, moved.sentence, moved.at, photo.id),
    )
    add_history(connection, photo.id, photo.state, after, moved)
    return True


def requeue_missing(connection: sqlite3.Connection, photo_id: str, moved: Moved) -> Photo | None:
    """Make a stored photograph due again whose image is gone, as if it had arrived just now."""
    row = connection.execute(
        "SELECT * FROM photos WHERE id = ? AND state = 'stored' AND lease IS NULL", (photo_id,)
    ).fetchone()
    if row is None:
        return None
    connection.execute("UPDATE photos SET state = ? WHERE id = ?", (State.REMOVED, photo_id))
    add_history(connection, photo_id, State.STORED, State.REMOVED, moved)
    photo = photo_of(_by_id(connection, photo_id))
    reopen(connection, photo, moved)
    connection.execute(
        "INSERT INTO arrivals (owner, photo, path, door, seen_at, state_before) "
        "VALUES (?, ?, ?, 'run', ?, ?) "
        "ON CONFLICT (owner, path) DO UPDATE SET photo = excluded.photo",
        (moved.owner, photo_id, to_blob(photo.path), moved.at, State.REMOVED),
    )
    return photo_of(_by_id(connection, photo_id))


def merge(
    connection: sqlite3.Connection, claim: Claim, known: Photo, moved: Callable[[str], Moved]
) -> Photo:
    """Make a photograph part of the one that holds the same bytes for the same product.

    Its arrivals and its history go over to that one, and its row goes.

    Raises:
        LostClaim: the claim is no longer ours.
    """
    held = connection.execute(
        "SELECT 1 FROM photos WHERE id = ? AND lease = ?", (claim.photo.id, claim.token)
    ).fetchone()
    if held is None:
        raise LostClaim(f"the claim on {claim.photo.path} was lost to another process")
    connection.execute(
        "UPDATE arrivals SET photo = ?, state_before = ? WHERE photo = ?",
        (known.id, known.state, claim.photo.id),
    )
    fold(connection, claim.photo.id, known.id)
    same = moved(f"the same photograph arrived as {readable(claim.photo.path)}")
    add_history(connection, known.id, known.state, known.state, same)
    _ask_again(connection, known, claim.photo.original, same)
    return photo_of(_by_id(connection, known.id))


def _known(connection: sqlite3.Connection, store: str, original: Original) -> sqlite3.Row | None:
    if original.placement is not None:
        row: sqlite3.Row | None = connection.execute(
            "SELECT * FROM photos WHERE store = ? AND product_id = ? AND sha256 = ?",
            (store, original.placement.product_id, original.sha256),
        ).fetchone()
        if row is not None:
            return row
        # One that nobody could place until now, and that has just been told its product.
        unplaced: sqlite3.Row | None = connection.execute(
            "SELECT * FROM photos WHERE store = ? AND path = ? AND sha256 = ? "
            "AND product_id IS NULL AND lease IS NULL",
            (store, to_blob(original.path), original.sha256),
        ).fetchone()
        return unplaced
    # By path, not by content alone: the same bytes in another folder may be another product's.
    found: sqlite3.Row | None = connection.execute(
        "SELECT p.* FROM photos p WHERE p.store = :store AND p.sha256 = :sha256 AND "
        "(p.path = :path OR EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = p.id "
        "AND a.path = :path)) ORDER BY p.product_id IS NULL, p.seq DESC LIMIT 1",
        {"store": store, "sha256": original.sha256, "path": to_blob(original.path)},
    ).fetchone()
    if found is not None and original.sku is not None and found["sku"] != original.sku:
        return None if found["product_id"] is not None else found
    return found


def _as_version(
    connection: sqlite3.Connection, store: str, original: Original, moved: Moved
) -> Moved:
    """Say so where another content came from this path before: this is its new version."""
    past = questions.at_path(connection, store, original.path)
    earlier = [photo for photo in past if photo.sha256 != original.sha256]
    if not earlier:
        return moved
    image = earlier[0].image
    what = "what came from there before" if image is None else f"image {image.id}"
    return replace(moved, sentence=f"{moved.sentence}: a new version of {what}")


def _unread_before(
    connection: sqlite3.Connection, store: str, original: Original, moved: Moved
) -> sqlite3.Row | None:
    """Find the row of a file at this path that could not be read until now, and fill it."""
    row = connection.execute(
        "SELECT id FROM photos WHERE store = ? AND path = ? AND sha256 = ''",
        (store, to_blob(original.path)),
    ).fetchone()
    if row is None:
        return None
    connection.execute(
        "UPDATE photos SET sha256 = ?, size = ?, sku = ?, on_table = ? WHERE id = ?",
        (original.sha256, original.size, original.sku, original.on_table, row["id"]),
    )
    reopen(connection, photo_of(_by_id(connection, row["id"])), moved)
    return _by_id(connection, row["id"])


def _insert(
    connection: sqlite3.Connection,
    store: str,
    original: Original,
    state: State,
    moved: Moved,
    reason: Reason | None = None,
) -> str:
    photo_id = str(uuid.uuid4())
    placement = original.placement
    connection.execute(
        "INSERT INTO photos (id, store, product_id, sha256, size, path, root, rank, sku, on_table, "
        "state, reason, sentence, placement, received_at, changed_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            photo_id,
            store,
            None if placement is None else placement.product_id,
            original.sha256,
            original.size,
            to_blob(original.path),
            to_blob(original.root),
            shot_order_key(original.path),
            original.sku,
            original.on_table,
            state,
            reason,
            moved.sentence,
            to_json(placement),
            moved.at,
            moved.at,
        ),
    )
    add_history(connection, photo_id, None, state, moved)
    return photo_id


def _note(
    connection: sqlite3.Connection,
    arrival: Arrival,
    photo_id: str,
    before: State | None,
    moved: Moved,
) -> None:
    blob = to_blob(arrival.path)
    # Earlier arrivals of the same file that no living process reports on are not needed any more.
    connection.execute(
        "DELETE FROM arrivals WHERE path = ? AND photo = ? AND owner <> ? "
        "AND owner NOT IN (SELECT id FROM owners)",
        (blob, photo_id, moved.owner),
    )
    connection.execute(
        "INSERT INTO arrivals (owner, photo, path, door, seen_at, state_before) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (owner, path) DO UPDATE SET photo = excluded.photo, "
        "state_before = CASE WHEN photo = excluded.photo THEN state_before "
        "ELSE excluded.state_before END",
        (moved.owner, photo_id, blob, arrival.door, to_text(arrival.seen_at), before),
    )


def _ask_again(
    connection: sqlite3.Connection, photo: Photo, original: Original, moved: Moved
) -> None:
    """Somebody put a known photograph before us again: what held it up is looked at afresh."""
    told = original.placement
    if told is not None and photo.placement != told and photo.state in _NOT_SENT:
        connection.execute(
            "UPDATE photos SET placement = ?, product_id = ? WHERE id = ?",
            (to_json(told), told.product_id, photo.id),
        )
    if original.sku is not None and photo.state in _NOT_SENT:
        connection.execute(
            "UPDATE photos SET sku = ?, on_table = ? WHERE id = ?",
            (original.sku, original.on_table, photo.id),
        )
    if photo.state in _NOT_SENT and photo.path != original.path and not _exists(photo.path):
        connection.execute(
            "UPDATE photos SET path = ?, root = ?, rank = ? WHERE id = ?",
            (
                to_blob(original.path),
                to_blob(original.root),
                shot_order_key(original.path),
                photo.id,
            ),
        )
    again = photo.state in (State.WAITING, State.FAILED) or (
        photo.state is State.REFUSED and photo.reason in TRANSIENT_REASONS
    )
    if again:
        sentence = f"arrived again as {readable(original.path)}: taken up again"
        reopen(connection, photo, Moved(at=moved.at, owner=moved.owner, sentence=sentence))
    elif photo.state in UNFINISHED_STATES:  # in doubt, too: to look is harmless at any time
        connection.execute("UPDATE photos SET not_before = NULL WHERE id = ?", (photo.id,))


_NOT_SENT = (State.RECEIVED, State.WAITING, State.REFUSED, State.FAILED)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _by_id(connection: sqlite3.Connection, photo_id: str) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute(
        "SELECT * FROM photos WHERE id = ?", (photo_id,)
    ).fetchone()
    return row
