"""EXIF: orientation, colours and what is private are found, and a broken block refuses nothing."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.formats.exif import first_tags, read_exif
from pipeline.values import Profile
from tests.formats.samples import (
    encoded,
    inspect,
    jpeg_with,
    noise,
    segment,
    tiff_block,
)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("told", [1, 3, 6, 8, 0, 9, 4711])
def test_orientation_is_read_from_exif(tmp_path: Path, format_: str, told: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = told
    found = inspect(tmp_path, encoded(noise(), format_, exif=exif))
    assert found.orientation == (told if told <= 8 and told else 1)
    assert not found.private


def test_orientation_is_read_in_both_byte_orders(tmp_path: Path) -> None:
    for order, value in (("<", b"\6\0"), (">", b"\0\6")):
        block = tiff_block((0x0112, 3, 1, value), order=order)
        found = inspect(tmp_path, jpeg_with(segment(0xE1, b"Exif\0\0" + block)))
        assert (found.orientation, found.private) == (6, False)


def exif_of(part: int | None, tag: int, value: Any) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0110] = "a camera"  # Pillow leaves a block out whose first part is empty
    if part is None:
        exif[tag] = value
    else:
        exif.get_ifd(part)[tag] = value
    return exif


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("exif", "private"),
    [
        (exif_of(0x8825, 2, (48.0, 12.0, 1.0)), True),
        (exif_of(0x8769, 0x927C, b"maker notes"), True),
        (exif_of(0x8769, 0xA430, "Ada"), True),
        (exif_of(0x8769, 0xA431, "4711"), True),
        (exif_of(0x8769, 0xA435, "4712"), True),
        (exif_of(0x8769, 0xA431, ""), False),
        (exif_of(0x8769, 0x9003, "2026:11:24 10:00:00"), False),
        (exif_of(None, 0x010F, "Nikon"), False),
        (exif_of(None, 0x8298, "(c) Ada"), False),
        (exif_of(None, 0x013B, "Ada"), False),
    ],
)
def test_private_exif_is_seen(
    tmp_path: Path, format_: str, exif: Image.Exif, private: bool
) -> None:
    assert inspect(tmp_path, encoded(noise(), format_, exif=exif)).private is private


def exif_part(space: int, interop: bytes) -> bytes:
    """Make an EXIF block with a colour space and an interoperability index."""
    main_at, detail_at, interop_at = 8, 26, 56
    main = struct.pack("<HHHIII", 1, 0x8769, 4, 1, detail_at, 0)
    detail = struct.pack("<HHHIII", 2, 0xA001, 3, 1, space, 0)[:-4]
    detail += struct.pack("<HHIII", 0xA005, 4, 1, interop_at, 0)
    index = struct.pack("<HHHI4sI", 1, 1, 2, 4, interop, 0)
    return b"II*\0" + struct.pack("<I", main_at) + main + detail + index


def test_a_cameras_mark_for_adobe_rgb_counts(tmp_path: Path) -> None:
    for space, interop, expected in (
        (0xFFFF, b"R03\0", Profile.OTHER),
        (0xFFFF, b"R98\0", Profile.UNTAGGED),
        (1, b"R98\0", Profile.UNTAGGED),
        (1, b"R03\0", Profile.UNTAGGED),
    ):
        block = b"Exif\0\0" + exif_part(space, interop)
        found = inspect(tmp_path, jpeg_with(segment(0xE1, block)))
        assert found.profile is expected
        assert not found.private


def test_a_broken_exif_refuses_nothing(tmp_path: Path) -> None:
    for block in (
        b"",
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xff" + bytes(40),
        b"\xff" * 90,
    ):
        found = inspect(tmp_path, jpeg_with(segment(0xE1, b"Exif\0\0" + block)))
        assert (found.orientation, found.private) == (1, True)


def test_a_thumbnail_is_private(tmp_path: Path) -> None:
    block = tiff_block((0x0112, 3, 1, b"\1\0"), after=26) + bytes(12)
    assert inspect(tmp_path, jpeg_with(segment(0xE1, b"Exif\0\0" + block))).private


def test_the_first_tags_are_read_as_far_as_the_head_reaches() -> None:
    block = tiff_block((0x010F, 2, 5, b"SONY\0"), (0x0112, 3, 1, b"\6\0"))
    assert first_tags(block) == {0x010F: b"SONY\0", 0x0112: b"\6\0"}
    assert first_tags(block[:-5]) == {0x010F: b"", 0x0112: b"\6\0"}
    assert first_tags(b"no such block") == {}


@pytest.mark.parametrize(
    ("tags", "taken"),
    [
        ({0x9003: "2026:11:27 10:15:00"}, "2026-11-27T10:15:00"),
        (
            {0x9003: "2026:11:27 10:15:00", 0x9291: "12", 0x9011: "+01:00"},
            "2026-11-27T10:15:00.120000+01:00",
        ),
        ({0x9003: "2026:11:27 10:15:00", 0x9291: "x", 0x9011: "   :  "}, "2026-11-27T10:15:00"),
        ({0x9003: "    :  :     :  :  "}, ""),
        ({0x9004: "2026:11:27 10:15:00"}, ""),
        ({}, ""),
    ],
)
def test_the_time_is_read_that_the_camera_wrote_when_it_took_the_picture(
    tags: dict[int, str], taken: str
) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769).update(tags)
    assert read_exif(exif.tobytes().removeprefix(b"Exif\0\0")).taken == taken
