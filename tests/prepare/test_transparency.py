"""Stills with transparency, or with what claims to be transparency."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.values import ImageFormat
from tests.prepare.rendering import (
    graphic,
    photo,
    rendered,
)


def test_transparency_is_kept_and_its_edges_are_clean(tmp_path: Path) -> None:
    # A white disc; what is clear is black beneath, as most programs leave it.
    alpha = np.zeros((900, 900), np.uint8)
    down, across = np.ogrid[:900, :900]
    alpha[(down - 450) ** 2 + (across - 450) ** 2 < 400**2] = 255
    pixels = np.repeat(alpha[:, :, None], 4, axis=2)
    path = tmp_path / "cut-out.png"
    Image.fromarray(pixels, "RGBA").save(path)
    result = rendered(path, longest_side=300)
    assert result.image.size == (300, 300)
    made = np.asarray(result.image.convert("RGBA"))
    assert made[150, 150].tolist() == [255, 255, 255, 255]
    assert made[0, 0, 3] == 0
    edge = made[(made[:, :, 3] > 8) & (made[:, :, 3] < 255)]
    assert len(edge) > 100
    assert edge[:, :3].min() >= 250, "no dark fringe"


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


def test_alpha_that_says_nothing_is_dropped(tmp_path: Path) -> None:
    image = photo(1200, 800)
    image.putalpha(255)
    path = tmp_path / "opaque.png"
    image.save(path)
    assert rendered(path, max_bytes=200_000).picture.format is ImageFormat.JPEG


def test_a_bmp_that_left_its_fourth_byte_at_zero_is_not_invisible(tmp_path: Path) -> None:
    image = photo(60, 40)
    image.putalpha(0)
    path = tmp_path / "screen.bmp"
    image.save(path)
    assert "A" not in rendered(path).image.getbands()


@pytest.mark.parametrize("colour", [(255, 0, 0), 7])
def test_a_transparent_colour_becomes_transparency(tmp_path: Path, colour: object) -> None:
    grey = isinstance(colour, int)
    image = Image.new("L", (80, 60), 200) if grey else graphic(80, 60)
    image.paste(colour if grey else "red", (0, 0, 20, 20))  # type: ignore[arg-type]
    path = tmp_path / "keyed.png"
    image.save(path, transparency=colour)
    result = rendered(path, longest_side=40)
    alpha = result.image.convert("RGBA").getchannel("A")
    assert (alpha.getpixel((4, 4)), alpha.getpixel((38, 2))) == (0, 255)
