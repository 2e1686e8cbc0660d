"""Records what the ledger writes and forces to the disk, and makes the disks that a cut may leave.

Killing a process proves nothing about a power cut: what it wrote is in the system's memory and
survives. Here every write, truncation, force and deletion is recorded in order; a disk after a
cut holds what was forced, and of the rest all, a part or nothing.

The model: forcing a file keeps all that was written to it until then; a deletion is kept once
its folder is forced; what was not forced may survive in any choice, and a write also in part, in
sectors of 512 bytes from its beginning.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw

__all__ = ["Cut", "Recorder"]

SECTOR = 512

Operation = tuple[Any, ...]


class Recorder:
    """A SQLite whose every operation on its files is noted, and then done."""

    NAMES = iter(range(1_000_000))

    def __init__(self) -> None:
        self.log: list[Operation] = []
        self.name = f"recording-{next(self.NAMES)}"
        self._vfs = _Vfs(self.name, self.log)

    def connect(self, file: Path, **_: Any) -> Recorded:
        """Stand in for `sqlite3.connect`."""
        return Recorded(apsw.Connection(str(file), vfs=self.name))

    def note(self, what: Any) -> None:
        """Note that the program was told so."""
        self.log.append(("told", what))

    def unregister(self) -> None:
        self._vfs.unregister()


class Recorded:
    """The part of `sqlite3.Connection` that the ledger uses, on the recording SQLite."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.row_factory: Any = None

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, question: str, given: Any = ()) -> _Answer:
        return _Answer(self._connection, self._connection.execute(question, given))

    def executemany(self, question: str, given: Any) -> None:
        self._connection.executemany(question, given)

    def set_progress_handler(self, handler: Callable[[], int] | None, steps: int) -> None:
        self._connection.set_progress_handler(handler and (lambda: bool(handler())), steps)

    def close(self) -> None:
        self._connection.close()


class _Answer:
    def __init__(self, connection: apsw.Connection, cursor: Any) -> None:
        try:
            names = [column[0] for column in cursor.description]
        except apsw.ExecutionCompleteError:
            names = []
        self._rows = [_Row(names, row) for row in cursor]
        self.rowcount = connection.changes()

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[Any]:
        return self._rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)


class _Row(tuple):  # type: ignore[type-arg]
    _names: list[str]

    def __new__(cls, names: list[str], values: Any) -> _Row:
        row = super().__new__(cls, values)
        row._names = names
        return row

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self._names.index(key) if isinstance(key, str) else key)


class _Vfs(apsw.VFS):
    def __init__(self, name: str, log: list[Operation]) -> None:
        super().__init__(name, "")
        self._log = log

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(name, flags, self._log)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self._log.append(("delete", Path(filename).name, syncdir))
        super().xDelete(filename, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], log: list[Operation]) -> None:
        text = name.filename() if hasattr(name, "filename") else name
        self._name = Path(text).name if text else ""
        self._log = log
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._log.append(("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._log.append(("truncate", self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._log.append(("force", self._name))
        super().xSync(flags)


class Cut:
    """The disks that a power cut may leave after the operations that it was given."""

    def __init__(self) -> None:
        self._forced: dict[str, bytearray] = {}
        self._pending: list[Operation] = []
        self.told: list[Any] = []

    def take(self, operation: Operation) -> None:
        """Go on to the next operation of a log."""
        kind = operation[0]
        if kind == "told":
            self.told.append(operation[1])
        elif kind == "force" or (kind == "delete" and operation[2]):
            name = operation[1]
            for pending in self._pending:
                if pending[1] == name:
                    _apply(self._forced, pending)
            self._pending = [pending for pending in self._pending if pending[1] != name]
            if kind == "delete":
                _apply(self._forced, operation)
        else:
            self._pending.append(operation)

    def disk(self, folder: Path, keep: float, dice: random.Random, *, torn: bool) -> None:
        """Write the files that are left, where each unforced operation is kept by chance."""
        files = {name: bytearray(content) for name, content in self._forced.items()}
        for operation in self._pending:
            if dice.random() >= keep:
                continue
            if torn and operation[0] == "write":
                sectors = len(operation[3]) // SECTOR
                part = dice.randint(0, sectors) * SECTOR
                operation = (*operation[:3], operation[3][:part])
            _apply(files, operation)
        for name, content in files.items():
            (folder / name).write_bytes(content)


def _apply(files: dict[str, bytearray], operation: Operation) -> None:
    kind, name = operation[0], operation[1]
    if kind == "delete":
        files.pop(name, None)
        return
    content = files.setdefault(name, bytearray())
    if kind == "truncate":
        del content[operation[2] :]
        return
    offset, data = operation[2], operation[3]
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def contents(file: Path) -> list[tuple[Any, ...]]:
    """Return every row of every table that tells what happened, in order."""
    connection = sqlite3.connect(file)
    try:
        return [
            row
            for table in ("photos", "history", "attempts")
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY seq")
        ]
    finally:
        connection.close()
