"""BMP: every kind passes, what its header promises must be there."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pytest

from pipeline.formats.bmp import icc_from_metadata
from pipeline.formats.reader import Reader
from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat, Profile
from tests.formats.samples import (
    ADOBE_RGB,
    SAMPLES,
    encoded,
    inspect,
    noise,
    reason,
    refusal,
    srgb_icc,
)
from tests.prepare.rendering import rendered


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_every_kind_of_bmp_passes(tmp_path: Path, mode: str) -> None:
    image = noise(mode="L").convert("1") if mode == "1" else noise(95, 63).convert(mode)
    inspect(tmp_path, encoded(image, "BMP"))


def test_a_bmp_with_its_top_row_first_passes(tmp_path: Path) -> None:
    content = bytearray(SAMPLES[ImageFormat.BMP])
    content[22:26] = (-64).to_bytes(4, "little", signed=True)
    assert inspect(tmp_path, bytes(content)).height == 64


def test_a_bmp_with_a_jpeg_inside_is_not_taken(tmp_path: Path) -> None:
    content = bytearray(SAMPLES[ImageFormat.BMP])
    content[30] = 4
    assert refusal(tmp_path, bytes(content)).reason is Reason.FORMAT_NOT_TAKEN
    content = bytearray(SAMPLES[ImageFormat.BMP])
    content[14] = 41
    assert refusal(tmp_path, bytes(content)).reason is Reason.FORMAT_NOT_TAKEN


def bmp_of_runs(rows: int, ending: bytes, *, told: bool = True) -> bytes:
    runs = b"".join(bytes([3, row % 250, 0, 4, 1, 2, 3, 4, 0, 0]) for row in range(rows)) + ending
    offset = 54 + 1024
    numbers: tuple[Any, ...] = (40, 7, 64, 1, 8, 1, len(runs) if told else 0, 0, 0, 256, 0)
    sizes = (4, 4, 4, 2, 2, 4, 4, 4, 4, 4, 4)
    head = b"".join(n.to_bytes(s, "little") for n, s in zip(numbers, sizes, strict=True))
    front = b"BM" + (offset + len(runs)).to_bytes(4, "little") + bytes(4)
    palette = random.Random(3).randbytes(1024)
    return front + offset.to_bytes(4, "little") + head + palette + runs


def test_a_bmp_of_runs_needs_all_its_rows(tmp_path: Path) -> None:
    whole = bmp_of_runs(64, b"\0\1")
    assert inspect(tmp_path, whole).height == 64
    assert inspect(tmp_path, bmp_of_runs(64, b"\0\1", told=False) + b"\0").trailing
    assert reason(tmp_path, bmp_of_runs(40, b"", told=False)) is Reason.TRUNCATED
    half = whole[: len(whole) // 2 + 400].ljust(len(whole), b"\0")
    assert reason(tmp_path, half) is Reason.TRUNCATED
    for place in range(1078, len(whole)):
        assert reason(tmp_path, whole[:place]) is Reason.TRUNCATED


def bmp_with_profile(space: bytes, profile: bytes) -> bytes:
    """Make a BMP of version 5 that names a colour space and has something behind its pixels."""
    content = SAMPLES[ImageFormat.BMP]
    pixels = content[54:]
    header = bytearray(content[14:54].ljust(124, b"\0"))
    header[0:4] = (124).to_bytes(4, "little")
    header[56:60] = space[::-1]
    header[112:116] = (124 + len(pixels)).to_bytes(4, "little")
    header[116:120] = len(profile).to_bytes(4, "little")
    start = 14 + 124
    whole = start + len(pixels) + len(profile)
    top = b"BM" + whole.to_bytes(4, "little") + bytes(4) + start.to_bytes(4, "little")
    return top + bytes(header) + pixels + profile


def test_what_a_bmp_says_of_its_colours(tmp_path: Path) -> None:
    for space, profile, expected, private in (
        (b"sRGB", b"", Profile.SRGB, False),
        (b"Win ", b"", Profile.UNTAGGED, False),
        (b"MBED", ADOBE_RGB, Profile.OTHER, False),
        (b"MBED", srgb_icc(), Profile.SRGB, False),
        (b"MBED", b"nonsense", Profile.BROKEN, False),
        (b"LINK", b"C:\\Users\\Ada\\colours.icc", Profile.OTHER, True),
    ):
        found = inspect(tmp_path, bmp_with_profile(space, profile))
        assert (found.profile, found.private, found.trailing) == (expected, private, False)
    cut_off = bmp_with_profile(b"MBED", ADOBE_RGB)[:-1]
    assert inspect(tmp_path, cut_off).profile is Profile.BROKEN


def test_an_embedded_profile_is_found_where_pillow_does_not_look() -> None:
    for space, expected in ((b"MBED", ADOBE_RGB), (b"LINK", b""), (b"sRGB", b"")):
        reader = Reader(io.BytesIO(bmp_with_profile(space, ADOBE_RGB)))
        assert icc_from_metadata(reader, embedded=False) == expected
        assert icc_from_metadata(reader, embedded=True) == b""
    assert icc_from_metadata(Reader(io.BytesIO(SAMPLES[ImageFormat.BMP])), embedded=False) == b""


@pytest.mark.parametrize("depth", [1, 8])
@pytest.mark.parametrize("colours", [257, 300, 65536])
def test_colours_that_no_pixel_can_have_cost_no_picture(
    tmp_path: Path, depth: int, colours: int
) -> None:
    image = noise(96, 64).quantize(1 << depth)
    plain = io.BytesIO()
    image.save(plain, "BMP") if depth == 8 else image.convert("1").save(plain, "BMP")
    whole = plain.getvalue()
    start = int.from_bytes(whole[10:14], "little")
    more = bytes(4 * colours - (start - 54))
    front = bytearray(whole[:start])
    front[10:14] = (start + len(more)).to_bytes(4, "little")
    front[46:50] = colours.to_bytes(4, "little")
    path, other = tmp_path / "a.bmp", tmp_path / "b.bmp"
    path.write_bytes(bytes(front) + more + whole[start:])
    other.write_bytes(whole)
    result = rendered(path)
    assert result.picture.work[0] == "colours that no pixel can have were left out"
    assert result.image.convert("RGB").tobytes() == rendered(other).image.convert("RGB").tobytes()
