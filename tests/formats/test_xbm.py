"""XBM for Pillow: a set bit is black, as in every other program."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, UnidentifiedImageError

from pipeline.formats.xbm import register_xbm
from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.drawings import ARROW, arrow, drawn
from tests.formats.samples import encoded, inspect, noise, reason, refusal

TEXT = b"""/* drawn by hand */
#define arrow_width 10
#define arrow_height 3
#define arrow_x_hot 1
#define arrow_y_hot 2
static unsigned char arrow_bits[] = {
   0x01, 0x02, 0x02, 0x01, 0xfc, 0x00 };
"""


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace(b"\n", b"\r\n"),
        b"\n\n" + TEXT,
        TEXT.replace(b"unsigned ", b""),
        TEXT.replace(b"static unsigned", b"static const unsigned"),
        TEXT.replace(b"[] = {", b"[6]={"),
        TEXT.replace(b"arrow_width", b"width").replace(b"arrow_height", b"height"),
        TEXT.replace(b"0x00 }", b"0x00,\n}"),
        TEXT.replace(b"fc", b"FC"),
    ],
)
def test_a_text_written_by_hand_is_read_as_what_it_shows(tmp_path: Path, text: bytes) -> None:
    found = inspect(tmp_path, text)
    assert (found.format, found.mode, found.trailing) == (ImageFormat.XBM, "1", False)
    with Image.open(io.BytesIO(text), formats=["XBM"]) as image:
        assert drawn(image) == ARROW.split()


def test_a_set_bit_is_written_for_black() -> None:
    assert b"0x01,0x02,0x02,0x01,0xfc,0x00" in encoded(arrow(), "XBM").replace(b"\n", b"")


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 300), height=st.integers(1, 140), seed=st.integers(0, 9))
def test_every_picture_comes_back_as_it_was(width: int, height: int, seed: int) -> None:
    before = noise(width, height, "L", seed).convert("1")
    with Image.open(io.BytesIO(encoded(before, "XBM")), formats=["XBM"]) as after:
        assert ImageChops.logical_xor(before, after).getbbox() is None
        assert after.size == before.size


def test_a_list_that_ends_early_is_not_decoded() -> None:
    image = Image.open(io.BytesIO(TEXT.replace(b"0x01, ", b"", 1)))
    with pytest.raises(OSError, match="truncated"):
        image.load()


def test_other_texts_are_not_opened() -> None:
    for text in (b"#define a 1\n", b"/* nothing */", TEXT.replace(b"unsigned char", b"short")):
        with pytest.raises(UnidentifiedImageError):
            Image.open(io.BytesIO(text))


def test_only_black_and_white_is_written() -> None:
    with pytest.raises(OSError, match="cannot write mode RGB as XBM"):
        encoded(noise(), "XBM")


def test_registering_again_changes_nothing() -> None:
    known = list(Image.ID)
    register_xbm()
    Image.init()
    assert known == Image.ID
    with Image.open(io.BytesIO(TEXT)) as image:
        assert drawn(image) == ARROW.split()


XBM = b"#define a_width 9\n#define a_height 2\nstatic unsigned char a_bits[] = {\n%s};\n"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (b"0x00, 0x01, 0x02", Reason.TRUNCATED),
        (b"0x00, 0x01, 0x02, 0x3", Reason.DAMAGED),
        (b"0x00, 0x01, 0x02, 3", Reason.DAMAGED),
        (b"0x00, 0x01, 0x02, 0X03", Reason.DAMAGED),
        (b"0x00, 0x01, /* x */ 0x02, 0x03", Reason.DAMAGED),
        (b"0x00, 0x01, 0x02, 0x03, exec", Reason.DAMAGED),
        (b"", Reason.TRUNCATED),
    ],
)
def test_an_xbm_whose_numbers_would_be_misread_is_refused(
    tmp_path: Path, numbers: bytes, expected: Reason
) -> None:
    inspect(tmp_path, XBM % b"0x00, 0x01, 0x02, 0x03")
    inspect(tmp_path, b"/* by hand */\n" + XBM % b"0x00,0x01,\n0x02,0x03,\n")
    assert reason(tmp_path, XBM % numbers) is expected


def test_an_xbm_of_x10_is_not_taken_for_one_of_x11(tmp_path: Path) -> None:
    text = b"#define a_width 16\n#define a_height 1\nstatic short a_bits[] = {\n0x00ff};\n"
    assert "an XBM of a very old kind" in str(refusal(tmp_path, text))
