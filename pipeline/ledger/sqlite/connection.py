"""One SQLite connection that loses nothing at a power cut and waits its turn among processes.

Chosen by measurement, on the SQLite that Python links:

- `journal_mode=TRUNCATE` with `synchronous=FULL`: of 1,604 enumerated power cuts none lost an
  acknowledged row (SQLite's default, DELETE with FULL, lost one in 271 of 1,504).
- Not WAL: before SQLite 3.51.3 a ledger with several connections can lose committed rows or be
  damaged when a checkpoint is reset (the WAL-reset bug), and Python links older ones.
- `BEGIN IMMEDIATE` for every write: 0 of 2,400 transactions of 8 processes met "database is
  locked", where Python's default `BEGIN` met it in 2,267, whatever the time-out.
- A commit forces five times, whatever is in it: so transactions that come at the same time, and
  those that can bear to be durable a moment later, share one. What is in a group is seen on this
  connection, and by no other process, before it is committed; until then it keeps them from
  writing. So a group is whole or gone after a power cut, and with one part of it all before it are
  there: what is decided by something that was seen is never there without it.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from pipeline.errors import LedgerDamaged, LedgerError
from pipeline.faultpoints import reach
from pipeline.ledger.database import Row, Transaction, Value
from pipeline.ledger.sqlite.gate import Gate
from pipeline.ledger.sqlite.schema import migrate, refuse_strangers

__all__ = ["SqliteDatabase", "translated"]

BUSY_SECONDS: Final = 30.0
"""How long a transaction waits for other processes; theirs take some milliseconds each."""

LEAST_LINGER: Final = 0.01
"""Seconds until what is deferred is committed where no other transaction comes meanwhile."""

MOST_LINGER: Final = 0.1
"""The same on a slow disk, where it is twice as long as the last commit took: else those of what is
deferred would be half of all."""

MOST_PAUSE: Final = 0.025
"""Seconds for which what is awaited waits, at most, for others that share its commit: a quarter of
what the last one took. Of four threads on a slow disk, each would else commit for itself."""

_PRAGMAS: Final = (
    "journal_mode = TRUNCATE",
    "synchronous = FULL",
    "fullfsync = ON",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    # Half a megabyte, not two: what is asked lies in the system's own cache, and a watcher's memory
    # stays as it was after its first hour.
    "cache_size = -500",
)


class _Transaction:
    """See `pipeline.ledger.database.Transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, /, **values: Value) -> int:
        return self._connection.execute(statement, values).rowcount

    def run_for_each(self, statement: str, many: Iterable[Mapping[str, Value]], /) -> None:
        self._connection.executemany(statement, many)

    def row(self, question: str, /, **values: Value) -> Row | None:
        # To its end, for what it changes is changed only then.
        found = self._connection.execute(question, values).fetchall()
        return found[0] if found else None

    def rows(self, question: str, /, **values: Value) -> Sequence[Row]:
        return self._connection.execute(question, values).fetchall()


class _Group:
    """Transactions that follow one another and share a commit."""

    def __init__(self) -> None:
        self.parts = 0
        self.deferred = False
        self.awaited = 0
        self.latest = 0.0
        """When it is to be committed at the latest, by the monotonic clock."""
        self.over = threading.Event()
        self.error: LedgerError | None = None
        self.then: list[Callable[[], None]] = []


class _Writing:
    """One part of a group. A class, for what a generator makes takes three times as long."""

    __slots__ = ("_database", "deferred", "first", "group", "marked", "one_change")

    def __init__(self, database: SqliteDatabase, *, deferred: bool, one_change: bool) -> None:
        self._database = database
        self.deferred = deferred
        self.one_change = one_change
        self.group: _Group
        self.first = self.marked = False

    def __enter__(self) -> Transaction:
        return self._database.begin(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.end(self, error)


class _Reading:
    __slots__ = ("_database",)

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def __enter__(self) -> Transaction:
        return self._database.enter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.leave(error)


class SqliteDatabase:
    """See `pipeline.ledger.database.Database`; one transaction at a time."""

    def __init__(self, file: Path, told: Callable[[str], None] = lambda sentence: None) -> None:
        """Open the database file, made or migrated where needed.

        Args:
            file: of the database.
            told: is given a sentence now and then, where a migration takes long.

        Raises:
            LedgerError: it cannot be opened, is no ledger, or one of a newer version.
            KeyboardInterrupt: somebody does not want to wait for a migration.
        """
        self._file = file
        self._lock = threading.RLock()
        self._depth = 0
        self._group: _Group | None = None
        self._void: LedgerError | None = None
        self._counting = threading.Lock()
        self._coming = 0
        self._coming_awaited = 0
        self._expected = 0
        self._linger = LEAST_LINGER
        self._pause = 0.0
        self._deferred: queue.SimpleQueue[_Group | None] = queue.SimpleQueue()
        self._late: threading.Thread | None = None
        self._closed = threading.Event()
        self._telling = threading.RLock()
        self._due: deque[Callable[[], None]] = deque()
        with translated(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            try:
                # Before anything is set: the way of journalling stays with another's file.
                refuse_strangers(self._connection)
                for pragma in _PRAGMAS:
                    self._connection.execute(f"PRAGMA {pragma}")
                migrate(self._connection, told)
            except BaseException:
                self._connection.close()
                raise
            self._transaction = _Transaction(self._connection)
            self._gate = Gate(file.parent)

    def writing(
        self, *, deferred: bool = False, one_change: bool = False
    ) -> AbstractContextManager[Transaction]:
        return _Writing(self, deferred=deferred, one_change=one_change)

    def reading(self) -> AbstractContextManager[Transaction]:
        return _Reading(self)

    def begin(self, part: _Writing) -> Transaction:
        """Begin a part of a group, which has the connection until `end`."""
        self._come(awaited=not part.deferred)
        try:
            self.assure()
            group = self._group or self._begun()
            # The first is the whole group until now: what undoes it is a rollback.
            part.group, part.first = group, group.parts == 0
            part.marked = not (part.first or part.one_change)
            if part.marked:
                self._connection.execute("SAVEPOINT part")
        except BaseException as error:
            self.leave(error)
            raise
        return self._transaction

    def end(self, part: _Writing, error: BaseException | None) -> None:
        """End a part, undone where it failed; what is awaited is durable then."""
        group = part.group
        try:
            if error is not None:
                self._undo(group, error, first=part.first, marked=part.marked)
            else:
                if part.marked:
                    self._connection.execute("RELEASE part")
                group.parts += 1
                if part.deferred:
                    self._commit_later(group)
                else:
                    group.awaited += 1
                    if self._depth > 1 or self._all_here(group):
                        self._commit(group)
        except BaseException as failure:
            self.leave(failure)
            raise
        self.leave(error)
        if error is None and not part.deferred:
            self._wait_for(group)

    def enter(self) -> Transaction:
        """Have the connection for questions, until `leave`."""
        self._come(awaited=False)
        return self._transaction

    def leave(self, error: BaseException | None) -> None:
        """Let the connection go; what went wrong meanwhile is raised as ours, where it is not."""
        self._go()
        if error is not None:
            raise_as_ours(self._file, error)

    def has_begun(self) -> bool:
        return self._group is not None

    def assure(self) -> None:
        if self._void is not None:
            raise _same(self._void)

    def when_durable(self, then: Callable[[], None]) -> None:
        with self._lock:
            self.assure()
            if self._group is not None:
                self._group.then.append(then)
                return
        _do(then)

    def make_durable(self) -> None:
        with self._lock:
            self.assure()
            group = self._group
            if group is not None:
                self._commit(group)
        if group is not None:
            self._wait_for(group)
        # Another thread may be telling still what it has committed.
        with self._telling:
            self._tell()

    def by_index(self, name: str) -> str:
        return f"INDEXED BY {name}"

    def problem(self) -> str | None:
        with self.reading() as transaction:
            row = transaction.row("PRAGMA quick_check(1)")
        answer = "" if row is None else str(row["quick_check"])
        return None if answer == "ok" else answer

    def close(self) -> None:
        with self._lock:
            if self._group is not None:
                self._commit(self._group)
            self._connection.close()
            self._gate.close()
        self._closed.set()
        self._deferred.put(None)
        self._tell()

    def _come(self, *, awaited: bool) -> None:
        """Take the connection, until `_go`; those who wait for it are counted."""
        if not self._lock.acquire(blocking=False):
            with self._counting:
                self._coming += 1
                self._coming_awaited += awaited
            try:
                self._lock.acquire()
            finally:
                with self._counting:
                    self._coming -= 1
                    self._coming_awaited -= awaited
        self._depth += 1

    def _go(self) -> None:
        self._depth -= 1
        self._lock.release()

    def _begun(self) -> _Group:
        with self._gate:
            self._connection.execute("BEGIN IMMEDIATE")
        self._group = _Group()
        return self._group

    def _all_here(self, group: _Group) -> bool:
        """Whether nobody is waited for any more to share a commit.

        Who waits for the connection in order to write what is awaited will be here at once. Who
        waited for it, for whatever reason, while the last group was committed may be here soon.
        """
        return not self._coming_awaited and group.awaited >= self._expected

    def _undo(self, group: _Group, error: BaseException, *, first: bool, marked: bool) -> None:
        """Undo one part of a group alone; what SQLite itself undid is all of it."""
        if not self._connection.in_transaction:
            self._ended(group, _failure(error, self._file))
        elif first:
            self._group = None
            self._connection.execute("ROLLBACK")
        else:
            if marked:
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
            if group.awaited and self._all_here(group):
                self._commit(group)

    def _commit(self, group: _Group) -> None:
        """Commit a group, and let those who wait for it go on; how it went stands in it."""
        began = time.monotonic()
        error: LedgerError | None = LedgerError(f"our records ({self._file}): interrupted")
        try:
            with translated(self._file):
                reach("before commit", sqlite3.OperationalError)
                self._connection.execute("COMMIT")
                reach("after commit", sqlite3.OperationalError)
            error = None
        except LedgerError as failure:
            error = failure
        finally:
            self._ended(group, error)
        took = time.monotonic() - began
        self._linger = min(MOST_LINGER, max(LEAST_LINGER, 2 * took))
        self._pause = min(MOST_PAUSE, took / 4)
        self._expected = self._coming

    def _ended(self, group: _Group, error: LedgerError | None) -> None:
        self._group = None
        group.error = error
        if error is None:
            self._due.extend(group.then)
        else:
            if group.deferred or group.parts > 1:
                self._void = error
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
        group.over.set()

    def _wait_for(self, group: _Group) -> None:
        if not group.over.wait(self._pause):
            with self._lock:
                if self._group is group:
                    self._commit(group)
        if group.error is not None:
            raise _same(group.error) from group.error
        self._tell()

    def _tell(self) -> None:
        """Do what waits for what is durable now, one after the other."""
        while self._due:
            with self._telling:
                if self._due:
                    _do(self._due.popleft())

    def _commit_later(self, group: _Group) -> None:
        """Have a group committed after a while, where nobody else does."""
        if group.deferred:
            return
        group.deferred = True
        group.latest = time.monotonic() + self._linger
        if self._late is None:
            self._late = threading.Thread(target=self._commit_late, name="ledger", daemon=True)
            self._late.start()
        self._deferred.put(group)

    def _commit_late(self) -> None:
        while (group := self._deferred.get()) is not None:
            if group.over.is_set():
                continue
            self._closed.wait(max(0.0, group.latest - time.monotonic()))
            with self._lock:
                if self._group is group:
                    self._commit(group)
            self._tell()


class translated:  # noqa: N801 - it is used as a function that returns a context
    """Turns SQLite's and the disk's errors into ours, each with what would mend it.

    A class, for it is around every statement of the ledger, and is four times as quick.

    Raises:
        LedgerDamaged: the file is damaged, or is no database.
        LedgerError: whatever else went wrong with the ledger's file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raise ours instead of what came."""
        if error is not None:
            raise_as_ours(self._file, error)


def raise_as_ours(file: Path, error: BaseException) -> None:
    """Raise ours for what SQLite or the disk raised; anything else is the caller's to raise.

    Raises:
        LedgerDamaged, LedgerError: as `translated` does.
    """
    if isinstance(error, sqlite3.IntegrityError) or not isinstance(error, sqlite3.Error | OSError):
        return
    if _name(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        raise LedgerDamaged(
            f"our records ({file}) are damaged: `pipeline ledger rebuild` and the folders of your "
            "photographs make new ones from what the shop has; or put back a backup"
        ) from error
    raise LedgerError(f"the file of our records, {file}, {_what(error)}") from error


def _name(error: Exception) -> str:
    return getattr(error, "sqlite_errorname", "") or ""


def _what(error: Exception) -> str:
    name = _name(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"was kept locked by another program for {BUSY_SECONDS:.0f} seconds: close it there"
    if name.startswith("SQLITE_FULL") or getattr(error, "errno", None) == 28:
        return "cannot grow: the disk is full; make room and run again"
    if name.startswith("SQLITE_READONLY") or isinstance(error, PermissionError):
        return "cannot be written: check its permissions and those of its folder"
    if name.startswith("SQLITE_CANTOPEN"):
        return "cannot be opened: check that its folder exists and can be written"
    return f"cannot be used ({error})"


def _failure(error: BaseException, file: Path) -> LedgerError:
    """Return as one of ours what made SQLite undo a whole transaction."""
    try:
        with translated(file):
            raise error
    except LedgerError as ours:
        return ours
    except BaseException:
        return LedgerError(f"our records ({file}): interrupted")


def _do(then: Callable[[], None]) -> None:
    try:
        then()
    except Exception:
        # Of no concern to who happened to commit. Who only asks does not wait for this module.
        import logging

        logging.getLogger(__name__).exception("defect after something was written down")


def _same(error: LedgerError) -> LedgerError:
    """Return the same error once more, for another thread to raise."""
    return type(error)(str(error))
