"""The tray: shots that a hook puts down, durable at once, until an engine takes them in.

gphoto2 stands still while its hook runs, and deletes the camera's copy afterwards whatever the
hook returns. So the hook makes the photograph and a slip about it safe against a power cut, and
nothing else: it reads no settings and opens no ledger, so that it is quick, and works while the
ledger is busy, full or damaged. Whose shop the photograph is for is decided when it is taken in.

A slip is a file of `name=value` fields ended by NUL, for a path may hold any other byte. It is
written under a hidden name and renamed, so that whoever looks sees it whole. Slips sort by name in
the order in which they were put down.

Nothing is imported here that Python has not loaded already when it starts.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time

from pipeline.durable import flush_file, flush_folder, replace_file
from pipeline.home import TABLE_FILE, TRAY_FOLDER

__all__ = [
    "clear_table",
    "is_held",
    "make_durable",
    "on_the_table",
    "pending",
    "put_down",
    "read_slip",
    "set_table",
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


def put_down(home: str, fields: dict[str, str], number: int = 0) -> str:
    """Write a slip, durable when this returns; give its path.

    Args:
        home: the home folder.
        fields: what the slip says; no name or value may hold a NUL.
        number: tells the slips of one call of the hook apart.

    Raises:
        OSError: it cannot be written.
    """
    folder = os.path.join(home, TRAY_FOLDER)
    os.makedirs(folder, exist_ok=True)
    name = f"{time.time_ns():020d}-{os.getpid()}-{number:04d}"
    path = os.path.join(folder, name)
    replace_file(path, _content(fields))
    return path


def pending(home: str) -> list[str]:
    """Return the paths of the slips that lie in the tray, the oldest first."""
    folder = os.path.join(home, TRAY_FOLDER)
    try:
        names = sorted(name for name in os.listdir(folder) if name[0] != ".")
    except FileNotFoundError:
        return []
    return [os.path.join(folder, name) for name in names]


def read_slip(path: str) -> dict[str, str]:
    """Return a slip's fields.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        pieces = file.read().split(b"\0")
    pairs = (piece.partition(b"=") for piece in pieces if piece)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def set_table(home: str, fields: dict[str, str]) -> None:
    """Say what is on the table for the shots that follow: `sku` or `product`.

    Raises:
        OSError: it cannot be written.
    """
    os.makedirs(home, exist_ok=True)
    replace_file(os.path.join(home, TABLE_FILE), _content(fields))


def clear_table(home: str) -> None:
    """Say that nothing is on the table.

    Raises:
        OSError: it cannot be written.
    """
    try:
        os.unlink(os.path.join(home, TABLE_FILE))
    except FileNotFoundError:
        return
    flush_folder(home)


def on_the_table(home: str) -> dict[str, str]:
    """Return what is on the table: `sku` or `product`; nothing where nothing is."""
    try:
        return read_slip(os.path.join(home, TABLE_FILE))
    except OSError:
        return {}


def is_held(home: str, lock: str) -> bool:
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
