"""Who holds claims: living processes, proven by a lock that dies with them.

Each process holds an exclusive lock on a file of its own. The operating system lets go of it
when the process ends, however it ends: a lock that can be taken belongs to a dead process. So a
process number that was given to another program proves nothing, and a pause (a suspended
machine, a debugger) takes nothing away from the living.
"""

from __future__ import annotations

import os
import shlex
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from filelock import FileLock, Timeout

from pipeline.home import PRIVATE_FILE
from pipeline.ledger.ids import new_id
from pipeline.ledger.sqlite.connection import translated

__all__ = ["LockedOwner", "command_line", "is_dead"]

LONGEST_COMMAND: Final = 1_000
"""So many letters of a command's line are kept: thousands of paths may be in it."""


class LockedOwner:
    """See `pipeline.ledger.database.Owner`: this process, alive as long as its lock is held."""

    def __init__(self, folder: Path, door: str) -> None:
        """Take the folder of the lock files and what this process is there for.

        Raises:
            LedgerError: the folder cannot be written.
        """
        self.id = new_id()
        self.pid = os.getpid()
        self.host = socket.gethostname()
        self.door = door
        self.command = command_line(sys.argv[1:])
        self._folder = folder
        self._file = _lock_file(folder, self.id)
        self._lock = FileLock(self._file, mode=PRIVATE_FILE, thread_local=False)
        with translated(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)

    def is_dead(self, owner_id: str) -> bool:
        """Whether the process of that name has ended, without disturbing it if it has not."""
        return is_dead(self._folder, owner_id)

    def leave(self) -> None:
        """Release the lock and take its file away."""
        with suppress(OSError):
            self._file.unlink()
        self._lock.release(force=True)


def is_dead(folder: Path, owner_id: str) -> bool:
    """Whether the process of that name has ended, without disturbing it if it has not."""
    file = _lock_file(folder, owner_id)
    if not file.exists():
        return True
    lock = FileLock(file, mode=PRIVATE_FILE, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        return False
    with suppress(OSError):
        file.unlink()
    lock.release(force=True)
    return True


def command_line(words: Sequence[str]) -> str:
    """Return a command as people write it; of an address only what is no secret.

    Args:
        words: what follows the program's name.
    """
    line = shlex.join(["pipeline", *map(_without_secrets, words)])
    return line if len(line) <= LONGEST_COMMAND else f"{line[: LONGEST_COMMAND - 1]}…"


def _without_secrets(word: str) -> str:
    # What signs an address stands in its query, a password before its host.
    if "://" not in word:
        return word
    try:
        address = urlsplit(word)
    except ValueError:
        return "…"
    return urlunsplit((address.scheme, address.netloc.rpartition("@")[2], address.path, "", ""))


def _lock_file(folder: Path, owner_id: str) -> Path:
    return folder / f"{owner_id}.lock"
