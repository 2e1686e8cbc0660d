"""Walks along a JPEG from its start to its end mark (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pipeline.formats.reader import Source
from pipeline.formats.structure import MOST_NOTES_BYTES, Notes, Structure
from pipeline.refusals import checked_size, cut, cut_with_zeros, damaged, not_taken
from pipeline.values import Limits

__all__ = ["walk_jpeg"]

SOI, EOI, SOS, TEM, DNL = 0xD8, 0xD9, 0xDA, 0x01, 0xDC
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COMMON_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive Huffman coding: all that browsers and shops show."""
_RESTARTS: Final = frozenset(range(0xD0, 0xD8))
_TABLES_AND_NOTES: Final = frozenset({0xC4, 0xCC, 0xDB, DNL, 0xDD, 0xDE, 0xDF}) | frozenset(
    [*range(0xE0, 0xF0), *range(0xF0, 0xFF)]
)

_MARK_IN_SCAN: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""In a scan FF 00 is data, FF FF fills and FF D0 to D7 restart: anything else ends it."""

MOST_FILL_BYTES: Final = 4096
"""Bytes FF before a mark; any number is allowed, and decoders go over them one by one."""

_HARMLESS: Final = (
    (0xE0, b"JFIF\0"),
    (0xE2, b"MPF\0"),
    (0xEC, b"Ducky"),
    (0xEE, b"Adobe"),
)
"""Application segments that name nobody and no place; whatever else a camera adds may."""


@dataclass(slots=True)
class _Found:
    """What was gathered on the way."""

    size: tuple[int, int] = (0, 0)
    components: bytes = b""
    scanned: set[int] = field(default_factory=set)
    exif: list[bytes] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    photoshop: list[bytes] = field(default_factory=list)
    icc: list[bytes] = field(default_factory=list)
    private: bool = False
    notes_bytes: int = 0


def walk_jpeg(source: Source, limits: Limits) -> Structure:
    """Walk from mark to mark to the end of the first picture.

    A mark that may not stand where it stands is damage: decoders skip to the next one and show
    grey instead of the picture.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `format_not_taken`, `too_many_pixels`.
    """
    found = _Found()
    place = 2
    while True:
        mark, place = _next_mark(source, place)
        if mark == EOI:
            break
        if mark in _RESTARTS or mark == TEM:
            continue
        if mark == SOI or not (mark in _FRAMES or mark in _TABLES_AND_NOTES or mark == SOS):
            raise damaged("other data begins in the middle of the picture")
        length = int.from_bytes(source.exactly(place, 2), "big")
        if length < 2:
            raise damaged("one of its parts has an impossible length")
        content = source.exactly(place + 2, length - 2)
        place += length
        if mark in _FRAMES:
            _read_frame(mark, content, found, limits)
        elif mark == SOS:
            _read_scan_header(content, found)
            place = _end_of_scan(source, place)
        elif 0xE0 <= mark <= 0xEF:
            _read_application(mark, content, found)
    if not found.scanned or not found.scanned >= set(found.components):
        raise cut("all its colours")
    return Structure(
        width=found.size[0],
        height=found.size[1],
        bit_depth=8,
        trailing=place < source.size,
        notes=_notes(found),
    )


def _next_mark(source: Source, place: int) -> tuple[int, int]:
    """Give the mark at a place and the place behind it; several FF may come before one."""
    head = source.some(place, 16)
    if len(head) < 2:
        raise cut()
    if head[0] != 0xFF:
        if source.zeros_from(place, source.size) == place:
            raise cut_with_zeros()
        raise damaged("one of its parts has a wrong length")
    if not (rest := head.lstrip(b"\xff")):
        head = source.some(place, MOST_FILL_BYTES)
        if not (rest := head.lstrip(b"\xff")):
            raise cut() if place + len(head) >= source.size else damaged("a part of it is missing")
    if rest[0] == 0:
        raise damaged("one of its parts has a wrong length")
    return rest[0], place + len(head) - len(rest) + 1


def _end_of_scan(source: Source, place: int) -> int:
    """Give the place of the mark that ends a scan."""
    carried = b""
    for piece in source.pieces(place, source.size):
        if match := _MARK_IN_SCAN.search(carried + piece):
            return place - len(carried) + match.start()
        place += len(piece)
        carried = b"\xff" if piece.endswith(b"\xff") else b""
    if source.zeros_from(max(0, source.size - 512), source.size) < source.size - 64:
        raise cut_with_zeros()
    raise cut()


def _read_frame(mark: int, content: bytes, found: _Found, limits: Limits) -> None:
    if len(content) < 6 or len(content) < 6 + 3 * content[5]:
        raise damaged("its description is too short")
    if found.components:
        raise damaged("it describes itself twice")
    export = "export it again as an ordinary JPEG"
    if mark not in _COMMON_FRAMES:
        raise not_taken("a rare kind of JPEG that browsers do not show", export)
    if content[0] != 8:
        raise not_taken(f"a JPEG with {content[0]} bits a colour, not 8", export)
    if content[5] not in (1, 3, 4):
        raise not_taken(f"a JPEG with {content[5]} colours a pixel", export)
    height, width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    found.size = checked_size(width, height, limits)
    found.components = content[6 : 6 + 3 * content[5] : 3]


def _read_scan_header(content: bytes, found: _Found) -> None:
    if not found.components:
        raise damaged("its description is missing")
    if not content or not 1 <= content[0] <= 4 or len(content) < 4 + 2 * content[0]:
        raise damaged("its description is too short")
    found.scanned.update(content[1 : 1 + 2 * content[0] : 2])


def _read_application(mark: int, content: bytes, found: _Found) -> None:
    found.notes_bytes += len(content)
    if found.notes_bytes > MOST_NOTES_BYTES:
        raise damaged("its notes are larger than any picture's")
    if mark == 0xE1 and content.startswith(b"Exif\0"):
        found.exif.append(content[6:])
    elif mark == 0xE1 and content.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        found.xmp.append(content[29:])
    elif mark == 0xE2 and content.startswith(b"ICC_PROFILE\0"):
        found.icc.append(content[12:])
    elif mark == 0xED and content.startswith(b"Photoshop 3.0\0"):
        found.photoshop.append(content[14:])
    elif mark == 0xE0 and content.startswith(b"JFIF\0"):
        found.private |= len(content) >= 14 and content[12] * content[13] > 0  # a thumbnail
    elif not any(mark == known and content.startswith(name) for known, name in _HARMLESS):
        found.private = True


def _notes(found: _Found) -> Notes:
    exif = found.exif
    if len(exif) > 1 and not any(b[:2] in (b"II", b"MM") for b in exif[1:]):
        exif = [b"".join(exif)]  # one block, too long for a segment, as Pillow reads it
    return Notes(
        exif=tuple(exif),
        xmp=tuple(found.xmp),
        photoshop=(b"".join(found.photoshop),) if found.photoshop else (),
        icc=_joined_profile(found.icc) if found.icc else None,
        private=found.private,
    )


def _joined_profile(parts: list[bytes]) -> bytes:
    """Put a profile together from its numbered parts (ICC.1:2022, B.4), empty if one is missing."""
    ordered = sorted(parts, key=lambda part: part[:1])
    numbers = [part[0] for part in ordered if len(part) >= 2]
    if numbers != list(range(1, len(parts) + 1)) or ordered[0][1] != len(parts):
        return b""
    return b"".join(part[2:] for part in ordered)
