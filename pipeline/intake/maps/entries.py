"""What a row of a map says: which file, whose picture, its view, its place, its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

__all__ = [
    "BadCell",
    "BadRow",
    "Cells",
    "Entry",
    "FileName",
    "as_name",
    "called_id",
    "file_name",
    "heading",
    "sku_in",
    "switch_in",
    "whole_in",
]

# A spreadsheet writes them in the language that it runs in.
_YES: Final = frozenset((
    "true", "yes", "y", "x", "1", "on", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "si",
    "vero", "waar", "sand", "main", "primary",
))  # fmt: skip
_NO: Final = frozenset((
    "false", "no", "n", "0", "off", "falsch", "nein", "faux", "non", "falso", "onwaar", "falsk",
    "nej", "nee", "-",
))  # fmt: skip

_WHOLE: Final = re.compile(r"(-?\d{1,9})(?:[.,]0+)?")
_SHORTENED: Final = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_KEPT_TEXT: Final = re.compile(r"""="(.*)"|'(?=[=+\-@0-9])(.*)""", re.DOTALL)

_DRIVE: Final = re.compile(r"[A-Za-z]:/")

_BY_SHOP: Final = re.compile(r"(?P<stem>.+?)(?:__\d{3,6})?(?:\.\d+\.\d+\.\d+)?(?P<suffix>\.\w+)")
"""What a BigCommerce store makes of a name: `mug.jpg` is `mug__98178.1626.1280.1280.jpg` there."""


class BadCell(Exception):
    """A cell says what it cannot say; the text is a sentence, without its column."""

    def __init__(self, column: str, what: str) -> None:
        """Name the column as it is compared, and what is wrong."""
        super().__init__(what)
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row, or a cell of it, that says nothing that could be used.

    Attributes:
        row: its number, as a spreadsheet counts.
        column: the column's heading; empty where it is the row as a whole.
        what: is wrong with it, and what would mend it.
    """

    row: int
    column: str
    what: str

    def __str__(self) -> str:
        """Return it as people read it: which row, which column, what is wrong."""
        column = f", column “{self.column}”" if self.column else ""
        return f"row {self.row}{column}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The cells of a row that are not empty, by their columns' names.

    Attributes:
        row: its number.
        named: by the name as `heading` gives it.
        written: the names as they are written in the header.
    """

    row: int
    named: Mapping[str, str]
    written: Mapping[str, str]

    def first(self, *names: str) -> tuple[str, str]:
        """Return the first of these columns that has something, and what; else two empty texts."""
        return next(((name, self.named[name]) for name in names if name in self.named), ("", ""))

    def bad(self, column: str, what: str) -> BadRow:
        """Return what is wrong with a cell of it."""
        return BadRow(row=self.row, column=self.written.get(column, column), what=what)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileName:
    """A file as a map names it.

    Attributes:
        name: its own name, as `as_name` gives it.
        written: the same, as it is written.
        folders: those in which it lies, the nearest last, as far as they are named.
        below: it certainly lies in these, for it is named from a folder on; else they are those of
            another machine, or a shop's, and count only where they help to tell two files apart.
        once: how it may have been called before a shop renamed it; empty where it was not.
    """

    name: str
    written: str
    folders: tuple[str, ...] = ()
    below: bool = False
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a row says of one file.

    Attributes:
        row: its number.
        file: which one.
        names: what its product may be called, the best first: SKUs, or an id that is called one
            (`id 158`). All of them that the shop knows are of one product, or it is a doubt.
        order: the sort order; None where nothing is said of it.
        view: which side of the product it shows; empty where nothing is said of it.
        alt: the words for it; empty where nothing is said.
        main: it is the product's main picture; None where nothing is said.
    """

    row: int
    file: FileName
    names: tuple[str, ...]
    order: int | None = None
    view: str = ""
    alt: str = ""
    main: bool | None = None


def heading(cell: str) -> str:
    """Return a column's name as it is compared: words in lower case, a blank between two."""
    plain = unicodedata.normalize("NFKC", cell).casefold().strip("\ufeff '\"")
    return re.sub(r"[\W_]+", " ", plain).strip()


def as_name(name: str) -> str:
    """Return a file's name as it is compared: composed (NFC), whatever its case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())


def file_name(cell: str, *, of_shop: bool = False) -> FileName | None:
    r"""Return the file that a cell names: by name, path or address; None where it names none.

    Args:
        cell: `front.jpg`, `SM-13/front.jpg`, `C:\shoot\front.jpg`, `https://…/front.jpg?v=3`.
        of_shop: a path in it is one of the shop's, and says nothing of folders here.
    """
    address = re.match(r"(?:https?|ftp|file)://|//(?=[^/]+\.[^/]+/)", cell, re.IGNORECASE)
    if address:
        path = unquote(urlsplit(cell).path)
        of_shop = of_shop or not cell.casefold().startswith("file:")
    else:
        path = cell.replace("\\", "/")
    rooted = bool(address) or path.startswith("/") or _DRIVE.match(path) is not None
    parts = [part for part in PurePosixPath(path).parts if part not in ("/", ".", "..")]
    if not parts or not parts[-1].strip():
        return None
    written = unicodedata.normalize("NFC", parts[-1].strip())
    renamed = _BY_SHOP.fullmatch(written) if of_shop else None
    once = f"{renamed['stem']}{renamed['suffix']}" if renamed else ""
    return FileName(
        name=as_name(written),
        written=written,
        folders=() if of_shop else tuple(map(as_name, parts[:-1])),
        below=not rooted and len(parts) > 1,
        once="" if as_name(once) == as_name(written) else as_name(once),
    )


def called_id(digits: str) -> str:
    """Return a product's id as rules name one."""
    return f"id {digits}"


def sku_in(cell: str, column: str) -> str:
    """Return a SKU or a barcode's number.

    Raises:
        BadCell: the spreadsheet has shortened it.
    """
    kept = _KEPT_TEXT.fullmatch(cell)
    value = (kept[1] or kept[2] or "").strip() if kept else cell
    if _SHORTENED.fullmatch(value):
        raise BadCell(
            column,
            f"“{value}” is a long number that a spreadsheet has shortened: "
            "set the column's format to text, and write it anew",
        )
    return value


def whole_in(cell: str, column: str) -> int:
    """Return a whole number.

    Raises:
        BadCell: it is none.
    """
    found = _WHOLE.fullmatch(cell)
    if found is None:
        raise BadCell(column, f"“{cell}” is no whole number")
    return int(found[1])


def switch_in(cell: str, column: str) -> bool:
    """Return whether it is so, in the words that spreadsheets write in several languages.

    Raises:
        BadCell: it is neither yes nor no.
    """
    word = cell.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCell(column, f"“{cell}” is neither TRUE nor FALSE")
