"""Who goes first: a product's photographs in shot order, while the earlier may still become whole.

The catalogue is not asked here, so whether two files are of one product is judged by their names
alone. Where the names leave it open, files of one folder are taken for one product's: to wait in
vain costs a while, to go first costs the place, and perhaps the main picture.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.intake.leftovers import is_ignored_name
from pipeline.intake.name_rules import folder_names, is_likely_sku, leading_names, spelt_id
from pipeline.intake.numbers import is_bare_number
from pipeline.intake.scan import natural
from pipeline.suffixes import Says, what_suffix_says
from pipeline.values import ImageFormat

__all__ = ["Standing", "Turns", "finished_name", "is_in_the_making", "standing_of"]

Order = tuple[str, str]
Group = tuple[str, str]

_PICTURES: Final = frozenset(
    [*(format_.suffix for format_ in ImageFormat), ".jpeg", ".jpe", ".jfif", ".dib"]
)
_PICTURE_WITHIN: Final = re.compile(
    rf"[.~]*(?:syncthing[.~])?(.+?(?:{'|'.join(re.escape(suffix) for suffix in _PICTURES)}))"
    r"(?![a-z0-9]).*",
    re.IGNORECASE,
)
_NAMELESS: Final = re.compile(
    r"tmpfile.{6}|\.goutputstream-\w+"
    r"|[^.]+\.(?:tmp|temp|part|partial|filepart|crdownload|download)",
    re.IGNORECASE,
)
_KEPT_BESIDE: Final = re.compile(r"\._.*|~\$.*|.*(?:~|_original|\.lock|\.swp)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a file stands among those that come in.

    Attributes:
        order: shot order, as the ledger sorts by it.
        stands_in: the groups whose later members wait for it.
        minds: the groups whose earlier members it waits for.
        is_picture: it may be one by its name; nobody waits for another.
    """

    order: Order
    stands_in: tuple[Group, ...]
    minds: tuple[Group, ...]
    is_picture: bool


class Turns:
    """Those that hold up others at one moment."""

    def __init__(self) -> None:
        self._first: dict[Group, tuple[Order, Path]] = {}
        self._nameless: dict[Group, tuple[float, Path]] = {}
        self._remade: dict[Path, Path] = {}

    def add(self, path: Path, standing: Standing) -> None:
        """Have a file's later ones wait for it."""
        if standing.is_picture:
            for group in standing.stands_in:
                first = self._first.get(group)
                if first is None or standing.order < first[0]:
                    self._first[group] = (standing.order, path)

    def add_remade(self, path: Path, by: Path) -> None:
        """Have a file wait that is being written anew beside itself."""
        self._remade[path] = by

    def add_nameless(self, path: Path, standing: Standing, began: float) -> None:
        """Have those wait that began later than a copy whose last name nobody knows."""
        for group in standing.stands_in:
            first = self._nameless.get(group)
            if first is None or began < first[0]:
                self._nameless[group] = (began, path)

    def before(self, path: Path, standing: Standing, began: float) -> Path | None:
        """Return the file that another has to wait for; None where it is its turn."""
        if path in self._remade:
            return self._remade[path]
        for group in standing.minds:
            first = self._first.get(group)
            if first is not None and first[0] < standing.order:
                return first[1]
            nameless = self._nameless.get(group)
            if nameless is not None and nameless[0] < began:
                return nameless[1]
        return None


def standing_of(path: Path, root: Path, *, plain_ids: bool) -> Standing:
    """Return where a file stands.

    Args:
        path: of the file, under the name that it will have.
        root: the folder that is watched.
        plain_ids: bare numbers are product ids.
    """
    folder = os.fspath(path.parent)
    all_of_folder, unclear_of_folder = ("folder", folder), ("unclear", folder)
    says_nothing = what_suffix_says(path.suffix) is Says.NOTHING
    is_picture = path.suffix.casefold() in _PICTURES or says_nothing
    order = natural(os.fspath(path))
    by_folder = _product_of_folder(path, root, plain_ids=plain_ids)
    product = by_folder or _product_of_name(path, root, plain_ids=plain_ids)
    if product is None:
        # What lies in the watched folder itself is mostly many products'.
        minds = unclear_of_folder if path.parent == root else all_of_folder
        return Standing(order, (all_of_folder, unclear_of_folder), (minds,), is_picture)
    own = ("product", product.casefold())
    alone = by_folder is not None or path.parent == root
    minded = (own,) if alone else (own, unclear_of_folder)
    return Standing(order, (own, all_of_folder), minded, is_picture)


def is_in_the_making(name: str) -> bool:
    """Whether a name is one under which programs write what they rename when it is whole."""
    if not is_ignored_name(name) or _KEPT_BESIDE.fullmatch(name):
        return False
    return finished_name(name) is not None or _NAMELESS.fullmatch(name) is not None


def finished_name(name: str) -> str | None:
    """Return the name that such a file will have, where its name tells (rsync's `.a.jpg.X7f2Qa`).

    Sources: the temporary names of rsync, Syncthing, ExifTool, browsers and copying programs.
    """
    match = _PICTURE_WITHIN.fullmatch(name)
    return None if match is None or match.group(1) == name else match.group(1)


def _product_of_folder(path: Path, root: Path, *, plain_ids: bool) -> str | None:
    names = folder_names(path, root, plain_ids=plain_ids)
    return next((name for name in names if _is_product(name, plain_ids=plain_ids)), None)


def _product_of_name(path: Path, root: Path, *, plain_ids: bool) -> str | None:
    """Return the product that a file name tells: the shortest, so that views stay together.

    A whole name counts only in the watched folder itself: in one below, `A1.jpg` and `A2.jpg` may
    well be pictures of the product by whose name, of whatever form, the folder goes.
    """
    whole, on_top = path.stem.strip(), path.parent == root
    for name in reversed(leading_names(path, plain_ids=plain_ids)):
        # What is left of bare numbers there (no date, no count) is an article's number.
        is_number = on_top and is_bare_number(name) and name != whole
        if is_number or (_is_product(name, plain_ids=plain_ids) and (on_top or name != whole)):
            return name
    return None


def _is_product(name: str, *, plain_ids: bool) -> bool:
    return is_likely_sku(name) or spelt_id(name) is not None or (plain_ids and is_bare_number(name))
