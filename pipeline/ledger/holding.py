"""A process that holds claims: it takes photographs, gives them back, and dies without harm."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path

from pipeline.errors import LedgerError
from pipeline.ledger import queue as claiming
from pipeline.ledger import reports as questions
from pipeline.ledger.moving import Moved, add_history
from pipeline.ledger.reading import LedgerReader
from pipeline.ledger.rows import photo_of, to_blob, to_text
from pipeline.ledger.sqlite.owners import Owner, is_dead
from pipeline.lifecycle import State
from pipeline.values import Claim, Step

__all__ = ["ClaimHolder"]


class ClaimHolder(LedgerReader):
    """The part of the ledger that is about who works on what."""

    def __init__(self, file: Path, store: str, door: str, now: Callable[[], datetime]) -> None:
        """Open the ledger, made or migrated where needed, as a process that may hold claims.

        Args:
            file: the database file; lock files of living processes lie in `owners/` beside it.
            store: the identity of the store whose photographs are meant.
            door: what this process is there for, shown to people.
            now: gives aware UTC.

        Raises:
            LedgerError: it cannot be opened.
        """
        super().__init__(file, store)
        self._store = store
        self._now = now
        self._owners = file.parent / "owners"
        with ExitStack() as undone:
            undone.callback(self._connection.close)
            self._owner = Owner(self._owners, door)
            undone.callback(self._owner.leave)
            with self._connection.writing() as connection:
                connection.execute(
                    "INSERT INTO owners (id, pid, host, door, started_at) VALUES (?, ?, ?, ?, ?)",
                    (self._owner.id, self._owner.pid, self._owner.host, door, to_text(now())),
                )
            undone.pop_all()

    def claim_next(self, step: Step, *, any_owner: bool) -> Claim | None:
        """See the port."""
        question = (step, self._store, self._owner.id, self._text(), any_owner)
        with self._connection.reading() as connection:
            if claiming.next_due(connection, *question) is None:
                return None
        with self._connection.writing() as connection:
            return self._take(connection, claiming.next_due(connection, *question))

    def claim(self, photo_id: str) -> Claim | None:
        """See the port."""
        with self._connection.writing() as connection:
            return self._take(
                connection,
                connection.execute(
                    "SELECT * FROM photos WHERE id = ? AND lease IS NULL AND state IN "
                    "('received', 'validated', 'prepared', 'uploading')",
                    (photo_id,),
                ).fetchone(),
            )

    def release(self, claim: Claim) -> None:
        """See the port."""
        with self._connection.writing() as connection:
            connection.execute(
                "UPDATE photos SET lease = NULL, owner = NULL WHERE id = ? AND lease = ?",
                (claim.photo.id, claim.token),
            )

    def changed_files(self, stamps: Mapping[Path, str]) -> Sequence[Path]:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.changed_files(connection, self._store, stamps)

    def remember(self, stamps: Mapping[Path, str]) -> None:
        """See the port."""
        with self._connection.writing() as connection:
            connection.executemany(
                "INSERT INTO files (store, path, mark) VALUES (?, ?, ?) "
                "ON CONFLICT (store, path) DO UPDATE SET mark = excluded.mark",
                [(self._store, to_blob(path), stamp) for path, stamp in stamps.items()],
            )

    def recover(self) -> int:
        """See the port."""
        with self._connection.reading() as connection:
            others = [
                str(row["id"])
                for row in connection.execute(
                    "SELECT id FROM owners WHERE id <> ?", (self._owner.id,)
                )
            ]
        dead = [other for other in others if is_dead(self._owners, other)]
        freed = 0
        for owner in dead:
            with self._connection.writing() as connection:
                for row in claiming.free_claims_of(connection, owner, self._text()):
                    state = State(row["state"])
                    moved = self._moved("taken over from a process that ended in the middle")
                    add_history(connection, row["id"], state, state, moved)
                    freed += 1
                connection.execute("DELETE FROM owners WHERE id = ?", (owner,))
        return freed

    def unfinished(self, *, any_owner: bool, step: Step | None) -> int:
        """See the port."""
        question = (step, self._store, self._owner.id, self._text(), any_owner)
        with self._connection.reading() as connection:
            return claiming.unfinished(connection, *question)

    def close(self) -> None:
        """See the port."""
        # Where that cannot be written down any more, the next process sees that this one is dead.
        with suppress(LedgerError), self._connection.writing() as connection:
            claiming.free_claims_of(connection, self._owner.id, self._text())
            connection.execute("DELETE FROM owners WHERE id = ?", (self._owner.id,))
        self._owner.leave()
        self._connection.close()

    def _moved(self, sentence: str) -> Moved:
        return Moved(at=self._text(), owner=self._owner.id, sentence=sentence)

    def _text(self) -> str:
        text = to_text(self._now())
        assert text is not None  # noqa: S101 - a time was given
        return text

    def _take(self, connection: sqlite3.Connection, row: sqlite3.Row | None) -> Claim | None:
        if row is None:
            return None
        token = str(uuid.uuid4())
        connection.execute(
            "UPDATE photos SET lease = ?, owner = ? WHERE id = ?",
            (token, self._owner.id, row["id"]),
        )
        return Claim(photo=photo_of(row), token=token)
