"""What programs do in a folder: whether they write into a file again after they have closed it.

An exporter closes a picture, and another program writes the copyright into it a moment later:
taken in between, it is two photographs. Where that was seen, a file is given the time that it was
seen to take; where it was not, nobody waits for it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.durable import replace_file
from pipeline.home import HABITS_FILE

__all__ = ["Habits", "keep_habits", "kept_habits"]

AGAIN_SECONDS: Final = 5.0
"""What is written later than this after a file was whole is a new version of it, not its last
touch. (ExifTool, called for a picture by an export's own script, takes 0.2 to 3 seconds.)"""

MARGIN: Final = 1.5
"""Times the longest pause that was seen: the next may be a little longer."""

FADING: Final = 0.9
"""What is left of a long pause with every shorter one."""

FORGET_AFTER: Final = 50
"""Files in a row that nobody wrote again, after which a folder is like any other."""

ALIKE: Final = 3
"""In so many folders of one folder makes it the habit of whoever writes there: exporters make a
folder a product."""

MOST_FOLDERS: Final = 1_000
MOST_FILES: Final = 10_000


@dataclass(slots=True)
class _Habit:
    pause: float
    quietly: int = 0


@dataclass(slots=True)
class _Alike:
    """Folders of one folder that have the habit, and how many files of others were quiet since."""

    folders: int = 0
    quietly: int = 0


class Habits:
    """Learned from what is seen; bounded."""

    def __init__(self) -> None:
        self._folders: OrderedDict[Path, _Habit] = OrderedDict()
        self._alike: dict[Path, _Alike] = {}
        self._written: OrderedDict[Path, float] = OrderedDict()
        self._taken: OrderedDict[Path, float] = OrderedDict()

    def rest_needed(self, folder: Path) -> float | None:
        """Return how long a file must rest there, in seconds; None where nothing was seen."""
        habit = self._folders.get(folder)
        if habit is not None:
            return MARGIN * habit.pause
        return 0.0 if self._is_alike(folder.parent) else None

    def known(self) -> list[tuple[Path, float]]:
        """Return the folders where files are written again, with the pause in seconds."""
        return [(folder, habit.pause) for folder, habit in self._folders.items()]

    def written(self, path: Path, at: float) -> bool:
        """Note that a file was closed or renamed into place at that moment (monotonic seconds).

        Returns:
            Whether this is the first time that one of its folder was written again.
        """
        before = _replaced(self._written, path, at)
        return before is not None and self._learn_if_soon(path.parent, at - before)

    def taken(self, path: Path, begun: float, at: float) -> bool:
        """Note that a file was taken, whose last writing was first seen before that.

        Where nobody tells that files are closed, one that is taken again was written again. After
        enough files that nobody wrote again, a folder's habit is forgotten.

        Returns:
            As `written`.
        """
        before = _replaced(self._taken, path, at)
        if before is not None and begun > before:
            return self._learn_if_soon(path.parent, begun - before)
        folder = path.parent
        habit = self._folders.get(folder)
        if habit is not None:
            habit.quietly += 1
            if habit.quietly > FORGET_AFTER:
                self._forget(folder)
        elif self._is_alike(folder.parent):
            alike = self._alike[folder.parent]
            alike.quietly += 1
            if alike.quietly > FORGET_AFTER:
                for known in [one for one in self._folders if one.parent == folder.parent]:
                    self._forget(known)
        return False

    def learn(self, folder: Path, pause: float) -> bool:
        """Note that a file of a folder was written again after a pause; return as `written`."""
        habit = self._folders.pop(folder, None)
        self._folders[folder] = _Habit(max(pause, 0.0 if habit is None else FADING * habit.pause))
        alike = self._alike.setdefault(folder.parent, _Alike())
        alike.quietly = 0
        if habit is not None:
            return False
        alike.folders += 1
        if len(self._folders) > MOST_FOLDERS:
            self._forget(next(iter(self._folders)))
        return True

    def _learn_if_soon(self, folder: Path, pause: float) -> bool:
        return 0.0 <= pause <= AGAIN_SECONDS and self.learn(folder, pause)

    def _is_alike(self, above: Path) -> bool:
        alike = self._alike.get(above)
        return alike is not None and alike.folders >= ALIKE

    def _forget(self, folder: Path) -> None:
        del self._folders[folder]
        alike = self._alike[folder.parent]
        alike.folders -= 1
        if not alike.folders:
            del self._alike[folder.parent]


def kept_habits(home: Path) -> Habits:
    """Return what was learned before in a home; nothing where it cannot be read."""
    habits = Habits()
    with suppress(OSError, ValueError, TypeError):
        kept = json.loads((home / HABITS_FILE).read_text("utf-8"))
        for folder, pause in kept[-MOST_FOLDERS:]:
            habits.learn(Path(folder), min(max(float(pause), 0.0), AGAIN_SECONDS))
    return habits


def keep_habits(home: Path, habits: Habits) -> None:
    """Keep what was learned for the next start, as far as the disk lets us."""
    kept = [(str(folder), pause) for folder, pause in habits.known()]
    with suppress(OSError):
        replace_file(str(home / HABITS_FILE), json.dumps(kept).encode(), durable=False)


def _replaced(times: OrderedDict[Path, float], path: Path, at: float) -> float | None:
    """Return what was kept of a file, and keep the new time, of so many files at most."""
    before = times.pop(path, None)
    times[path] = at
    if len(times) > MOST_FILES:
        times.popitem(last=False)
    return before
