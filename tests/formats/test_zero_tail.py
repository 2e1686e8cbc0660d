"""An end that was never filled in is told from a dark picture, where pixels lie uncompressed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.samples import dots, encoded, inspect, noise, reason


@pytest.mark.parametrize("format_", [ImageFormat.BMP, ImageFormat.WBMP])
def test_a_copy_that_lacks_only_its_last_pages_never_passes(
    tmp_path: Path, format_: ImageFormat
) -> None:
    whole = big(format_)
    for pages in (2, 3):
        kept = len(whole) // 4096 * 4096 - 4096 * pages
        whole_until_there = whole[: kept - 1] + b"\x5a"
        content = whole_until_there.ljust(len(whole), b"\0")
        assert reason(tmp_path, content) is Reason.TRUNCATED


def big(format_: ImageFormat) -> bytes:
    """Make a file of many pages without a plain area."""
    image = dots(800, 400) if format_ is ImageFormat.WBMP else noise(300, 200)
    return encoded(image, format_.value)


def on_black(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Make a packshot: something bright in the middle of pure black."""
    image = Image.new(mode, (width, height))
    box = (width // 3, height // 3, width * 2 // 3, height * 2 // 3)
    ImageDraw.Draw(image).ellipse(box, fill="white")
    return image


@pytest.mark.parametrize(
    ("image", "format_"),
    [
        (Image.new("RGB", (300, 200)), "BMP"),
        (Image.new("1", (800, 400)), "WBMP"),
        (on_black(600, 400), "BMP"),
        (on_black(300, 1200), "BMP"),
        (on_black(1200, 800, "1"), "WBMP"),
        (noise(20, 20).resize((60, 20)), "BMP"),
    ],
)
def test_black_pictures_and_black_backgrounds_pass(
    tmp_path: Path, image: Image.Image, format_: str
) -> None:
    inspect(tmp_path, encoded(image, format_))


def test_a_palettes_first_colour_as_background_passes(tmp_path: Path) -> None:
    image = on_black(600, 400).quantize(8)
    inspect(tmp_path, encoded(image, "BMP"))
