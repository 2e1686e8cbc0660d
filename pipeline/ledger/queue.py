"""Which photograph is next, and who has which in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Final

from pipeline.ledger.changes import ON_ITS_WAY, RELEASED, UNFINISHED, Writer
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.haste import hasten
from pipeline.ledger.ids import new_id
from pipeline.ledger.rows import photo_of, text_of, unplaced_of
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Claim, Door, MayBeOf, Original, Step

__all__ = ["SqlQueue"]

_MINE: Final = "EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = {0}.id AND a.owner = :owner)"
_MINE_OR_SHOTS: Final = (
    "EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = {0}.id "
    f"AND (a.owner = :owner OR a.door = '{Door.HOOK}'))"
)

_AHEAD: Final = timedelta(seconds=5)
"""A row that was changed later than this after now was written while the clock was set wrongly:
the date until which it was postponed means nothing."""

_CHECKED_AHEAD: Final = 250
"""How many are checked before the first of them is prepared. A check takes some milliseconds."""

_DUE: Final = "({0}.not_before IS NULL OR {0}.not_before <= :now OR {0}.changed_at > :ahead)"

# One state at a time, in the order of an index, so that the first that fits ends the search.
_IN_TURN: Final = f"""
SELECT p.* FROM {{rows}} p
WHERE p.store = :store AND p.state = '{{state}}' AND {ON_ITS_WAY.format("p")}
  AND p.lease IS NULL AND {_DUE.format("p")} AND {{mine}} AND {{further}}
ORDER BY p.seq LIMIT {{most}}
"""

# A product's pictures go up one at a time over all processes.
_PRODUCT_IS_FREE: Final = """
  p.product_id NOT IN (
    SELECT q.product_id FROM photos q {by_owner}
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
_NONE_UNKNOWN_BEFORE: Final = f"""
  p.seq < coalesce((
    SELECT q.seq FROM photos q WHERE q.store = :store AND q.state = 'received'
    AND {ON_ITS_WAY.format("q")} AND q.product_id IS NULL AND {{others}}
    ORDER BY q.seq LIMIT 1), {2**62})
"""

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
    AND {ON_ITS_WAY.format("q")} AND {{others}} ORDER BY q.rank, q.seq LIMIT 1))
"""

# Who has sent one looks for the next, mostly in vain: one question instead of four.
_ANY_TO_SEND: Final = " UNION ALL ".join(
    f"SELECT * FROM (SELECT 1 AS one FROM photos p WHERE p.store = :store AND p.state = '{state}' "
    f"AND {ON_ITS_WAY.format('p')} AND p.lease IS NULL LIMIT 1) AS {state}"
    for state in (State.PREPARED, State.UPLOADING)
)

_ANY_IN_HASTE: Final = (
    "SELECT 1 AS one FROM photos p {by_haste} WHERE p.store = :store AND p.urgent = 1 "
    f"AND {ON_ITS_WAY.format('p')} LIMIT 1"
)

_FEW: Final = (
    "SELECT count(*) AS number FROM (SELECT 1 FROM photos p WHERE p.store = :store "
    f"AND p.state = 'validated' AND {ON_ITS_WAY.format('p')} LIMIT {_CHECKED_AHEAD}) AS v"
)

_TURNS: Final = {
    Step.PREPARE: (
        (State.RECEIVED, "photos", "TRUE"),
        (State.VALIDATED, "photos", "TRUE"),
    ),
    Step.UPLOAD: (
        (State.UPLOADING, "photos", _PRODUCT_IS_FREE),
        (
            State.PREPARED,
            "photos",
            f"{_AMONG_THE_NEXT} AND {_PRODUCT_IS_FREE} AND {_NONE_BEFORE} "
            f"AND {_NONE_UNKNOWN_BEFORE}",
        ),
        (
            State.PREPARED,
            _FIRST_OF_EVERY_PRODUCT,
            f"{_PRODUCT_IS_FREE} AND {_NONE_UNKNOWN_BEFORE}",
        ),
    ),
}

# What is in haste, asked before all that. Whether an earlier arrival of which nobody knows yet
# whose it is may be of its product is judged one by one.
_TURNS_IN_HASTE: Final = {
    Step.PREPARE: ((State.VALIDATED, "p.urgent = 1"), (State.RECEIVED, "p.urgent = 1")),
    Step.UPLOAD: (
        (State.UPLOADING, f"p.urgent = 1 AND {_PRODUCT_IS_FREE}"),
        (State.PREPARED, f"p.urgent = 1 AND {_PRODUCT_IS_FREE} AND {_NONE_BEFORE}"),
    ),
}

_SHARE: Final = 4
"""Every so-manieth turn goes by the order of arrival alone: no backlog waits for ever."""

_MOST_IN_HASTE: Final = 20
"""So many are looked at that are in haste and wait for what may be of their product."""

_MOST_JUDGED: Final = 20_000
"""Arrivals of unknown product that are judged; behind more, what is in haste waits as others do."""

_UNKNOWN_BEFORE: Final = f"""
SELECT q.id, q.path, q.root, q.sku, q.urgent FROM photos q
WHERE q.store = :store AND q.state = 'received' AND {ON_ITS_WAY.format("q")}
  AND q.product_id IS NULL AND {{others}} AND q.seq < :seq
ORDER BY q.seq LIMIT :most
"""

_NEEDING: Final[Mapping[Step | None, Sequence[State]]] = {
    None: tuple(state for state in State if state in UNFINISHED_STATES),
    Step.PREPARE: (State.RECEIVED, State.VALIDATED),
    Step.UPLOAD: (State.PREPARED, State.UPLOADING),
}
"""The states of those that are on their way, and of those that need one kind of work."""


class SqlQueue(Writer):
    """See `pipeline.ledger.port.Queue` for what each method promises."""

    _witness = ""
    """The id of one that was still to be worked on when that was asked last."""

    _taken = 0
    """How many were claimed by this process."""

    def claim_next(
        self,
        step: Step,
        *,
        any_owner: bool,
        may_be_of: MayBeOf | None = None,
        urgent: bool = False,
        shots: bool = False,
    ) -> Claim | None:
        judge = may_be_of or _nobody_knows

        def found(transaction: Transaction) -> tuple[Row | None, Sequence[str]]:
            asked = self._in_haste if urgent else self._next
            return asked(transaction, step, judge, any_owner=any_owner, shots=shots)

        self._database.assure()
        # Whoever asks in vain, as a watcher does for months, takes nobody's turn to write. Where
        # this process has it already, asking once is enough.
        if not self._database.has_begun():
            with self._database.reading() as transaction:
                row, before = found(transaction)
            if row is None and not before:
                return None
        with self._database.writing(deferred=True, one_change=True) as transaction:
            row, before = found(transaction)
            if not before:
                return self._take(transaction, row)
        with self._database.writing(deferred=True) as transaction:
            _, before = found(transaction)
            for photo_id in before:
                hasten(transaction, photo_id)
            row, _ = found(transaction)
            return self._take(transaction, row)

    def claim(self, photo_id: str) -> Claim | None:
        with self._database.writing(deferred=True, one_change=True) as transaction:
            row = transaction.row(
                "SELECT p.* FROM photos p "
                f"WHERE p.id = :photo AND p.lease IS NULL AND p.state IN ({UNFINISHED})",
                photo=photo_id,
            )
            return self._take(transaction, row)

    def haste_is_due(self) -> bool:
        self._database.assure()
        with self._database.reading() as transaction:
            found = (
                self._in_haste(transaction, step, _nobody_knows, any_owner=True, shots=True)[0]
                for step in Step
            )
            return any(row is not None for row in found)

    def products_ahead(self, most: int) -> Sequence[int]:
        ahead: dict[int, None] = {}
        with self._database.reading() as transaction:
            for state in (State.PREPARED, State.VALIDATED):
                rows = transaction.rows(
                    f"SELECT p.product_id FROM photos p WHERE p.store = :store "
                    f"AND p.state = '{state}' AND {ON_ITS_WAY.format('p')} "
                    "ORDER BY p.seq LIMIT :most",
                    store=self._store,
                    most=most,
                )
                ahead |= dict.fromkeys(int(row["product_id"]) for row in rows)
        return list(ahead)

    def release(self, claim: Claim) -> None:
        with self._database.writing(deferred=True, one_change=True) as transaction:
            transaction.run(
                "UPDATE photos SET lease = :lease, owner = :owner "
                "WHERE id = :photo AND lease = :token",
                **RELEASED,
                photo=claim.photo.id,
                token=claim.token,
            )

    def unfinished(self, *, any_owner: bool, step: Step | None, urgent: bool = False) -> int:
        self._database.assure()
        left = self._left(any_owner, step, "p.urgent = 1" if urgent else "TRUE")
        with self._database.reading() as transaction:
            row = transaction.row(f"SELECT count(*) AS number FROM ({left}) AS l", **self._asker())
        return 0 if row is None else int(row["number"])

    def any_unfinished(self, *, any_owner: bool, step: Step | None, urgent: bool = False) -> bool:
        self._database.assure()
        which = "p.urgent = 1" if urgent else "TRUE"
        # It is asked ten times a second: the one that was found last mostly is one still.
        still = self._left(any_owner, step, f"p.id = :witness AND {which}")
        with self._database.reading() as transaction:
            asker = self._asker()
            row = transaction.row(f"{still} LIMIT 1", **asker, witness=self._witness)
            if row is None:
                row = transaction.row(f"{self._left(any_owner, step, which)} LIMIT 1", **asker)
        self._witness = "" if row is None else str(row["id"])
        return row is not None

    def _left(self, any_owner: bool, step: Step | None, which: str) -> str:
        """Return the question for what is still to be worked on.

        One state after another, for that is how the index finds them; and all in one question, for
        another process may move one from state to state meanwhile.
        """
        doubts = f"(p.state = 'uploading' AND p.lease IS NULL AND {_DUE.format('p')})"
        mine = "TRUE" if any_owner else f"({_MINE.format('p')} OR {doubts})"
        return " UNION ALL ".join(
            f"SELECT p.id FROM photos p WHERE {which} AND p.store = :store "
            f"AND p.state = '{state}' AND {ON_ITS_WAY.format('p')} AND {mine}"
            for state in _NEEDING[step]
        )

    def _next(
        self,
        transaction: Transaction,
        step: Step,
        may_be_of: MayBeOf,
        *,
        any_owner: bool,
        shots: bool,
    ) -> tuple[Row | None, Sequence[str]]:
        """Return the row that is to be claimed next, and what is to be hastened for others' sake.

        What is in haste goes first, but for a share of the turns.
        """
        if step is Step.UPLOAD and transaction.row(_ANY_TO_SEND, store=self._store) is None:
            return None, ()
        if self._taken % _SHARE == _SHARE - 1:
            row = self._next_due(transaction, step, any_owner=any_owner)
            if row is not None:
                return row, ()
            return self._in_haste(transaction, step, may_be_of, any_owner=any_owner, shots=shots)
        row, before = self._in_haste(transaction, step, may_be_of, any_owner=any_owner, shots=shots)
        return row or self._next_due(transaction, step, any_owner=any_owner), before

    def _in_haste(
        self,
        transaction: Transaction,
        step: Step,
        may_be_of: MayBeOf,
        *,
        any_owner: bool,
        shots: bool,
    ) -> tuple[Row | None, Sequence[str]]:
        """Return the first that is in haste and due, and what it waits for that is in no haste."""
        any_in_haste = _ANY_IN_HASTE.format(by_haste=self._database.by_index("photos_urgent"))
        if transaction.row(any_in_haste, store=self._store) is None:
            return None, ()
        found: list[Row] = []
        waits_for: dict[str, None] = {}
        # Whoever works on shots of other processes keeps to the order of all.
        others = _others(any_owner or shots)
        asker = self._asker()
        for state, further in _TURNS_IN_HASTE[step]:
            question = _in_turn(
                "photos",
                state,
                further,
                others,
                mine="TRUE" if any_owner else _MINE_OR_SHOTS if shots else _MINE,
                by_owner=self._database.by_index("photos_held"),
                most=_MOST_IN_HASTE if state is State.PREPARED else 1,
            )
            for row in transaction.rows(question, **asker):
                waits: bool = False
                hastened: Sequence[str] = ()
                if state is State.PREPARED:
                    waits, hastened = self._waits(transaction, row, may_be_of, others)
                if not waits:
                    found.append(row)
                    break
                waits_for |= dict.fromkeys(hastened)
        return min(found, key=lambda row: int(row["seq"]), default=None), list(waits_for)

    def _waits(
        self, transaction: Transaction, row: Row, may_be_of: MayBeOf, others: str
    ) -> tuple[bool, Sequence[str]]:
        """Whether a row waits for earlier arrivals of unknown product, and which go first with it.

        These are those that may be of its product, and are in no haste yet.
        """
        unknown = transaction.rows(
            _UNKNOWN_BEFORE.format(others=others),
            **self._asker(),
            seq=row["seq"],
            # Where nobody judges, the first one says it all.
            most=1 if may_be_of is _nobody_knows else _MOST_JUDGED + 1,
        )
        if len(unknown) > _MOST_JUDGED:
            return True, ()
        product_id = int(row["product_id"])
        judged = [(one, may_be_of(unplaced_of(one), product_id)) for one in unknown]
        hastened = [str(one["id"]) for one, may in judged if may and not one["urgent"]]
        return any(may is not False for _, may in judged), hastened

    def _next_due(self, transaction: Transaction, step: Step, *, any_owner: bool) -> Row | None:
        """Return the row that is to be claimed next for a kind of work.

        The earliest arrival comes first; before all, what may be in the store already, and what is
        to be checked, until enough is to be prepared.
        """
        found: list[Row] = []
        others = _others(any_owner)
        asker = self._asker()
        for state, rows, further in _TURNS[step]:
            # A doubt is settled by whoever is at work: its own process may be dead, its file gone.
            anybodys = any_owner or state is State.UPLOADING
            question = _in_turn(
                rows,
                state,
                further,
                others,
                mine="TRUE" if anybodys else _MINE,
                by_owner=self._database.by_index("photos_held"),
                most=1,
            )
            row = transaction.row(question, **asker)
            if row is not None and step is Step.UPLOAD:
                return row
            if row is not None and state is State.RECEIVED and self._few(transaction):
                return row
            if row is not None:
                found.append(row)
        return min(found, key=lambda row: int(row["seq"]), default=None)

    def _few(self, transaction: Transaction) -> bool:
        """Whether few are to be prepared: the store is asked for the products of many at once."""
        row = transaction.row(_FEW, store=self._store)
        return row is None or int(row["number"]) < _CHECKED_AHEAD

    def _asker(self) -> dict[str, Value]:
        now = self._now()
        return {
            "store": self._store,
            "owner": self._owner.id,
            "now": text_of(now),
            "ahead": text_of(now + _AHEAD),
        }

    def _take(self, transaction: Transaction, row: Row | None) -> Claim | None:
        if row is None:
            return None
        # Before it is claimed: a row that cannot be read is nobody's.
        claim = Claim(photo=photo_of(row), token=new_id())
        self._taken += 1
        transaction.run(
            "UPDATE photos SET lease = :lease, owner = :owner WHERE id = :photo",
            lease=claim.token,
            owner=self._owner.id,
            photo=row["id"],
        )
        return claim


@lru_cache
def _in_turn(
    rows: str,
    state: State,
    further: str,
    others: str,
    *,
    mine: str,
    by_owner: str,
    most: int,
) -> str:
    """Return a question for those that are due; it is asked some ten times a photograph."""
    return _IN_TURN.format(
        rows=rows.format(others=others),
        state=state,
        mine=mine.format("p"),
        further=further.format(others=others, by_owner=by_owner),
        most=most,
    )


def _nobody_knows(original: Original, product_id: int) -> bool | None:
    return None


@lru_cache
def _others(any_owner: bool) -> str:
    """Return which other photographs `q` hold one up: all, or those of this process."""
    return "TRUE" if any_owner else _MINE.format("q")
