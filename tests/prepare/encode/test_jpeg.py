"""JPEG: the highest quality that the limit affords."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pipeline.formats.notice import Notice
from pipeline.prepare.encode.jpeg import encode_jpeg
from pipeline.prepare.encode.result import DidNotFit, Encoded, Target
from pipeline.values import EncodeSettings, Preset
from tests.prepare.rendering import photo, rendered

USUAL_TABLE = b"\xff\xc4\x00\xb5"
"""How the usual Huffman tables begin, by their length (ITU-T T.81, K.3.3.2)."""


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


def test_a_line_longer_than_a_jpeg_can_be_is_made_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "line.bmp"
    photo(65_535, 1).save(path)
    result = rendered(path, longest_side=100_000)
    assert result.image.size == (65_500, 1)


def test_a_jpeg_with_tables_of_its_own_is_what_goes_up(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    photo(900, 600).save(path)
    content = rendered(path, longest_side=600).content
    image = Image.open(io.BytesIO(content))
    assert USUAL_TABLE not in content
    # Much slower to make and to decode for a few bytes, which its limit gives back.
    assert not image.info.get("progressive")
    assert "icc_profile" not in image.info


def target(max_bytes: int, exif: bytes = b"", preset: Preset = Preset.BEST) -> Target:
    encoding = EncodeSettings(preset=preset)
    return Target(max_bytes=max_bytes, encoding=encoding, notice=Notice(exif=exif))


@pytest.mark.parametrize(
    ("mode", "full_chroma", "chroma"),
    [("RGB", True, "4:4:4"), ("RGB", False, "4:2:0"), ("L", True, "grey"), ("1", True, "grey")],
)
def test_it_meets_its_limit_closely_and_says_its_chroma(
    mode: str, full_chroma: bool, chroma: str
) -> None:
    image = photo(900, 700, noise=20).convert(mode)
    missed = encode_jpeg(image, target(1), full_chroma=full_chroma)
    assert isinstance(missed, DidNotFit)
    limit = round(1.3 / missed.scale**2)
    made = encode_jpeg(image, target(limit), full_chroma=full_chroma)
    assert isinstance(made, Encoded)
    assert limit * 0.9 < len(made.content) <= limit
    assert made.encode_report.chroma == chroma
    assert Image.open(io.BytesIO(made.content)).size == (900, 700)


def test_a_limit_is_met_more_closely_than_a_sample_alone_could() -> None:
    image = photo(900, 700, noise=20)
    for limit in (250_000, 300_000, 350_000):
        made = encode_jpeg(image, target(limit))
        assert isinstance(made, Encoded)
        assert limit * 0.98 < len(made.content) <= limit
        assert made.encode_report.encodes <= 3


def test_what_is_too_large_at_the_floor_says_by_how_much() -> None:
    missed = encode_jpeg(photo(900, 700, noise=60), target(20_000))
    assert isinstance(missed, DidNotFit)
    assert missed.tried.startswith("900 × 700 at JPEG quality 60, 4:4:4 (")
    assert 0.1 < missed.scale < 1
    assert missed.next_scale < missed.scale


def test_more_pixels_a_side_than_a_jpeg_has_are_an_exact_miss() -> None:
    missed = encode_jpeg(Image.new("L", (65_501, 1)), target(1_000_000))
    assert isinstance(missed, DidNotFit)
    assert missed.exact
    assert missed.next_scale == missed.scale == 65_500 / 65_501


LOW_BYTES, HIGH_BYTES = 170_000, 300_000
"""What leaves a cloth of 900 × 700 pixels a low quality, and a high one."""


def cloth(width: int, height: int) -> Image.Image:
    """Return fine grey threads all over, in soft folds."""
    threads = np.random.default_rng(1).normal(128, 60, (height, width))
    threads += 40 * np.sin(np.arange(width) / 60)
    grey = Image.fromarray(np.clip(threads, 0, 255).astype(np.uint8))
    return Image.merge("RGB", [grey.filter(ImageFilter.GaussianBlur(0.8))] * 3)


# Marks of coded data, in a note before it: they are no beginning of a scan.
MISLEADING = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0\xff\xda\xff\xc4\xff\xd9" * 200


@pytest.mark.parametrize("exif", [b"", MISLEADING], ids=["plain", "with notes"])
def test_fine_detail_that_leaves_a_low_quality_makes_a_progressive_file(exif: bytes) -> None:
    image = cloth(900, 700)
    low, high = (encode_jpeg(image, target(limit, exif)) for limit in (LOW_BYTES, HIGH_BYTES))
    assert isinstance(low, Encoded)
    assert isinstance(high, Encoded)
    assert low.encode_report.quality is not None
    assert low.encode_report.quality < 80
    assert LOW_BYTES * 0.985 < len(low.content) <= LOW_BYTES
    assert Image.open(io.BytesIO(low.content)).info.get("progressive")
    assert not Image.open(io.BytesIO(high.content)).info.get("progressive")
    fast = encode_jpeg(image, target(LOW_BYTES, exif, Preset.FAST))
    assert isinstance(fast, Encoded)
    assert not Image.open(io.BytesIO(fast.content)).info.get("progressive")


def test_a_picture_with_bytes_to_spare_keeps_its_fine_colours_in_every_recipe() -> None:
    image = photo(900, 700, noise=3)
    made = [encode_jpeg(image, target(1_000_000, preset=preset)) for preset in Preset]
    tables = [
        Image.open(io.BytesIO(one.content)).quantization  # type: ignore[attr-defined]
        for one in made
        if isinstance(one, Encoded)
    ]
    assert tables[0] == tables[1]
