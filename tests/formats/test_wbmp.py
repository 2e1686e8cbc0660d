"""WBMP for Pillow: written out by hand, and there and back."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, UnidentifiedImageError

from pipeline.formats.wbmp import register_wbmp
from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.drawings import ARROW, arrow, drawn
from tests.formats.samples import encoded, inspect, noise, reason


def test_bytes_written_out_by_hand_are_read_as_what_they_show(tmp_path: Path) -> None:
    # Type 0, fixed header 0, width 10, height 3; 1 is white; rows are padded to bytes.
    content = bytes([0, 0, 10, 3, 0x7F, 0x80, 0xBF, 0x40, 0xC0, 0xC0])
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.mode, image.size) == ("WBMP", "1", (10, 3))
        assert drawn(image) == ARROW.split()
        assert image.get_format_mimetype() == "image/vnd.wap.wbmp"
    assert encoded(arrow(), "WBMP")[:4] == content[:4]
    assert inspect(tmp_path, content).format is ImageFormat.WBMP


def test_sides_of_more_than_a_byte_are_read(tmp_path: Path) -> None:
    content = bytes([0, 0, 0x81, 0x48, 0x82, 0x01]) + bytes(b"\x55" * (25 * 257))
    found = inspect(tmp_path, content)
    assert (found.width, found.height, found.mode, found.bit_depth) == (200, 257, "1", 1)
    # A first byte without value is allowed: 80 81 48 is the same number.
    padded = bytes([0, 0, 0x80, 0x81, 0x48, 0x82, 0x01]) + b"\x55" * (25 * 257)
    assert inspect(tmp_path, padded).width == 200


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 300), height=st.integers(1, 140), seed=st.integers(0, 9))
def test_every_picture_comes_back_as_it_was(width: int, height: int, seed: int) -> None:
    before = noise(width, height, "L", seed).convert("1")
    with Image.open(io.BytesIO(encoded(before, "WBMP")), formats=["WBMP"]) as after:
        assert ImageChops.logical_xor(before, after).getbbox() is None
        assert after.size == before.size


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0",
        b"\0\0\x0a",
        b"\0\0\x81\x81\x81\x81\x81\x01\x03" + bytes(100),
        b"\0\0\xff\xff\xff\xff\x7f\x03" + bytes(100),
        b"\0\0\0\x03" + bytes(100),
        b"\0\1\x0a\x03" + bytes(100),
        b"\1\0\x0a\x03" + bytes(100),
    ],
)
def test_what_is_no_wbmp_is_not_opened_as_one(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(content), formats=["WBMP"])
    assert reason(tmp_path, content) in (Reason.NOT_AN_IMAGE, Reason.TRUNCATED)


def test_only_black_and_white_is_written() -> None:
    with pytest.raises(OSError, match="cannot write mode RGB as WBMP"):
        encoded(noise(), "WBMP")


def test_registering_again_changes_nothing(tmp_path: Path) -> None:
    known = list(Image.ID)
    register_wbmp()
    assert known == Image.ID
    arrow().save(tmp_path / "arrow.wbmp")  # by its suffix, as Pillow's own
    with Image.open(tmp_path / "arrow.wbmp") as image:
        assert drawn(image) == ARROW.split()
