"""That a photograph arrived from a path through a process, once for each of the three."""

from __future__ import annotations

from pipeline.ledger.changes import Change, unpark
from pipeline.ledger.database import Transaction, Value
from pipeline.ledger.haste import hasten
from pipeline.ledger.rows import text_of, to_blob
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Arrival

__all__ = ["note_arrival"]


def note_arrival(
    transaction: Transaction,
    arrival: Arrival,
    photo_id: str,
    before: State | None,
    change: Change,
) -> None:
    """Note that a photograph arrived through the process that makes the change.

    Args:
        transaction: that is open for writing.
        arrival: of the file.
        photo_id: the photograph that it is.
        before: the state that the photograph was in, None for a new one.
        change: who notes it.
    """
    values: dict[str, Value] = {
        "owner": change.owner,
        "photo": photo_id,
        "path": to_blob(arrival.path),
    }
    if before is not None:
        # Earlier ones of the same file that no living process reports on are not needed any more.
        transaction.run(
            "DELETE FROM arrivals WHERE path = :path AND photo = :photo AND owner <> :owner "
            "AND owner NOT IN (SELECT id FROM owners)",
            **values,
        )
    _take_the_place(transaction, before, **values)
    transaction.run(
        "INSERT INTO arrivals (owner, photo, path, door, seen_at, state_before) "
        "VALUES (:owner, :photo, :path, :door, :seen_at, :before) "
        "ON CONFLICT (owner, path, photo) DO NOTHING",
        **values,
        door=arrival.door,
        seen_at=text_of(arrival.seen_at),
        before=before,
    )
    if before in UNFINISHED_STATES:
        unpark(transaction, photo_id)
    if arrival.in_haste:
        hasten(transaction, photo_id)


def _take_the_place(transaction: Transaction, before: State | None, **values: Value) -> None:
    """Have a photograph stand for what came from its path through the same process before.

    What holds the same content stays beside it: it is another product's.
    """
    seqs = [
        row["seq"]
        for row in transaction.rows(
            "SELECT a.seq FROM arrivals a WHERE a.owner = :owner AND a.path = :path "
            "AND a.photo <> :photo AND NOT EXISTS (SELECT 1 FROM photos p JOIN photos q "
            "ON q.id = :photo AND q.sha256 = p.sha256 WHERE p.id = a.photo) ORDER BY a.seq",
            **values,
        )
    ]
    own = "EXISTS (SELECT 1 FROM arrivals o WHERE o.owner = :owner AND o.path = :path "
    for at, seq in enumerate(seqs):
        if at == 0:
            transaction.run(
                "UPDATE arrivals SET photo = :photo, state_before = :before WHERE seq = :seq "
                f"AND NOT {own} AND o.photo = :photo)",
                **values,
                before=before,
                seq=seq,
            )
        transaction.run(
            "DELETE FROM arrivals WHERE seq = :seq AND photo <> :photo",
            seq=seq,
            photo=values["photo"],
        )
