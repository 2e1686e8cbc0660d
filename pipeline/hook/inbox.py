"""The inbox: shots that a hook notes down, durable at once, until an engine takes them in.

gphoto2 stands still while its hook runs, and deletes the camera's copy afterwards whatever the
hook returns. So the hook makes the photograph and an entry about it safe against a power cut, and
nothing else: it reads no settings and opens no ledger, so that it is quick, and works while the
ledger is busy, full or damaged. Whose store the photograph is for is decided when it is taken in.

An entry is a file of `name=value` fields ended by NUL, for a path may hold any other byte. Entries
sort by name in the order in which they were made.

Nothing is imported here that Python has not loaded already when it starts.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time

from pipeline.durable import flush_file, flush_folder, replace_file
from pipeline.home import CURRENT_PRODUCT_FILE, INBOX_FOLDER

__all__ = [
    "add_entry",
    "clear_current_product",
    "current_product",
    "entries",
    "is_locked",
    "make_durable",
    "read_entry",
    "set_current_product",
]


def make_durable(path: str) -> None:
    """Have a file's content and its name outlast a power cut.

    Raises:
        OSError: the file cannot be opened, or the disk fails.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        # To open a named pipe would be to wait for whoever writes into it.
        raise OSError(errno.EINVAL, "it is no regular file")
    flush_file(path)
    flush_folder(os.path.dirname(path))


def add_entry(home: str, fields: dict[str, str], number: int = 0) -> str:
    """Write an entry, durable when this returns; return its path.

    Args:
        home: the home folder.
        fields: what the entry says; no name or value may hold a NUL.
        number: tells the entries of one call of the hook apart.

    Raises:
        OSError: it cannot be written.
    """
    folder = os.path.join(home, INBOX_FOLDER)
    os.makedirs(folder, exist_ok=True)
    name = f"{time.time_ns():020d}-{os.getpid()}-{number:04d}"
    path = os.path.join(folder, name)
    replace_file(path, _content(fields))
    return path


def entries(home: str) -> list[str]:
    """Return the paths of the entries in the inbox, the oldest first."""
    folder = os.path.join(home, INBOX_FOLDER)
    try:
        names = sorted(name for name in os.listdir(folder) if name[0] != ".")
    except FileNotFoundError:
        return []
    return [os.path.join(folder, name) for name in names]


def read_entry(path: str) -> dict[str, str]:
    """Return an entry's fields.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        pieces = file.read().split(b"\0")
    pairs = (piece.partition(b"=") for piece in pieces if piece)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def set_current_product(home: str, fields: dict[str, str]) -> None:
    """Set the product of the shots that follow: `sku` or `product`.

    Raises:
        OSError: it cannot be written.
    """
    os.makedirs(home, exist_ok=True)
    replace_file(os.path.join(home, CURRENT_PRODUCT_FILE), _content(fields))


def clear_current_product(home: str) -> None:
    """Say that the shots that follow belong to no known product.

    Raises:
        OSError: it cannot be written.
    """
    try:
        os.unlink(os.path.join(home, CURRENT_PRODUCT_FILE))
    except FileNotFoundError:
        return
    flush_folder(home)


def current_product(home: str) -> dict[str, str]:
    """Return the product that is set for new shots: `sku` or `product`; empty where none is."""
    try:
        return read_entry(os.path.join(home, CURRENT_PRODUCT_FILE))
    except OSError:
        return {}


def is_locked(home: str, lock: str) -> bool:
    """Whether a living process holds a lock file in the home folder.

    The same lock that the library `filelock` takes, asked for without loading it. It is taken for
    a moment to see whether it is free, shared, so that hooks do not stand in each other's way.
    """
    try:
        handle = os.open(os.path.join(home, lock), os.O_RDWR)
    except OSError:
        return False
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _content(fields: dict[str, str]) -> bytes:
    return b"".join(
        os.fsencode(key) + b"=" + os.fsencode(value) + b"\0" for key, value in fields.items()
    )
