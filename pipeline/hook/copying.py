"""A copy of a photograph, made while its camera waits: what is shot next may overwrite its file.

gphoto2 calls every file `capt0000.jpg` where nobody names it otherwise, and some cameras give all
theirs one name. A hard link would share what an overwrite in place destroys; a reflink, where the
file system can make one, shares the bytes only until one of the two is written to, and costs
nothing. Else the bytes are copied, within a size and a time.

Nothing is imported here that Python has not loaded already when it starts.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time

from pipeline.durable import flush_file
from pipeline.home import PRIVATE_FILE

__all__ = ["copy_photograph"]

MOST_BYTES = 256 << 20
"""A camera's JPEG has some 50 MB at most; what is larger would keep it waiting."""

MOST_SECONDS = 3.0
"""A disk of the network may be slow, and the camera waits."""

LEFT_FREE = 256 << 20
"""On a disk with less, the ledger and the pictures need what is left."""

PIECE_BYTES = 8 << 20

TRIES = 2
"""A file that changes while it is copied is copied once more: the second may be the last change."""

_BEGINNINGS = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"#define", b"/*", b"\0\0")
"""Of the formats that the shop takes."""

_FICLONE = 0x40049409
"""Linux's request for a reflink (`linux/fs.h`)."""


def copy_photograph(path: str, place: str) -> bool:
    """Copy a photograph, so that the copy's content outlasts a power cut; its name not yet.

    Args:
        path: of the photograph.
        place: where nothing lies yet; nothing does either where no copy was made.

    Returns:
        Whether there is a copy: none is made of what cannot be for the shop (a raw file, a film, a
        link) and of what is empty still.

    Raises:
        OSError: it cannot be copied within its size and its time, it changes all the while, the
            disk is full, or fails.
    """
    # Not to be kept waiting by a named pipe, nor led elsewhere by a link.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        source = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno == errno.ELOOP:
            return False
        raise
    try:
        if not _is_for_the_shop(source):
            return False
        _copy_unchanged(source, place)
    except BaseException:
        _remove(place)
        raise
    finally:
        os.close(source)
    return True


def _is_for_the_shop(source: int) -> bool:
    if not stat.S_ISREG(os.fstat(source).st_mode):
        return False
    head = os.read(source, 12)
    # Films, HEIC and Canon's raw files begin with their length, so with zeros; sounds like WebPs.
    if head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:] != b"WEBP"):
        return False
    return head.startswith(_BEGINNINGS)


def _copy_unchanged(source: int, place: str) -> None:
    until = time.monotonic() + MOST_SECONDS
    for _ in range(TRIES):
        before = _state_of(source)
        _copy(source, place, before[0], until)
        if _state_of(source) == before:
            flush_file(place)
            return
    raise OSError(errno.EBUSY, "it is still being written")


def _copy(source: int, place: str, size: int, until: float) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    target = os.open(place, flags, PRIVATE_FILE)
    try:
        if _reflinked(source, target):
            return
        _refuse_what_is_too_much(target, size)
        done = 0
        while done < size:
            done += _copy_piece(source, target, done, min(PIECE_BYTES, size - done))
            if time.monotonic() > until:
                raise OSError(errno.ETIME, "its disk is too slow")
    finally:
        os.close(target)


def _reflinked(source: int, target: int) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _refuse_what_is_too_much(target: int, size: int) -> None:
    if size > MOST_BYTES:
        raise OSError(errno.EFBIG, "it is very large")
    if sys.platform == "win32":
        return
    disk = os.fstatvfs(target)
    if disk.f_bavail * disk.f_frsize - size < LEFT_FREE:
        raise OSError(errno.ENOSPC, "the disk of the home folder is nearly full")


def _copy_piece(source: int, target: int, start: int, most: int) -> int:
    """Copy a piece from a place in a file to the end of another; return how many bytes it had."""
    done = 0
    if sys.platform == "linux":
        try:
            # The bytes need not come through this process.
            done = os.copy_file_range(source, target, most, start, start)
        except OSError:
            # Not every pair of disks can do it; where the disk fails, what follows says so.
            done = 0
    if not done:
        os.lseek(source, start, os.SEEK_SET)
        os.lseek(target, start, os.SEEK_SET)
        piece = memoryview(os.read(source, most))
        done = len(piece)
        while piece:
            piece = piece[os.write(target, piece) :]
    if not done:
        raise OSError(errno.EBUSY, "it is still being written")
    return done


def _state_of(handle: int) -> tuple[int, int]:
    status = os.fstat(handle)
    return status.st_size, status.st_mtime_ns


def _remove(place: str) -> None:
    try:
        os.unlink(place)
    except OSError:
        pass
