"""Every format of the shop has its row, and what is asked of a format is asked by the table."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from pipeline.formats import FORMATS, icc_from_metadata, strip_metadata
from pipeline.formats.icc import ADOBE_RGB, matrix_profile
from pipeline.values import ImageFormat
from tests.formats.samples import SAMPLES, chunk, encoded, noise, pixels, png, stripped

STRIPPED = [format_ for format_, row in FORMATS.items() if row.strip_metadata]
OTHERS = [format_ for format_ in ImageFormat if format_ not in STRIPPED]


def test_every_format_has_its_row() -> None:
    assert set(FORMATS) == set(ImageFormat)


@pytest.mark.parametrize("format_", STRIPPED)
def test_a_bare_picture_is_left_as_it_is(format_: ImageFormat) -> None:
    assert stripped(SAMPLES[format_], format_) == SAMPLES[format_]


@pytest.mark.parametrize("format_", STRIPPED)
def test_what_lies_behind_the_end_is_left_out_and_no_pixel_changes(format_: ImageFormat) -> None:
    content = SAMPLES[format_] + b"something else" * 100
    assert stripped(content, format_) == SAMPLES[format_]
    assert pixels(stripped(content, format_)) == pixels(content)


@pytest.mark.parametrize("format_", [ImageFormat.JPEG, ImageFormat.PNG])
def test_a_minimal_exif_is_put_in(format_: ImageFormat) -> None:
    exif = Image.Exif()
    exif[0x8298] = "Ada"
    content = stripped(SAMPLES[format_], format_, exif.tobytes())
    with Image.open(io.BytesIO(content)) as image:
        assert dict(image.getexif()) == {0x8298: "Ada"}
    assert stripped(content, format_) == SAMPLES[format_]


@pytest.mark.parametrize("format_", STRIPPED)
def test_what_is_not_whole_is_left_to_those_who_say_what_is_wrong(format_: ImageFormat) -> None:
    for share in (0, 5, 20, len(SAMPLES[format_]) // 2, len(SAMPLES[format_]) - 3):
        assert strip_metadata(io.BytesIO(SAMPLES[format_][:share]), format_) is None


@pytest.mark.parametrize("format_", OTHERS)
def test_what_is_encoded_anew_in_any_case_is_not_stripped(format_: ImageFormat) -> None:
    assert strip_metadata(io.BytesIO(SAMPLES[format_]), format_) is None


def said(content: bytes, format_: ImageFormat, *, embedded: bool = False) -> bytes:
    file = io.BytesIO(content)
    with Image.open(file) as image:
        file.seek(7)
        icc = icc_from_metadata(file, image, format_, embedded=embedded)
        assert file.tell() == 7
    return icc


def test_a_plain_picture_says_nothing_of_its_colours() -> None:
    for format_ in ImageFormat:
        assert said(SAMPLES[format_], format_) == b""


def test_a_camera_says_adobe_rgb_in_its_exif() -> None:
    exif = Image.Exif()
    exif[0x0110] = "a camera"  # Pillow leaves a block out whose first part is empty
    exif.get_ifd(0x8769)[0xA001] = 0xFFFF
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    for format_ in (ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP):
        content = encoded(noise(), format_.value, exif=exif)
        assert said(content, format_) == matrix_profile(ADOBE_RGB)
        assert said(content, format_, embedded=True) == b""


def test_colours_that_cannot_be_understood_are_none() -> None:
    for chunks in (
        [chunk(b"cICP", bytes([9, 16, 0, 1]))],
        [chunk(b"cHRM", bytes(32))],
        [chunk(b"gAMA", struct.pack(">I", 1))],
    ):
        assert said(png(*chunks), ImageFormat.PNG) == b""
