"""Which processes may hold claims, and what becomes of what a dead one had."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.ledger.batches import end_batches
from pipeline.ledger.changes import Writer, add_history
from pipeline.ledger.database import Row, Transaction
from pipeline.ledger.parking import park
from pipeline.ledger.rows import text_of
from pipeline.lifecycle import State

__all__ = ["SqlOwners"]


class SqlOwners(Writer):
    """See `pipeline.ledger.port.Owners` for what each method promises."""

    def recover(self) -> int:
        freed = 0
        for owner in filter(self._owner.is_dead, self._other_owners()):
            with self._database.writing() as transaction:
                for row in self._leave(transaction, owner):
                    state = State(row["state"])
                    change = self._change("taken over from a process that ended in the middle")
                    add_history(transaction, row["id"], state, state, change)
                    freed += 1
        return freed

    def others_live(self) -> bool:
        return not all(map(self._owner.is_dead, self._other_owners()))

    def _other_owners(self) -> Sequence[str]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT id FROM owners WHERE id <> :owner", owner=self._owner.id
            )
            return [str(row["id"]) for row in rows]

    def _enter(self) -> None:
        """Write down that this process may hold claims."""
        with self._database.writing() as transaction:
            transaction.run(
                "INSERT INTO owners (id, pid, host, door, started_at) "
                "VALUES (:id, :pid, :host, :door, :started_at)",
                id=self._owner.id,
                pid=self._owner.pid,
                host=self._owner.host,
                door=self._owner.door,
                started_at=text_of(self._now()),
            )

    def _leave(self, transaction: Transaction, owner: str) -> list[Row]:
        """Take back every claim of an owner, who has none from now on, and return the rows."""
        # Nobody knows when an interrupted attempt ended, only that it has ended by now.
        rows = transaction.rows("SELECT id, state FROM photos WHERE owner = :owner", owner=owner)
        transaction.run(
            "UPDATE photos SET lease = NULL, owner = NULL, attempt_ended_at = CASE "
            "WHEN state = 'uploading' THEN coalesce(attempt_ended_at, :now) "
            "ELSE attempt_ended_at END WHERE owner = :owner",
            now=text_of(self._now()),
            owner=owner,
        )
        end_batches(transaction, owner, text_of(self._now()))
        transaction.run("DELETE FROM owners WHERE id = :owner", owner=owner)
        if transaction.row(
            "SELECT 1 AS one FROM arrivals WHERE owner = :owner LIMIT 1", owner=owner
        ):
            park(transaction)
        return list(rows)
