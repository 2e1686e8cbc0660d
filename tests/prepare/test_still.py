"""Which format a still goes up in, and what is given up where it does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.formats.notice import NO_NOTICE
from pipeline.lifecycle import Reason
from pipeline.prepare.encode.jpeg import encode_jpeg
from pipeline.prepare.encode.result import DidNotFit, Target
from pipeline.prepare.still import encode_still
from pipeline.values import EncodeSettings, ImageFormat, Limits
from tests.prepare.rendering import graphic, photo, rendered, worst


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


def test_a_lossless_picture_is_recorded_without_a_quality(tmp_path: Path) -> None:
    path = tmp_path / "drawing.bmp"
    graphic().save(path)
    encode_report = rendered(path).picture.encode_report
    assert encode_report is not None
    assert (encode_report.quality, encode_report.resampling) == (None, "")
    assert encode_report.why == "drawn, not photographed"


def test_a_transparent_photograph_too_large_for_png_becomes_webp(tmp_path: Path) -> None:
    image = photo(1000, 800, noise=20)
    mask = Image.new("L", image.size, 255)
    mask.paste(0, (0, 0, 300, 800))
    image.putalpha(mask)
    path = tmp_path / "cut-out.png"
    image.save(path)
    result = rendered(path, max_bytes=200_000)
    assert result.picture.format is ImageFormat.WEBP
    assert result.image.mode == "RGBA"
    assert result.image.getchannel("A").tobytes() == mask.tobytes()


@pytest.mark.parametrize(
    ("image", "source", "format_", "why"),
    [
        (photo(300, 200), ImageFormat.JPEG, ImageFormat.JPEG, "it was a JPEG"),
        (graphic(300, 200), ImageFormat.JPEG, ImageFormat.JPEG, "it was a JPEG"),
        (photo(300, 200), ImageFormat.BMP, ImageFormat.JPEG, "photographed, not drawn"),
        (graphic(300, 200), ImageFormat.BMP, ImageFormat.PNG, "drawn, not photographed"),
        (graphic(300, 200), ImageFormat.PNG, ImageFormat.PNG, "it fits without loss"),
        (photo(300, 200), ImageFormat.PNG, ImageFormat.JPEG, "larger than the limit without loss"),
    ],
)
def test_the_format_follows_from_what_it_was_and_what_it_shows(
    image: Image.Image, source: ImageFormat, format_: ImageFormat, why: str
) -> None:
    limits = Limits(max_bytes=100_000)
    made = encode_still(image, source, limits, EncodeSettings(), NO_NOTICE)
    assert (made.format, made.encode_report.why) == (format_, why)


def test_a_transparent_one_keeps_its_transparency_in_png_or_else_webp() -> None:
    image = photo(300, 200, noise=20)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    roomy = encode_still(image, ImageFormat.PNG, Limits(), EncodeSettings(), NO_NOTICE)
    assert roomy.format is ImageFormat.PNG
    assert roomy.encode_report.why == "it is transparent, and fits without loss"
    tight = encode_still(
        image, ImageFormat.PNG, Limits(max_bytes=60_000), EncodeSettings(), NO_NOTICE
    )
    assert tight.format is ImageFormat.WEBP
    assert tight.encode_report.why == "it is transparent, and larger than the limit as a PNG"


def test_colour_is_halved_before_pixels_are_given_up() -> None:
    image = photo(600, 500, noise=40)
    whole = encode_jpeg(image, Target(max_bytes=1, encoding=EncodeSettings(), notice=NO_NOTICE))
    half = encode_jpeg(
        image, Target(max_bytes=1, encoding=EncodeSettings(), notice=NO_NOTICE), full_chroma=False
    )
    assert isinstance(whole, DidNotFit)
    assert isinstance(half, DidNotFit)
    between = round((whole.scale**-2 + half.scale**-2) / 2)
    made = encode_still(
        image, ImageFormat.JPEG, Limits(max_bytes=between), EncodeSettings(), NO_NOTICE
    )
    assert (made.width, made.height) == image.size
    assert made.encode_report.chroma == "4:2:0"
