"""Maps as their programs write them, for the tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from pipeline.intake.maps import CsvMap, Entry, read_map


def text_of(rows: Iterable[Sequence[object]], *, separator: str = ",") -> str:
    """Return rows as a CSV's text, with the quotation marks that a spreadsheet puts."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def map_of(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "map.csv") -> CsvMap:
    """Return a map that has this text."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return read_map(path)


def about(found: CsvMap, *parts: str) -> tuple[Entry, ...]:
    """Return what a map says of a file."""
    return tuple(found.about(PurePath("/shoot", *parts)))


def only(found: CsvMap, *parts: str) -> Entry:
    """Return the one thing that a map says of a file."""
    (entry,) = about(found, *parts)
    return entry


def complaints(found: CsvMap) -> list[str]:
    """Return what is wrong with the rows of a map, as people read it."""
    return [str(one) for one in found.bad]
