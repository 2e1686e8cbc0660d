"""The folders below a watched one, and in which of them names came or went since the last look.

A folder's time changes when a name in it comes, goes or becomes another's. So a look at the folders
alone finds what no event told of, a hundred times quicker than one at every file. What it does not
find is a known file that was written into without a word: that is left to the scan.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.intake.choice import Choice
from pipeline.intake.leftovers import is_ignored_name

__all__ = ["Outline"]

TRUSTED_SECONDS: Final = 3.0
"""A folder's time says nothing while it may still change without changing: some file systems count
in steps of two seconds."""

PIECE: Final = 500
"""Folders between two moments in which the watcher may do something else."""


class Outline:
    """Folders as they were when they were last looked at."""

    def __init__(self, folder: Path, choice: Choice | None = None) -> None:
        """Know nothing yet: the first look finds every folder changed.

        Args:
            folder: the watched one.
            choice: a folder that it leaves out is not looked at.
        """
        self._top = str(folder)
        self._root = folder
        self._choice = choice or Choice()
        self._known: dict[str, tuple[int, int]] = {}

    def forget(self) -> None:
        """Know nothing any more: other folders may be left out than before."""
        self._known.clear()

    def changed(self) -> Iterator[Path | None]:
        """Yield each folder in which something may have come or gone since the last look.

        None is yielded now and then, where there is time for something else.
        """
        self._known.setdefault(self._top, (0, 0))
        pending = list(self._known)
        looked = 0
        while pending:
            folder = pending.pop()
            looked += 1
            if looked % PIECE == 0:
                yield None
            now = time.time()
            try:
                status = os.stat(folder, follow_symlinks=False)  # noqa: PTH116 - thousands of them
                seen = (status.st_ino, status.st_mtime_ns)
                if self._known.get(folder) == seen:
                    continue
                below = self._folders_in(folder)
            except OSError:
                self._known.pop(folder, None)
                continue
            trusted = status.st_mtime < now - TRUSTED_SECONDS
            self._known[folder] = seen if trusted else (0, 0)
            pending += [one for one in below if one not in self._known]
            yield Path(folder)

    def _folders_in(self, folder: str) -> list[str]:
        scope = self._choice.scope_of(Path(folder), self._root)
        if scope is None:
            return []
        with os.scandir(folder) as listing:
            return [
                entry.path
                for entry in listing
                if entry.is_dir(follow_symlinks=False)
                and not is_ignored_name(entry.name)
                and scope.cause(entry.name, folder=True) is None
            ]
