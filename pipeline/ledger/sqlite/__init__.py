"""The ledger in one SQLite file, shared by the watcher, the hook, runs and questions.

`open_ledger` is for who works, `open_reader` for who only asks. Whoever looks after the file
itself finds that in `pipeline.ledger.sqlite.maintenance`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from pipeline.home import OWNERS_FOLDER
from pipeline.ledger.port import Forgetting, Ledger, LedgerReader, Tidying
from pipeline.ledger.reports import SqlReports
from pipeline.ledger.sqlite.connection import SqliteDatabase

__all__ = ["open_forgetting", "open_ledger", "open_reader", "open_tidying"]


def open_ledger(
    file: Path,
    store: str,
    door: str,
    now: Callable[[], datetime],
    told: Callable[[str], None] = lambda sentence: None,
) -> Ledger:
    """Return the ledger, made or migrated where needed, for a process that may hold claims.

    Args:
        file: the database file; lock files of living processes lie in a folder beside it.
        store: the identity of the store whose photographs are meant.
        door: what this process is there for, shown to people.
        now: gives aware UTC.
        told: is given a sentence now and then, where a migration takes long.

    Raises:
        LedgerError: it cannot be opened.
    """
    # Whoever only asks loads neither locks nor what changes a photograph.
    from pipeline.ledger.ledger import SqlLedger
    from pipeline.ledger.sqlite.owners import LockedOwner

    with ExitStack() as undone:
        database = SqliteDatabase(file, told)
        undone.callback(database.close)
        owner = LockedOwner(file.parent / OWNERS_FOLDER, door)
        undone.callback(owner.leave)
        ledger = SqlLedger(database, owner, store, now)
        undone.pop_all()
    return ledger


def open_reader(
    file: Path, store: str | None, told: Callable[[str], None] = lambda sentence: None
) -> LedgerReader:
    """Return the ledger, made or migrated where needed, for questions alone.

    Args:
        file: the database file.
        store: the identity of the store whose photographs are meant; None for every store.
        told: is given a sentence now and then, where a migration takes long.

    Raises:
        LedgerError: it cannot be opened.
    """
    return SqlReports(SqliteDatabase(file, told), store)


def open_tidying(file: Path, told: Callable[[str], None] = lambda sentence: None) -> Tidying:
    """Return what makes the ledger smaller.

    Args:
        file: the database file.
        told: is given a sentence now and then, where a migration takes long.

    Raises:
        LedgerError: it cannot be opened.
    """
    from pipeline.ledger.tidying import SqlTidying

    return SqlTidying(SqliteDatabase(file, told))


def open_forgetting(file: Path, told: Callable[[str], None] = lambda sentence: None) -> Forgetting:
    """Return what drops a store that never answered.

    Args:
        file: the database file.
        told: is given a sentence now and then, where a migration takes long.

    Raises:
        LedgerError: it cannot be opened.
    """
    from pipeline.ledger.forgetting import SqlForgetting

    return SqlForgetting(SqliteDatabase(file, told))
