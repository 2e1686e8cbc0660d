"""Colour spaces that a file names without an ICC profile are converted, or said."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipeline.formats.icc import ADOBE_RGB, matrix_profile
from pipeline.values import Profile
from tests.prepare.rendering import Rendered, rendered

COLOUR = (150, 180, 120)
ADOBE_AS_SRGB = (137, 181, 117)
"""By the matrices of Adobe RGB (1998) and sRGB."""


def colour_of(result: Rendered) -> tuple[int, ...]:
    pixel = np.asarray(result.image.convert("RGB"))[50, 70]
    return tuple(int(value) for value in pixel)


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 1


def png_with(path: Path, chunks: dict[bytes, bytes], icc: bytes | None = None) -> None:
    file = io.BytesIO()
    Image.new("RGB", (140, 100), COLOUR).save(file, "PNG", icc_profile=icc, pnginfo=PngInfo())
    content = file.getvalue()
    added = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks.items()
    )
    path.write_bytes(content[:33] + added + content[33:])


def numbers(*values: float) -> bytes:
    return b"".join(round(value * 100_000).to_bytes(4, "big") for value in values)


def test_a_camera_s_adobe_rgb_without_a_profile_is_converted(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 0xFFFF
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    path = tmp_path / "_DSC0001.jpg"
    Image.new("RGB", (140, 100), COLOUR).save(path, exif=exif, quality=100, subsampling=0)
    result = rendered(path)
    assert result.inspection.profile is Profile.OTHER
    assert "Adobe RGB → sRGB" in result.picture.work
    assert near(colour_of(result), ADOBE_AS_SRGB)


def test_primaries_and_gamma_of_a_png_are_converted(tmp_path: Path) -> None:
    path = tmp_path / "adobe.png"
    points = numbers(0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    png_with(path, {b"gAMA": numbers(256 / 563), b"cHRM": points})
    result = rendered(path)
    assert "primaries and gamma of the PNG → sRGB" in result.picture.work
    assert near(colour_of(result), ADOBE_AS_SRGB)


def test_a_linear_png_is_brightened(tmp_path: Path) -> None:
    path = tmp_path / "linear.png"
    png_with(path, {b"gAMA": numbers(1.0)})
    expected = tuple(round(255 * (1.055 * (value / 255) ** (1 / 2.4) - 0.055)) for value in COLOUR)
    assert near(colour_of(rendered(path)), expected)


def test_the_code_of_a_png_counts_before_its_profile(tmp_path: Path) -> None:
    path = tmp_path / "display-p3.png"
    png_with(path, {b"cICP": bytes([12, 13, 0, 1])}, icc=matrix_profile(ADOBE_RGB))
    result = rendered(path)
    assert "cICP 12/13 → sRGB" in result.picture.work
    # By the matrices of Display P3 and sRGB.
    assert near(colour_of(result), (142, 181, 113))


def test_the_profile_of_a_png_counts_before_its_primaries(tmp_path: Path) -> None:
    path = tmp_path / "both.png"
    png_with(path, {b"gAMA": numbers(1.0)}, icc=matrix_profile(ADOBE_RGB))
    result = rendered(path)
    assert "Adobe RGB → sRGB" in result.picture.work
    assert near(colour_of(result), ADOBE_AS_SRGB)


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    path = tmp_path / "hdr.png"
    png_with(path, {b"cICP": bytes([9, 16, 0, 1])})
    result = rendered(path)
    assert any("taken as sRGB" in said for said in result.picture.work)
    assert colour_of(result) == COLOUR


def test_a_profile_within_a_bmp_is_found(tmp_path: Path) -> None:
    icc = matrix_profile(ADOBE_RGB)
    file = io.BytesIO()
    Image.new("RGB", (140, 100), COLOUR).save(file, "BMP")
    content = file.getvalue()
    pixels = content[54:]
    header = bytearray(124)
    header[:40] = content[14:54]
    header[0:4] = (124).to_bytes(4, "little")
    header[56:60] = b"DEBM"
    header[112:116] = (124 + len(pixels)).to_bytes(4, "little")
    header[116:120] = len(icc).to_bytes(4, "little")
    start = 14 + 124
    whole = start + len(pixels) + len(icc)
    top = b"BM" + whole.to_bytes(4, "little") + bytes(4) + start.to_bytes(4, "little")
    path = tmp_path / "embedded.bmp"
    path.write_bytes(top + bytes(header) + pixels + icc)
    result = rendered(path)
    assert "Adobe RGB → sRGB" in result.picture.work
    assert near(colour_of(result), ADOBE_AS_SRGB)
