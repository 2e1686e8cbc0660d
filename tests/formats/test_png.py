"""PNG: every kind passes, what contradicts itself does not, notes come out."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.samples import (
    SAMPLES,
    chunk,
    dots,
    encoded,
    inspect,
    noise,
    png,
    reason,
    stripped,
)

PNG = SAMPLES[ImageFormat.PNG]


@pytest.mark.parametrize(
    ("image", "mode", "depth"),
    [
        (noise(mode="RGBA"), "RGBA", 8),
        (noise(mode="LA"), "LA", 8),
        (noise(mode="L"), "L", 8),
        (noise(mode="I;16"), "I;16", 16),
        (noise().quantize(16), "P", 4),
        (dots(), "1", 1),
    ],
)
def test_every_kind_of_png_passes(
    tmp_path: Path, image: Image.Image, mode: str, depth: int
) -> None:
    found = inspect(tmp_path, encoded(image, "PNG"))
    assert (found.mode, found.bit_depth) == (mode, depth)


def test_a_png_with_16_bits_a_colour_says_so(tmp_path: Path) -> None:
    assert inspect(tmp_path, png(depth=16)).bit_depth == 16


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "content",
    [
        flipped(PNG, len(PNG) // 2),
        flipped(PNG, 20),
        flipped(PNG, len(PNG) - 1),
        png(chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))),
        png(chunk(b"ABCD", b"unknown and critical")),
        png(chunk(b"IDAT", b""), chunk(b"IDAT", b"x"), chunk(b"tIME", bytes(7))),
        png(depth=3),
        png(colour=3),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""),
        PNG[:33] + chunk(b"IEND", b""),
    ],
)
def test_a_png_that_contradicts_itself_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert reason(tmp_path, content) is Reason.DAMAGED


def test_a_compressed_note_without_end_is_read_to_its_limit_only(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    packer = zlib.compressobj(9)
    for _ in range(64):
        bomb.write(packer.compress(bytes(1 << 20)))
    bomb.write(packer.flush())
    # It is private, as nobody knows what it says; what counts is how soon that is known.
    for kind, front in ((b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0"), (b"iCCP", b"x\0\0")):
        assert inspect(tmp_path, png(chunk(kind, front + bomb.getvalue()))).private


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


def test_only_what_says_what_is_shown_and_how_is_kept() -> None:
    kept = chunk(b"gAMA", struct.pack(">I", 45455)), chunk(b"tRNS", bytes(6))
    others = chunk(b"tEXt", b"Author\0Ada"), chunk(b"eXIf", b"II*\0"), chunk(b"prVW", b"a preview")
    content = png(others[0], kept[0], others[1], kept[1], others[2])
    assert stripped(content + b"behind", ImageFormat.PNG) == png(*kept)


def test_a_minimal_exif_comes_behind_the_description() -> None:
    assert stripped(png(), ImageFormat.PNG, b"Exif\0\0II*\0") == png(chunk(b"eXIf", b"II*\0"))


def test_every_frame_of_an_animation_is_kept() -> None:
    content = encoded(noise(), "PNG", save_all=True, append_images=[noise(seed=2)], duration=100)
    assert stripped(content, ImageFormat.PNG) == content
