"""What nobody works on any more, and who goes on with it.

A photograph on its way belongs to the living processes through which it arrived. When the last of
them has ended it is parked: nobody works on it, and it holds up no other, until it arrives again or
a process comes that was given what it lies in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.ledger.changes import ASIDE, LIVING, UNFINISHED, Writer
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.journal_reports import BROUGHT_IN
from pipeline.ledger.known import forget_stamp
from pipeline.ledger.noted import note_arrival
from pipeline.ledger.rows import below, from_blob, photo_of, to_blob
from pipeline.lifecycle import Reason, State
from pipeline.scope import Scope
from pipeline.values import Arrival, Door, Photo

__all__ = ["SqlParking", "park", "park_one"]

PAGE: Final = 500
"""Photographs of one transaction: some hundredths of a second, in which nobody else writes."""

ROOTS: Final = 50
"""Folders in one question."""

_PARK: Final = f"""
UPDATE photos AS p SET parked = 1
WHERE p.store IN (SELECT t.store FROM tallies t) AND p.state IN ({UNFINISHED}) AND p.parked = 0
  AND p.state <> 'uploading' AND NOT {LIVING.format("p")}
"""

# What may have reached the store is never parked, for whoever is at work looks for it there.
_NOBODYS: Final = {
    State.UPLOADING: f"p.parked = 0 AND NOT {LIVING.format('p')}",
    State.PREPARED: "p.parked = 1",
    State.VALIDATED: "p.parked = 1",
    State.RECEIVED: "p.parked = 1",
}

_LEFT: Final = f"p.store = :store AND p.state = '{{state}}' AND p.state IN ({UNFINISHED}) AND "

# What is held goes on with the last view of its product, and not because somebody goes on.
_NOT_HELD: Final = f"p.reason IS NOT '{Reason.HELD}'"

_TO_TAKE_UP: Final = f"""
SELECT p.id, p.path, p.root, p.state, coalesce(
    (SELECT a.door FROM arrivals a WHERE a.photo = p.id ORDER BY a.seq DESC LIMIT 1),
    (SELECT a.door FROM arrivals a WHERE a.path = p.path ORDER BY a.seq DESC LIMIT 1)) AS door
FROM photos p
WHERE {_LEFT} {{nobodys}} AND {_NOT_HELD} AND ({{within}})
ORDER BY p.seq LIMIT {PAGE}
"""

_PENDING: Final = {
    state: f"{_LEFT.format(state=state)} {nobodys}" for state, nobodys in _NOBODYS.items()
} | {
    # By the index of what stands aside: nearly all photographs are of one store.
    State.WAITING: f"(p.store = :store) IS TRUE AND p.state = 'waiting' AND p.state IN ({ASIDE})"
}

# By the index of what a batch brought in; one that may have been sent by an earlier version by that
# of what it sent.
_PENDING_OF: Final = tuple(
    f"{which} AND (p.store = :store) IS TRUE AND (p.state = 'waiting' OR "
    + " OR ".join(f"(p.state = '{state}' AND {nobodys})" for state, nobodys in _NOBODYS.items())
    + ")"
    for which in BROUGHT_IN
)

# A later shot of the same name took over the arrival of an earlier one.
_BY_HOOK: Final = " OR ".join(
    f"EXISTS (SELECT 1 FROM arrivals a WHERE {which} AND a.door = '{Door.HOOK}')"
    for which in ("a.photo = p.id", "a.path = p.path")
)


class SqlParking(Writer):
    """See `pipeline.ledger.port.Parking` for what each method promises."""

    def take_up(self, scope: Scope) -> int:
        return sum(
            self._take_up(state, within, values)
            for within, values in _conditions(scope)
            for state in _NOBODYS
        )

    def pending(self, scope: Scope) -> Iterator[Photo]:
        for within, values in _conditions(scope):
            for which in _PENDING.values():
                yield from self._pending(f"{which} AND ({within})", values)

    def pending_of(self, batch: int) -> Iterator[Photo]:
        for which in _PENDING_OF:
            yield from self._pending(which, {"batch": batch})

    def _pending(self, which: str, values: dict[str, Value]) -> Iterator[Photo]:
        question = (
            f"SELECT p.* FROM photos p WHERE {which} AND p.lease IS NULL "
            f"AND p.seq > :after ORDER BY p.seq LIMIT {PAGE}"
        )
        after = 0
        while True:
            with self._database.reading() as transaction:
                asked = {"store": self._store, "after": after, **values}
                rows = transaction.rows(question, **asked)
            yield from map(photo_of, rows)
            if len(rows) < PAGE:
                return
            after = int(rows[-1]["seq"])

    def drop(self, photo_id: str) -> bool:
        with self._database.writing(deferred=True) as transaction:
            row = transaction.row(
                "SELECT path FROM photos WHERE id = :photo AND lease IS NULL AND image_id IS NULL "
                "AND (state = 'waiting' OR "
                "(state IN ('received', 'validated', 'prepared') AND parked = 1))",
                photo=photo_id,
            )
            if row is None:
                return False
            forget_stamp(transaction, self._store, from_blob(row["path"]))
            transaction.run("INSERT INTO folding (photo) VALUES (:photo)", photo=photo_id)
            for table in ("history", "folding", "arrivals", "attempts", "same_pictures"):
                transaction.run(f"DELETE FROM {table} WHERE photo = :photo", photo=photo_id)
            transaction.run("DELETE FROM photos WHERE id = :photo", photo=photo_id)
        return True

    def _take_up(self, state: State, within: str, values: dict[str, Value]) -> int:
        question = _TO_TAKE_UP.format(state=state, nobodys=_NOBODYS[state], within=within)
        asked: dict[str, Value] = {"store": self._store, **values}
        taken = 0
        while True:
            # Whoever asks in vain, as a watcher does for months, takes nobody's turn to write.
            with self._database.reading() as transaction:
                if transaction.row(question, **asked) is None:
                    return taken
            with self._database.writing() as transaction:
                rows = transaction.rows(question, **asked)
                for row in rows:
                    self._arrive_again(transaction, row)
            taken += len(rows)

    def _arrive_again(self, transaction: Transaction, row: Row) -> None:
        arrival = Arrival(
            path=from_blob(row["path"]),
            root=from_blob(row["root"]),
            door=Door(row["door"] or self._owner.door),
            seen_at=self._now(),
        )
        note_arrival(transaction, arrival, row["id"], State(row["state"]), self._change(""))


def park(transaction: Transaction) -> int:
    """Park what no living process works on, of whichever store; return how many that were."""
    return transaction.run(_PARK)


def park_one(transaction: Transaction, photo_id: str) -> None:
    """Park a photograph whose sending is not in doubt any more, if no living process has it."""
    transaction.run(
        f"UPDATE photos AS p SET parked = 1 WHERE p.id = :photo AND NOT {LIVING.format('p')}",
        photo=photo_id,
    )


def _conditions(scope: Scope) -> Iterator[tuple[str, dict[str, Value]]]:
    """Yield what in SQL says which photographs `p` are within a scope, with its values."""
    if scope.everything:
        yield "TRUE", {}
        return
    for start in range(0, len(scope.roots), ROOTS):
        yield _one_of(scope.roots[start : start + ROOTS])
    if scope.hook:
        yield _BY_HOOK, {}


def _one_of(roots: Sequence[Path]) -> tuple[str, dict[str, Value]]:
    parts: list[str] = []
    values: dict[str, Value] = {}
    for number, root in enumerate(roots):
        begin, end = below(root)
        values |= {f"at{number}": to_blob(root), f"from{number}": begin, f"to{number}": end}
        parts.append(f"p.path = :at{number} OR (p.path >= :from{number} AND p.path < :to{number})")
    return " OR ".join(parts), values
