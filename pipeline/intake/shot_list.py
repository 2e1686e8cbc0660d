"""A shot list: which views each product needs, as a table with the columns `sku` and `views`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.errors import ConfigError
from pipeline.intake.maps.entries import BadCell, BadRow, Cells, sku_in
from pipeline.intake.maps.table import LARGEST_FILE, Header, header_of, opened, rows_of
from pipeline.intake.views import ViewWords
from pipeline.skus import compared
from pipeline.wording import data_size, shown

__all__ = ["ShotList", "read_shot_list", "views_named"]

_SKUS: Final = ("sku", "product sku", "item", "product", "code")

_BETWEEN: Final = re.compile(r"[,;|/\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotList:
    """What products need.

    Attributes:
        path: of the table.
        views: of each SKU, as SKUs compare, in the order in which they are to be shot.
        written: the same SKUs as they are written, in the order of their rows.
        bad: the rows that say nothing that could be used.
    """

    path: Path
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    bad: Sequence[BadRow] = ()

    @property
    def skus(self) -> tuple[str, ...]:
        """The SKUs of the list, as they are written, in the order of their rows."""
        return tuple(self.written.values())

    def one_of(self, skus: Iterable[str]) -> str | None:
        """Return the first of some names of one product that the list has, as it is written."""
        found = (self.written.get(compared(sku)) for sku in skus)
        return next((sku for sku in found if sku is not None), None)

    def of(self, sku: str) -> tuple[str, ...]:
        """Return the views that a product needs; none where it is not on the list."""
        return self.views.get(compared(sku), ())


def read_shot_list(path: Path, words: ViewWords) -> ShotList:
    """Read a shot list: a bad row costs itself alone.

    The views stand in one cell, with commas between, or in columns of their own whose names begin
    with `view`. A SKU that has several rows needs the views of all of them.

    Args:
        path: of the table.
        words: by which views are called.

    Raises:
        ConfigError: it cannot be read, or has no such columns.
    """
    views: dict[str, list[str]] = {}
    skus: dict[str, str] = {}
    bad: list[BadRow] = []
    try:
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise ConfigError(f"{shown(path)} has {data_size(size)}: no shot list is so large")
        with opened(path) as file:
            header = _header(path, list(header_of(file)))
            for row in rows_of(file, header):
                try:
                    sku, needed = _read(row, words)
                except _Bad as error:
                    bad.append(error.row)
                    continue
                skus.setdefault(compared(sku), sku)
                known = views.setdefault(compared(sku), [])
                known += (view for view in needed if view not in known)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{shown(path)} cannot be read as a shot list: {error}") from error
    return ShotList(
        path=path,
        views={sku: tuple(needed) for sku, needed in views.items()},
        written=skus,
        bad=tuple(bad),
    )


def views_named(text: str, words: ViewWords) -> tuple[str, ...]:
    """Return the views that a text names, with commas between.

    Raises:
        ValueError: one of them is no view, with a sentence.
    """
    found = []
    for part in _BETWEEN.split(text):
        if not part.strip():
            continue
        view = words.named(part)
        if view is None:
            raise ValueError(f"no view is called {part.strip()!r}: see the setting views")
        found.append(view)
    return tuple(dict.fromkeys(found))


class _Bad(Exception):
    """A row says nothing that could be used."""

    def __init__(self, row: BadRow) -> None:
        super().__init__(str(row))
        self.row = row


def _header(path: Path, headers: Sequence[Header]) -> Header:
    for header in sorted(headers, key=lambda one: len(one.names), reverse=True):
        if any(name in header.names for name in _SKUS) and any(_view_columns(header.names)):
            return header
    columns = ", ".join(headers[0].written.values()) if headers else ""
    raise ConfigError(
        f"{shown(path)} is no shot list: its first row should be “sku,views”; it has "
        f"{columns or 'nothing'}"
    )


def _view_columns(names: Sequence[str]) -> Iterator[str]:
    return (name for name in names if name.startswith("view"))


def _read(row: Cells | BadRow, words: ViewWords) -> tuple[str, tuple[str, ...]]:
    """Return the SKU of a row, and the views that it needs.

    Raises:
        _Bad: it says nothing that could be used.
    """
    if isinstance(row, BadRow):
        raise _Bad(row)
    column, cell = row.first(*_SKUS)
    if not cell:
        raise _Bad(row.bad(_SKUS[0], "no SKU stands in it"))
    try:
        sku = sku_in(cell, column)
        needed: list[str] = []
        for name in _view_columns(tuple(row.named)):
            column = name
            needed += views_named(row.named[name], words)
    except BadCell as error:
        raise _Bad(row.bad(error.column, str(error))) from error
    except ValueError as error:
        raise _Bad(row.bad(column, str(error))) from error
    return sku, tuple(dict.fromkeys(needed))
