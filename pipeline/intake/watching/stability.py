"""Which files have come to rest: the rule by which a watcher takes one, without a disk or a clock.

A file is taken when all of this holds:

1. Its size, its times and its inode have not changed for a while, on our own clock: never "its
   time is old", for gphoto2 and copying programs set the time back.
2. Nobody holds it open for writing, where the platform can tell.
3. The picture is whole. One that stops in the middle is waited for, since a network disk can show
   the final size long before the data is there; after a set time it is taken all the same, and
   refused with its reason.

That somebody closed the file (told by Linux only) shortens the wait and proves nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import Final

from pipeline.intake.scan import natural

__all__ = ["Candidate", "Candidates", "FileStamp", "Waits"]

MOST_CANDIDATES: Final = 10_000
"""Files watched over at once; what is beyond waits for a later scan."""

RESTLESS_SECONDS: Final = 300.0
"""After so long a file that does not come to rest is reported, once; it is waited for all the
same."""

IN_TURN_SECONDS: Final = 5.0
"""How long, at most, a file is held back for one before it that was seen but still has to wait: a
folder's pictures are taken in shot order, and a slow writer holds up the others only so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a file is waited for, in seconds.

    Attributes:
        quiet: without any change, before it is looked into.
        quiet_closed: the same, once whoever wrote it has closed it.
        whole: without any change, until one that is not whole is taken (and refused) all the same.
    """

    quiet: float
    quiet_closed: float
    whole: float


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

    def __str__(self) -> str:
        """Return it as the ledger remembers it."""
        return f"{self.size}:{self.modified}:{self.changed}:{self.inode}"


@dataclass(slots=True)
class Candidate:
    """A file that may be a photograph, with what is known of its rest (seconds, monotonic)."""

    root: Path
    folder: Path
    order: tuple[tuple[str, str], ...]
    first_seen: float
    changed_at: float
    look_at: float
    stamp: FileStamp | None = None
    closed: bool = False
    pause: float = 0.0
    reported: bool = False


class Candidates:
    """The files that may be photographs, each watched over until it has come to rest."""

    def __init__(self) -> None:
        self._files: dict[Path, Candidate] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._files)

    @property
    def full(self) -> bool:
        """Whether no more are taken."""
        return len(self._files) >= MOST_CANDIDATES

    def __contains__(self, path: Path) -> bool:
        """Whether a file is being watched over."""
        return path in self._files

    def noticed(self, path: Path, root: Path, now: float, *, closed: bool) -> bool:
        """Watch over a file that was written, closed or found; return whether there is room."""
        one = self._files.get(path)
        if one is None:
            if self.full:
                return False
            order = tuple(natural(part) for part in path.parts)
            one = Candidate(
                root=root,
                folder=path.parent,
                order=order,
                first_seen=now,
                changed_at=now,
                look_at=now,
            )
            self._files[path] = one
        if closed:
            # What it is like now is what was closed, so the next look is a first one.
            one.closed, one.stamp, one.look_at = True, None, now
        return True

    def due(self, now: float, most: int) -> list[tuple[Path, Candidate]]:
        """Return the first (in the order of their names) that are to be looked at now.

        One that was looked at before is held back for a short while by those of its folder that
        come before it and still have to wait.
        """
        ahead: dict[Path, tuple[tuple[str, str], ...]] = {}
        for one in self._files.values():
            waits = one.look_at > now and one.pause == 0.0
            if waits and now - one.first_seen < IN_TURN_SECONDS:
                ahead[one.folder] = min(ahead.get(one.folder, one.order), one.order)

        def held_back(one: Candidate) -> bool:
            first = ahead.get(one.folder)
            return first is not None and first < one.order and one.stamp is not None

        due = [
            (path, one)
            for path, one in self._files.items()
            if one.look_at <= now and not held_back(one)
        ]
        return nsmallest(most, due, key=lambda item: item[1].order)

    def rested(self, one: Candidate, stamp: FileStamp, waits: Waits, now: float) -> bool:
        """Compare a file with what it was; return whether it has been quiet for long enough."""
        if one.stamp != stamp:
            # A first look begins the wait; a change after a close makes the close void.
            one.closed = one.closed and one.stamp is None
            one.stamp, one.changed_at, one.pause = stamp, now, 0.0
        needed = waits.quiet_closed if one.closed else waits.quiet
        one.look_at = one.changed_at + needed
        return now >= one.look_at

    def busy(self, one: Candidate, waits: Waits, now: float) -> None:
        """Look again later: somebody holds the file open for writing."""
        one.look_at = now + waits.quiet / 4
        one.closed = False

    def unfinished(self, one: Candidate, waits: Waits, now: float) -> bool:
        """Look again later: the picture is not whole; return whether the wait for it is over."""
        if now - one.changed_at >= waits.whole:
            return True
        # Data may arrive without any sign of it: proven anew, but not all the time.
        one.pause = min(max(2 * one.pause, waits.quiet / 2, 0.5), 10.0)
        one.look_at = min(now + one.pause, one.changed_at + waits.whole)
        return False

    def drop(self, path: Path) -> None:
        """Watch over it no longer."""
        self._files.pop(path, None)

    def restless(self, now: float) -> list[Path]:
        """Return the files that do not come to rest, each once."""
        found: list[Path] = []
        for path, one in self._files.items():
            if not one.reported and now - one.first_seen > RESTLESS_SECONDS:
                one.reported = True
                found.append(path)
        return found
