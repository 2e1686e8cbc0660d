"""The ledger for whoever only asks: no claims, no lock file, nothing is changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pipeline.ledger import reports as questions
from pipeline.ledger.port import HistoryLine
from pipeline.ledger.sqlite.connection import Connection, translated
from pipeline.lifecycle import State
from pipeline.values import Photo, Tally

__all__ = ["LedgerReader", "copy_ledger"]


class LedgerReader:
    """The questions of `pipeline.ledger.port.Ledger`, on one connection."""

    def __init__(self, file: Path, store: str | None) -> None:
        """Open the ledger, made or migrated where needed.

        Args:
            file: the database file.
            store: the identity of the store whose photographs are meant; None for every store.

        Raises:
            LedgerError: it cannot be opened.
        """
        self._asked = store
        self._connection = Connection(file)

    def tally(self) -> Tally:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.tally(connection, self._asked)

    def stored_since(self, moment: datetime) -> int:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.stored_since(connection, self._asked, moment)

    def photo(self, photo_id: str) -> Photo | None:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.photo(connection, photo_id)

    def photos(self, state: State | None = None) -> Sequence[Photo]:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.photos(connection, self._asked, state)

    def at_path(self, path: Path) -> Sequence[Photo]:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.at_path(connection, self._asked, path)

    def history(self, photo_id: str) -> Sequence[HistoryLine]:
        """See the port."""
        with self._connection.reading() as connection:
            return questions.history(connection, photo_id)

    def check(self) -> str | None:
        """Prove the file's integrity; give what is wrong with it, None where nothing is."""
        with self._connection.reading() as connection:
            answer = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        return None if answer == "ok" else answer

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def copy_ledger(source: Path, target: Path) -> None:
    """Copy a ledger, also while others write to it, without changing anything at its place.

    Raises:
        LedgerError: it cannot be read.
    """
    with (
        translated(source),
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)
