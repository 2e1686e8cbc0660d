"""Which photograph is next, and whose claims are void: the questions of the queue."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Any, Final

from pipeline.ledger.rows import to_text
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Step

__all__ = ["free_claims_of", "next_due", "unfinished"]

_UNFINISHED: Final = ", ".join(f"'{state}'" for state in sorted(UNFINISHED_STATES))

_MINE: Final = "EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = {0}.id AND a.owner = :owner)"

FARTHEST: Final = timedelta(hours=2)
"""Nothing is postponed for longer: a date beyond was written while the clock was set wrongly."""

_DUE: Final = "({0}.not_before IS NULL OR {0}.not_before <= :now OR {0}.not_before > :farthest)"

# What waits without a failed try of its own waits for the store, as all others do, or for an
# answer that was lost: it keeps its place before those that come after it.
_HOLDS_ITS_PLACE: Final = f"({_DUE} OR {{0}}.attempts = 0)"

_PREPARE: Final = f"""
SELECT p.* FROM photos p
WHERE p.store = :store AND p.lease IS NULL AND p.state IN ('received', 'validated')
  AND {_DUE.format("p")} AND {{mine}}
ORDER BY p.seq LIMIT 1
"""

# A product's pictures go up one at a time over all processes, and in shot order: not before an
# earlier one of the product that is on its way, nor before an earlier arrival of which nobody
# knows yet whose it is. One that is postponed for its own sake holds up nobody.
_UPLOAD: Final = f"""
SELECT p.* FROM photos p
WHERE p.store = :store AND p.lease IS NULL AND p.state IN ('prepared', 'uploading')
  AND {_DUE.format("p")} AND {{mine}}
  AND NOT EXISTS (
    SELECT 1 FROM photos q WHERE q.store = p.store AND q.product_id = p.product_id
    AND q.state IN ('prepared', 'uploading') AND q.lease IS NOT NULL)
  AND (p.state = 'uploading' OR NOT EXISTS (
    SELECT 1 FROM photos q WHERE q.store = p.store AND q.product_id = p.product_id
    AND q.state IN ({_UNFINISHED}) AND (q.rank, q.seq) < (p.rank, p.seq)
    AND {_HOLDS_ITS_PLACE.format("q")} AND {{others}}))
  AND (p.state = 'uploading' OR NOT EXISTS (
    SELECT 1 FROM photos q WHERE q.store = p.store AND q.state = 'received'
    AND q.product_id IS NULL AND q.seq < p.seq
    AND {_HOLDS_ITS_PLACE.format("q")} AND {{others}}))
ORDER BY p.state = 'prepared', p.seq LIMIT 1
"""


def next_due(
    connection: sqlite3.Connection, step: Step, store: str, owner: str, now: str, everything: bool
) -> sqlite3.Row | None:
    """Give the row that is to be claimed next for a kind of work, or None."""
    question = (_PREPARE if step is Step.PREPARE else _UPLOAD).format(
        mine="1" if everything else _MINE.format("p"),
        others="1" if everything else _MINE.format("q"),
    )
    farthest = to_text(datetime.fromisoformat(now) + FARTHEST)
    row: sqlite3.Row | None = connection.execute(
        question, {"store": store, "owner": owner, "now": now, "farthest": farthest}
    ).fetchone()
    return row


def unfinished(
    connection: sqlite3.Connection, store: str, owner: str, everything: bool, step: Step | None
) -> int:
    """Count the photographs that are on their way, or those that need one kind of work."""
    states = {
        None: _UNFINISHED,
        Step.PREPARE: "'received', 'validated'",
        Step.UPLOAD: "'prepared', 'uploading'",
    }[step]
    mine = "1" if everything else _MINE.format("p")
    row = connection.execute(
        f"SELECT count(*) AS number FROM photos p WHERE p.store = :store "
        f"AND p.state IN ({states}) AND {mine}",
        {"store": store, "owner": owner},
    ).fetchone()
    return int(row["number"])


def free_claims_of(connection: sqlite3.Connection, owner: str, now: str) -> list[Any]:
    """Give back every claim of an owner, in the transaction that is open; give the rows.

    Nobody knows when an interrupted attempt ended, only that it has ended by now.
    """
    rows = connection.execute("SELECT id, state FROM photos WHERE owner = ?", (owner,)).fetchall()
    connection.execute(
        "UPDATE photos SET lease = NULL, owner = NULL, attempt_ended_at = CASE "
        "WHEN state = ? THEN coalesce(attempt_ended_at, ?) ELSE attempt_ended_at END "
        "WHERE owner = ?",
        (State.UPLOADING, now, owner),
    )
    return rows
