"""Which photograph is next, and who has which in hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import takewhile
from typing import Final

from pipeline.claimable import ANYBODYS, Claimable, NameRules
from pipeline.ledger.changes import ON_ITS_WAY, RELEASED, UNFINISHED, Writer
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.haste import hasten
from pipeline.ledger.ids import new_id
from pipeline.ledger.proposed_names import any_unnamed, bearing, name_some
from pipeline.ledger.rows import photo_of, text_of
from pipeline.ledger.turns import (
    ANY_IN_HASTE,
    CHECKED_AHEAD,
    DUE,
    FEW,
    NEEDING,
    Indexes,
    first_unplaced,
    mine,
    next_due,
    next_in_haste,
    others_than,
    what_there_is,
)
from pipeline.lifecycle import State
from pipeline.values import Claim, Step

__all__ = ["SqlQueue"]

_AHEAD: Final = timedelta(seconds=5)
"""A row that was changed later than this after now was written while the clock was set wrongly:
the date until which it was postponed means nothing."""

_SHARE: Final = 4
"""Every so-manieth turn goes by the order of arrival alone: no backlog waits for ever."""

_MOST_PAGES: Final = 1_000
"""Of names that are written before one is claimed: a million photographs'."""

_CLAIMED: Final = "UPDATE photos SET lease = :lease, owner = :owner WHERE id = :photo"


@dataclass(frozen=True, slots=True)
class _Asked:
    """For what is asked, and by what is judged whose those of unknown product may be."""

    step: Step
    claimable: Claimable
    name_rules: NameRules | None = None


@dataclass(frozen=True, slots=True)
class _Waits:
    """Why one in haste waits for arrivals of unknown product.

    `hasten` names those that may be of its product and are in no haste yet; `unnamed` is its `seq`
    where the names of what arrived before it are to be written down first.
    """

    hasten: tuple[str, ...] = ()
    unnamed: int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """The row that is to be claimed, if any, and what is to be done before; see `_Waits`."""

    row: Row | None = None
    hasten: tuple[str, ...] = ()
    unnamed: int | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is to be done before."""
        return not self.hasten and self.unnamed is None

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do at all."""
        return self.row is None and self.is_all


class SqlQueue(Writer):
    """See `pipeline.ledger.port.Queue` for what each method promises."""

    _witness = ""
    """The id of one that was still to be worked on when that was asked last."""

    _taken = 0
    """How many were claimed by this process."""

    def claim_next(
        self, step: Step, claimable: Claimable, *, name_rules: NameRules | None = None
    ) -> Claim | None:
        asked = _Asked(step, claimable, name_rules)
        self._database.assure()
        # Whoever asks in vain, as a watcher does for months, takes nobody's turn to write. Where
        # this process has it already, asking once is enough.
        if not self._database.has_begun():
            with self._database.reading() as transaction:
                if self._found(transaction, asked).is_nothing:
                    return None
        with self._database.writing(deferred=True, one_change=True) as transaction:
            found = self._found(transaction, asked)
            if found.is_all:
                return self._take(transaction, found.row)
        for _ in range(_MOST_PAGES):
            with self._database.writing(deferred=True) as transaction:
                found = self._found(transaction, asked)
                if name_rules is None or found.unnamed is None:
                    for photo_id in found.hasten:
                        hasten(transaction, photo_id)
                    return self._take(transaction, self._found(transaction, asked).row)
                before: dict[str, Value] = {"store": self._store, "seq": found.unnamed}
                name_some(transaction, self._by.named, name_rules, **before)
        return None

    def claim_beside(
        self, claim: Claim, claimable: Claimable, *, most: int, most_bytes: int
    ) -> Sequence[Claim]:
        of = claim.photo.state
        questions = next_due(Step.PREPARE, claimable, self._by, most=most)
        with self._database.writing(deferred=True) as transaction:
            any_in_haste = ANY_IN_HASTE.format(by_haste=self._by.haste)
            if transaction.row(any_in_haste, store=self._store) is not None:
                return ()
            rows = transaction.rows(dict(questions)[of], **self._asker())
            small = takewhile(lambda row: row["size"] <= most_bytes, rows)
            claims = [Claim(photo=photo_of(row), token=new_id()) for row in small]
            self._taken += len(claims)
            transaction.run_for_each(
                _CLAIMED,
                [
                    {"lease": one.token, "owner": self._owner.id, "photo": one.photo.id}
                    for one in claims
                ],
            )
        return claims

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
            found = (self._in_haste(transaction, _Asked(step, ANYBODYS)).row for step in Step)
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
        with self._database.reading() as transaction:
            asker = self._asker()
            # It is asked ten times a second: the one that was found last mostly is one still.
            still = _still_left(any_owner, step, which)
            row = transaction.row(still, **asker, witness=self._witness)
            if row is None:
                row = transaction.row(f"{self._left(any_owner, step, which)} LIMIT 1", **asker)
        self._witness = "" if row is None else str(row["id"])
        return row is not None

    def _left(self, any_owner: bool, step: Step | None, which: str) -> str:
        """Return the question for what is still to be worked on.

        One state after another, for that is how the index finds them; and all in one question, for
        another process may move one from state to state meanwhile.
        """
        return " UNION ALL ".join(
            # Of doubts there are few: others' are looked at one by one.
            f"SELECT p.id FROM photos p WHERE {which} AND p.store = :store "
            f"AND p.state = '{state}' AND {ON_ITS_WAY.format('p')} AND {_mine_or_due(any_owner)}"
            if any_owner or state is State.UPLOADING
            else f"SELECT p.id FROM on_their_way u {self._by.owner} CROSS JOIN photos p "
            f"ON p.seq = u.photo AND u.owner = :owner AND u.state = '{state}' WHERE {which} "
            f"AND p.store = :store AND p.state = '{state}' AND {ON_ITS_WAY.format('p')}"
            for state in NEEDING[step]
        )

    @cached_property
    def _by(self) -> Indexes:
        by = self._database.by_index
        return Indexes(
            held=by("photos_held"),
            haste=by("photos_urgent"),
            named=by("photos_unnamed"),
            owner=by("on_their_way_in_turn"),
            owner_haste=by("on_their_way_urgent"),
            owner_unplaced=by("on_their_way_unplaced"),
        )

    def _found(self, transaction: Transaction, asked: _Asked) -> _Found:
        """Return the row that is to be claimed next, and what is to be done for others' sake.

        What is in haste goes first, but for a share of the turns.
        """
        if asked.claimable.only_haste:
            return self._in_haste(transaction, asked)
        there = transaction.row(what_there_is(asked.step, self._by), store=self._store)
        free = [state for state in NEEDING[asked.step] if there is not None and there[state]]
        if there is None or not free:
            return _Found()
        if not there["haste"]:
            return _Found(self._next_due(transaction, asked, free))
        if self._taken % _SHARE == _SHARE - 1:
            row = self._next_due(transaction, asked, free)
            return self._in_haste(transaction, asked) if row is None else _Found(row)
        found = self._in_haste(transaction, asked)
        return found if found.row else replace(found, row=self._next_due(transaction, asked, free))

    def _in_haste(self, transaction: Transaction, asked: _Asked) -> _Found:
        """Return the first that is in haste and due, and what it waits for that is in no haste."""
        any_in_haste = ANY_IN_HASTE.format(by_haste=self._by.haste)
        if transaction.row(any_in_haste, store=self._store) is None:
            return _Found()
        rows: list[Row] = []
        waits: list[_Waits] = []
        for state, question in next_in_haste(asked.step, asked.claimable, self._by):
            for row in transaction.rows(question, **self._asker()):
                why = self._waits(transaction, row, asked) if state is State.PREPARED else None
                if why is None:
                    rows.append(row)
                    break
                waits.append(why)
        return _Found(
            min(rows, key=lambda row: int(row["seq"]), default=None),
            tuple(dict.fromkeys(one for why in waits for one in why.hasten)),
            max((why.unnamed for why in waits if why.unnamed is not None), default=None),
        )

    def _waits(self, transaction: Transaction, row: Row, asked: _Asked) -> _Waits | None:
        """Return what a row waits for: earlier arrivals of unknown product; None where nothing.

        Those that may be of its product, and are in no haste yet, go first with it.
        """
        first = transaction.row(first_unplaced(asked.claimable, self._by), **self._asker())
        if first is None or int(first["seq"]) > int(row["seq"]):
            return None
        name_rules = asked.name_rules
        names = None if name_rules is None else name_rules.of_product(int(row["product_id"]))
        if name_rules is None or names is None:
            return _Waits()
        before: dict[str, Value] = {"store": self._store, "seq": row["seq"]}
        if any_unnamed(transaction, self._by.named, name_rules.rules, **before):
            return _Waits(unnamed=int(row["seq"]))
        others = others_than(asked.claimable)
        may = bearing(transaction, names, others, **{**self._asker(), **before})
        return _Waits(tuple(str(one["id"]) for one in may if not one["urgent"])) if may else None

    def _next_due(
        self, transaction: Transaction, asked: _Asked, free: Collection[State]
    ) -> Row | None:
        """Return the row that is to be claimed next for a kind of work; `free` states have some.

        The earliest arrival comes first; before all, what may be in the store already, and what is
        to be checked, until enough is to be prepared.
        """
        found: list[Row] = []
        for state, question in next_due(asked.step, asked.claimable, self._by):
            row = transaction.row(question, **self._asker()) if state in free else None
            if row is not None and asked.step is Step.UPLOAD:
                return row
            if row is not None and state is State.RECEIVED and self._few(transaction):
                return row
            if row is not None:
                found.append(row)
        return min(found, key=lambda row: int(row["seq"]), default=None)

    def _few(self, transaction: Transaction) -> bool:
        """Whether few are to be prepared: the store is asked for the products of many at once."""
        row = transaction.row(FEW, store=self._store)
        return row is None or int(row["number"]) < CHECKED_AHEAD

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
            _CLAIMED,
            lease=claim.token,
            owner=self._owner.id,
            photo=row["id"],
        )
        return claim


def _mine_or_due(any_owner: bool) -> str:
    """Return that one is waited for: it is this process's, or a doubt that is due."""
    doubts = f"(p.state = 'uploading' AND p.lease IS NULL AND {DUE.format('p')})"
    return "TRUE" if any_owner else f"({mine('p')} OR {doubts})"


def _still_left(any_owner: bool, step: Step | None, which: str) -> str:
    """Return the question whether a certain one is still to be worked on."""
    states = ", ".join(f"'{state}'" for state in NEEDING[step])
    return (
        f"SELECT p.id FROM photos p WHERE p.id = :witness AND {which} AND p.store = :store "
        f"AND p.state IN ({states}) AND {ON_ITS_WAY.format('p')} AND {_mine_or_due(any_owner)}"
    )
