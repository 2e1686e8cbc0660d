"""The search for the highest setting that fits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.prepare.encode.quality import Best, Thorough, best_setting, sample_of
from tests.prepare.rendering import photo, typical

LARGE = Image.new("L", (1000, 1000))


def searched(
    most: float,
    *,
    image: Image.Image = LARGE,
    power: float = 0.7,
    off: float = 1.0,
    rough: float | None = None,
) -> tuple[Best, list[float]]:
    """Search with an encoder whose sizes are known; whole pictures are `off` times the sample's.

    A rough one makes `rough` times the bytes.
    """
    tried: list[float] = []

    def size(pixels: int, setting: float) -> int:
        return round(pixels / math.pow(101 - setting, power))

    def encode(one: Image.Image, setting: float) -> bytes:
        whole = one.size == image.size
        if whole:
            tried.append(setting)
        return bytes(round(size(one.width * one.height, setting) * (off if whole else 1)))

    best = best_setting(
        image=image,
        sample=sample_of(image, 8),
        encode=encode,
        max_bytes=round(most),
        low=60,
        high=97,
        rough=None if rough is None else lambda one, q: bytes(round(len(encode(one, q)) * rough)),
    )
    return best, tried


@given(share=st.floats(0.02, 1.2), power=st.floats(0.4, 1.5), off=st.floats(0.9, 1.1))
def test_what_is_found_fits_and_nothing_much_better_does(
    share: float, power: float, off: float
) -> None:
    best, tried = searched(1_000_000 * share, power=power, off=off)
    assert len(tried) <= 4

    def whole(setting: float) -> float:
        return 1_000_000 / math.pow(101 - setting, power) * off

    if best.content is None:
        assert whole(60) > 1_000_000 * share * 0.9
        return
    assert len(best.content) <= 1_000_000 * share
    assert 60 <= best.setting <= 97
    if best.setting < 97 - 0.5:
        assert len(best.content) > 1_000_000 * share * 0.9


def test_one_or_two_encodes_of_the_whole_are_enough() -> None:
    for share in (0.1, 0.15, 0.2, 0.25, 0.3):
        _, tried = searched(1_000_000 * share, off=1.02)
        assert len(tried) <= 2


@given(
    share=st.floats(0.1, 0.3),
    power=st.floats(0.5, 1.2),
    off=st.floats(0.9, 1.1),
    rough=st.floats(1.0, 1.1),
)
def test_after_a_rough_encode_one_of_the_whole_meets_the_limit_closely(
    share: float, power: float, off: float, rough: float
) -> None:
    best, tried = searched(1_000_000 * share, power=power, off=off, rough=rough)
    if best.content is not None and best.setting < 97:
        assert len(best.content) > 1_000_000 * share * 0.985
        assert len(tried) == best.encodes == 2


def test_a_small_picture_is_its_own_sample() -> None:
    small = Image.new("L", (100, 100))
    sample = sample_of(small, 8)
    assert sample.image is small
    assert sample.times == 1


def test_a_sample_is_a_tenth_of_the_rows_and_looks_like_the_whole() -> None:
    image = photo(900, 1600)
    sample = sample_of(image, 16)
    assert sample.image.size == (900, 160)
    assert math.isclose(sample.times, 10)
    assert typical(sample.image.resize((9, 16)), image.resize((9, 16))) < 12


def test_a_sample_of_parts_is_a_tenth_of_the_pixels_and_leaves_no_column_out() -> None:
    image = Image.new("L", (960, 1600))
    for left in range(0, 960, 8):
        image.paste(left // 8, (left, 0, left + 8, 1600))
    sample = sample_of(image, 8, 3)
    assert sample.image.width == 320
    assert math.isclose(sample.times, 10, rel_tol=0.05)
    assert math.isclose(sample.times, 960 * 1600 / (320 * sample.image.height))
    shares = {value: count for count, value in sample.image.getcolors() or ()}
    assert set(shares) == set(range(120))
    assert max(shares.values()) < 1.6 * min(shares.values())


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("rows", [8, 16, 32])
def test_no_block_of_rows_is_cut(rows: int, parts: int) -> None:
    image = Image.new("L", (600, 1234))
    for top in range(0, 1234, rows):
        image.paste(top // rows % 251, (0, top, 600, min(1234, top + rows)))
    taken = sample_of(image, rows, parts).image
    assert taken.height % rows == 0
    for top in range(0, taken.height, rows):
        low, high = taken.crop((0, top, taken.width, top + rows)).getextrema()
        assert low == high


@pytest.mark.parametrize(
    ("share", "saved", "is_taken"),
    [(0.1, 0.05, True), (0.1, 0.02, False), (0.25, 0.05, False)],
    ids=["low and much", "low and little", "high"],
)
def test_more_time_is_taken_only_where_the_setting_is_low_and_it_saves_much(
    share: float, saved: float, is_taken: bool
) -> None:
    thoroughly: list[float] = []

    def encode(one: Image.Image, setting: float) -> bytes:
        return bytes(round(one.width * one.height / math.pow(101 - setting, 0.7)))

    def more(one: Image.Image, setting: float) -> bytes:
        if one.size == LARGE.size:
            thoroughly.append(setting)
        return bytes(round(len(encode(one, setting)) * (1 - saved)))

    most = round(LARGE.width * LARGE.height * share)
    best = best_setting(
        image=LARGE,
        sample=sample_of(LARGE, 8),
        encode=encode,
        max_bytes=most,
        low=60,
        high=97,
        rough=lambda one, setting: bytes(round(len(encode(one, setting)) * 1.03)),
        thorough=Thorough(encode=more, below=80, saves=0.03),
    )
    assert bool(thoroughly) == is_taken
    assert most * 0.99 < best.size <= most
    assert best.setting < 80 or not is_taken
