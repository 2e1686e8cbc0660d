"""File stamps: what a file's status says of its content, without reading it.

A file whose stamp is the one that it had when it was digested has the same content, with two
exceptions. What was changed within the moment in which it was read may bear the same times, for
file systems count them in steps (FAT: of two seconds): such a stamp is not trusted. And where a
file system keeps no time of change (Windows, network disks as they are used here), a file of the
same size that was given the same time is not told from the one before: `--check-content` reads it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["FileStamp", "is_trusted", "stamp_of"]

SETTLED_SECONDS: Final = 3.0
"""So long before a file is read it must have been changed last, for its stamp to prove anything:
the coarsest file system counts in two seconds, and another machine's clock may be a second off."""

_HAS_CHANGE_TIME: Final = sys.platform != "win32"
"""Whether a status tells when a file was changed, and not when it was made."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What a file's status says of its content without reading it."""

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result, *, on_network: bool) -> FileStamp:
        """Return the stamp that a file's status gives; times in nanoseconds.

        On a network disk inodes and times of change may be made up anew with every connection.
        """
        if on_network:
            return cls(status.st_size, status.st_mtime_ns, 0, 0)
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    @classmethod
    def read(cls, text: str) -> FileStamp:
        """Return the stamp that was written so."""
        return cls(*map(int, text.split(":")))

    def __str__(self) -> str:
        """Return it as the ledger remembers it."""
        return f"{self.size}:{self.modified}:{self.changed}:{self.inode}"


def stamp_of(status: os.stat_result, folder: Path) -> FileStamp:
    """Return the stamp of a file in a folder, whatever disk that is on."""
    return FileStamp.of(status, on_network=_is_on_network(status.st_dev, folder))


def is_trusted(stamp: FileStamp, read_at: float) -> bool:
    """Whether a stamp proves the content that was read then, in seconds since 1970.

    The time of change is the file system's own; the other one is whatever a program set.
    """
    newest = stamp.changed if _HAS_CHANGE_TIME and stamp.changed else stamp.modified
    return newest / 1e9 < read_at - SETTLED_SECONDS


def _is_on_network(device: int, folder: Path) -> bool:
    if sys.platform == "linux" and os.major(device) != 0:
        return False  # a disk of this machine; what is none has no number of its own
    known = _ON_NETWORK.get(device)
    if known is None:
        # Few need to ask, and what tells it takes its time to load.
        from pipeline.intake.watching.platforms import is_on_network_drive

        known = _ON_NETWORK[device] = is_on_network_drive(folder)
    return known


_ON_NETWORK: Final[dict[int, bool]] = {}
"""Whether a disk is a network's, by its number."""
