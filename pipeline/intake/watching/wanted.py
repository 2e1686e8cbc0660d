"""What is wanted of all that lies in watched folders; the rest is left out, and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from pipeline.intake.choice import IGNORE_FILE, Choice
from pipeline.intake.scan import copies_left_out, is_wanted
from pipeline.intake.watching.turns import is_in_the_making
from pipeline.left_out import LeftOut, LeftOutCount

__all__ = ["Wanted"]

MOST_NOTED: Final = 10_000
"""Paths of which it is kept that they were counted since the last scan."""


class Wanted:
    """Tells what is wanted; counts what is left out of each watched folder."""

    def __init__(
        self,
        home: Path,
        choice: Choice,
        say: Callable[[str], None],
        say_left_out: Callable[[Sequence[LeftOut]], None] = lambda left_out: None,
    ) -> None:
        """Count nothing yet.

        Args:
            home: the home folder: nothing in it is a photograph.
            choice: which files are taken.
            say: gets a sentence about conflict copies.
            say_left_out: gets what is left out, where that is not what it was.
        """
        self.choice = choice
        self._home = home
        self._say = say
        self._say_left_out = say_left_out
        self._version = choice.version
        self._copies: dict[Path, int] = {}
        self._left_out: dict[Path, LeftOutCount] = {}
        self._noted: set[Path] = set()

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What is left out of all folders, as far as they have been scanned."""
        return tuple(one for count in self._left_out.values() for one in count.all)

    def wants(
        self, path: Path, root: Path, *, folder: bool = False, in_the_making: bool = False
    ) -> bool:
        """Whether what was told of is wanted, as far as its names say; counts it where not.

        Args:
            path: of a file or a folder.
            root: the folder that is watched.
            folder: whether it is one.
            in_the_making: a copy under a passing name is, too: others wait for it.
        """
        if path.is_relative_to(self._home):
            return False
        if in_the_making and is_in_the_making(path.name):
            path, folder = path.parent, True
        return is_wanted(path, root) and not self.leaves_out(path, root, folder=folder)

    def leaves_out(
        self, path: Path, root: Path, *, folder: bool = False, modified: int | None = None
    ) -> bool:
        """Whether the choice leaves something out, which is counted then.

        Args:
            path: of a file or a folder.
            root: the folder that is watched.
            folder: whether it is one.
            modified: when it was written last, in nanoseconds, where that is known.
        """
        found = self.choice.of_path(path, root, folder=folder)
        if found is None and modified is not None and (older := self.choice.older(modified)):
            found = older, path
        if found is None:
            return False
        cause, what = found
        # A folder above it was counted when it came.
        if what == path and what not in self._noted and len(self._noted) < MOST_NOTED:
            self._noted.add(what)
            self._left_out.setdefault(root, LeftOutCount()).add(cause, what, folder=folder)
        return True

    def scanned(self, root: Path, left_out: LeftOutCount, copies: Sequence[Path]) -> None:
        """Take over what a scan of a whole folder left out; it is said once for each number."""
        before = self._left_out.get(root)
        self._left_out[root] = left_out
        self._noted.clear()
        self._version = self.choice.version
        if left_out.all and (before is None or before.all != left_out.all):
            self._say_left_out(left_out.all)
        if len(copies) != self._copies.get(root, 0):
            self._copies[root] = len(copies)
            if copies:
                self._say(copies_left_out(copies))

    def says_what_is_wanted(self, paths: Iterable[Path]) -> bool:
        """Whether a file with patterns is among these."""
        return any(path.name == IGNORE_FILE for path in paths)

    def has_changed(self) -> bool:
        """Whether other patterns than before lie in a folder, since this was asked."""
        before, self._version = self._version, self.choice.version
        return before != self._version
