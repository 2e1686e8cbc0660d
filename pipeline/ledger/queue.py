"""Which photograph is next, and whose claims are void: the questions of the queue."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Any, Final, cast

from pipeline.ledger.rows import to_text
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Step

__all__ = ["free_claims_of", "next_due", "unfinished"]

_UNFINISHED: Final = ", ".join(f"'{state}'" for state in sorted(UNFINISHED_STATES))

_MINE: Final = "EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = {0}.id AND a.owner = :owner)"

AHEAD: Final = timedelta(seconds=5)
"""A row that was changed later than this after now was written while the clock was set wrongly:
the date until which it was postponed means nothing."""

_DUE: Final = "({0}.not_before IS NULL OR {0}.not_before <= :now OR {0}.changed_at > :ahead)"

# What waits without a failed try of its own waits for the store, as all others do, or for an
# answer that was lost: it keeps its place before those that come after it.
_HOLDS_ITS_PLACE: Final = f"({_DUE} OR {{0}}.attempts = 0)"

# Said just as the indexes of what is on its way say it: else SQLite does not see that they serve.
_ON_ITS_WAY: Final = "{0}.state IN ('received', 'validated', 'prepared', 'uploading')"

# One state at a time, in the order of an index, so that the first that fits ends the search.
_IN_TURN: Final = f"""
SELECT p.* FROM photos p
WHERE p.store = :store AND p.state = '{{state}}' AND {_ON_ITS_WAY.format("p")}
  AND p.lease IS NULL AND {_DUE.format("p")} AND {{mine}} AND {{further}}
ORDER BY p.seq LIMIT 1
"""

# A product's pictures go up one at a time over all processes.
_PRODUCT_IS_FREE: Final = """
  p.product_id NOT IN (
    SELECT q.product_id FROM photos q INDEXED BY photos_held
    WHERE q.owner IS NOT NULL AND q.product_id IS NOT NULL AND q.store = :store
    AND q.state IN ('prepared', 'uploading'))
"""

# And in shot order: not before an earlier one of the product that is on its way, nor before an
# earlier arrival of which nobody knows yet whose it is. One that is postponed for its own sake
# holds up nobody.
_NONE_BEFORE: Final = f"""
  NOT EXISTS (
    SELECT 1 FROM photos q WHERE q.store = p.store AND q.product_id = p.product_id
    AND {_ON_ITS_WAY.format("q")} AND (q.rank, q.seq) < (p.rank, p.seq)
    AND {_HOLDS_ITS_PLACE.format("q")} AND {{others}})
  AND p.seq < coalesce((
    SELECT q.seq FROM photos q WHERE q.store = :store AND q.state = 'received'
    AND {_ON_ITS_WAY.format("q")} AND q.product_id IS NULL
    AND {_HOLDS_ITS_PLACE.format("q")} AND {{others}} ORDER BY q.seq LIMIT 1), {2**62})
"""

_TURNS: Final = {
    Step.PREPARE: ((State.RECEIVED, "1"), (State.VALIDATED, "1")),
    Step.UPLOAD: (
        (State.UPLOADING, _PRODUCT_IS_FREE),
        (State.PREPARED, f"{_PRODUCT_IS_FREE} AND {_NONE_BEFORE}"),
    ),
}


def next_due(
    connection: sqlite3.Connection, step: Step, store: str, owner: str, now: str, any_owner: bool
) -> sqlite3.Row | None:
    """Give the row that is to be claimed next for a kind of work, or None.

    The earliest arrival comes first; before all, what may be in the store already.
    """
    facts = _facts(store, owner, now)
    found: list[sqlite3.Row] = []
    for state, further in _TURNS[step]:
        # A doubt is settled by whoever is at work: its own process may be dead, its file gone.
        anybodys = any_owner or state is State.UPLOADING
        question = _IN_TURN.format(
            state=state,
            mine="1" if anybodys else _MINE.format("p"),
            further=further.format(others="1" if any_owner else _MINE.format("q")),
        )
        row = connection.execute(question, facts).fetchone()
        if row is not None and step is Step.UPLOAD:
            return cast(sqlite3.Row, row)
        if row is not None:
            found.append(row)
    return min(found, key=lambda row: int(row["seq"]), default=None)


def unfinished(
    connection: sqlite3.Connection,
    step: Step | None,
    store: str,
    owner: str,
    now: str,
    any_owner: bool,
) -> int:
    """Count the photographs that are on their way, or those that need one kind of work.

    Where only the owner's are asked for, the doubts of others that are due count too.
    """
    states = {
        None: _UNFINISHED,
        Step.PREPARE: "'received', 'validated'",
        Step.UPLOAD: "'prepared', 'uploading'",
    }[step]
    doubts = f"(p.state = 'uploading' AND p.lease IS NULL AND {_DUE.format('p')})"
    mine = "1" if any_owner else f"({_MINE.format('p')} OR {doubts})"
    row = connection.execute(
        f"SELECT count(*) AS number FROM photos p WHERE p.store = :store "
        f"AND {_ON_ITS_WAY.format('p')} AND p.state IN ({states}) AND {mine}",
        _facts(store, owner, now),
    ).fetchone()
    return int(row["number"])


def _facts(store: str, owner: str, now: str) -> dict[str, Any]:
    ahead = to_text(datetime.fromisoformat(now) + AHEAD)
    return {"store": store, "owner": owner, "now": now, "ahead": ahead}


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
