"""What is within the limits goes up byte for byte."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from pipeline.memory import Budget
from pipeline.prepare.passthrough import passed_through
from pipeline.validate.check import check
from pipeline.values import EncodeSettings, ImageFormat, Limits
from tests.prepare.animations import balls, durations, saved, shown, turning
from tests.prepare.rendering import graphic, original_of, photo, rendered, typical, worst


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_small_plain_picture_is_the_original_byte_for_byte(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "small"
    graphic().save(path, format_)
    result = rendered(path)
    assert result.content == path.read_bytes()
    assert result.picture.passthrough
    assert result.picture.work == ("as it was",)
    assert result.picture.format == ImageFormat(format_)
    assert (result.picture.width, result.picture.height) == (600, 400)


def test_an_srgb_profile_is_no_reason_to_touch_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "srgb.jpg"
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo().save(path, icc_profile=icc)
    assert rendered(path).picture.passthrough


def test_a_location_is_reason_enough(tmp_path: Path) -> None:
    path = tmp_path / "located.jpg"
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (
        TiffImagePlugin.IFDRational(48),
        TiffImagePlugin.IFDRational(8),
        TiffImagePlugin.IFDRational(0),
    )
    photo().save(path, exif=exif)
    result = rendered(path)
    assert not result.picture.passthrough
    assert not result.image.getexif()
    assert "metadata removed, pixels as they were" in result.picture.work
    assert worst(result.image, Image.open(path)) == 0


def test_bytes_behind_the_end_do_not_go_up(tmp_path: Path) -> None:
    path = tmp_path / "trailing.png"
    graphic().save(path)
    path.write_bytes(path.read_bytes() + b"something else" * 100)
    result = rendered(path)
    assert not result.picture.passthrough
    assert b"something else" not in result.content


@pytest.mark.parametrize(("max_bytes", "longest_side"), [(15_000, 2048), (1_000_000, 500)])
def test_more_bytes_or_pixels_than_the_limit_are_not_passed(
    tmp_path: Path, max_bytes: int, longest_side: int
) -> None:
    path = tmp_path / "large.jpg"
    photo(noise=3).save(path, quality=95)
    result = rendered(path, max_bytes=max_bytes, longest_side=longest_side)
    assert not result.picture.passthrough


@pytest.mark.parametrize("format_", ["BMP", "XBM", "WBMP"])
def test_formats_that_browsers_do_not_show_become_one_they_do(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "old"
    bits = graphic().convert("1") if format_ != "BMP" else graphic()
    bits.save(path, format_)
    result = rendered(path)
    assert result.picture.format is ImageFormat.PNG
    assert result.image.convert("RGB").tobytes() == bits.convert("RGB").tobytes()


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "WEBP"])
def test_private_things_are_taken_out_without_touching_a_pixel(
    tmp_path: Path, format_: str
) -> None:
    exif = Image.Exif()
    exif[0x8298] = "Ann"
    exif.get_ifd(0x8769)[0xA431] = "serial 12345"
    exif.get_ifd(0x8825)[1] = "N"
    secret = b"serial 12345"
    kinds: dict[str, dict[str, Any]] = {
        "JPEG": {"exif": exif, "comment": secret, "progressive": True, "xmp": secret},
        "PNG": {"exif": exif},
        "WEBP": {"exif": exif, "xmp": secret},
        "GIF": {"comment": secret},
    }
    options = kinds[format_]
    path = tmp_path / "private"
    photo().save(path, format_, **options)
    with path.open("ab") as file:
        file.write(b"" if format_ == "WEBP" else secret)
    assert secret in path.read_bytes()
    result = rendered(path)
    assert result.picture.work == ("metadata removed, pixels as they were",)
    assert result.picture.format == ImageFormat(format_)
    assert secret not in result.content
    with Image.open(path) as before:
        assert worst(result.image, before) == 0
    assert dict(result.image.getexif()) == ({} if format_ == "GIF" else {0x8298: "Ann"})


def test_a_larger_file_that_fits_without_its_metadata_keeps_its_pixels(tmp_path: Path) -> None:
    path = tmp_path / "thumbnails.jpg"
    photo().save(path, quality=90)
    path.write_bytes(path.read_bytes() + bytes(200_000))
    result = rendered(path, max_bytes=150_000)
    assert "metadata removed, pixels as they were" in result.picture.work


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG"])
def test_a_small_animation_passes_as_it_is(tmp_path: Path, format_: str) -> None:
    path = saved(tmp_path / f"film.{format_.lower()}", balls(5), duration=70, loop=0)
    result = rendered(path)
    assert result.picture.passthrough
    assert result.content == path.read_bytes()


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_private_things_are_taken_out_of_an_animation_without_touching_it(
    tmp_path: Path, name: str
) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ann"
    exif[0xA431] = "serial"
    times = [40, 100, 60]
    path = saved(tmp_path / name, turning(3), duration=times, loop=2, exif=exif)
    if name == "a.gif":
        path.write_bytes(path.read_bytes()[:-1] + b"\x21\xfe\x06serial\0;serial")
    result = rendered(path)
    assert result.picture.work == ("metadata removed, pixels as they were",)
    assert durations(result) == times
    assert result.image.info["loop"] == 2
    assert b"serial" not in result.content
    with Image.open(path) as before:
        before.seek(2)
        assert typical(shown(result, 2), before) == 0


class Counted(io.FileIO):
    """A file that counts the bytes that are read of it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size) or b""
        self.count += len(found)
        return found


def test_a_large_picture_is_not_read_to_its_end_to_find_that_it_does_not_fit(
    tmp_path: Path,
) -> None:
    path = tmp_path / "large.png"
    photo(700, 600, noise=90).save(path, compress_level=1)
    with path.open("ab") as file:
        file.write(b"something else")
    original = original_of(path)
    limits = Limits(max_bytes=original.size // 6)
    inspection = check(original, limits)
    assert inspection.trailing
    with Counted(path) as file:
        made = passed_through(
            file, original.size, inspection, limits, EncodeSettings(), Budget(1 << 30)
        )  # fmt: skip
        assert made is None
        assert file.count < original.size // 3
