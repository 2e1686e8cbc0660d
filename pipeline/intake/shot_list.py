"""A shot list: which views each product needs, as a table with the columns `sku` and `views`.

A row may name a category of the shop instead (column `category`): then its products need the views,
but for those that have a row of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

_CATEGORIES: Final = ("category", "category name", "category id", "categories")

_BETWEEN: Final = re.compile(r"[,;|/\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotList:
    """What products need.

    Attributes:
        path: of the table.
        views: of each SKU, as SKUs compare, in the order in which they are to be shot.
        written: the same SKUs as they are written, in the order of their rows.
        of_category: the views of each category, by its name or id, as such names compare.
        categories: the same as they are written, in the order of their rows.
        bad: the rows that say nothing that could be used.
    """

    path: Path
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    of_category: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
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

    def with_products(self, skus: Mapping[str, Sequence[str]]) -> ShotList:
        """Return the list with the products of its categories on it, behind those of their own row.

        Args:
            skus: of the products in each category, by its name as it compares.
        """
        views: dict[str, tuple[str, ...]] = {}
        written: dict[str, str] = {}
        for category, needed in self.of_category.items():
            for sku in skus.get(category, ()):
                key = compared(sku)
                if key not in self.views:
                    written.setdefault(key, sku)
                    views[key] = tuple(dict.fromkeys((*views.get(key, ()), *needed)))
        return replace(self, views={**self.views, **views}, written={**self.written, **written})


def read_shot_list(path: Path, words: ViewWords) -> ShotList:
    """Read a shot list: a bad row costs itself alone.

    The views stand in one cell, with commas between, or in columns of their own whose names begin
    with `view`. A SKU that has several rows needs the views of all of them, and so does a category.
    A row with both is the product's: tables often say what a product is in.

    Args:
        path: of the table.
        words: by which views are called.

    Raises:
        ConfigError: it cannot be read, or has no such columns.
    """
    views: dict[bool, dict[str, list[str]]] = {False: {}, True: {}}
    names: dict[bool, dict[str, str]] = {False: {}, True: {}}
    bad: list[BadRow] = []
    try:
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise ConfigError(f"{shown(path)} has {data_size(size)}: no shot list is so large")
        with opened(path) as file:
            header = _header(path, list(header_of(file)))
            for row in rows_of(file, header):
                try:
                    of_category, name, needed = _read(row, words)
                except _Bad as error:
                    bad.append(error.row)
                    continue
                names[of_category].setdefault(compared(name), name)
                known = views[of_category].setdefault(compared(name), [])
                known += (view for view in needed if view not in known)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{shown(path)} cannot be read as a shot list: {error}") from error
    return ShotList(
        path=path,
        views={sku: tuple(needed) for sku, needed in views[False].items()},
        written=names[False],
        of_category={name: tuple(needed) for name, needed in views[True].items()},
        categories=tuple(names[True].values()),
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
        if any(name in header.names for name in (*_SKUS, *_CATEGORIES)) and any(
            _view_columns(header.names)
        ):
            return header
    columns = ", ".join(headers[0].written.values()) if headers else ""
    raise ConfigError(
        f"{shown(path)} is no shot list: its first row should be “sku,views”; it has "
        f"{columns or 'nothing'}"
    )


def _view_columns(names: Sequence[str]) -> Iterator[str]:
    return (name for name in names if name.startswith("view"))


def _read(row: Cells | BadRow, words: ViewWords) -> tuple[bool, str, tuple[str, ...]]:
    """Return whether a row is a category's, its SKU or its category, and the views that it needs.

    Raises:
        _Bad: it says nothing that could be used.
    """
    if isinstance(row, BadRow):
        raise _Bad(row)
    column, cell = row.first(*_SKUS)
    _, category = row.first(*_CATEGORIES)
    if not cell and not category:
        raise _Bad(row.bad(_SKUS[0], "no SKU stands in it"))
    try:
        named = sku_in(cell, column) if cell else category
        needed: list[str] = []
        for name in _view_columns(tuple(row.named)):
            column = name
            needed += views_named(row.named[name], words)
    except BadCell as error:
        raise _Bad(row.bad(error.column, str(error))) from error
    except ValueError as error:
        raise _Bad(row.bad(column, str(error))) from error
    return not cell, named, tuple(dict.fromkeys(needed))
