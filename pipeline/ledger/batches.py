"""In which batch a process receives and writes, and who sees to the batches of those that ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipeline.batches import BatchKind
from pipeline.ledger.changes import Writer
from pipeline.ledger.database import Transaction, Value
from pipeline.ledger.rows import text_of
from pipeline.values import Door

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
    _hooks: _Own | None = None

    def own_batch(self) -> int:
        if (own := self._fitting(self._own_day)) is not None:
            return own.number
        # Nothing is sent before this is durable: what is intended comes after it.
        with self._database.writing(deferred=True) as transaction:
            return self._own_in(transaction)

    def batch_so_far(self) -> int | None:
        return None if self._own is None else self._own.number

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

    @contextmanager
    def _receiving(self) -> Iterator[Transaction]:
        """Open a transaction in which what arrives is written down; a batch may begin with it."""
        own, hooks = self._own, self._hooks
        try:
            with self._database.writing() as transaction:
                yield transaction
        except BaseException:
            # What was begun in it is undone, too.
            self._own, self._hooks = own, hooks
            raise

    def _brought_by(self, transaction: Transaction, door: Door) -> int:
        """Return the batch of what comes in by a door just now; it begins with that.

        A hook's shot is of the hooks' day, whoever takes it in.
        """
        if door is not Door.HOOK or self._own_kind is BatchKind.HOOK:
            return self._own_in(transaction)
        day = self._today()
        if self._hooks is None or self._hooks.day != day:
            self._hooks = _Own(self._hooks_batch(transaction, day), day)
        return self._hooks.number

    def _hooks_batch(self, transaction: Transaction, day: date) -> int:
        # Who sees to it stays as it is: here nothing is written to the store in it.
        row = transaction.row(
            "INSERT INTO batches (store, kind, day, command, began_at, ended_at) "
            "VALUES (:store, :kind, :day, :command, :at, :at) "
            "ON CONFLICT (store, kind, day) WHERE day IS NOT NULL "
            "DO UPDATE SET day = excluded.day RETURNING number",
            store=self._store,
            kind=BatchKind.HOOK,
            day=day.isoformat(),
            command=self._owner.command,
            at=text_of(self._now()),
        )
        assert row is not None  # noqa: S101 - it was written, or was there
        return int(row["number"])

    @property
    def _own_kind(self) -> BatchKind:
        door = self._owner.door
        return BatchKind(door) if door in set(BatchKind) else BatchKind.COMMAND

    @property
    def _own_day(self) -> date | None:
        return self._today() if self._own_kind in _OF_A_DAY else None

    def _today(self) -> date:
        """Return the day that it is for people."""
        return self._now().astimezone().date()

    def _own_in(self, transaction: Transaction) -> int:
        day = self._own_day
        # Another thread may have begun it meanwhile.
        if (own := self._fitting(day)) is None:
            own = self._own = _Own(self._begun(transaction, self._own_kind, day), day)
        return own.number

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
