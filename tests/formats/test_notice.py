"""A notice is put into a file of any format that goes up as it is, and nothing else changes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pipeline.formats import strip_metadata, unseen_notes
from pipeline.formats.exif import EXIF_MARK
from pipeline.formats.notice import NO_NOTICE, Notice
from pipeline.values import ImageFormat
from tests.formats.samples import SAMPLES, inspect, pixels

PASSING = [ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.GIF, ImageFormat.WEBP]


def notice() -> Notice:
    exif = Image.Exif()
    exif[0x8298] = "Ada"
    return Notice(exif=exif.tobytes(), xmp="<x>© Ada</x>".encode())


def put_in(content: bytes, format_: ImageFormat, said: Notice) -> bytes:
    made = strip_metadata(io.BytesIO(content), format_, said)
    assert made is not None
    return made


@pytest.mark.parametrize("format_", PASSING)
def test_it_is_read_again_and_the_pixels_are_the_same(tmp_path: Path, format_: ImageFormat) -> None:
    made = put_in(SAMPLES[format_], format_, notice())
    with Image.open(io.BytesIO(made)) as image:
        unseen = unseen_notes(io.BytesIO(made), format_)
        assert unseen.get("xmp", image.info.get("xmp")) == notice().xmp
        assert dict(image.getexif()) == ({} if format_ is ImageFormat.GIF else {0x8298: "Ada"})
    assert pixels(made) == pixels(SAMPLES[format_])
    assert not inspect(tmp_path, made).private


@pytest.mark.parametrize("format_", PASSING)
def test_put_in_twice_it_stands_there_once(format_: ImageFormat) -> None:
    made = put_in(SAMPLES[format_], format_, notice())
    assert put_in(made, format_, notice()) == made
    assert b"Ada" not in put_in(made, format_, NO_NOTICE)


def test_only_a_jpegs_exif_has_a_mark() -> None:
    said = notice()
    assert said.exif == EXIF_MARK + said.tiff
    assert not NO_NOTICE.tiff
