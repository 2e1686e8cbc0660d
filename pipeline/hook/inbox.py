"""The inbox: shots that a hook notes down, durable at once, until an engine takes them in.

gphoto2 stands still while its hook runs, and deletes the camera's copy afterwards whatever the
hook returns. So the hook makes the photograph, a copy of it (`pipeline.hook.copying`) and an entry
about it safe against a power cut, and nothing else: it reads no settings and opens no ledger, so
that it is quick, and works while the ledger is busy, full or damaged. Whose store the photograph is
for, where the call names none, is decided when it is taken in.

Where a call names a shop, the entry's name ends with it: who works for another one passes it by
unread.

An entry is a file of `name=value` fields ended by NUL, for a path may hold any other byte. Entries
sort by name in the order in which they were made. The copy lies beside its entry, hidden, and is
whole before the entry is there; an entry without one tells of a file that lies where it says.

Nothing is imported here that Python has not loaded already when it starts.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time

from pipeline.durable import flush_file, flush_folder, replace_file
from pipeline.home import CURRENT_PRODUCT_FILE, INBOX_FOLDER, SET_ASIDE_FOLDER, of_shop

__all__ = [
    "add_entry",
    "clear_current_product",
    "copy_of",
    "current_product",
    "entries",
    "entries_set_aside",
    "is_locked",
    "make_durable",
    "new_entry",
    "read_entry",
    "remove_entry",
    "set_aside",
    "set_current_product",
    "shop_of",
    "stamp_of",
    "sweep_copies",
    "table_set_at",
    "write_entry",
]

MOST_BYTES = 1 << 20
"""A path has some thousand bytes at most, and so has an entry."""

COPY_PREFIX, COPY_SUFFIX = ".", ".copy"
"""Around an entry's name they make that of the copy beside it: no version of the program that does
not know it takes it for an entry."""

REASON_SUFFIX = ".why"
"""Ends the name of the file in which it stands why what lies beside it was set aside."""

EARLIER_PREFIX = ".unreadable-"
"""With it the program's first version set entries aside."""


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
    """Write an entry without a copy, durable when this returns; return its path.

    Args:
        home: the home folder.
        fields: what the entry says; no name or value may hold a NUL.
        number: tells the entries of one call of the hook apart.

    Raises:
        OSError: it cannot be written.
    """
    entry = new_entry(home, number)
    write_entry(entry, fields)
    return entry


def new_entry(home: str, number: int, shop: str = "") -> str:
    """Return the path of an entry that is to be written, in an inbox that is there.

    Args:
        home: the home folder.
        number: tells the entries of one call of the hook apart.
        shop: the shop that the call names; empty where it names none.

    Raises:
        OSError: there is no inbox, and none can be made.
    """
    folder = os.path.join(home, INBOX_FOLDER)
    os.makedirs(folder, exist_ok=True)
    name = f"{time.time_ns():020d}-{os.getpid()}-{number:04d}"
    return os.path.join(folder, of_shop(name, shop))


def write_entry(entry: str, fields: dict[str, str]) -> None:
    """Write an entry; it is durable when this returns, and so is the name of the copy beside it.

    Raises:
        OSError: it cannot be written.
    """
    replace_file(entry, _content(fields))


def copy_of(entry: str) -> str:
    """Return the path at which the copy of the photograph lies that an entry tells of."""
    folder, name = os.path.split(entry)
    return os.path.join(folder, f"{COPY_PREFIX}{name}{COPY_SUFFIX}")


def stamp_of(path: str) -> str:
    """Return what a file's status says of its content; empty where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"


def remove_entry(entry: str, *, with_copy: bool = True) -> None:
    """Take an entry away, and then the copy beside it: nobody finds an entry that has lost its own.

    Raises:
        OSError: the entry cannot be taken away.
    """
    for path in (entry, copy_of(entry))[: 1 + with_copy]:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass


def sweep_copies(home: str, before: float) -> None:
    """Take away copies that were left in the inbox without an entry, by processes that died.

    Args:
        home: the home folder.
        before: only what was made before this time goes, in seconds since 1970: a hook that is at
            work writes its entry last.
    """
    inbox = os.path.join(home, INBOX_FOLDER)
    for name in _names_in(inbox):
        if not (name.startswith(COPY_PREFIX) and name.endswith(COPY_SUFFIX)):
            continue
        entry = name[len(COPY_PREFIX) : -len(COPY_SUFFIX)]
        places = (inbox, os.path.join(inbox, SET_ASIDE_FOLDER))
        if any(os.path.lexists(os.path.join(place, entry)) for place in places):
            continue
        copy = os.path.join(inbox, name)
        try:
            if os.lstat(copy).st_ctime < before:
                os.unlink(copy)
        except OSError:
            pass


def entries(home: str, shops: frozenset[str] | None = None) -> list[str]:
    """Return the paths of the entries in the inbox, the oldest first.

    Args:
        home: the home folder.
        shops: only those of these shops, as `shop_of` tells them; all where None.
    """
    folder = os.path.join(home, INBOX_FOLDER)
    names = (name for name in _names_in(folder) if name[0] != ".")
    return [os.path.join(folder, name) for name in names if shops is None or shop_of(name) in shops]


def shop_of(entry: str) -> str:
    """Return the shop that an entry's name ends with; empty where its call named none."""
    return os.path.basename(entry).partition("@")[2]


def read_entry(path: str) -> dict[str, str]:
    """Return an entry's fields.

    Raises:
        OSError: it cannot be read, is no regular file, or too large to be an entry.
    """
    pieces = _content_of(path).split(b"\0")
    pairs = (piece.partition(b"=") for piece in pieces if piece)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def set_aside(entry: str, reason: str) -> str:
    """Move what lies in the inbox and cannot be taken in out of the way; return its new path.

    Args:
        entry: its path.
        reason: a sentence, which is kept beside it.

    Raises:
        OSError: it cannot be moved.
    """
    inbox, name = os.path.split(entry)
    aside = os.path.join(inbox, SET_ASIDE_FOLDER, name)
    os.makedirs(os.path.dirname(aside), exist_ok=True)
    replace_file(aside + REASON_SUFFIX, os.fsencode(reason))
    os.replace(entry, aside)
    return aside


def entries_set_aside(home: str) -> list[tuple[str, str]]:
    """Return what was set aside in the inbox, and why, the oldest first."""
    inbox = os.path.join(home, INBOX_FOLDER)
    folder = os.path.join(inbox, SET_ASIDE_FOLDER)
    found: list[tuple[str, str]] = []
    for name in _names_in(inbox):
        if name.startswith(EARLIER_PREFIX):
            found.append((os.path.join(inbox, name), "it cannot be read"))
    for name in _names_in(folder):
        path = os.path.join(folder, name)
        # While a reason is written, it lies there under a hidden name.
        if name[0] != "." and not name.endswith(REASON_SUFFIX):
            found.append((path, _reason_of(path)))
    return found


def set_current_product(
    home: str, fields: dict[str, str], shop: str = "", *, at: float | None = None
) -> None:
    """Set the product of the shots that follow: `sku` or `product`.

    Args:
        home: the home folder.
        fields: the product.
        shop: the shop that the calls name for which it counts; empty for those that name none.
        at: when it was said, in seconds since 1970; None: now.

    Raises:
        OSError: it cannot be written.
    """
    os.makedirs(home, exist_ok=True)
    file = os.path.join(home, of_shop(CURRENT_PRODUCT_FILE, shop))
    replace_file(file, _content(fields))
    if at is not None:
        os.utime(file, (at, at))


def clear_current_product(home: str, shop: str = "") -> None:
    """Say that the shots that follow, of calls that name that shop, belong to no known product.

    Raises:
        OSError: it cannot be written.
    """
    # Not taken away: when that was said counts against a label that was shot before.
    if os.path.lexists(os.path.join(home, of_shop(CURRENT_PRODUCT_FILE, shop))):
        set_current_product(home, {}, shop)


def table_set_at(home: str, shop: str = "") -> float | None:
    """Return when it was said what is on the table, in seconds since 1970; None: never.

    Args:
        home: the home folder.
        shop: the shop that the call of a shot names; empty where it names none.
    """
    try:
        return os.stat(os.path.join(home, of_shop(CURRENT_PRODUCT_FILE, shop))).st_mtime
    except OSError:
        return None


def current_product(home: str, shop: str = "") -> dict[str, str]:
    """Return the product that is set for new shots: `sku` or `product`; empty where none is.

    Args:
        home: the home folder.
        shop: the shop that the call of a shot names; empty where it names none.
    """
    try:
        return read_entry(os.path.join(home, of_shop(CURRENT_PRODUCT_FILE, shop)))
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


def _names_in(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:  # `pipeline doctor` tells of an inbox that cannot be read
        return []


def _content_of(path: str) -> bytes:
    # Not to be kept waiting by a named pipe, nor led elsewhere by a link.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if status.st_size > MOST_BYTES:
            raise OSError(errno.EFBIG, "it is too large")
        pieces = []
        while piece := os.read(handle, MOST_BYTES):
            pieces.append(piece)
    finally:
        os.close(handle)
    return b"".join(pieces)


def _reason_of(path: str) -> str:
    try:
        return os.fsdecode(_content_of(path + REASON_SUFFIX))
    except OSError:
        return "it cannot be read"


def _content(fields: dict[str, str]) -> bytes:
    return b"".join(
        os.fsencode(key) + b"=" + os.fsencode(value) + b"\0" for key, value in fields.items()
    )
