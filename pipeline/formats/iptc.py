"""Reads the few words that matter here out of IPTC-IIM datasets (IIM 4.2) in Photoshop's blocks."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final

from pipeline.captions import MOST_KEYWORDS, NO_CAPTIONS, Captions, captions

__all__ = ["captions_in_iptc"]

_IPTC: Final = 0x0404
"""Number of Photoshop's resource block in which IPTC stands."""

_CODED: Final = (1, 90)
_TITLE, _KEYWORD, _HEADLINE, _CAPTION = (2, 5), (2, 25), (2, 105), (2, 120)
_WANTED: Final = frozenset({_TITLE, _KEYWORD, _HEADLINE, _CAPTION})

_UTF_8: Final = b"\x1b%G"
"""ISO 2022's sign for UTF-8, as all programs of today write it."""

# A worker may open no file: what decodes is loaded beforehand.
codecs.lookup("cp1252")

_MOST_DATASETS: Final = 2_000


def captions_in_iptc(photoshop: bytes) -> Captions:
    """Return what Photoshop's resource blocks say in words; what cannot be read says nothing."""
    for number, content in _blocks(photoshop):
        if number == _IPTC:
            return _said(content)
    return NO_CAPTIONS


def _said(content: bytes) -> Captions:
    found: dict[tuple[int, int], list[bytes]] = {}
    coded = b""
    for which, value in _datasets(content):
        if which == _CODED:
            coded = value
        elif which in _WANTED and len(found.setdefault(which, [])) < MOST_KEYWORDS:
            found[which].append(value)

    def first(which: tuple[int, int]) -> str:
        return _decoded(next(iter(found.get(which, ())), b""), coded)

    return captions(
        title=first(_TITLE),
        headline=first(_HEADLINE),
        caption=first(_CAPTION),
        keywords=tuple(_decoded(word, coded) for word in found.get(_KEYWORD, ())),
    )


def _blocks(photoshop: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each block: mark, number, name, length, content, each padded to even."""
    place = 0
    while place + 12 <= len(photoshop) and photoshop[place : place + 4] == b"8BIM":
        number = int.from_bytes(photoshop[place + 4 : place + 6], "big")
        name_bytes = 1 + photoshop[place + 6]
        place += 6 + name_bytes + (name_bytes & 1)
        length = int.from_bytes(photoshop[place : place + 4], "big")
        yield number, photoshop[place + 4 : place + 4 + length]
        place += 4 + length + (length & 1)


def _datasets(content: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield each dataset: a mark, record, number, length, content."""
    place = 0
    for _ in range(_MOST_DATASETS):
        if place + 5 > len(content) or content[place] != 0x1C:
            return
        length = int.from_bytes(content[place + 3 : place + 5], "big")
        if length & 0x8000:  # an extended dataset: nothing in use needs one
            return
        yield (content[place + 1], content[place + 2]), content[place + 5 : place + 5 + length]
        place += 5 + length


def _decoded(text: bytes, coded: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("utf-8" if coded == _UTF_8 else "cp1252", "replace")
