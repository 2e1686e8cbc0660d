"""A picture that goes up: upright, within the limits, and what was done to it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.prepare import render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import EncodeSettings, ImageFormat, Limits, Preset
from tests.prepare.rendering import corners, original_of, photo, rendered, typical


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


def test_nothing_is_enlarged(tmp_path: Path) -> None:
    path = tmp_path / "tiny.bmp"
    photo(40, 30).save(path)
    assert rendered(path).image.size == (40, 30)


def test_a_picture_one_pixel_high_keeps_a_pixel(tmp_path: Path) -> None:
    path = tmp_path / "line.png"
    Image.new("RGB", (5000, 1), "red").save(path)
    assert rendered(path).image.size == (2048, 1)


def test_a_comment_does_not_go_up_with_what_is_encoded_anew(tmp_path: Path) -> None:
    path = tmp_path / "comment.jpg"
    photo(900, 600).save(path, comment=b"my private notes")
    result = rendered(path, longest_side=500)
    assert b"private notes" not in result.content


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


def test_an_original_that_changed_is_refused_as_replaced(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    photo(60, 40).save(path)
    original = original_of(path)
    inspection = check(original, Limits())
    photo(60, 40, seed=2).save(path)
    with pytest.raises(PhotoRefused) as refused:
        render(original, inspection, Limits(), EncodeSettings(), Spool(tmp_path / "spool"))
    assert refused.value.reason is Reason.REPLACED
