"""Which of the files that a map names lie where, and which do not.

A map that names `1.jpg` may mean any of two files of that name: it is a doubt where both fit alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from pipeline.intake.maps.csv_map import CsvMap, how_it_fits
from pipeline.intake.maps.entries import Entry, as_name
from pipeline.suffixes import Says, what_suffix_says
from pipeline.wording import shown

__all__ = ["Census", "Unmatched", "unmatched"]

MOST_SHOWN: Final = 3
"""Files that are named in a sentence."""

MOST_OF_A_NAME: Final = 20
"""Files of one name that are remembered; two that fit alike are a doubt already."""


class Census:
    """Knows the files whose names a map uses, as they are noted."""

    def __init__(self) -> None:
        """Know of none."""
        self._by_name: dict[str, dict[Path, None]] = {}

    def note(self, path: Path) -> None:
        """Note a file that lies there, or has come."""
        for name in {as_name(path.name), as_name(path.stem)}:
            paths = self._by_name.setdefault(name, {})
            if len(paths) < MOST_OF_A_NAME:
                paths[path] = None

    def rivals(self, entry: Entry, path: Path) -> Sequence[Path]:
        """Return the other files that an entry fits at least as well as this one, the best first.

        Args:
            entry: of a map; it fits this file.
            path: of the file.
        """
        own = how_it_fits(entry, path)
        found = []
        for other in self._named(entry):
            fit = None if other == path else how_it_fits(entry, other)
            if fit is not None and own is not None and fit >= own and other.exists():
                found.append((fit, other))
        return [other for _, other in sorted(found, key=lambda pair: pair[0], reverse=True)]

    def _named(self, entry: Entry) -> Iterable[Path]:
        names = {entry.file.name, entry.file.once} - {""}
        return [path for name in names for path in self._by_name.get(name, ())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """What a map and the files that lie there do not have in common.

    Attributes:
        missing: how many files it names that are not there.
        some_missing: the first of them, as the map has them.
        extra: how many pictures are there that it does not name.
        some_extra: the first of them.
    """

    missing: int
    some_missing: tuple[str, ...]
    extra: int
    some_extra: tuple[Path, ...]

    def sentences(self, map_name: str) -> list[str]:
        """Return what is to be said of it, a sentence for each of the two."""
        said = []
        if self.missing:
            files = "one file that is" if self.missing == 1 else f"{self.missing:,} files that are"
            listed = _listed(self.some_missing, self.missing)
            said.append(f"the map {map_name} names {files} not here: {listed}")
        if self.extra:
            are = "photograph is" if self.extra == 1 else "photographs are"
            listed = _listed([shown(path) for path in self.some_extra], self.extra)
            said.append(f"{self.extra:,} {are} not in the map {map_name}: {listed}")
        return said


def unmatched(csv_map: CsvMap, paths: Iterable[Path], census: Census) -> Unmatched:
    """Return what a map and the pictures that lie there do not have in common, and note these.

    Args:
        csv_map: the map.
        paths: of all files; what is no picture by its name is not looked for.
        census: is told those whose names the map uses.
    """
    met: set[Entry] = set()
    extra, some_extra = 0, []
    for path in paths:
        if what_suffix_says(path.suffix) not in (Says.PICTURE, Says.NOTHING):
            continue
        entries = csv_map.about(path)
        if entries:
            met.update(entries)
            census.note(path)
        else:
            extra += 1
            if extra <= MOST_SHOWN:
                some_extra.append(path)
    missing = _not_met(csv_map, met)
    return Unmatched(
        missing=len(missing),
        some_missing=tuple(islice(missing, MOST_SHOWN)),
        extra=extra,
        some_extra=tuple(some_extra),
    )


def _not_met(csv_map: CsvMap, met: Collection[Entry]) -> Collection[str]:
    """Return the files that the map names and nobody saw, each once, in its order."""
    here = {_where(entry) for entry in met}
    return {entry.file.written: None for entry in csv_map.all() if _where(entry) not in here}.keys()


def _where(entry: Entry) -> tuple[object, ...]:
    return entry.file.name, entry.file.folders


def _listed(names: Sequence[str], number: int) -> str:
    return ", ".join(names) + (" …" if number > len(names) else "")
