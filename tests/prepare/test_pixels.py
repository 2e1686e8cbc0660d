"""Modes, sizes and orientations."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.prepare.pixels import fitted, plain, scaled
from pipeline.values import ImageFormat
from tests.prepare.rendering import graphic, photo, rendered


@pytest.mark.parametrize(
    ("size", "longest_side", "wanted"),
    [
        ((4000, 3000), 2048, (2048, 1536)),
        ((3000, 4001), 2048, (1536, 2048)),
        ((100, 50), 2048, (100, 50)),
        ((9000, 2), 300, (300, 1)),
    ],
)
def test_a_size_keeps_its_proportions_and_at_least_a_pixel(
    size: tuple[int, int], longest_side: int, wanted: tuple[int, int]
) -> None:
    assert fitted(size, longest_side) == wanted


def test_a_size_is_made_smaller_by_a_factor() -> None:
    assert scaled((1000, 500), 0.5) == (500, 250)
    assert scaled((3, 1), 0.1) == (1, 1)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (np.array([[0.0, 0.5, 1.0]], np.float32), (0, 128, 255)),
        (np.array([[0.0, 51.0, 255.0]], np.float32), (0, 51, 255)),
        (np.array([[-10, 0, 10]], np.int32), (0, 128, 255)),
        (np.array([[0, 257, 65535]], np.int32), (0, 1, 255)),
    ],
)
def test_deep_grey_is_rounded_over_its_own_range(
    values: NDArray[np.generic], wanted: tuple[int, ...]
) -> None:
    made = plain(Image.fromarray(values), ImageFormat.PNG)
    assert made.mode == "L"
    assert tuple(np.asarray(made)[0].tolist()) == wanted


def test_sixteen_bit_grey_is_rounded_not_clipped(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 512).astype(np.uint16), (128, 1))
    path = tmp_path / "deep.png"
    Image.fromarray(ramp).save(path)
    result = rendered(path, longest_side=256)
    made = np.asarray(result.image.convert("L")).astype(float)[32]
    wanted = np.linspace(0, 255, 256)
    assert np.abs(made - wanted).max() <= 1.5


def test_deep_colour_is_rounded_and_that_is_said(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 300 * 200 * 3).astype(">u2").reshape(200, 300 * 3)
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    chunks = b""
    for name, body in (
        (b"IHDR", struct.pack(">IIBBBBB", 300, 200, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ):
        check = struct.pack(">I", zlib.crc32(name + body))
        chunks += struct.pack(">I", len(body)) + name + body + check
    path = tmp_path / "deep.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    result = rendered(path, longest_side=150)
    assert "16 → 8 bits a sample" in result.picture.work
    wanted = (values.reshape(200, 300, 3) / 257).reshape(100, 2, 150, 2, 3).mean(axis=(1, 3))
    made = np.asarray(result.image.convert("RGB")).astype(float)
    assert np.abs(made - wanted)[4:-4].max() <= 2.5


def test_alpha_that_says_nothing_is_dropped(tmp_path: Path) -> None:
    image = photo(1200, 800)
    image.putalpha(255)
    path = tmp_path / "opaque.png"
    image.save(path)
    assert rendered(path, max_bytes=200_000).picture.format is ImageFormat.JPEG


def test_a_bmp_that_left_its_fourth_byte_at_zero_is_not_invisible(tmp_path: Path) -> None:
    image = photo(60, 40)
    image.putalpha(0)
    path = tmp_path / "screen.bmp"
    image.save(path)
    assert "A" not in rendered(path).image.getbands()


@pytest.mark.parametrize("colour", [(255, 0, 0), 7])
def test_a_transparent_colour_becomes_transparency(tmp_path: Path, colour: object) -> None:
    grey = isinstance(colour, int)
    image = Image.new("L", (80, 60), 200) if grey else graphic(80, 60)
    image.paste(colour if grey else "red", (0, 0, 20, 20))  # type: ignore[arg-type]
    path = tmp_path / "keyed.png"
    image.save(path, transparency=colour)
    result = rendered(path, longest_side=40)
    alpha = result.image.convert("RGBA").getchannel("A")
    assert (alpha.getpixel((4, 4)), alpha.getpixel((38, 2))) == (0, 255)
