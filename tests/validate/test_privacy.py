"""What may give people or places away is found in XMP, IPTC and Photoshop blocks."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import PngImagePlugin

from pipeline.values import ImageFormat
from tests.formats.samples import (
    SAMPLES,
    encoded,
    inspect,
    jpeg_with,
    noise,
    segment,
)

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
