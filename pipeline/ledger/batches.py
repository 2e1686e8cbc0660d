"""In which batch a process writes to the store, and who sees to the batches of those that ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipeline.batches import BatchKind
from pipeline.ledger.changes import Writer
from pipeline.ledger.database import Transaction, Value
from pipeline.ledger.rows import text_of

__all__ = ["SqlBatches", "end_batches"]

_OF_A_DAY: Final = (BatchKind.WATCH, BatchKind.HOOK)
"""What these write is one batch a day, as people think of it."""

_WITH_WORK_LEFT: Final = (
    "SELECT DISTINCT c.batch FROM changes c WHERE c.store = :store "
    "AND c.state IN ('planned', 'intended')"
)


@dataclass(frozen=True, slots=True)
class _Own:
    """A process's batch, and the day of which alone it is."""

    number: int
    day: date | None


class SqlBatches(Writer):
    """See `pipeline.ledger.port.Journal` for what each method promises."""

    _own: _Own | None = None

    def own_batch(self) -> int:
        door = self._owner.door
        kind = BatchKind(door) if door in set(BatchKind) else BatchKind.COMMAND
        # The day that it is for people.
        day = self._now().astimezone().date() if kind in _OF_A_DAY else None
        if (own := self._fitting(day)) is not None:
            return own.number
        # Nothing is sent before this is durable: what is intended comes after it.
        with self._database.writing(deferred=True) as transaction:
            # Another thread may have begun it meanwhile.
            if (own := self._fitting(day)) is None:
                own = self._own = _Own(self._begun(transaction, kind, day), day)
        return own.number

    def begin_batch(self, kind: BatchKind, *, takes_back: int | None = None) -> int:
        with self._database.writing(deferred=True) as transaction:
            own = _Own(self._begun(transaction, kind, None, takes_back), None)
        self._own = own
        return own.number

    def take_up_batches(self) -> Sequence[int]:
        with self._database.reading() as transaction:
            if transaction.row(f"{_WITH_WORK_LEFT} LIMIT 1", store=self._store) is None:
                return ()
        with self._database.writing(deferred=True) as transaction:
            transaction.run(
                "UPDATE batches SET owner = :owner, ended_at = NULL "
                f"WHERE owner IS NULL AND number IN ({_WITH_WORK_LEFT})",
                owner=self._owner.id,
                store=self._store,
            )
            rows = transaction.rows(
                f"SELECT b.number FROM batches b WHERE b.owner = :owner "
                f"AND b.number IN ({_WITH_WORK_LEFT}) ORDER BY b.number",
                owner=self._owner.id,
                store=self._store,
            )
        return [int(row["number"]) for row in rows]

    def _fitting(self, day: date | None) -> _Own | None:
        own = self._own
        return own if own is not None and own.day in (None, day) else None

    def _begun(
        self,
        transaction: Transaction,
        kind: BatchKind,
        day: date | None,
        takes_back: int | None = None,
    ) -> int:
        values: dict[str, Value] = {
            "store": self._store,
            "kind": kind,
            "day": None if day is None else day.isoformat(),
            "owner": self._owner.id,
            "command": self._owner.command,
            "at": text_of(self._now()),
            "takes_back": takes_back,
        }
        row = transaction.row(
            "INSERT INTO batches (store, kind, day, owner, command, began_at, takes_back) "
            "VALUES (:store, :kind, :day, :owner, :command, :at, :takes_back) "
            "ON CONFLICT (store, kind, day) WHERE day IS NOT NULL "
            "DO UPDATE SET owner = :owner, ended_at = NULL RETURNING number",
            **values,
        )
        assert row is not None  # noqa: S101 - it was written, or was there
        return int(row["number"])


def end_batches(transaction: Transaction, owner: str, at: str) -> None:
    """Have an owner see to no batch any more: each has ended by now."""
    transaction.run(
        "UPDATE batches SET owner = NULL, ended_at = :at WHERE owner = :owner", owner=owner, at=at
    )
