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
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        # To open a named pipe would be to wait for whoever writes into it.
        raise OSError(errno.EINVAL, "it is no regular file")
    # Windows flushes only what is open for writing.
    _flush(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    _flush_folder(os.path.dirname(path))  # noqa: PTH120 - no pathlib here


def put_down(home: str, fields: dict[str, str], number: int = 0) -> str:
    """Write a slip, durable when this returns; give its path.

    Args:
        home: the home folder.
        fields: what the slip says; no name or value may hold a NUL.
        number: tells the slips of one call of the hook apart.

    Raises:
        OSError: it cannot be written.
    """
    folder = os.path.join(home, TRAY_FOLDER)  # noqa: PTH118
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    name = f"{time.time_ns():020d}-{os.getpid()}-{number:04d}"
    _write(folder, name, fields)
    return os.path.join(folder, name)  # noqa: PTH118


def pending(home: str) -> list[str]:
    """Give the paths of the slips that lie in the tray, the oldest first."""
    folder = os.path.join(home, TRAY_FOLDER)  # noqa: PTH118
    try:
        names = sorted(name for name in os.listdir(folder) if name[0] != ".")  # noqa: PTH208
    except FileNotFoundError:
        return []
    return [os.path.join(folder, name) for name in names]  # noqa: PTH118


def read_slip(path: str) -> dict[str, str]:
    """Give a slip's fields.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:  # noqa: PTH123
        pieces = file.read().split(b"\0")
    pairs = (piece.partition(b"=") for piece in pieces if piece)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def set_table(home: str, fields: dict[str, str]) -> None:
    """Say what is on the table for the shots that follow: `sku` or `product`.

    Raises:
        OSError: it cannot be written.
    """
    os.makedirs(home, exist_ok=True)  # noqa: PTH103
    _write(home, TABLE_FILE, fields)


def clear_table(home: str) -> None:
    """Say that nothing is on the table.

    Raises:
        OSError: it cannot be written.
    """
    try:
        os.unlink(os.path.join(home, TABLE_FILE))  # noqa: PTH108, PTH118
    except FileNotFoundError:
        return
    _flush_folder(home)


def on_the_table(home: str) -> dict[str, str]:
    """Give what is on the table: `sku` or `product`; nothing where nothing is."""
    try:
        return read_slip(os.path.join(home, TABLE_FILE))  # noqa: PTH118
    except OSError:
        return {}


def is_held(home: str, lock: str) -> bool:
    """Tell whether a living process holds a lock file in the home folder.

    The same lock that the library `filelock` takes, asked for without loading it. It is taken for
    a moment to see whether it is free, shared, so that hooks do not stand in each other's way.
    """
    try:
        handle = os.open(os.path.join(home, lock), os.O_RDWR)  # noqa: PTH118
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


def _write(folder: str, name: str, fields: dict[str, str]) -> None:
    content = b"".join(
        os.fsencode(key) + b"=" + os.fsencode(value) + b"\0" for key, value in fields.items()
    )
    hidden = os.path.join(folder, f".{name}.{os.getpid()}")  # noqa: PTH118
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    handle = os.open(hidden, flags, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(hidden, os.path.join(folder, name))  # noqa: PTH105, PTH118
    _flush_folder(folder)


def _flush_folder(folder: str) -> None:
    # Windows keeps the names of files safe by itself.
    if os.name != "nt":
        _flush(folder or ".", os.O_RDONLY)


def _flush(path: str, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        if sys.platform == "darwin":
            import fcntl

            # fsync leaves the data in the disk's own cache there.
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
        else:
            os.fsync(handle)
    except OSError as error:
        # Some network disks cannot do it, for a folder or at all.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
