"""Which SKU may have been meant by a name that is none: two signs exchanged, one wrong or missing.

The names that are near one are made, and looked up by their index: however many SKUs are kept,
that costs some hundred look-ups. No picture is ever placed by it; it is only said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from pipeline.intake.name_rules import is_likely_sku

__all__ = ["near_names", "nearest"]

LONGEST: Final = 24
"""What is longer is no mistyped SKU."""

MOST_NAMES: Final = 3
"""Of so many names of a photograph it is asked."""

MOST_SHOWN: Final = 3
"""Where more are as near, none of them is more likely than the others."""

_ALIKE: Final = (("O", "0"), ("I", "1"), ("L", "1"), ("S", "5"), ("B", "8"), ("Z", "2"))
_SEPARATORS: Final = "-_ ."
_DIGITS: Final = "0123456789"


def near_names(name: str) -> Iterator[tuple[str, ...]]:
    """Yield the names that are near one, in kinds, the likeliest first."""
    yield tuple(_exchanged(name))
    yield tuple(_as_it_looks(name))
    yield tuple(_shorter(name))
    yield tuple(_longer(name))
    yield tuple(_other_digit(name))


def nearest(
    names: Sequence[str], known: Callable[[Sequence[str]], Mapping[str, Collection[int]]]
) -> tuple[str, tuple[str, ...]] | None:
    """Return the first name that may be a mistyped SKU, and the SKUs that may be meant.

    Args:
        names: under which a photograph was looked for in vain.
        known: gives the products that bear names, as far as they are kept; nobody is asked.
    """
    for name in [one for one in names if len(one) <= LONGEST and is_likely_sku(one)][:MOST_NAMES]:
        for kind in near_names(name):
            wanted = [near for near in dict.fromkeys(kind) if near != name]
            bearing = known(wanted) if wanted else {}
            found = tuple(near for near in wanted if bearing.get(near))
            if found:
                return (name, found) if len(found) <= MOST_SHOWN else None
    return None


def _exchanged(name: str) -> Iterator[str]:
    for at in range(len(name) - 1):
        yield f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"


def _as_it_looks(name: str) -> Iterator[str]:
    for at, sign in enumerate(name):
        for one, other in _ALIKE:
            if sign.upper() in (one, other):
                yield f"{name[:at]}{other if sign.upper() == one else one}{name[at + 1 :]}"
        if sign in _SEPARATORS:
            for other in _SEPARATORS:
                yield f"{name[:at]}{other}{name[at + 1 :]}"


def _shorter(name: str) -> Iterator[str]:
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]


def _longer(name: str) -> Iterator[str]:
    for at in range(1, len(name) + 1):
        for sign in "-" + _DIGITS:
            yield f"{name[:at]}{sign}{name[at:]}"


def _other_digit(name: str) -> Iterator[str]:
    for at, sign in enumerate(name):
        if sign in _DIGITS:
            for other in _DIGITS:
                yield f"{name[:at]}{other}{name[at + 1 :]}"
