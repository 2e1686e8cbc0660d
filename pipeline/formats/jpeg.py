"""JPEG, from its start to its end marker (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.formats.notice import Notice
from pipeline.formats.patched import Piece
from pipeline.formats.reader import MOST_METADATA_BYTES, Metadata, Reader, Structure
from pipeline.refusals import (
    Damage,
    checked_size,
    damaged,
    not_taken,
    truncated,
    truncated_with_zeros,
)
from pipeline.values import Limits, Oddity

__all__ = ["decodable", "shown", "strip_metadata", "walk"]

_EOI, _SOS, _TEM, _DNL = 0xD9, 0xDA, 0x01, 0xDC
_APPLICATION: Final = range(0xE0, 0xF0)
_COMMENT: Final = 0xFE
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COMMON_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive Huffman coding: all that browsers and shops show."""
_SCAN, _JUNK = -1, -2
_ALONE: Final = frozenset({*range(0xD0, 0xD8), _TEM, _EOI})
"""Marks without a length and a content: restarts, a filler of arithmetic coders, the end."""
_TABLES_AND_METADATA: Final = frozenset(
    {0xC4, 0xCC, 0xDB, _DNL, 0xDD, 0xDE, 0xDF, *_APPLICATION, *range(0xF0, 0xFF)}
)

_MARKER_IN_SCAN: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""In a scan FF 00 is data, FF FF fills and FF D0 to D7 restart: anything else ends it."""

_MARK: Final = re.compile(rb"\xff+[^\x00\xff]")

_MOST_FILL_BYTES: Final = 4096
"""Bytes FF before a marker; any number is allowed, and decoders go over them one by one."""

_MOST_JUNK_BYTES: Final = 64 << 10
"""Bytes that decoders pass over in search of the next mark, beside what describes the picture."""

_HARMLESS: Final = (
    (0xE0, b"JFIF\0"),
    (0xE2, b"MPF\0"),
    (0xEC, b"Ducky"),
    (0xEE, b"Adobe"),
)
"""Application segments that name nobody and no place; whatever else a camera adds may."""

_XMP_MARK: Final = b"http://ns.adobe.com/xap/1.0/\0"

_KEPT: Final = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
"""Application segments that say how the pixels are meant."""


def walk(reader: Reader, limits: Limits) -> Structure:
    """Walk from marker to marker to the end of the first picture.

    A marker that may not stand where it stands is damage: decoders skip to the next one and show
    grey instead of the picture. Only behind what is not needed for the picture, and before its
    data, other bytes are passed over, as browsers do.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `format_not_taken`, `too_many_pixels`.
    """
    found = _Found()
    end = 0
    for part in _parts(reader):
        end = part.end
        if part.marker in _FRAMES:
            _read_frame(part.marker, part.content, found, limits)
        elif part.marker == _SOS:
            _read_scan_header(part.content, found)
        elif part.marker in _APPLICATION:
            _read_application(part.marker, part.content, found)
        elif part.marker == _COMMENT:
            # Anybody may have written anything: nobody can say that it is harmless.
            found.private |= bool(part.content.strip(b"\0 \t\r\n"))
        found.odd |= part.marker == _JUNK or _is_malformed(part)
    if not found.scanned or not found.scanned >= set(found.components):
        raise truncated("all its colours")
    return Structure(
        width=found.size[0],
        height=found.size[1],
        bit_depth=8,
        trailing=end < reader.size,
        oddities=(Oddity.BYTES_BETWEEN,) if found.odd else (),
        metadata=_metadata(found),
    )


def decodable(reader: Reader) -> list[Piece] | None:
    """Return the pieces that a decoder is to see, None where it may see all of the file.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    kept: list[Piece] = [b"\xff\xd8"]
    odd = False
    for part in _parts(reader):
        if part.marker == _JUNK or _is_malformed(part):
            odd = True
        elif part.marker == _SCAN:
            kept.append((part.start, part.end))
        else:
            kept.append(_segment(part.marker, part.content))
    return kept if odd else None


def strip_metadata(reader: Reader, notice: Notice) -> bytes:
    """Return the first picture with nothing beside it but what says how its pixels are meant.

    Args:
        reader: the file.
        notice: who made it and whose it is, to put in; may be empty.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    kept: list[bytes] = []
    for part in _parts(reader):
        if part.marker == _SCAN:
            # The fill bytes before the next marker were counted in.
            kept.append(reader.exactly(part.start, part.end - part.start).rstrip(b"\xff"))
        elif part.marker == _EOI or (_is_needed(part) and not _is_malformed(part)):
            kept.append(_segment(part.marker, part.content))
    blocks = (notice.exif, notice.xmp and _XMP_MARK + notice.xmp)
    # Behind JFIF's segment, which has to be the first.
    at = 1 if kept[0][1] == _APPLICATION[0] else 0
    kept[at:at] = [_segment(0xE1, block) for block in blocks if block]
    return b"".join([b"\xff\xd8", *kept])


def shown(reader: Reader) -> Iterator[bytes]:
    """Yield what says what is shown and how: the needed segments, then all from the first scan on.

    JFIF's segment tells the size for print, which is not shown; only where the colours are named
    RGB does it count that it is there, for then decoders take them for YCbCr all the same. What
    lies between scans or behind the end is counted in.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    jfif, colours = False, b""
    for part in _parts(reader):
        if part.marker == _APPLICATION[0]:
            jfif |= _is_needed(part) and not _is_malformed(part)
            continue
        if part.marker in _FRAMES:
            colours = part.content[6:15:3]
        if _is_needed(part) and not _is_malformed(part):
            yield _segment(part.marker, part.content)
        if part.marker == _SOS:
            yield b"JFIF" if jfif and colours == b"RGB" else b""
            yield from reader.pieces(part.end, reader.size)
            return


class _Part(NamedTuple):
    """A segment, a marker that stands alone, or the coded data of a scan.

    Attributes:
        marker: the second byte of its marker; `_SCAN` for coded data, which has none.
        start: place of its content, in bytes from the start of the file.
        end: place behind it.
        content: a segment's, without marker and length; empty for all others.
    """

    marker: int
    start: int
    end: int
    content: bytes = b""


def _parts(reader: Reader) -> Iterator[_Part]:
    """Yield all parts behind the start marker, the end marker last.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    marker, place = 0, 2
    may_pass, scanned = True, False
    while marker != _EOI:
        if may_pass and (behind := _behind_junk(reader, place)) > place:
            yield _Part(_JUNK, place, behind)
            place = behind
        marker, place = _next_marker(reader, place)
        if marker in _ALONE:
            yield _Part(marker, place, place)
            continue
        if not (marker in _FRAMES or marker in _TABLES_AND_METADATA or marker == _SOS):
            raise damaged("other data begins in the middle of the picture")
        length = int.from_bytes(reader.exactly(place, 2), "big")
        beside = marker in _APPLICATION or marker == _COMMENT
        if beside and length < 2 and not scanned:
            yield _Part(_JUNK, place - 2, place + 2)
            place += 2
            may_pass = True
            continue
        if length < 2:
            raise damaged(Damage.PART_LENGTH)
        content = reader.exactly(place + 2, length - 2)
        part = _Part(marker, place + 2, place + length, content)
        yield part
        place += length
        may_pass = beside and not scanned and not _is_needed(part)
        if marker == _SOS:
            scanned = True
            start, place = place, _end_of_scan(reader, place)
            yield _Part(_SCAN, start, place)


def _behind_junk(reader: Reader, place: int) -> int:
    """Return the place of the next mark, as decoders find it; `place` where none is near."""
    head = reader.some(place, 2)
    if len(head) < 2 or (head[0] == 0xFF and head[1] != 0):
        return place
    match = _MARK.search(reader.some(place, _MOST_JUNK_BYTES))
    return place + match.start() if match else place


def _is_malformed(part: _Part) -> bool:
    """Whether decoders stumble over a part: most often it is shorter than they believe."""
    content = part.content
    if part.marker == _TEM:  # stands alone and says nothing; Pillow does not know it
        return True
    if part.marker == 0xE0 and content.startswith(b"JFIF"):
        return len(content) < 7
    if part.marker == 0xE2 and content.startswith(b"ICC_PROFILE\0"):
        return len(content) < 14
    if part.marker == 0xEE and content.startswith(b"Adobe"):
        return len(content) < 7
    at = 14
    if part.marker == 0xED and content.startswith(b"Photoshop 3.0\0"):
        while content[at : at + 4] == b"8BIM":
            if len(content) < at + 7:
                return True
            at += 7 + content[at + 6]
            at += at & 1
            at += 4 + int.from_bytes(content[at : at + 4], "big")
            at += at & 1
    return False


def _is_needed(part: _Part) -> bool:
    """Whether the picture is not shown rightly without a part."""
    if part.marker in _APPLICATION:
        return any(
            part.marker == marker and part.content.startswith(head) for marker, head in _KEPT
        )
    return part.marker not in _ALONE and part.marker not in (_COMMENT, _JUNK)


def _segment(marker: int, content: bytes) -> bytes:
    if marker in _ALONE:
        return bytes([0xFF, marker])
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


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
    odd: bool = False
    metadata_bytes: int = 0


def _next_marker(reader: Reader, place: int) -> tuple[int, int]:
    """Return the marker at a place and the place behind it; several FF may come before one."""
    head = reader.some(place, 16)
    if len(head) < 2:
        raise truncated()
    if head[0] != 0xFF:
        if reader.zeros_from(place, reader.size) == place:
            raise truncated_with_zeros()
        raise damaged(Damage.PART_LENGTH)
    if not (rest := head.lstrip(b"\xff")):
        head = reader.some(place, _MOST_FILL_BYTES)
        if not (rest := head.lstrip(b"\xff")):
            raise (
                truncated()
                if place + len(head) >= reader.size
                else damaged("a part of it is missing")
            )
    if rest[0] == 0:
        raise damaged(Damage.PART_LENGTH)
    return rest[0], place + len(head) - len(rest) + 1


def _end_of_scan(reader: Reader, place: int) -> int:
    """Return the place of the marker that ends a scan."""
    carried = b""
    for piece in reader.pieces(place, reader.size):
        if match := _MARKER_IN_SCAN.search(carried + piece):
            return place - len(carried) + match.start()
        place += len(piece)
        carried = b"\xff" if piece.endswith(b"\xff") else b""
    if reader.zeros_from(max(0, reader.size - 512), reader.size) < reader.size - 64:
        raise truncated_with_zeros()
    raise truncated()


def _read_frame(marker: int, content: bytes, found: _Found, limits: Limits) -> None:
    if len(content) < 6 or len(content) < 6 + 3 * content[5]:
        raise damaged(Damage.DESCRIPTION_SHORT)
    if found.components:
        raise damaged(Damage.DESCRIPTION_TWICE)
    export = "export it again as an ordinary JPEG"
    if marker not in _COMMON_FRAMES:
        raise not_taken("a rare kind of JPEG that browsers do not show", export)
    if content[0] != 8:
        raise not_taken(f"a JPEG with {content[0]} bits for each colour, and not 8", export)
    if content[5] not in (1, 3, 4):
        raise not_taken(
            f"a JPEG with {content[5]} colours in each pixel, and not 1, 3 or 4", export
        )
    height, width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    found.size = checked_size(width, height, limits)
    found.components = content[6 : 6 + 3 * content[5] : 3]


def _read_scan_header(content: bytes, found: _Found) -> None:
    if not found.components:
        raise damaged(Damage.DESCRIPTION_MISSING)
    if not content or not 1 <= content[0] <= 4 or len(content) < 4 + 2 * content[0]:
        raise damaged(Damage.DESCRIPTION_SHORT)
    found.scanned.update(content[1 : 1 + 2 * content[0] : 2])


def _read_application(marker: int, content: bytes, found: _Found) -> None:
    found.metadata_bytes += len(content)
    if found.metadata_bytes > MOST_METADATA_BYTES:
        raise damaged(Damage.METADATA_LARGE)
    if marker == 0xE1 and content.startswith(b"Exif\0"):
        found.exif.append(content[6:])
    elif marker == 0xE1 and content.startswith(_XMP_MARK):
        found.xmp.append(content[29:])
    elif marker == 0xE2 and content.startswith(b"ICC_PROFILE\0"):
        found.icc += [content[12:]] if len(content) > 13 else []
    elif marker == 0xED and content.startswith(b"Photoshop 3.0\0"):
        found.photoshop.append(content[14:])
    elif marker == 0xE0 and content.startswith(b"JFIF\0"):
        found.private |= len(content) >= 14 and content[12] * content[13] > 0  # a thumbnail
    elif not any(marker == known and content.startswith(name) for known, name in _HARMLESS):
        found.private = True


def _metadata(found: _Found) -> Metadata:
    exif = found.exif
    if len(exif) > 1 and not any(b[:2] in (b"II", b"MM") for b in exif[1:]):
        exif = [b"".join(exif)]  # one block, too long for a segment, as Pillow reads it
    return Metadata(
        exif=tuple(exif),
        xmp=tuple(found.xmp),
        photoshop=(b"".join(found.photoshop),) if found.photoshop else (),
        icc=_joined_profile(found.icc) if found.icc else None,
        private=found.private or found.odd,
    )


def _joined_profile(parts: list[bytes]) -> bytes:
    """Put a profile together from its numbered parts (ICC.1:2022, B.4), empty if one is missing."""
    ordered = sorted(parts, key=lambda part: part[:1])
    numbers = [part[0] for part in ordered if len(part) >= 2]
    if numbers != list(range(1, len(parts) + 1)) or ordered[0][1] != len(parts):
        return b""
    return b"".join(part[2:] for part in ordered)
