"""What the names of files say of their products; no file is opened, and nothing is written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from pipeline.errors import ProductUnknown
from pipeline.suffixes import Says, what_suffix_says
from pipeline.values import Arrival, Original, Placement

__all__ = ["Naming", "namings"]

LOOKED_AHEAD: Final = 1_000
"""Files whose names are asked for together: they hold some 250 names a question."""


class Places(Protocol):
    """See `pipeline.intake.assign.Assigner`."""

    def expect(self, original: Original) -> None: ...

    def place(self, original: Original) -> Placement: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What the name of a file says.

    Attributes:
        path: of the file.
        meant: by its name it is a picture; else nothing is asked of it.
        placement: its product, its sort order, and the rule that said so; None: nothing says it.
        why_not: the sentence that says why it would wait; empty where it would not.
    """

    path: Path
    meant: bool
    placement: Placement | None
    why_not: str = ""


def namings(arrivals: Iterable[Arrival], places: Places) -> Iterator[Naming]:
    """Yield what the name of each file says, in the order in which they come.

    Args:
        arrivals: the files; none is opened.
        places: says whose they are, and is told beforehand which names come.

    Raises:
        StoreError: the catalogue could not be asked.
    """
    coming = iter(arrivals)
    while ahead := [_read_as_named(arrival) for arrival in islice(coming, LOOKED_AHEAD)]:
        for original in ahead:
            if _is_meant(original.path):
                places.expect(original)
        for original in ahead:
            yield _naming(original, places)


def _naming(original: Original, places: Places) -> Naming:
    if not _is_meant(original.path):
        return Naming(path=original.path, meant=False, placement=None)
    try:
        placement = places.place(original)
    except ProductUnknown as unknown:
        return Naming(path=original.path, meant=True, placement=None, why_not=str(unknown))
    return Naming(path=original.path, meant=True, placement=placement)


def _is_meant(path: Path) -> bool:
    # What has no suffix, or one that nobody knows, may be a picture: only its content tells.
    return what_suffix_says(path.suffix) in (Says.PICTURE, Says.NOTHING)


def _read_as_named(arrival: Arrival) -> Original:
    return Original(
        sha256="",
        size=0,
        path=arrival.path,
        root=arrival.root,
        sku=arrival.sku,
        placement=None,
        from_current_product=arrival.from_current_product,
    )
