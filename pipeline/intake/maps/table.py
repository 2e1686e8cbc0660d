"""A CSV file as spreadsheets and shops write it: its encoding, its separator, its rows by number.

Excel writes UTF-8 with a mark at its beginning, UTF-16 ("Unicode text"), or the code page of
Windows; its separator follows the language it runs in, and a first line `sep=;` may name it. Rows
are counted as a spreadsheet shows them: the header is row 1, a text of several lines is one row,
and `sep=;` is none.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, TextIO

from pipeline.intake.maps.entries import BadRow, Cells, heading

__all__ = ["LARGEST_FILE", "SEPARATORS", "encoding_of", "header_of", "opened", "rows_of"]

SEPARATORS: Final = (",", ";", "\t", "|")

LARGEST_FILE: Final = 256_000_000
"""Bytes of a map. A row of a shop's export has some 2,000: these are 100,000 products."""

LONGEST_CELL: Final = 1_000_000
"""Characters: a product's description may hold whole pages; more is a quotation mark too few."""

_AT_A_TIME: Final = 1 << 20

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first row, and how the rest is to be read.

    Attributes:
        separator: between two cells.
        names: of the columns, as they are compared; empty ones keep their places.
        written: the same as they are written, for sentences.
    """

    separator: str
    names: tuple[str, ...]
    written: Mapping[str, str]


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: by its mark, else UTF-8 where it is that, else Windows'.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        if head[1::2].count(0) > len(head) // 4:
            return "utf-16-le"
        if head[::2].count(0) > len(head) // 4:
            return "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while head:
                decoder.decode(head)
                head = file.read(_AT_A_TIME)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def opened(path: Path) -> TextIO:
    """Open a map for reading, line by line.

    Raises:
        OSError: it cannot be read.
    """
    # What Windows' code page does not have is shown as such; a row is no less a row for it.
    return path.open(encoding=encoding_of(path), errors="replace", newline="")


def header_of(file: TextIO, separators: Sequence[str] = SEPARATORS) -> Iterator[Header]:
    """Yield the first row as each separator divides it; the file is then before the second one.

    Args:
        file: as `opened` gives it.
        separators: those that may be.
    """
    first = _first_record(file)
    if first[:4].casefold() == "sep=":
        separators = (first[4:].strip("\r\n") or "\t",)
        first = _first_record(file)
    for separator in separators:
        try:
            cells = next(csv.reader([first], delimiter=separator[0], strict=True), [])
        except csv.Error:
            continue  # quotation marks that only another separator explains
        names = [heading(cell) for cell in cells]
        written = {name: cell.strip() for name, cell in zip(names, cells, strict=True) if name}
        yield Header(separator=separator[0], names=tuple(names), written=written)


def rows_of(file: TextIO, header: Header) -> Iterator[Cells | BadRow]:
    """Yield the rows that are left, each with its number; empty ones are counted and left out.

    Args:
        file: after its header.
        header: of which its columns have their names.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(file, delimiter=header.separator, strict=True)
    for row in count(2):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeError) as error:
            yield BadRow(row=row, column="", what=_astray(error))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(header.names) :]):
            many, few = len(cells), len(header.names)
            yield BadRow(
                row=row,
                column="",
                what=f"it has {many} cells, and the header {few}: "
                "a separator within a text needs quotation marks around the text",
            )
            continue
        named: dict[str, str] = {}
        for name, cell in zip(header.names, cells, strict=False):
            if name and cell.strip():
                named.setdefault(name, cell.strip())
        yield Cells(row=row, named=named, written=header.written)


def _astray(error: Exception) -> str:
    if "end of data" in str(error):
        return "a quotation mark is opened in it and never closed, so that all after it is one text"
    if "field limit" in str(error):
        return (
            f"it has a cell of more than {LONGEST_CELL:,} characters: is a quotation mark too few?"
        )
    return "its quotation marks do not belong together"


def _first_record(file: TextIO) -> str:
    """Return the first row with something in it; a heading may be of several lines."""
    record = ""
    for line in file:
        if not record and not line.strip("\ufeff\r\n\t ,;|"):
            continue
        record += line
        if record.count('"') % 2 == 0 or len(record) > LONGEST_CELL:
            break
    return record.lstrip("\ufeff")
