"""Animations stay animated, with their timing and their loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.prepare.animations import balls, durations, saved, shown, turning
from tests.prepare.rendering import rendered, typical


@pytest.mark.parametrize(
    ("name", "format_"),
    [("a.gif", ImageFormat.GIF), ("a.webp", ImageFormat.WEBP), ("a.png", ImageFormat.WEBP)],
)
def test_a_smaller_one_keeps_its_frames_its_timing_and_its_loop(
    tmp_path: Path, name: str, format_: ImageFormat
) -> None:
    times = [40, 100, 60, 200, 50, 80]
    path = saved(tmp_path / name, turning(6), duration=times, loop=3)
    result = rendered(path, longest_side=150)
    assert result.picture.format is format_
    assert result.image.size == (150, 100)
    assert durations(result) == times
    assert result.image.info["loop"] == 3
    for number, frame in enumerate(turning(6)):
        wanted = frame.resize((150, 100), Image.Resampling.BOX)
        assert typical(shown(result, number), wanted) < 10


@pytest.mark.parametrize("name", ["a.gif", "a.webp"])
def test_one_too_heavy_is_given_fewer_pixels(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, turning(6, 600, 400), duration=50, loop=0)
    result = rendered(path, max_bytes=path.stat().st_size // 3)
    assert getattr(result.image, "n_frames", 1) == 6
    assert durations(result) == [50] * 6


def test_frames_are_given_up_last_and_the_time_stays(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", turning(12), duration=50, loop=0)
    result = rendered(path, max_bytes=50_000)
    assert 2 <= getattr(result.image, "n_frames", 1) < 12
    assert sum(durations(result)) == 600


def test_a_gif_that_clears_leaves_no_traces(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", balls(20), duration=40, loop=0, disposal=2)
    result = rendered(path, longest_side=80)
    for number, frame in enumerate(balls(20)):
        wanted = np.asarray(frame.getchannel("A").resize((80, 50), Image.Resampling.BOX)) > 127
        made = np.asarray(shown(result, number).getchannel("A")) > 127
        assert (wanted != made).mean() < 0.02


def test_a_gif_of_more_frames_than_the_store_takes_keeps_150_of_them(tmp_path: Path) -> None:
    frames = [Image.new("L", (40, 30), number) for number in range(200)]
    path = saved(tmp_path / "a.gif", frames, duration=20, loop=0)
    result = rendered(path)
    assert getattr(result.image, "n_frames", 1) == 150
    assert sum(durations(result)) == 4000
    assert "150 of 200 frames" in result.picture.work


def test_a_gif_that_is_shown_once_is_not_made_to_repeat(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", turning(3), duration=50)
    assert "loop" not in rendered(path, longest_side=100).image.info


def test_one_that_cannot_fit_is_refused_with_what_was_tried(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", turning(4), duration=50, loop=0)
    with pytest.raises(PhotoRefused) as refused:
        rendered(path, max_bytes=1_500)
    assert refused.value.reason is Reason.CANNOT_FIT
    assert "32 colours" in str(refused.value)
    assert "2 of 4 frames" in str(refused.value)


def test_equal_frames_of_a_webp_may_become_one_that_is_shown_longer(tmp_path: Path) -> None:
    frames = [*turning(2), turning(2)[1].copy(), *turning(4)[2:]]
    path = saved(tmp_path / "a.webp", frames, duration=50, loop=0, lossless=True)
    result = rendered(path, longest_side=100)
    assert sum(durations(result)) == 250


def test_copyright_stays_when_an_animation_is_encoded_anew(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ann"
    path = saved(tmp_path / "a.webp", turning(3), duration=50, exif=exif)
    assert dict(rendered(path, longest_side=100).image.getexif()) == {0x013B: "Ann"}
