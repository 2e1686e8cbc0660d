"""Files that outlast a power cut: to the disk and no less, and whole under their name or not there.

The hook writes through here while a camera waits, so nothing is imported that Python has not
loaded already when it starts.
"""

from __future__ import annotations

import errno
import os
import sys
from _thread import get_ident

__all__ = ["flush_file", "flush_folder", "put_in_place", "replace_file"]


def flush_file(path: str) -> None:
    """Have a file's content outlast a power cut.

    Raises:
        OSError: it cannot be opened, or the disk fails.
    """
    # Windows flushes only what is open for writing.
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        _flush(handle)
    finally:
        os.close(handle)


def flush_folder(path: str) -> None:
    """Have the names in a folder outlast a power cut.

    Raises:
        OSError: it cannot be opened, or the disk fails.
    """
    # Windows keeps the names of files safe by itself.
    if os.name == "nt":
        return
    handle = os.open(path or ".", os.O_RDONLY)
    try:
        _flush(handle)
    finally:
        os.close(handle)


def put_in_place(hidden: str, path: str) -> None:
    """Give a file that is written whole its name, once its content is on the disk.

    Args:
        hidden: where it lies, in the folder of its name.
        path: its name; a file that has it is replaced.

    Raises:
        OSError: it cannot be renamed, or the disk fails.
    """
    flush_file(hidden)
    os.replace(hidden, path)
    flush_folder(os.path.dirname(path))


def replace_file(path: str, content: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Write a file under a hidden name and rename it, so that whoever looks sees it whole.

    Where that fails nothing is left behind, and what lay there before lies there still.

    Args:
        path: its name; a file that has it is replaced.
        content: the whole of it.
        mode: who may read and write it, before the process's mask.
        durable: whether it has to outlast a power cut.

    Raises:
        OSError: it cannot be written, or the disk fails.
    """
    folder, name = os.path.split(path)
    # Processes and threads may write the same file at once: each its own.
    hidden = os.path.join(folder, f".{name}.{os.getpid()}.{get_ident()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(hidden, flags, mode)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(handle, left) :]
            if durable:
                _flush(handle)
        finally:
            os.close(handle)
        os.replace(hidden, path)
    except BaseException:
        try:
            os.unlink(hidden)
        except OSError:
            pass
        raise
    if durable:
        flush_folder(folder)


def _flush(handle: int) -> None:
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
