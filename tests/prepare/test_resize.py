"""The reduction: Lanczos in linear light, held to one that is written plainly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pipeline.prepare.resize import PAIRED, reduced, working_memory
from tests.prepare.rendering import photo, rendered

MODES = ("L", "LA", "RGB", "RGBA")


def plainly(image: Image.Image, size: tuple[int, int]) -> NDArray[np.float64]:
    """Reduce each channel's light in floats by Pillow's own Lanczos."""
    channels = []
    for band in image.split():
        values = np.asarray(band) / 255
        light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        small = Image.fromarray(light.astype(np.float32)).resize(size, Image.Resampling.LANCZOS)
        made = np.clip(np.asarray(small), 0, 1)
        back = np.where(made <= 0.0031308, made * 12.92, 1.055 * made ** (1 / 2.4) - 0.055)
        channels.append(back * 255)
    return np.stack(channels, axis=2)


@settings(max_examples=60, deadline=None)
@given(
    mode=st.sampled_from(MODES),
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    across=st.floats(0.02, 1),
    down=st.floats(0.02, 1),
    value=st.integers(0, 255),
)
def test_one_colour_stays_that_colour_up_to_the_edges(
    mode: str, width: int, height: int, across: float, down: float, value: int
) -> None:
    opaque = mode in ("LA", "RGBA")
    colour = tuple([value] * (len(mode) - opaque) + [255] * opaque)
    image = Image.new(mode, (width, height), colour if len(colour) > 1 else value)
    size = (max(1, round(width * across)), max(1, round(height * down)))
    made = np.asarray(reduced(image, size)).reshape(size[1], size[0], -1)
    assert (made == np.array(colour)).all()


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(150, 500),
    height=st.integers(150, 500),
    scale=st.floats(1.0, 6.0),
    seed=st.integers(0, 9),
)
def test_it_comes_out_as_a_plain_lanczos_in_linear_light_does(
    width: int, height: int, scale: float, seed: int
) -> None:
    image = photo(width, height, seed=seed)
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    difference = np.asarray(reduced(image, size)).astype(float) - plainly(image, size)
    if width / size[0] < PAIRED:
        assert np.abs(difference).max() <= 1
    else:
        # Pairs blur what no eye sees; with a sensor's noise of 6 levels by less than 3 of them.
        assert np.sqrt((difference**2).mean()) < 3


@pytest.mark.parametrize("scale", [2.93, 4.0])
def test_fine_lines_keep_their_contrast_where_pairs_are_averaged_first(scale: float) -> None:
    wanted = round(1200 / scale)
    # Three quarters of the finest waves that the result can show.
    waves = np.sin(np.arange(1200) * (2 * np.pi * 0.375 / scale))
    image = Image.fromarray(np.tile(np.rint(128 + 40 * waves).astype(np.uint8), (40, 1)))
    made = np.asarray(reduced(image, (wanted, 40)))[:, 20:-20].astype(float)
    right = plainly(image, (wanted, 40))[:, 20:-20, 0]
    assert made.std() == pytest.approx(right.std(), rel=0.05)


def test_a_fraction_of_the_last_column_and_row_may_lie_outside() -> None:
    image = photo(401, 301)
    whole = np.asarray(reduced(image, (100, 75), (0, 0, 400.5, 300.5))).astype(float)
    assert np.abs(whole - plainly(image.crop((0, 0, 400, 300)), (100, 75))).mean() < 2


@pytest.mark.parametrize("scale", [1.3, 2.0, 2.9, 7.0])
def test_clear_pixels_have_no_colour(scale: float) -> None:
    image = Image.new("RGBA", (350, 210), (0, 255, 0, 0))
    image.paste((200, 40, 90, 255), (100, 60, 250, 150))
    made = np.asarray(reduced(image, (round(350 / scale), round(210 / scale))))
    shown = made[made[:, :, 3] > 8]
    assert np.abs(shown[:, :3].astype(int) - (200, 40, 90)).max() <= 2


def test_the_memory_it_takes_grows_with_a_band_and_not_with_the_picture() -> None:
    tall, taller = (
        working_memory((6000, height), (2048, height // 3), 3) for height in (4000, 8000)
    )
    result = (8000 - 4000) // 3 * 2048 * (3 + 4)
    assert taller - tall <= result + 1
    assert working_memory((60_000, 40_000), (2048, 1365), 3) < 300_000_000


def test_fine_detail_keeps_its_brightness(tmp_path: Path) -> None:
    """Black and white lines are as bright as mid-grey light, which is 188, not 128."""
    lines = np.zeros((800, 800), np.uint8)
    lines[:, ::2] = 255
    path = tmp_path / "lines.png"
    Image.fromarray(lines).save(path)
    made = np.asarray(rendered(path, longest_side=200).image.convert("L"))
    assert abs(float(made[20:-20, 20:-20].mean()) - 188) < 2


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
