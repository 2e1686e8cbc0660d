"""What the names of a photograph and its folders may say about its product.

Nothing here asks anybody: names are only proposed, and the store's catalogue decides. They are
given in Unicode's composed form (NFC), which stores use, whatever form a disk keeps them in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final
from unicodedata import normalize

from pipeline.intake.numbers import is_bare_number, may_name_a_product
from pipeline.skus import is_gtin
from pipeline.values import Arrival, Original

__all__ = [
    "folder_names",
    "how_given",
    "is_camera_name",
    "is_likely_sku",
    "is_numbered_below_a_sku",
    "leading_names",
    "shot_order",
    "spelt_id",
]

_SEPARATOR: Final = re.compile(r"[\s_\-.()\[\]+,=#]+")

_CAMERA: Final = re.compile(r"[A-Z0-9_]{4}\d{4}|\d{3}[A-Z0-9_]{5}|DCIM", re.IGNORECASE)
"""Names by the camera standard DCF 2.0: `IMG_1234`, `DSCF0815`, `100CANON`."""

_LIKELY: Final = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9]+(?:[-./][A-Z0-9]+)*")

_SPELT_ID: Final = re.compile(r"(?:id|product)[\s_-](\d{1,10})", re.IGNORECASE)
"""`id 158`, `id-158`, `product-158`: an id that is called one."""

_MONTH_FOLDER: Final = re.compile(r"0?[1-9]|1[0-2]")
_DAY_FOLDER: Final = re.compile(r"0?[1-9]|[12]\d|3[01]")
_YEAR_FOLDER: Final = re.compile(r"(?:19|20)\d\d")

_ORDER: Final = re.compile(r"[\s_\-.(\[#]*0*(\d{1,4})[\s)\]]*")


def how_given(told: Arrival | Original) -> str:
    """Return how a product came to be told, for the rule that a placement names."""
    return "was on the table" if told.from_current_product else "was given"


def folder_names(path: Path, root: Path, *, plain_ids: bool = False) -> tuple[str, ...]:
    """Return the names of the folders of a file, the nearest first, up to and with `root`.

    What lies above the folder that was named says where the studio keeps its files, not what is
    in the picture. What is a date, a measure, a count or a camera's name is left out, and so are
    the folders of a calendar (`2026/11/27`).

    Args:
        path: of the file.
        root: the folder that was named.
        plain_ids: bare numbers are product ids.
    """
    return _names_of_folders(path.parent, root, plain_ids=plain_ids)


@lru_cache(maxsize=64)
def _names_of_folders(nearest: Path, root: Path, *, plain_ids: bool) -> tuple[str, ...]:
    """Return these names; a folder's photographs come one after the other, and are asked twice."""
    names: list[str] = []
    folders = (nearest, *nearest.parents)
    calendar = _calendar(folders)
    for folder in folders:
        if not folder.is_relative_to(root):
            break
        name = _plain(folder.name)
        if not name or folder in calendar:
            continue
        if may_name_a_product(name, name, plain_ids=plain_ids, folder=True):
            names.append(name)
    return tuple(names)


def _calendar(folders: Sequence[Path]) -> frozenset[Path]:
    """Return the folders that are a year, a month and a day in one another."""
    found: set[Path] = set()
    for month in folders:
        year = month.parent
        if _MONTH_FOLDER.fullmatch(month.name) and _YEAR_FOLDER.fullmatch(year.name):
            days = {day for day in folders if day.parent == month}
            found |= {year, month, *(day for day in days if _DAY_FOLDER.fullmatch(day.name))}
    return frozenset(found)


@lru_cache(maxsize=1024)
def leading_names(path: Path, *, plain_ids: bool = False) -> tuple[str, ...]:
    """Return what a file name begins with, up to each separator, the longest first.

    `SM-13-front.jpg` gives `SM-13-front`, `SM-13` and `SM`: a SKU may itself hold separators.
    Of a camera's own numbering nothing is made, but what only looks like one is given whole, for
    it may be a SKU (`MUGB0042`). Dates, times, measures and counts are left out. It is remembered
    for a while, for each file is asked about when it arrives, and twice when it is placed.

    Args:
        path: of the file.
        plain_ids: bare numbers are product ids.
    """
    stem = _plain(path.stem)
    ends = [match.start() for match in _SEPARATOR.finditer(stem) if match.start() > 0]
    names = dict.fromkeys([stem] + [stem[:end] for end in reversed(ends)])
    if is_camera_name(stem):
        names = dict.fromkeys([stem])
    return tuple(
        name for name in names if name and may_name_a_product(name, stem, plain_ids=plain_ids)
    )


def spelt_id(name: str) -> str | None:
    """Return the digits of an id that is called one (`id 158`, `product-158`), else None."""
    match = _SPELT_ID.fullmatch(name)
    return match.group(1) if match else None


def is_numbered_below_a_sku(path: Path, name: str) -> bool:
    """Whether a number is merely a picture's, below a folder that should be a product's.

    In `SM-31/1.jpg` the 1 is no product, even where nobody knows SM-31: it may be mistyped. The
    number of a barcode is no picture's.
    """
    whole, folder = _plain(path.stem), path.parent.name.strip(" .-_")
    is_number = name == whole and is_bare_number(name) and not is_gtin(name)
    return is_number and is_likely_sku(folder)


def is_camera_name(name: str) -> bool:
    """Whether a name is one that cameras give by themselves (DCF 2.0)."""
    return _CAMERA.fullmatch(name) is not None


def is_likely_sku(name: str) -> bool:
    """Whether a name looks like a SKU: capitals and digits, at least one of each.

    Needed only where the catalogue knows every name, as that of an open local store does: there
    a camera's name is never one.
    """
    return _LIKELY.fullmatch(name) is not None and not is_camera_name(name)


def shot_order(path: Path, product_name: str) -> int | None:
    """Return the number that follows the product's name in a file name, as the sort order.

    `158_2.jpg` and `158 (2).jpg` give 2 for the product `158`; `SM-13-front.jpg`, and a longer
    number that a camera counts with, give None.
    """
    stem, name = _plain(path.stem).casefold(), _plain(product_name).casefold()
    if not stem.startswith(name):
        return None
    match = _ORDER.fullmatch(stem[len(name) :])
    return int(match.group(1)) if match and len(stem) > len(name) else None


def _plain(name: str) -> str:
    return normalize("NFC", name).strip()
