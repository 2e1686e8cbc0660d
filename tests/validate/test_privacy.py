"""Orientation and private notes are found in EXIF, XMP, IPTC and texts of every format."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from pipeline.values import ImageFormat
from tests.validate.samples import (
    SAMPLES,
    chunk,
    encoded,
    inspect,
    jpeg_with,
    noise,
    png,
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


def test_a_thumbnail_is_private(tmp_path: Path) -> None:
    block = tiff_block((0x0112, 3, 1, b"\1\0"), after=26) + bytes(12)
    assert inspect(tmp_path, jpeg_with(segment(0xE1, b"Exif\0\0" + block))).private
    jfif = b"JFIF\0\1\1\0\0\1\0\1\2\2" + bytes(12)
    assert inspect(tmp_path, jpeg_with(segment(0xE0, jfif))).private
    assert inspect(tmp_path, jpeg_with(segment(0xE0, b"JFXX\0\x10" + bytes(20)))).private


PLACE = b'<x:xmpmeta><rdf:Description exif:GPSLatitude="48,12.5N"/></x:xmpmeta>'
MAKER = b"<x:xmpmeta><dc:creator>Ada</dc:creator><dc:rights>hers</dc:rights></x:xmpmeta>"


def test_private_xmp_is_seen(tmp_path: Path) -> None:
    for packet, private in (
        (PLACE, True),
        (MAKER, False),
        (PLACE.decode().encode("utf-16"), True),
        (b'<x aux:SerialNumber="4711"/>', True),
        (b"<photoshop:City>Vienna</photoshop:City>", True),
        (b"<xmp:Thumbnails/>", True),
    ):
        for format_ in ("JPEG", "WEBP"):
            assert inspect(tmp_path, encoded(noise(), format_, xmp=packet)).private is private
        for packed in (False, True):
            info = PngImagePlugin.PngInfo()
            info.add_itxt("XML:com.adobe.xmp", packet.decode("latin-1"), zip=packed)
            assert inspect(tmp_path, encoded(noise(), "PNG", pnginfo=info)).private is private
    gif = SAMPLES[ImageFormat.GIF]
    block = b"\x21\xff\x0bXMP DataXMP" + PLACE + b"\1" + bytes(range(255, -1, -1)) + b"\0"
    found = inspect(tmp_path, gif[:-1] + block + b";")
    assert (found.private, found.trailing) == (True, False)


def resource(number: int, content: bytes) -> bytes:
    head = b"8BIM" + struct.pack(">H", number) + b"\0\0" + struct.pack(">I", len(content))
    return head + content + b"\0" * (len(content) & 1)


def dataset(number: int, text: bytes) -> bytes:
    return b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(text)) + text


@pytest.mark.parametrize(
    ("blocks", "private"),
    [
        (resource(0x0404, dataset(116, b"hers") + dataset(80, b"Ada")), False),
        (resource(0x0404, dataset(116, b"hers") + dataset(90, b"Vienna")), True),
        (resource(0x03ED, bytes(16)) + resource(0x0404, dataset(118, b"0664 4711")), True),
        (resource(0x040C, bytes(200)), True),
        (resource(0x03ED, bytes(16)), False),
        (resource(0x0424, PLACE), True),
        (b"8BIM\x04\x04\0\0\0\0\xff\xff", True),
        (b"something else entirely", True),
    ],
)
def test_private_photoshop_blocks_are_seen(tmp_path: Path, blocks: bytes, private: bool) -> None:
    content = jpeg_with(segment(0xED, b"Photoshop 3.0\0" + blocks))
    assert inspect(tmp_path, content).private is private


def test_private_texts_in_a_png_are_seen(tmp_path: Path) -> None:
    for key, private in (
        ("Author", False),
        ("Copyright", False),
        ("Software", False),
        ("Raw profile type exif", True),
        ("exif:GPSLatitude", True),
        ("Thumb::URI", True),
        ("Location", True),
    ):
        info = PngImagePlugin.PngInfo()
        info.add_text(key, "something")
        assert inspect(tmp_path, encoded(noise(), "PNG", pnginfo=info)).private is private
    assert inspect(tmp_path, png(chunk(b"prVW", b"a preview"))).private


def test_a_cameras_own_segment_counts_as_private(tmp_path: Path) -> None:
    assert inspect(tmp_path, jpeg_with(segment(0xE4, b"something of its maker's"))).private
    assert not inspect(tmp_path, jpeg_with(segment(0xEC, b"Ducky\0\1\0\4\0\0\0\x50\0\0"))).private
