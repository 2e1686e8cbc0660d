"""Reads the few facts of an EXIF block that matter here (CIPA DC-008; TIFF 6.0, section 2).

Not by Pillow: that reads every tag into memory, warns on paper-thin grounds, and raises for what
is no reason to refuse a picture. Nothing here raises for a broken block.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

__all__ = ["EXIF_MARK", "Exif", "first_tags", "read_exif"]

EXIF_MARK: Final = b"Exif\0\0"
"""What stands before an EXIF block in a JPEG, and before no other's."""

_MOST_TAGS: Final = 1000
"""Tags in one directory; cameras write some sixty."""

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

_ORIENTATION, _EXIF_PART, _GPS_PART, _INTEROP_PART = 0x0112, 0x8769, 0x8825, 0xA005
_TAKEN, _PART_OF_SECOND, _OFFSET = 0x9003, 0x9291, 0x9011
_TIME: Final = re.compile(rb"([0-9]{4}:[0-9]{2}:[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})")
_APART: Final = re.compile(rb"[+-][0-9]{2}:[0-9]{2}")
_COLOUR_SPACE, _XMP, _PHOTOSHOP, _IPTC = 0xA001, 0x02BC, 0x8649, 0x83BB

_PRIVATE_TAGS: Final = frozenset(
    {
        0x013C,  # HostComputer: often its owner's name
        0x014A,  # SubIFDs: further pictures
        0x0201,  # a thumbnail, which may show the picture before it was cropped
        _IPTC,
        0x927C,  # MakerNote
        0xA420,  # ImageUniqueID
        0xA430,  # CameraOwnerName
        0xA431,  # BodySerialNumber
        0xA435,  # LensSerialNumber
        0xA460,  # CompositeImage and its sources
        0xC62F,  # CameraSerialNumber (DNG)
        0xC634,  # DNGPrivateData
        0xC65D,  # RawDataUniqueID
    }
)

_Tags = dict[int, tuple[int, bytes]]
"""For each tag its type and its value as it lies in the block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """What an EXIF block says.

    Attributes:
        orientation: 1 to 8, 1 where none or none that there is.
        private: a location, an owner, a serial number, maker notes, a thumbnail; or the block
            could not be read to its end, so that nobody knows.
        adobe_rgb: it says that its colours are Adobe RGB (DCF 2.0, interoperability `R03`).
        xmp: an XMP packet inside, empty where there is none.
        photoshop: Photoshop resource blocks inside, empty where there are none.
        taken: when the camera took the picture (CIPA DC-008, 4.6.6), in the form of ISO 8601, with
            the part of a second and the offset to UTC where they are said; empty where it is not.
    """

    orientation: int = 1
    private: bool = False
    adobe_rgb: bool = False
    xmp: bytes = b""
    photoshop: bytes = b""
    taken: str = ""


def read_exif(block: bytes) -> Exif:
    """Read a block, as far as it can be read."""
    order = _order(block)
    if not order:
        return Exif(private=True)
    main, next_part, whole = _directory(block, order, _number(block[4:8], order))
    detail, detail_whole = _part(block, order, main, _EXIF_PART)
    place, place_whole = _part(block, order, main, _GPS_PART)
    interop, interop_whole = _part(block, order, detail, _INTEROP_PART)
    readable = whole and detail_whole and place_whole and interop_whole
    private = any(
        value.strip(b"\0 ")
        for tags in (main, detail)
        for tag, (_, value) in tags.items()
        if tag in _PRIVATE_TAGS
    )
    orientation = _value(main, _ORIENTATION, order)
    return Exif(
        orientation=orientation if 1 <= orientation <= 8 else 1,
        # A second directory describes the thumbnail. An empty GPS part is only a version number.
        private=private or not readable or next_part != 0 or bool(place.keys() - {0}),
        adobe_rgb=interop.get(1, (0, b""))[1].startswith(b"R03")
        and _value(detail, _COLOUR_SPACE, order) != 1,
        xmp=main.get(_XMP, (0, b""))[1],
        photoshop=main.get(_PHOTOSHOP, (0, b""))[1],
        taken=_taken(detail),
    )


def first_tags(head: bytes) -> dict[int, bytes]:
    """Return the tags of a TIFF's first directory, as far as the given head of the file reaches."""
    order = _order(head)
    tags = _directory(head, order, _number(head[4:8], order))[0] if order else {}
    return {tag: value for tag, (_, value) in tags.items()}


def _taken(detail: _Tags) -> str:
    """Return when the picture was taken; empty where that is not said, or is no time."""
    said, part, offset = (
        detail.get(tag, (0, b""))[1].partition(b"\0")[0].strip()
        for tag in (_TAKEN, _PART_OF_SECOND, _OFFSET)
    )
    if not (at := _TIME.fullmatch(said)):  # a camera whose clock was never set leaves blanks
        return ""
    day, time = (one.decode() for one in at.groups())
    second = f".{part[:6].decode():0<6}" if part.isdigit() else ""
    apart = offset.decode() if _APART.fullmatch(offset) else ""
    return f"{day.replace(':', '-')}T{time}{second}{apart}"


def _order(block: bytes) -> str:
    """Return `struct`'s sign for the byte order, empty where the block is none."""
    return {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4], "")


def _number(raw: bytes, order: str) -> int:
    return int.from_bytes(raw, "little" if order == "<" else "big")


def _directory(block: bytes, order: str, start: int) -> tuple[_Tags, int, bool]:
    """Return the tags of a directory, the place of the next one, and whether all could be read."""
    tags: _Tags = {}
    if start < 8 or start + 2 > len(block):
        return tags, 0, False
    count = _number(block[start : start + 2], order)
    if count > _MOST_TAGS:
        return tags, 0, False
    whole = True
    end = start + 2 + 12 * count
    for place in range(start + 2, min(end, len(block) - 11), 12):
        tag, kind, length = struct.unpack_from(order + "HHI", block, place)
        size = _SIZES.get(kind, 1) * length
        at = place + 8 if size <= 4 else _number(block[place + 8 : place + 12], order)
        value = block[at : at + size]
        whole &= len(value) == size
        tags.setdefault(tag, (kind, value))
    whole &= end <= len(block)
    # Some writers leave out the four bytes that say where the next directory is.
    return tags, _number(block[end : end + 4], order), whole


def _part(block: bytes, order: str, tags: _Tags, tag: int) -> tuple[_Tags, bool]:
    if tag not in tags:
        return {}, True
    found, _, whole = _directory(block, order, _value(tags, tag, order))
    return found, whole


def _value(tags: _Tags, tag: int, order: str) -> int:
    """Return a whole number, 0 where there is none."""
    kind, value = tags.get(tag, (0, b""))
    return _number(value[: _SIZES[kind]], order) if kind in (1, 3, 4, 13) else 0
