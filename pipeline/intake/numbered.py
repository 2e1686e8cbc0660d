"""`ABC_2`: the SKU, or the second picture of `ABC`?

Where the shop has both, the other pictures of the shoot may settle it: `ABC_1` and `ABC_3`, which
are no SKUs, number pictures; `ABC_2-front` is one of the product `ABC_2`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final
from unicodedata import normalize

from pipeline.beneath import entries_beneath

__all__ = ["Beside", "Settled", "lying_beside", "numbered_below", "settled"]

MOST_BESIDE: Final = 10_000
"""So many entries of a folder are looked at."""

MOST_SHOWN: Final = 3

_NUMBERED: Final = re.compile(
    r"(?P<base>.*\S)(?P<between>[\s_\-.#]|[\s_\-.]?\()(?P<number>\d{1,3})"
)
_SEPARATORS: Final = frozenset(" _-.()[]+,=#")

Beside = Callable[[Path, Path], Sequence[str]]
"""Gives the names, without suffix, of what lies in the folder of a file; its path, and its root."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Which of two names is meant, and the names of the files that say so."""

    name: str
    evidence: tuple[str, ...]


def numbered_below(name: str, stem: str) -> str | None:
    """Return the shorter name of which `name` may be a numbered picture; None where it is none.

    `ABC_2` may be the second picture of `ABC`. `ABC_2_1` is numbered behind that, so it is one of
    the product `ABC_2`.

    Args:
        name: with which the name of a file begins.
        stem: that name, without its suffix.
    """
    match = _NUMBERED.fullmatch(name)
    if match is None or re.search(r"\d", stem[len(name) :]):
        return None
    return match["base"].rstrip(" _-.")


def settled(
    name: str,
    base: str,
    stem: str,
    beside: Iterable[str],
    bears: Callable[[Sequence[str]], Sequence[str]],
) -> Settled | None:
    """Return which is meant, by what else was shot; None where nothing says it, or both is said.

    Args:
        name: a SKU that ends with a number.
        base: a SKU that it begins with.
        stem: of the file, which begins with both.
        beside: the names of the other files in its folder, without suffix.
        bears: which of some names are SKUs of the shop.
    """
    of_name, numbered = [], []
    for other in sorted(set(beside) - {stem}):
        if _begins_with(other, name):
            of_name.append(other)
        elif _begins_with(other, base) and _is_numbered(other, base):
            numbered.append(other)
    known = set(bears(numbered[:20])) if numbered else set()
    of_base = [other for other in numbered[:20] if other not in known]
    if bool(of_name) == bool(of_base):
        return None
    evidence = of_name or of_base
    return Settled(name if of_name else base, tuple(evidence[:MOST_SHOWN]))


def lying_beside(path: Path, root: Path) -> Sequence[str]:
    """Return what lies in a file's folder, by name without suffix; nothing where it is not read."""
    folder = path.parent
    try:
        return _stems(root, folder, folder.stat().st_mtime_ns)
    except (OSError, ValueError):
        return ()


@lru_cache(maxsize=8)
def _stems(root: Path, folder: Path, changed: int) -> tuple[str, ...]:
    """Return them; a folder is read once, until it is `changed`."""
    with entries_beneath(root, folder) as entries:
        names = [entry.name for entry in islice(entries, MOST_BESIDE)]
    return tuple(normalize("NFC", Path(name).stem).strip() for name in names)


def _is_numbered(other: str, base: str) -> bool:
    below = numbered_below(other, other)
    return below is not None and below.casefold() == base.casefold()


def _begins_with(other: str, name: str) -> bool:
    whole, start = other.casefold(), name.casefold()
    return whole.startswith(start) and (whole == start or whole[len(start)] in _SEPARATORS)
