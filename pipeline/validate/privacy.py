"""Whether metadata may give away a place, an owner or a device, or show another picture.

In doubt it says yes: the price is a picture that is encoded anew. Who made a photograph and whose
it is (creator, copyright) is no secret and says no.
"""

from __future__ import annotations

import re
from typing import Final

from pipeline.formats.exif import Exif, read_exif
from pipeline.formats.reader import Metadata

__all__ = ["is_private"]

_PRIVATE_IN_XMP: Final = re.compile(
    rb"exif:GPS|exif:MakerNote|SerialNumber|OwnerName|photoshop:(?:City|State|Country)"
    rb"|Iptc4xmpCore:(?:Location|CountryCode|CreatorContactInfo|CiAdr|CiEmail|CiTel)"
    rb"|Iptc4xmpExt:(?:LocationCreated|LocationShown|City|Sublocation|PersonInImage)"
    rb"|mwg-rs:Regions|MPReg:|xmp:Thumbnails|xmpGImg|xapGImg|GImage:|GDepth:|GCamera:"
    rb"|HasExtendedXMP|location|latitude|longitude",
    re.IGNORECASE,
)

_IPTC, _THUMBNAIL_OLD, _THUMBNAIL, _EXIF_1, _EXIF_3, _XMP = (
    0x0404,
    0x0409,
    0x040C,
    0x0422,
    0x0423,
    0x0424,
)
"""Numbers of Photoshop's resource blocks (Adobe Photoshop File Formats Specification)."""

_PRIVATE_IN_IPTC: Final = frozenset({26, 27, 90, 92, 95, 100, 101, 103, 118})
"""Datasets of record 2 (IPTC-IIM 4.2): places, a transmission's reference, a contact."""


def is_private(metadata: Metadata, exif: tuple[Exif, ...]) -> bool:
    """Whether any of the metadata may give something away.

    Args:
        metadata: the blocks as they lie in the file.
        exif: its EXIF blocks, read.
    """
    return (
        metadata.private
        or any(block.private for block in exif)
        or any(_in_xmp(packet) for packet in (*metadata.xmp, *(block.xmp for block in exif)))
        or any(
            _in_photoshop(block)
            for block in (*metadata.photoshop, *(block.photoshop for block in exif))
            if block
        )
    )


def _in_xmp(packet: bytes) -> bool:
    # UTF-16 and UTF-32 are allowed: without their zeros the names are the same.
    return _PRIVATE_IN_XMP.search(packet.replace(b"\0", b"")) is not None


def _in_photoshop(blocks: bytes) -> bool:
    """Walk over resource blocks: mark, number, name, length, content, each padded to even."""
    place = 0
    while place + 12 <= len(blocks):
        if blocks[place : place + 4] != b"8BIM":
            return True
        number = int.from_bytes(blocks[place + 4 : place + 6], "big")
        name_bytes = 1 + blocks[place + 6]
        place += 6 + name_bytes + (name_bytes & 1)
        length = int.from_bytes(blocks[place : place + 4], "big")
        content = blocks[place + 4 : place + 4 + length]
        if len(content) < length or _in_resource(number, content):
            return True
        place += 4 + length + (length & 1)
    return False


def _in_resource(number: int, content: bytes) -> bool:
    if number == _IPTC:
        return _in_iptc(content)
    if number in (_EXIF_1, _EXIF_3):
        return read_exif(content).private
    if number == _XMP:
        return _in_xmp(content)
    return number in (_THUMBNAIL_OLD, _THUMBNAIL) and len(content) > 28


def _in_iptc(content: bytes) -> bool:
    """Walk over datasets: a mark, record, number, length, content."""
    place = 0
    while place + 5 <= len(content):
        if content[place] != 0x1C:
            return any(content[place:])
        record, number = content[place + 1], content[place + 2]
        length = int.from_bytes(content[place + 3 : place + 5], "big")
        if length & 0x8000:  # an extended dataset: nothing in use needs one
            return True
        if record == 2 and number in _PRIVATE_IN_IPTC and length:
            return True
        place += 5 + length
    return False
