"""Stills that have to be worked on."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.values import EncodeSettings, ImageFormat, Preset
from tests.prepare.rendering import (
    corners,
    graphic,
    photo,
    rendered,
    typical,
    worst,
)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright_and_without_its_tag(
    tmp_path: Path, orientation: int
) -> None:
    stored = {
        1: corners(),
        2: corners().transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: corners().transpose(Image.Transpose.ROTATE_180),
        4: corners().transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: corners().transpose(Image.Transpose.TRANSPOSE),
        6: corners().transpose(Image.Transpose.ROTATE_90),
        7: corners().transpose(Image.Transpose.TRANSVERSE),
        8: corners().transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.jpg"
    stored.save(path, exif=exif, quality=95, subsampling=0)
    result = rendered(path, longest_side=300)
    assert result.image.size == (300, 200)
    assert typical(result.image, corners(300, 200)) < 3
    assert 0x0112 not in result.image.getexif()
    assert ("turned upright" in result.picture.work) == (orientation != 1)


def test_a_large_photograph_uses_the_limit_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    photo(3000, 2000, noise=12).save(path, quality=96, subsampling=1)
    result = rendered(path, max_bytes=200_000, longest_side=1024)
    assert result.image.size == (1024, 683)
    assert result.picture.size >= 200_000 * 0.92
    assert result.picture.format is ImageFormat.JPEG
    assert any(work.startswith("JPEG quality") and "4:4:4" in work for work in result.picture.work)
    assert "3000 × 2000 → 1024 × 683" in result.picture.work


def test_no_more_is_spent_than_the_best_quality(tmp_path: Path) -> None:
    path = tmp_path / "smooth.jpg"
    photo(1500, 1000, noise=0).save(path, quality=98)
    result = rendered(path, longest_side=800)
    assert "JPEG quality 97, 4:4:4" in result.picture.work
    assert result.picture.size < 200_000


def test_noise_is_encoded_at_the_highest_quality_too(tmp_path: Path) -> None:
    path = tmp_path / "noise.bmp"
    Image.frombytes("RGB", (500, 400), random.Random(5).randbytes(500 * 400 * 3)).save(path)
    result = rendered(path, encoding=EncodeSettings(quality_best=100))
    assert result.picture.size > 500 * 400
    assert result.picture.encode_report is not None
    assert result.picture.encode_report.quality == 100


def test_nothing_is_enlarged(tmp_path: Path) -> None:
    path = tmp_path / "tiny.bmp"
    photo(40, 30).save(path)
    assert rendered(path).image.size == (40, 30)


def test_a_picture_one_pixel_high_keeps_a_pixel(tmp_path: Path) -> None:
    path = tmp_path / "line.png"
    Image.new("RGB", (5000, 1), "red").save(path)
    assert rendered(path).image.size == (2048, 1)


def test_a_line_longer_than_a_jpeg_can_be_is_made_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "line.bmp"
    photo(65_535, 1).save(path)
    result = rendered(path, longest_side=100_000)
    assert result.image.size == (65_500, 1)


def test_sixteen_bit_grey_is_rounded_not_clipped(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 512).astype(np.uint16), (128, 1))
    path = tmp_path / "deep.png"
    Image.fromarray(ramp).save(path)
    result = rendered(path, longest_side=256)
    made = np.asarray(result.image.convert("L")).astype(float)[32]
    wanted = np.linspace(0, 255, 256)
    assert np.abs(made - wanted).max() <= 1.5


def test_a_drawing_stays_without_loss_and_gets_a_palette(tmp_path: Path) -> None:
    path = tmp_path / "drawing.bmp"
    graphic().save(path)
    result = rendered(path)
    assert result.picture.format is ImageFormat.PNG
    assert result.image.mode == "P"
    assert worst(result.image, graphic()) == 0


def test_a_photograph_as_bmp_becomes_a_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "photo.bmp"
    photo().save(path)
    assert rendered(path).picture.format is ImageFormat.JPEG


def test_a_product_on_pure_white_is_a_photograph(tmp_path: Path) -> None:
    image = Image.new("RGB", (600, 400), "white")
    image.paste(photo(200, 150, noise=2), (200, 100))
    path = tmp_path / "product.bmp"
    image.save(path)
    assert rendered(path).picture.format is ImageFormat.JPEG


def test_copyright_and_artist_stay_and_nothing_else(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8298] = "© Ann".encode()
    exif[0x013B] = "Ann"
    exif[0x010F] = "Camera maker"
    exif[0x0112] = 3
    exif.get_ifd(0x8769)[0xA431] = "serial 12345"
    exif.get_ifd(0x8769)[0xA430] = "Owner"
    exif.get_ifd(0x8825)[1] = "N"
    for number, format_ in enumerate(("JPEG", "PNG", "WEBP")):
        path = tmp_path / f"{number}"
        photo().save(path, format_, exif=exif)
        kept = rendered(path).image.getexif()
        assert dict(kept) == {0x8298: "© Ann".encode().decode("latin-1"), 0x013B: "Ann"}
        assert not kept.get_ifd(0x8825)
        assert not kept.get_ifd(0x8769)
    bare = rendered(tmp_path / "0", encoding=EncodeSettings(keep_copyright=False))
    assert not bare.image.getexif()
    assert b"serial" not in bare.content


def test_a_comment_does_not_go_up_with_what_is_encoded_anew(tmp_path: Path) -> None:
    path = tmp_path / "comment.jpg"
    photo(900, 600).save(path, comment=b"my private notes")
    result = rendered(path, longest_side=500)
    assert b"private notes" not in result.content


def test_pixels_are_given_up_before_the_floor_of_quality(tmp_path: Path) -> None:
    path = tmp_path / "noise.jpg"
    photo(1600, 1200, noise=60).save(path, quality=95, subsampling=0)
    result = rendered(path, max_bytes=120_000)
    assert 512 <= max(result.image.size) < 1600


def test_what_cannot_fit_is_refused_with_what_was_tried(tmp_path: Path) -> None:
    path = tmp_path / "noise.jpg"
    photo(1600, 1200, noise=60).save(path, quality=95, subsampling=0)
    with pytest.raises(PhotoRefused) as refused:
        rendered(path, max_bytes=8_000)
    assert refused.value.reason is Reason.CANNOT_FIT
    assert "1600 × 1200 at JPEG quality 60, 4:4:4" in str(refused.value)
    assert "512 × 384" in str(refused.value)


def test_fine_detail_keeps_its_brightness(tmp_path: Path) -> None:
    """Black and white lines are as bright as mid-grey light, which is 188, not 128."""
    lines = np.zeros((800, 800), np.uint8)
    lines[:, ::2] = 255
    path = tmp_path / "lines.png"
    Image.fromarray(lines).save(path)
    made = np.asarray(rendered(path, longest_side=200).image.convert("L"))
    assert abs(float(made[20:-20, 20:-20].mean()) - 188) < 2


def test_a_progressive_jpeg_with_optimised_tables_is_what_goes_up(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    photo(900, 600).save(path)
    image = Image.open(io.BytesIO(rendered(path, longest_side=600).content))
    assert image.info.get("progressive")
    assert "icc_profile" not in image.info


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


def test_what_was_done_is_recorded_in_figures(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    photo(3000, 2000, noise=12).save(path, quality=96, subsampling=1)
    encode_report = rendered(path, max_bytes=150_000, longest_side=700).picture.encode_report
    assert encode_report is not None
    assert (encode_report.scale, encode_report.decoded, encode_report.chroma) == (
        round(700 / 3000, 4),
        0.5,
        "4:4:4",
    )
    assert encode_report.resampling == "Lanczos in linear light"
    assert encode_report.quality is not None
    assert 60 <= encode_report.quality <= 97
    assert 1 <= encode_report.encodes <= 2
    assert encode_report.why == "it was a JPEG"


def test_a_lossless_picture_is_recorded_without_a_quality(tmp_path: Path) -> None:
    path = tmp_path / "drawing.bmp"
    graphic().save(path)
    encode_report = rendered(path).picture.encode_report
    assert encode_report is not None
    assert (encode_report.quality, encode_report.resampling) == (None, "")
    assert encode_report.why == "drawn, not photographed"


def test_the_fast_recipe_decodes_less_and_keeps_the_same_limits(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    photo(3000, 2000, noise=8).save(path, quality=96, subsampling=1)
    best = rendered(path, max_bytes=200_000, longest_side=1024)
    fast = rendered(
        path, max_bytes=200_000, longest_side=1024, encoding=EncodeSettings(preset=Preset.FAST)
    )
    assert best.picture.encode_report is not None
    assert fast.picture.encode_report is not None
    assert (best.picture.encode_report.decoded, fast.picture.encode_report.decoded) == (1.0, 0.5)
    assert fast.picture.size >= 200_000 * 0.92
    assert fast.image.size == best.image.size
    assert not fast.image.info.get("progressive")
    assert typical(fast.image, best.image) < 4
