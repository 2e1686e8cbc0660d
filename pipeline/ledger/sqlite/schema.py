"""Bring a ledger in SQLite up to the tables of this version.

A migration and the record of it (`user_version`) are one transaction, so a ledger is never
between two versions. Migrations are only ever added, never changed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Final

from pipeline.errors import LedgerError
from pipeline.ledger.sqlite.migrations import MIGRATIONS

__all__ = [
    "APPLICATION_ID",
    "VERSION",
    "migrate",
    "refuse_strangers",
    "statements_of",
]

APPLICATION_ID: Final = 0x50495045
"""Marks the file as ours ("PIPE"), so that another program's database is never taken for it."""

QUIET_SECONDS: Final = 1.0
"""So long nothing is said of a migration: nobody has begun to wonder."""

TELL_SECONDS: Final = 5.0
"""Between two words of it."""

STEPS_BETWEEN: Final = 1_000_000
"""Of SQLite's machine, which takes some hundredths of a second for them."""

ROOM_KILOBYTES: Final = 65_536
"""What a migration may have of the memory."""

VERSION: Final = len(MIGRATIONS)
"""The version of the tables that this program reads and writes."""


def migrate(
    connection: sqlite3.Connection,
    told: Callable[[str], None] = lambda sentence: None,
    seconds: Callable[[], float] = time.monotonic,
) -> None:
    """Bring a ledger up to this program's version, each step in a transaction of its own.

    An interruption, of whatever kind, undoes the step: the next call begins it again.

    Args:
        connection: in autocommit mode.
        told: is given a sentence now and then, where it takes long.
        seconds: a clock.

    Raises:
        LedgerError: the file belongs to another program, or to a newer version of this one.
        KeyboardInterrupt: somebody does not want to wait.
        sqlite3.Error: the file cannot be read or written.
    """
    first = _version(connection)
    if first == VERSION:
        return
    forward = _Forward(MIGRATIONS[first:], told, seconds)
    # A new ledger is there at once.
    with nullcontext() if first == 0 else _taking_long(connection, forward):
        for number, script in enumerate(MIGRATIONS, start=1):
            _step(connection, number, script, forward)


@contextmanager
def _taking_long(connection: sqlite3.Connection, forward: _Forward) -> Iterator[None]:
    connection.set_progress_handler(forward.goes_on, STEPS_BETWEEN)
    # An index of a million entries is sorted where there is room for them.
    (usual,) = connection.execute("PRAGMA cache_size").fetchone()
    connection.execute(f"PRAGMA cache_size = {-ROOM_KILOBYTES}")
    try:
        yield
    except sqlite3.OperationalError as error:
        # What is raised in the handler, SQLite makes this of.
        if error.sqlite_errorname == "SQLITE_INTERRUPT":
            raise KeyboardInterrupt from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
        connection.execute(f"PRAGMA cache_size = {usual}")


def _step(connection: sqlite3.Connection, number: int, script: str, forward: _Forward) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if _version(connection) < number:
            for statement in statements_of(script):
                connection.execute(statement)
                forward.did_one()
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class _Forward:
    """Tells how far a ledger has been brought, every few seconds."""

    def __init__(
        self, scripts: Sequence[str], told: Callable[[str], None], seconds: Callable[[], float]
    ) -> None:
        self._all = sum(len(list(statements_of(script))) for script in scripts)
        self._done = 0
        self._told = told
        self._seconds = seconds
        self._tell_at = seconds() + QUIET_SECONDS

    def did_one(self) -> None:
        self._done += 1

    def goes_on(self) -> int:
        """Return 0 for SQLite to go on, which calls this now and then; a Ctrl-C ends it here."""
        now = self._seconds()
        if now >= self._tell_at:
            self._tell_at = now + TELL_SECONDS
            self._told(
                "our records are brought to this version's form: step "
                f"{self._done + 1} of {self._all} (an interruption does no harm)"
            )
        return 0


def refuse_strangers(connection: sqlite3.Connection) -> None:
    """Make sure, without changing anything, that a file is a ledger that this program knows.

    Raises:
        LedgerError: the file belongs to another program, or to a newer version of this one.
        sqlite3.Error: the file cannot be read.
    """
    _version(connection)


def _version(connection: sqlite3.Connection) -> int:
    # The tables first: another process may be making them, and marks the file together with them.
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION_ID and (tables or application):
        raise LedgerError(f"{_file(connection)} belongs to another program: move it out of the way")
    if version > VERSION:
        raise LedgerError(
            f"our records ({_file(connection)}) were written by a newer version of this program "
            f"(its tables are version {version}, this program knows {VERSION}): install that "
            "version again"
        )
    return version


def _file(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA database_list").fetchone()[2])


def statements_of(script: str) -> list[str]:
    """Return a script's statements: they end where SQLite says so (a trigger has semicolons)."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
