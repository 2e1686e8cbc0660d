"""What the names of a photograph and its folders may say about its product.

Nothing here asks anybody: names are only proposed, and the store's catalogue decides. They are
given in Unicode's composed form (NFC), which stores use, whatever form a disk keeps them in.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from unicodedata import normalize

from pipeline.values import Arrival, Original

__all__ = [
    "folder_names",
    "how_given",
    "is_camera_name",
    "is_likely_sku",
    "leading_names",
    "shot_order",
]

_SEPARATOR: Final = re.compile(r"[\s_\-.()\[\]+,=#]+")

_CAMERA: Final = re.compile(r"[A-Z0-9_]{4}\d{4}|\d{3}[A-Z0-9_]{5}|DCIM", re.IGNORECASE)
"""Names by the camera standard DCF 2.0: `IMG_1234`, `DSCF0815`, `100CANON`."""

_LIKELY: Final = re.compile(r"(?=.*\d)[A-Z0-9]+(?:[-./][A-Z0-9]+)*")

_ORDER: Final = re.compile(r"[\s_\-.(\[#]*0*(\d{1,4})[\s)\]]*")


def how_given(told: Arrival | Original) -> str:
    """Return how a product came to be told, for the rule that a placement names."""
    return "was on the table" if told.from_current_product else "was given"


def folder_names(path: Path, root: Path) -> tuple[str, ...]:
    """Return the names of the folders of a file, the nearest first, up to and with `root`.

    What lies above the folder that was named says where the studio keeps its files, not what is
    in the picture.
    """
    names: list[str] = []
    for folder in path.parents:
        if not folder.is_relative_to(root):
            break
        if name := _plain(folder.name):
            names.append(name)
    return tuple(names)


def leading_names(path: Path) -> tuple[str, ...]:
    """Return what a file name begins with, up to each separator, the longest first.

    `SM-13-front.jpg` gives `SM-13-front`, `SM-13` and `SM`: a SKU may itself hold separators.
    A camera's own numbering (`IMG_1234.jpg`) is given whole, for it may be a SKU (`MUGB0042`),
    but nothing is made of its beginning.
    """
    stem = _plain(path.stem)
    if not stem or is_camera_name(stem):
        return (stem,) if stem else ()
    ends = [match.start() for match in _SEPARATOR.finditer(stem) if match.start() > 0]
    return tuple(dict.fromkeys([stem] + [stem[:end] for end in reversed(ends)]))


def is_camera_name(name: str) -> bool:
    """Whether a name is one that cameras give by themselves (DCF 2.0)."""
    return _CAMERA.fullmatch(name) is not None


def is_likely_sku(name: str) -> bool:
    """Whether a name looks like a SKU: capitals and digits, with at least one digit.

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
