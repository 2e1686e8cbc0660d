"""Files that are whole under their name, or not there, and their owner's alone."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["flush_folder", "write_whole"]


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file under another name, `….part`, and rename it; where that fails nothing is left.

    Args:
        path: its name; a file that has it is replaced.
        content: the whole of it.
        durable: its content has to outlast a power cut; its name does after `flush_folder`.

    Raises:
        OSError: the disk is full or not writable.
    """
    part = path.with_name(f"{path.name}.{os.urandom(4).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        # From the start: a chmod afterwards would leave a moment in which all may read.
        with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def flush_folder(folder: Path) -> None:
    """Have the names in a folder outlast a power cut.

    Raises:
        OSError: it cannot be opened, or the disk fails.
    """
    # Windows keeps folder entries by itself and cannot open a folder.
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
