"""Write what a camera notes in its pictures: an EXIF block, byte by byte, as cameras do.

The two cameras are invented; so are their owners and serial numbers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Final

from PIL import Image

__all__ = ["HALDEN", "TARN", "Camera", "Position", "Taken", "exif_block"]

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _SRATIONAL = 1, 2, 3, 4, 5, 7, 10
_ENTRY: Final = struct.Struct("<HHI4s")
_TIFF_HEADER: Final = b"II*\0" + struct.pack("<I", 8)
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_THUMBNAIL_AT, _THUMBNAIL_BYTES = 0x0201, 0x0202

Entry = tuple[int, int, bytes]
"""A field of a directory: its tag, its type, and its value as bytes."""


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A camera with its lens."""

    make: str
    model: str
    serial: str
    lens: str
    software: str
    millimetres: int


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place on earth: degrees north and east, metres above the sea."""

    north: float
    east: float
    metres: int


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How and when a picture was taken."""

    at: str
    seconds: Fraction
    f_number: Fraction
    iso: int
    orientation: int = 1
    wide_gamut: bool = False
    position: Position | None = None


HALDEN: Final = Camera(
    make="Halden Optics",
    model="Halden H24",
    serial="H24-0020417",
    lens="Halden 85mm f/1.8 Studio",
    software="H24 firmware 2.10",
    millimetres=85,
)
TARN: Final = Camera(
    make="Tarn",
    model="Tarn One",
    serial="TN1-55083121",
    lens="Tarn One main camera",
    software="Tarn 9.2",
    millimetres=26,
)


def exif_block(picture: Image.Image, camera: Camera, taken: Taken) -> bytes:
    """Give the block for a picture, its pixels as stored, with a small copy of it inside."""
    main = [
        _ascii(0x010F, camera.make),
        _ascii(0x0110, camera.model),
        _short(0x0112, taken.orientation),
        _rational(0x011A, Fraction(300)),
        _rational(0x011B, Fraction(300)),
        _short(0x0128, 2),
        _ascii(0x0131, camera.software),
        _ascii(0x0132, taken.at),
        _ascii(0x013B, "The sample shop's studio"),
        _short(0x0213, 2),
        _ascii(0x8298, "CC0 1.0: no rights reserved"),
    ]
    exposure = [
        _rational(0x829A, taken.seconds),
        _rational(0x829D, taken.f_number),
        _short(0x8822, 3),
        _short(0x8827, taken.iso),
        (0x9000, _UNDEFINED, b"0232"),
        _ascii(0x9003, taken.at),
        _ascii(0x9004, taken.at),
        _ascii(0x9010, "+02:00"),
        _ascii(0x9011, "+02:00"),
        (0x9101, _UNDEFINED, b"\1\2\3\0"),
        (0x9204, _SRATIONAL, struct.pack("<2i", 0, 1)),
        _short(0x9207, 5),
        _short(0x9209, 16),
        _rational(0x920A, Fraction(camera.millimetres)),
        _ascii(0x9291, "47"),
        (0xA000, _UNDEFINED, b"0100"),
        _short(0xA001, 0xFFFF if taken.wide_gamut else 1),
        (0xA002, _LONG, struct.pack("<I", picture.width)),
        (0xA003, _LONG, struct.pack("<I", picture.height)),
        _short(0xA402, 1),
        _short(0xA403, 1),
        _ascii(0xA431, camera.serial),
        _ascii(0xA434, camera.lens),
    ]
    place = _place(taken.position) if taken.position else []
    return b"Exif\0\0" + _tiff(main, exposure, place, _small(picture))


def _place(position: Position) -> list[Entry]:
    return [
        (0x0000, _BYTE, bytes((2, 3, 0, 0))),
        _ascii(0x0001, "N" if position.north >= 0 else "S"),
        (0x0002, _RATIONAL, _degrees(abs(position.north))),
        _ascii(0x0003, "E" if position.east >= 0 else "W"),
        (0x0004, _RATIONAL, _degrees(abs(position.east))),
        (0x0005, _BYTE, b"\0"),
        _rational(0x0006, Fraction(position.metres)),
        _ascii(0x0012, "WGS-84"),
    ]


def _degrees(angle: float) -> bytes:
    hundredths = round(angle * 360_000)
    minutes, rest = divmod(hundredths, 6_000)
    return struct.pack("<6I", minutes // 60, 1, minutes % 60, 1, rest, 100)


def _small(picture: Image.Image) -> bytes:
    """Give the picture as cameras keep it for their screen: 160 by 120, with black bars."""
    screen = Image.new("RGB", (160, 120))
    copy = picture.copy()
    copy.thumbnail(screen.size, Image.Resampling.LANCZOS)
    screen.paste(copy, ((160 - copy.width) // 2, (120 - copy.height) // 2))
    written = BytesIO()
    screen.save(written, "JPEG", quality=85, subsampling="4:2:2")
    return written.getvalue()


def _tiff(main: list[Entry], exposure: list[Entry], place: list[Entry], thumbnail: bytes) -> bytes:
    """Lay out the directories one after another, each followed by its longer values."""
    pointers = 2 if place else 1
    at = len(_TIFF_HEADER)
    exposure_at = at + _length(main) + pointers * _ENTRY.size
    place_at = exposure_at + _length(exposure)
    small_at = place_at + (_length(place) if place else 0)
    main = [*main, (_EXIF_POINTER, _LONG, struct.pack("<I", exposure_at))]
    if place:
        main.append((_GPS_POINTER, _LONG, struct.pack("<I", place_at)))
    small = [
        _short(0x0103, 6),
        _rational(0x011A, Fraction(72)),
        _rational(0x011B, Fraction(72)),
        _short(0x0128, 2),
        (_THUMBNAIL_AT, _LONG, b"\0\0\0\0"),
        (_THUMBNAIL_BYTES, _LONG, struct.pack("<I", len(thumbnail))),
    ]
    thumbnail_at = small_at + _length(small)
    small[4] = (_THUMBNAIL_AT, _LONG, struct.pack("<I", thumbnail_at))
    parts = [_TIFF_HEADER, _directory(main, at, following=small_at)]
    parts.append(_directory(exposure, exposure_at))
    if place:
        parts.append(_directory(place, place_at))
    parts += [_directory(small, small_at), thumbnail]
    return b"".join(parts)


def _directory(entries: list[Entry], at: int, following: int = 0) -> bytes:
    fields, values = b"", b""
    values_at = at + 6 + len(entries) * _ENTRY.size
    for tag, kind, value in sorted(entries):
        stored = value.ljust(4, b"\0")
        if len(value) > 4:
            stored = struct.pack("<I", values_at + len(values))
            values += value + b"\0" * (len(value) % 2)
        fields += _ENTRY.pack(tag, kind, len(value) // _width(kind), stored)
    return struct.pack("<H", len(entries)) + fields + struct.pack("<I", following) + values


def _length(entries: list[Entry]) -> int:
    return len(_directory(entries, 0))


def _width(kind: int) -> int:
    return {_SHORT: 2, _LONG: 4, _RATIONAL: 8, _SRATIONAL: 8}.get(kind, 1)


def _ascii(tag: int, text: str) -> Entry:
    return tag, _ASCII, text.encode("ascii") + b"\0"


def _short(tag: int, value: int) -> Entry:
    return tag, _SHORT, struct.pack("<H", value)


def _rational(tag: int, value: Fraction) -> Entry:
    return tag, _RATIONAL, struct.pack("<2I", value.numerator, value.denominator)
