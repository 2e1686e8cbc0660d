"""The very bytes that were uploaded, kept for a while, so that what is deleted can be put back.

Each lies under its digest in a folder of the day on which it went up: moved there from the spool,
never copied. What is too old goes with its whole folder, and no more names are read than those of
one day. What lies here is worth less than anything that is to be written: where the disk is nearly
full nothing is kept, and what is kept goes first.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pipeline.errors import LedgerError

__all__ = ["Keeping", "Uploaded"]

LEAST_FREE: Final = 1_000_000_000
"""Bytes of the disk that are left to all else: a day's prepared pictures, and the ledger's copy."""

BETWEEN_SWEEPS: Final = 3600.0
"""Seconds: so often, at the most, is looked what may go."""

_SWEPT: Final = ".swept"
_TALLY: Final = ".tally"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How much is kept: for so many days, 0 for nothing, and at most so many bytes."""

    days: int
    most_bytes: int


class Uploaded:
    """A folder of what was uploaded; it is made when the first is kept."""

    def __init__(
        self, folder: Path, keeping: Keeping, now: Callable[[], float] = time.time
    ) -> None:
        """Take the folder, how much is kept in it, and a clock that gives seconds since 1970."""
        self._folder = folder
        self._keeping = keeping
        self._now = now
        self._looked_at = float("-inf")

    def keep(self, file: Path, name: str) -> None:
        """Move a picture here out of the spool; where that cannot be, it is deleted there.

        Args:
            file: where it lies.
            name: its name in the spool, which has its digest and its photograph in it.
        """
        self.sweep()
        try:
            if self._keeping.days <= 0 or self._free() < LEAST_FREE:
                file.unlink()
                return
            place = self._folder / self._today() / Path(name).name
            try:
                file.replace(place)
            except FileNotFoundError:
                place.parent.mkdir(parents=True, exist_ok=True)
                file.replace(place)
        except OSError:
            with suppress(OSError):
                file.unlink()

    def find(self, name: str) -> Path | None:
        """Return where a picture is kept, by its name in the spool; None where it is not."""
        last = Path(name).name
        places = (self._folder / day / last for day in reversed(self._days()))
        return next((place for place in places if place.is_file()), None)

    def bring_back(self, name: str, into: Path) -> bool:
        """Lay a kept picture into the spool once more; return whether it is there.

        Args:
            name: its name in the spool.
            into: its place there.

        Raises:
            LedgerError: the spool cannot be written.
        """
        kept = self.find(name)
        if kept is None:
            return False
        hidden = into.with_name(f".{into.name}.{os.getpid()}.part")
        try:
            into.parent.mkdir(parents=True, exist_ok=True)
            hidden.unlink(missing_ok=True)
            try:
                os.link(kept, hidden)
            except OSError:  # not every disk knows a second name
                shutil.copyfile(kept, hidden)
            hidden.replace(into)
            # Of two names of one file, renaming one into the other does nothing.
            hidden.unlink(missing_ok=True)
        except OSError as error:
            raise LedgerError(
                f"the folder of prepared pictures, {into.parent}, cannot be written "
                f"({error.strerror or type(error).__name__}): free some space, or check its "
                "permissions, then run again"
            ) from error
        return True

    def names(self) -> frozenset[str]:
        """Return the last parts of the names of all that is kept."""
        return frozenset(entry.name for day in self._days() for entry in _files(self._folder / day))

    def tally(self) -> tuple[int, int]:
        """Return of how many pictures the bytes are kept, and how many bytes they are."""
        tallies = [self._tally(day) for day in self._days()]
        return sum(number for number, _ in tallies), sum(size for _, size in tallies)

    def sweep(self) -> None:
        """Let go what is too old or too much, the oldest first; once an hour at the most."""
        if not self._is_due():
            return
        oldest = datetime.fromtimestamp(self._now(), UTC) - timedelta(days=self._keeping.days)
        for day in self._days():
            if day < oldest.date().isoformat():
                shutil.rmtree(self._folder / day, ignore_errors=True)
        too_much = self.tally()[1] - self._keeping.most_bytes
        too_much = max(too_much, LEAST_FREE - self._free())
        for day in self._days():
            if too_much <= 0:
                return
            too_much -= self._let_go(day, too_much)

    def _let_go(self, day: str, size: int) -> int:
        """Let go the oldest of a day until so many bytes are free; return how many that were."""
        folder = self._folder / day
        gone = 0
        with suppress(OSError):
            for file in sorted(_files(folder), key=lambda one: one.stat().st_mtime):
                if gone >= size:
                    break
                gone += file.stat().st_size
                (folder / file.name).unlink()
            (folder / _TALLY).unlink(missing_ok=True)
            if not any(_files(folder)):
                folder.rmdir()
        return gone

    def _is_due(self) -> bool:
        if 0 <= self._now() - self._looked_at < BETWEEN_SWEEPS or not self._folder.is_dir():
            return False
        self._looked_at = self._now()
        # Another process may have looked.
        mark = self._folder / _SWEPT
        try:
            age = self._now() - mark.stat().st_mtime
        except OSError:
            age = BETWEEN_SWEEPS
        if 0 <= age < BETWEEN_SWEEPS:
            return False
        with suppress(OSError):
            mark.touch()
            os.utime(mark, (self._now(), self._now()))
        return True

    def _tally(self, day: str) -> tuple[int, int]:
        """Return how many lie in a day's folder, and their bytes; of a past day it is noted."""
        note = self._folder / day / _TALLY
        if day != self._today():
            with suppress(OSError, ValueError):
                number, size = map(int, note.read_text("utf-8").split())
                return number, size
        sizes = []
        for file in _files(self._folder / day):
            with suppress(OSError):
                sizes.append(file.stat().st_size)
        if day < self._today():
            with suppress(OSError):
                note.write_text(f"{len(sizes)} {sum(sizes)}\n", "utf-8")
        return len(sizes), sum(sizes)

    def _days(self) -> list[str]:
        """Return the names of the folders of days, the oldest first."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - names, not paths
        except OSError:
            return []
        return sorted(name for name in names if not name.startswith("."))

    def _today(self) -> str:
        return datetime.fromtimestamp(self._now(), UTC).date().isoformat()

    def _free(self) -> int:
        folder = self._folder if self._folder.is_dir() else self._folder.parent
        return shutil.disk_usage(folder).free


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as entries:
        yield from (entry for entry in entries if not entry.name.startswith("."))
