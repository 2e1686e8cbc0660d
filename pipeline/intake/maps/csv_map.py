"""A CSV map, read once: what it says of a file, by the file's name and its folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final, TextIO

from pipeline.errors import ConfigError
from pipeline.intake.maps.dialects import Dialect, dialect_of
from pipeline.intake.maps.entries import BadRow, Cells, Entry, as_name
from pipeline.intake.maps.table import LARGEST_FILE, Header, header_of, opened, rows_of
from pipeline.suffixes import Says, what_suffix_says
from pipeline.wording import data_size, shown

__all__ = ["CsvMap", "read_map"]

MOST_ENTRIES: Final = 500_000
"""Images that a map may name; some 300 bytes of memory each."""

MOST_BAD: Final = 1_000
"""Bad rows that are kept to be told; of the others there is a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvMap:
    """What a map says.

    Attributes:
        path: its file.
        dialect: its kind, for people.
        entries: how many images it names.
        bad: what is wrong in it, row by row; the first thousand.
        bad_rows: how many such things there are.
    """

    path: Path
    dialect: str
    entries: int
    bad: tuple[BadRow, ...]
    bad_rows: int
    _by_name: dict[str, list[Entry]] = field(repr=False)

    def about(self, path: PurePath) -> Sequence[Entry]:
        """Return what the map says of a file; more than one entry where rows repeat it.

        An entry whose folders fit goes before one that names only the file. A name without a
        picture's suffix stands for the file of that name with any.
        """
        parts = tuple(map(as_name, path.parts))
        found = self._by_name.get(parts[-1]) or self._by_name.get(as_name(path.stem)) or []
        graded = [(fit, one) for one in found if (fit := how_it_fits(one, path, parts))]
        best = max((fit for fit, _ in graded), default=None)
        return [one for fit, one in graded if fit == best]

    def names(self) -> Iterator[str]:
        """Yield the names of all files that it names, as they are compared."""
        return iter(self._by_name)

    def all(self) -> Iterator[Entry]:
        """Yield all entries; one whose shop renamed its file comes under either name."""
        for entries in self._by_name.values():
            yield from entries


def how_it_fits(
    entry: Entry, path: PurePath, parts: Sequence[str] | None = None
) -> tuple[int, bool, bool] | None:
    """Return how well an entry fits a file, to be compared; None where it does not.

    Args:
        entry: of a map.
        path: the file's.
        parts: the same as names are compared, where that is known.
    """
    parts = tuple(map(as_name, path.parts)) if parts is None else parts
    named = entry.file
    if parts[-1] not in (named.name, named.once) and not _is_stem(named.name, path):
        return None
    common = 0
    for one, other in zip(reversed(named.folders), reversed(parts[:-1]), strict=False):
        if one != other:
            break
        common += 1
    if named.below and common < len(named.folders):
        return None
    return common, parts[-1] == named.name, path.name == named.written


def _is_stem(name: str, path: PurePath) -> bool:
    """Whether a name is a file's without its suffix; a name with a picture's suffix is whole."""
    whole = what_suffix_says(PurePath(name).suffix) is Says.PICTURE
    return not whole and name == as_name(path.stem)


def read_map(path: Path) -> CsvMap:
    """Read a map.

    Raises:
        ConfigError: it cannot be read, is too large, or is none that is known.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise ConfigError(
                f"{shown(path)} has {data_size(size)}, and a map may have "
                f"{data_size(LARGEST_FILE)}: leave columns out that say nothing of images"
            )
        with opened(path) as file:
            dialect, header = _told(path, file)
            return _kept(path, dialect, rows_of(file, header))
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{shown(path)} cannot be read as a map: {error}") from error


def _told(path: Path, file: TextIO) -> tuple[Dialect, Header]:
    """Return the kind of a map, by its header, and how its rows are divided."""
    headers = sorted(header_of(file), key=lambda one: len(one.names), reverse=True)
    for header in headers:
        dialect = dialect_of(header.written)
        if dialect is not None:
            return dialect, header
    columns = ", ".join(headers[0].written.values()) if headers else ""
    raise ConfigError(
        f"{shown(path)} is no map: its first row should name the columns, one of them the "
        f"files and one the products, as in “file,sku”; it has {columns or 'nothing'}"
    )


def _kept(path: Path, dialect: Dialect, rows: Iterator[Cells | BadRow]) -> CsvMap:
    bad: list[BadRow] = []
    astray: list[BadRow] = []

    def good() -> Iterator[Cells]:
        for row in rows:
            if isinstance(row, BadRow):
                astray.append(row)
            else:
                yield row

    by_name: dict[str, list[Entry]] = {}
    number = bad_rows = 0
    for one in dialect.read(good()):
        if isinstance(one, BadRow):
            astray.append(one)
        else:
            number += 1
            by_name.setdefault(one.file.name, []).append(one)
            if one.file.once:
                by_name.setdefault(one.file.once, []).append(one)
            if number > MOST_ENTRIES:
                raise ConfigError(
                    f"{shown(path)} names more than {MOST_ENTRIES:,} images: divide it"
                )
        bad_rows += len(astray)
        bad += astray[: MOST_BAD - len(bad)]
        astray.clear()
    bad_rows += len(astray)
    bad += astray[: MOST_BAD - len(bad)]
    return CsvMap(
        path=path,
        dialect=dialect.name,
        entries=number,
        bad=tuple(sorted(bad, key=lambda one: one.row)),
        bad_rows=bad_rows,
        _by_name=by_name,
    )
