"""PNG: which colours its chunks say, in the order in which they count."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import ImageCms

from pipeline.formats.png import icc_from_metadata
from pipeline.formats.reader import Reader
from pipeline.values import Profile
from tests.formats.samples import ADOBE_RGB, chunk, inspect, png


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([chunk(b"sRGB", b"\0")], Profile.SRGB),
        ([chunk(b"gAMA", struct.pack(">I", 45455))], Profile.UNTAGGED),
        ([chunk(b"gAMA", struct.pack(">I", 100000))], Profile.OTHER),
        (
            [
                chunk(
                    b"cHRM",
                    struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
                )
            ],
            Profile.UNTAGGED,
        ),
        (
            [
                chunk(
                    b"cHRM",
                    struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000),
                )
            ],
            Profile.OTHER,
        ),
        ([chunk(b"cICP", b"\x0c\x0d\0\1")], Profile.OTHER),
        ([chunk(b"cICP", b"\x01\x0d\0\1")], Profile.SRGB),
        (
            [chunk(b"iCCP", b"x\0\0" + zlib.compress(ADOBE_RGB)), chunk(b"sRGB", b"\0")],
            Profile.OTHER,
        ),
        ([chunk(b"iCCP", b"x\0\0" + b"broken")], Profile.BROKEN),
    ],
)
def test_what_a_png_says_of_its_colours(
    tmp_path: Path, chunks: list[bytes], expected: Profile
) -> None:
    assert inspect(tmp_path, png(*chunks)).profile is expected


def said(content: bytes, *, embedded: bool = False) -> str:
    """Name the colour space that a PNG's chunks say, empty where they say none."""
    icc = icc_from_metadata(Reader(io.BytesIO(content)), embedded=embedded)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc)) if icc else None
    return ImageCms.getProfileDescription(profile).strip() if profile else ""


def test_a_code_counts_before_a_profile_and_a_profile_before_primaries() -> None:
    code, gamma = chunk(b"cICP", bytes([12, 13, 0, 1])), chunk(b"gAMA", struct.pack(">I", 100_000))
    assert said(png()) == ""
    assert said(png(gamma, code)) == "cICP 12/13"
    assert said(png(gamma, code), embedded=True) == "cICP 12/13"
    assert said(png(gamma)) == "primaries and gamma of the PNG"
    assert said(png(gamma), embedded=True) == ""


def test_chunks_of_a_wrong_length_say_nothing_of_colours() -> None:
    assert said(png(chunk(b"gAMA", b"\0"), chunk(b"cHRM", bytes(31)), chunk(b"cICP", b""))) == ""


def test_what_stands_behind_the_picture_says_nothing_of_its_colours() -> None:
    gamma = chunk(b"gAMA", struct.pack(">I", 100_000))
    assert said(png()[:-12] + gamma + chunk(b"IEND", b"")) == ""


def test_a_code_that_is_not_known_is_no_colour_space() -> None:
    for code in (b"\x09\x10\0\1", b"\x63\x0d\0\1", b"\x01"):
        with pytest.raises(ValueError, match="not a known"):
            said(png(chunk(b"cICP", code)))
