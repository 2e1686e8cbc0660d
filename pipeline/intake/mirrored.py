"""What lies in a folder that the shop is to be like, and what certainly lies there no more.

What cannot be looked at is there: a disk that is away, or a folder that may not be read, says
nothing about what was in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.intake.leftovers import is_ignored_name
from pipeline.shop_copy import TableRow, rows_in
from pipeline.values import Arrival
from pipeline.wording import shown

__all__ = ["Copies", "Mirrored", "is_gone", "is_vanished"]


def is_gone(path: Path) -> bool:
    """Whether there is certainly nothing at a path."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def is_vanished(path: Path) -> bool:
    """Whether a file's whole folder is gone or holds nothing any more, as where a disk is away."""
    try:
        return not any(not is_ignored_name(name) for name in os.listdir(path.parent))  # noqa: PTH208
    except OSError:
        return True


class Mirrored:
    """The folders that the shop is to be like, as they were when they were first looked at."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Look at them.

        Raises:
            ConfigError: one is no folder that can be read.
        """
        self._folders = tuple(Path(os.path.abspath(folder)) for folder in folders)  # noqa: PTH100
        self._seen = {folder: _looked_at(folder) for folder in self._folders}
        self._held: set[Path] = set()

    @property
    def folders(self) -> Sequence[Path]:
        """Their absolute paths."""
        return self._folders

    def holds(self, path: Path) -> bool:
        """Whether a path lies below one of them."""
        return any(path.is_relative_to(folder) for folder in self._folders)

    def note(self, path: Path) -> None:
        """Take note of a photograph that lies in one."""
        self._held.update(folder for folder in self._folders if path.is_relative_to(folder))

    def refuse_empty(self) -> None:
        """Do nothing where a photograph was found in each of them.

        Raises:
            ConfigError: in one there was none.
        """
        for folder in self._folders:
            if folder not in self._held:
                raise ConfigError(
                    f"no photograph of a product lies in {shown(folder)}, so nothing is removed "
                    "for it: is its disk there? `pipeline remove` takes pictures out of the shop"
                )

    def refuse_changed(self) -> None:
        """Do nothing where they are still the folders that they were.

        Raises:
            ConfigError: one is gone, cannot be read, or another folder lies in its place.
        """
        for folder, seen in self._seen.items():
            if _looked_at(folder) != seen:
                raise ConfigError(
                    f"{shown(folder)} is not the folder any more that it was at the beginning: "
                    "nothing was removed"
                )


class Copies:
    """What the tables of a copy of the shop say of the files beside them (`images pull`)."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Look for tables beside the files at these paths, which come folder by folder."""
        self._folders: dict[int, Path] = {}
        self._there: set[int] = set()
        last: Path | None = None
        for path in paths:
            if path.parent != last:
                last = path.parent
                self._folders.update({row.product_id: last for row in rows_in(last)})

    @property
    def products(self) -> Sequence[int]:
        """The ids of the products that they speak of, in rising order."""
        return sorted(self._folders)

    def folder_of(self, product_id: int) -> Path:
        """Return the folder of a product that they speak of."""
        return self._folders[product_id]

    def in_shop(self, image_ids: Iterable[int]) -> None:
        """Take note of images that the shop has."""
        self._there.update(image_ids)

    def rows(self, product_id: int) -> Mapping[int, TableRow]:
        """Return what is said of those files of a product that the shop has, by their image."""
        folder = self._folders.get(product_id)
        rows = () if folder is None else rows_in(folder)
        return {
            row.image_id: row
            for row in rows
            if row.product_id == product_id and row.image_id in self._there
        }

    def lacking(self, arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
        """Yield the files that the shop does not have; all that are in no table."""
        last, there = None, frozenset[str]()
        for arrival in arrivals:
            folder = arrival.path.parent
            if folder != last:
                last = folder
                there = frozenset(row.file for row in rows_in(folder) if self._has(row))
            if arrival.path.name not in there:
                yield arrival

    def _has(self, row: TableRow) -> bool:
        return row.product_id in self._folders and row.image_id in self._there


def _looked_at(folder: Path) -> tuple[int, int]:
    """Return what tells a folder from another one in its place.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with os.scandir(folder):
            status = folder.stat()
    except OSError as error:
        raise ConfigError(
            f"{shown(folder)} cannot be read ({error.strerror or type(error).__name__}): nothing "
            "is removed"
        ) from error
    return status.st_dev, status.st_ino
