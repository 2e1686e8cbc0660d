"""In which order photographs are claimed: the questions for what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pipeline.claimable import ANYBODYS, OWN, Claimable
from pipeline.ledger.changes import ON_ITS_WAY
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Step

__all__ = [
    "ANY_IN_HASTE",
    "BY_HOOKS",
    "CHECKED_AHEAD",
    "DUE",
    "FEW",
    "MOST_IN_HASTE",
    "NEEDING",
    "Indexes",
    "first_unplaced",
    "mine",
    "next_due",
    "next_in_haste",
    "others_than",
    "what_there_is",
]

NEEDING: Final[Mapping[Step | None, Sequence[State]]] = {
    None: tuple(state for state in State if state in UNFINISHED_STATES),
    Step.PREPARE: (State.RECEIVED, State.VALIDATED),
    Step.UPLOAD: (State.PREPARED, State.UPLOADING),
}
"""The states of those that are on their way, and of those that need one kind of work."""

BY_HOOKS: Final = ""
"""The owner under which `on_their_way` has what any hook noted down."""

CHECKED_AHEAD: Final = 250
"""How many are checked before the first of them is prepared. A check takes some milliseconds."""

MOST_IN_HASTE: Final = 20
"""So many are looked at that are in haste and wait for what may be of their product."""

DUE: Final = "({0}.not_before IS NULL OR {0}.not_before <= :now OR {0}.changed_at > :ahead)"

# One state at a time, in the order of an index, so that the first that fits ends the search.
_IN_TURN: Final = f"""
SELECT p.* FROM {{rows}}
WHERE p.store = :store AND p.state = '{{state}}' AND {ON_ITS_WAY.format("p")}
  AND p.lease IS NULL AND {DUE.format("p")} AND {{further}}
ORDER BY {{order}} LIMIT {{most}}
"""

# A product's pictures go up one at a time over all processes.
_PRODUCT_IS_FREE: Final = """
  p.product_id NOT IN (
    SELECT q.product_id FROM photos q {by_holder}
    WHERE q.owner IS NOT NULL AND q.product_id IS NOT NULL AND q.store = :store
    AND q.state IN ('prepared', 'uploading'))
"""

# And in shot order: not before an earlier one of the product that is on its way, nor before an
# earlier arrival of which nobody knows yet whose it is. Each holds its place however often it was
# tried, for what the store or the network does is not its fault. One that cannot go on, by its own
# fault or because the store stumbles over it alone, is on its way no longer.
_NONE_BEFORE: Final = f"""
  NOT EXISTS (
    SELECT 1 FROM photos q WHERE q.store = p.store AND q.product_id = p.product_id
    AND {ON_ITS_WAY.format("q")} AND (q.rank, q.seq) < (p.rank, p.seq) AND {{others}})
"""
_NONE_UNKNOWN_BEFORE: Final = f"p.seq < coalesce(({{unplaced}}), {2**62})"

# Mostly one of the first may go up. Where none may, because the first of their product is waited
# for, the first of every product are looked at, and not all that wait behind them.
_BEYOND_THE_NEXT: Final = f"""
  (SELECT n.seq FROM photos n WHERE n.store = :store AND n.state = 'prepared'
   AND {ON_ITS_WAY.format("n")} ORDER BY n.seq LIMIT 1 OFFSET 100)
"""
_AMONG_THE_NEXT: Final = f"p.seq < coalesce({_BEYOND_THE_NEXT}, {2**62})"
_FIRST_OF_EVERY_PRODUCT: Final = f"""
  (WITH RECURSIVE products (id) AS (
    SELECT CASE WHEN {_BEYOND_THE_NEXT} IS NOT NULL THEN (
      SELECT min(n.product_id) FROM photos n
      WHERE n.store = :store AND {ON_ITS_WAY.format("n")}) END
    UNION ALL SELECT (
      SELECT min(n.product_id) FROM photos n
      WHERE n.store = :store AND {ON_ITS_WAY.format("n")} AND n.product_id > products.id)
    FROM products WHERE products.id IS NOT NULL)
   SELECT f.* FROM products CROSS JOIN photos f WHERE f.seq = (
    SELECT q.seq FROM photos q WHERE q.store = :store AND q.product_id = products.id
    AND {ON_ITS_WAY.format("q")} ORDER BY q.rank, q.seq LIMIT 1)) p
"""

_MAY_GO_UP: Final = f"{_PRODUCT_IS_FREE} AND {_NONE_BEFORE} AND {_NONE_UNKNOWN_BEFORE}"

_TO_SEND: Final = (
    (State.PREPARED, "photos p", f"{_AMONG_THE_NEXT} AND {_MAY_GO_UP}"),
    (
        State.PREPARED,
        _FIRST_OF_EVERY_PRODUCT,
        f"{_PRODUCT_IS_FREE} AND {_NONE_UNKNOWN_BEFORE}",
    ),
)

ANY_IN_HASTE: Final = (
    "SELECT 1 AS one FROM photos p {by_haste} WHERE p.store = :store AND p.urgent = 1 "
    f"AND {ON_ITS_WAY.format('p')} LIMIT 1"
)

_ANY_FREE: Final = (
    "SELECT 1 FROM photos p WHERE p.store = :store AND p.state = '{state}' "
    f"AND {ON_ITS_WAY.format('p')} AND p.lease IS NULL"
)

FEW: Final = (
    "SELECT count(*) AS number FROM (SELECT 1 FROM photos p WHERE p.store = :store "
    f"AND p.state = 'validated' AND {ON_ITS_WAY.format('p')} LIMIT {CHECKED_AHEAD}) AS v"
)

# Those of one owner, in the order of their arrival.
_MINE: Final = (
    "on_their_way u {by_owner} CROSS JOIN photos p "
    "ON p.seq = u.photo AND u.owner = :owner AND u.state = '{state}'"
)
_MINE_IN_HASTE: Final = (
    "on_their_way u {by_haste} CROSS JOIN photos p "
    "ON p.seq = u.photo AND u.owner = :owner AND u.state = '{state}' AND u.urgent = 1"
)
_MINE_OR_SHOTS: Final = (
    "(SELECT DISTINCT h.photo FROM on_their_way h {by_haste} "
    f"WHERE h.owner IN (:owner, '{BY_HOOKS}') AND h.state = '{{state}}' AND h.urgent = 1) u "
    "CROSS JOIN photos p ON p.seq = u.photo"
)

_UNPLACED: Final = f"""
SELECT q.seq FROM photos q WHERE q.store = :store AND q.state = 'received'
  AND {ON_ITS_WAY.format("q")} AND q.product_id IS NULL ORDER BY q.seq LIMIT 1
"""
_MINE_UNPLACED: Final = f"""
SELECT w.photo AS seq FROM on_their_way w {{by_unplaced}} CROSS JOIN photos q ON q.seq = w.photo
WHERE w.owner = :owner AND w.unplaced = 1 AND q.store = :store AND q.state = 'received'
  AND {ON_ITS_WAY.format("q")} AND q.product_id IS NULL ORDER BY w.photo LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexes:
    """What has a table in a question read by an index, where a database can say so."""

    held: str = ""
    haste: str = ""
    named: str = ""
    owner: str = ""
    owner_haste: str = ""
    owner_unplaced: str = ""


@lru_cache
def what_there_is(step: Step, by: Indexes) -> str:
    """Return one question for what may be claimed at all: in each state, and in haste.

    Who has sent one looks for the next, mostly in vain; and of a kind there is mostly one state.
    """
    free = (f"EXISTS ({_ANY_FREE.format(state=state)}) AS {state}" for state in NEEDING[step])
    in_haste = ANY_IN_HASTE.format(by_haste=by.haste)
    return f"SELECT EXISTS ({in_haste}) AS haste, {', '.join(free)}"


@lru_cache
def next_due(
    step: Step, claimable: Claimable, by: Indexes, *, most: int = 1
) -> tuple[tuple[State, str], ...]:
    """Return the questions for what is next for a kind of work, in the order of arrival alone.

    Each comes with the state that it is for, in the order in which they are to be asked; its answer
    has so many rows at the most.
    """
    everything = claimable.any_owner
    rows = "photos p" if everything else _MINE
    turns: dict[Step, tuple[tuple[State, str, str], ...]] = {
        Step.PREPARE: ((State.RECEIVED, rows, "TRUE"), (State.VALIDATED, rows, "TRUE")),
        Step.UPLOAD: (
            # A doubt is settled by whoever is at work: its own process may be dead, its file gone.
            (State.UPLOADING, "photos p", _PRODUCT_IS_FREE),
            *(_TO_SEND if everything else ((State.PREPARED, rows, _MAY_GO_UP),)),
        ),
    }
    kept_to = ANYBODYS if everything else OWN
    return tuple(
        (state, _in_turn(state, of, further, kept_to, by, most=most))
        for state, of, further in turns[step]
    )


@lru_cache
def next_in_haste(step: Step, claimable: Claimable, by: Indexes) -> tuple[tuple[State, str], ...]:
    """Return the questions for what is in haste, and is asked for before all that.

    Whether an earlier arrival of which nobody knows yet whose it is may be of its product is to be
    judged one by one: of those to be sent come several.
    """
    rows = _MINE_OR_SHOTS if claimable.shots else _MINE_IN_HASTE
    rows = "photos p" if claimable.any_owner else rows
    turns = {
        Step.PREPARE: ((State.VALIDATED, "TRUE", 1), (State.RECEIVED, "TRUE", 1)),
        Step.UPLOAD: (
            (State.UPLOADING, _PRODUCT_IS_FREE, 1),
            (State.PREPARED, f"{_PRODUCT_IS_FREE} AND {_NONE_BEFORE}", MOST_IN_HASTE),
        ),
    }
    return tuple(
        (state, _in_turn(state, rows, f"p.urgent = 1 AND {further}", claimable, by, most=most))
        for state, further, most in turns[step]
    )


def others_than(claimable: Claimable) -> str:
    """Return which other photographs `q` hold one up: all, or those of this process.

    Whoever works on shots of other processes keeps to the order of all.
    """
    return "TRUE" if claimable.any_owner or claimable.shots else mine("q")


def mine(photo: str) -> str:
    """Return that a photograph arrived through this process, in SQL."""
    return f"EXISTS (SELECT 1 FROM on_their_way w WHERE w.photo = {photo}.seq AND w.owner = :owner)"


def first_unplaced(claimable: Claimable, by: Indexes) -> str:
    """Return the question for the first arrival that nobody can place yet, and that holds up."""
    if claimable.any_owner or claimable.shots:
        return _UNPLACED
    return _MINE_UNPLACED.format(by_unplaced=by.owner_unplaced)


def _in_turn(
    state: State, rows: str, further: str, claimable: Claimable, by: Indexes, *, most: int
) -> str:
    return _IN_TURN.format(
        rows=rows.format(state=state, by_owner=by.owner, by_haste=by.owner_haste),
        state=state,
        further=further.format(
            by_holder=by.held,
            others=others_than(claimable),
            unplaced=first_unplaced(claimable, by),
        ),
        order="u.photo" if " u " in rows else "p.seq",
        most=most,
    )
