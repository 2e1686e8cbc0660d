"""What was left out of what lay there, counted by what left it out: never silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

__all__ = ["LEFT_OUT_FOLDERS", "By", "Cause", "LeftOut", "LeftOutCount"]

MOST_CAUSES: Final = 50
"""Files with patterns that are told one by one; the others are told together."""

LEFT_OUT_FOLDERS: Final = (
    "Rejected", "_Rejected", "Rejects", "_Rejects",
    "Trash", "_Trash", "Deleted", "_Deleted",
    "_Archive", "_Archived", "_Old", "_Backup", "_Unused", "Papierkorb", "Corbeille",
)  # fmt: skip
"""Names that say of a folder that nothing in it is meant; in a plain `Archive` or `Old` a studio
may well keep what it sells."""


class By(StrEnum):
    """What left something out."""

    EXCLUDE = "exclude"
    INCLUDE = "include"
    IGNORE_FILE = "ignore_file"
    UNREADABLE = "unreadable_ignore_file"
    EXCLUDE_SETTING = "exclude_setting"
    INCLUDE_SETTING = "include_setting"
    FOLDER_SETTING = "left_out_folders"
    OLDER = "older"
    LAST_RUN = "last_run"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Cause:
    """What left something out.

    Attributes:
        by: its kind.
        where: the folder in which a file with patterns lies; None for the other kinds, and for all
            such files beyond those that are told one by one.
        since: of what was older than a moment, that moment in words.
    """

    by: By
    where: Path | None = None
    since: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How much one cause left out.

    Attributes:
        cause: what left it out.
        files: so many, of those that were looked at one by one.
        folders: so many, each with all that is in it.
        example: the first of them.
    """

    cause: Cause
    files: int
    folders: int
    example: Path


class LeftOutCount:
    """Counts what is left out, by its cause; of bounded size."""

    def __init__(self) -> None:
        """Count from nothing."""
        self._by_cause: dict[Cause, LeftOut] = {}

    def add(self, cause: Cause, path: Path, *, folder: bool) -> None:
        """Count a file or a folder that was left out."""
        if len(self._by_cause) >= MOST_CAUSES and cause not in self._by_cause:
            cause = replace(cause, where=None)
        before = self._by_cause.get(cause)
        if before is None:
            self._by_cause[cause] = LeftOut(cause, int(not folder), int(folder), path)
        else:
            self._by_cause[cause] = replace(
                before, files=before.files + (not folder), folders=before.folders + folder
            )

    @property
    def all(self) -> Sequence[LeftOut]:
        """What was left out until now, by cause, always in the same order."""
        return sorted(self._by_cause.values(), key=_order)


def _order(one: LeftOut) -> tuple[int, str]:
    cause = one.cause
    # Those that are told together are the last.
    return list(By).index(cause.by), "\U0010ffff" if cause.where is None else str(cause.where)
