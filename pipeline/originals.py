"""Opens photographs where the studio put them: only regular files, and only unchanged ones.

Originals are never written, moved, renamed or deleted. A file is opened once and everything is
read through that one handle: a path may mean another file a moment later.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from pipeline.beneath import open_beneath
from pipeline.errors import PhotoRefused
from pipeline.refusals import not_a_file, replaced, unreadable, vanished
from pipeline.values import Original

__all__ = ["CHUNK_BYTES", "digest", "lent", "open_original", "open_regular", "open_unchanged"]

CHUNK_BYTES: Final = 1 << 20

_LENT: Final[dict[Path, int]] = {}


@contextmanager
def open_regular(
    path: Path, root: Path | None = None, *, whole: bool = False
) -> Iterator[BinaryIO]:
    """Open a regular file for reading, without following a link.

    Args:
        path: of the file.
        root: the folder that was named; a link in its place, or above it, is followed. None where
            that is the file's own folder.
        whole: whether it is read in large pieces, or not at all: then none of it is kept ready.

    Raises:
        PhotoRefused: `vanished`, `unreadable` or `not_a_file`; also where reading fails later.
    """
    held = _LENT.get(path)
    handle = _opened(path, root or path.parent) if held is None else os.dup(held)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise not_a_file()
    with os.fdopen(handle, "rb", 0 if whole else -1) as file:
        if held is not None:
            file.seek(0)
        yield file


def open_original(original: Original, *, whole: bool = False) -> AbstractContextManager[BinaryIO]:
    """Open what holds an original's bytes for reading, whatever has become of them by now.

    Args:
        original: the photograph.
        whole: as for `open_regular`.

    Raises:
        PhotoRefused: as `open_regular`.
    """
    kept = original.kept
    place, root = (original.path, original.root) if kept is None else (kept, kept.parent)
    return open_regular(place, root, whole=whole)


@contextmanager
def lent(original: Original, handle: int) -> Iterator[None]:
    """Have this open file be read for an original, and close it at the end.

    For a process that may open no files by itself: another one opened it.
    """
    path = original.kept or original.path
    _LENT[path] = handle
    try:
        yield
    finally:
        del _LENT[path]
        os.close(handle)


def _opened(path: Path, root: Path) -> int:
    # O_NONBLOCK: opening a named pipe would otherwise wait for a writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        return open_beneath(root, path, flags)
    except FileNotFoundError as error:
        raise vanished() from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise not_a_file() from error
        raise unreadable(error) from error


@contextmanager
def open_unchanged(original: Original) -> Iterator[BinaryIO]:
    """Open an original and prove that it still is what was received, before and after the work.

    The content is digested first (some 1 ms a megabyte), so that no verdict and no picture is
    ever recorded for bytes that are not the ones in the ledger.

    Raises:
        PhotoRefused: `replaced` where the content is another one, else as `open_regular`.
    """
    with open_original(original) as file:
        before = _identity(file)
        if before[0] != original.size or digest(file, before[0]) != original.sha256:
            raise replaced()
        file.seek(0)
        try:
            yield file
        except PhotoRefused:
            if _identity(file) != before:
                raise replaced() from None
            raise
        if _identity(file) != before:
            raise replaced()


def digest(file: BinaryIO, most: int | None = None) -> str:
    """Return the SHA-256 of what is left to read, in hexadecimal, read in pieces of 1 MiB.

    Args:
        file: at the place where to begin.
        most: about so many bytes are read at most: a file that is written to all the while would
            otherwise never end.

    Raises:
        PhotoRefused: `unreadable` where the disk fails.
    """
    hasher = hashlib.sha256()
    read = 0
    try:
        while (most is None or read <= most) and (piece := file.read(CHUNK_BYTES)):
            hasher.update(piece)
            read += len(piece)
    except OSError as error:
        raise unreadable(error) from error
    return hasher.hexdigest()


def _identity(file: BinaryIO) -> tuple[int, int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns, status.st_ino
