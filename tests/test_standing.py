"""Which photograph of a product comes first: a total order, by what is said most plainly."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.standing import VIEWS, moment_taken, shot_order_key, standing

_STANDINGS = st.builds(
    standing,
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.sampled_from((*VIEWS, "of its own")),
    st.none() | st.integers(0, 10_000),
)
_SHOTS = st.tuples(_STANDINGS, st.from_regex(r"[a-zA-Z_]{1,3}[0-9]{0,4}", fullmatch=True))


def key(shot: tuple[str, str]) -> str:
    return shot_order_key(Path("/in", f"{shot[1]}.jpg"), shot[0])


@given(st.lists(_SHOTS, unique_by=key), st.randoms())
def test_shots_come_in_one_order_however_they_were_shuffled(
    shots: list[tuple[str, str]], random: Random
) -> None:
    shuffled = list(shots)
    random.shuffle(shuffled)
    assert sorted(shuffled, key=key) == sorted(shots, key=key)


@given(st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31), 2**31 - 1), _STANDINGS, _SHOTS)
def test_what_somebody_said_of_the_order_counts_before_all(
    one: int, other: int, rest: str, shot: tuple[str, str]
) -> None:
    assert (standing(one, "front", 9) < standing(other, None, None)) is (one <= other)
    assert standing(one, None, None) < standing(None, "main", None) < standing(None, None, 0)


@given(st.integers(0, 9_999), st.integers(0, 9_999))
def test_of_one_view_and_of_none_numbers_compare_as_numbers(one: int, other: int) -> None:
    assert (standing(None, "back", one) < standing(None, "back", other)) is (one < other)
    assert (standing(None, None, one) < standing(None, None, other)) is (one < other)
    assert standing(None, "back", None) <= standing(None, "back", one)


@given(st.sampled_from(VIEWS), st.sampled_from(VIEWS), st.integers(0, 99), st.integers(0, 99))
def test_views_come_in_the_order_of_their_list(
    one: str, other: str, number: int, another: int
) -> None:
    if one != other:
        first = standing(None, one, number) < standing(None, other, another)
        assert first is (VIEWS.index(one) < VIEWS.index(other))


def test_what_says_nothing_comes_last_by_its_name() -> None:
    names = ["A_front.jpg", "A_2.jpg", "A_IMG_9.jpg", "A_IMG_10.jpg"]
    said = [standing(None, "front", None), standing(None, None, 2), "", ""]
    keys = [shot_order_key(Path("/in", name), text) for name, text in zip(names, said, strict=True)]
    assert keys == sorted(keys)


def test_of_the_same_name_the_time_that_the_camera_wrote_decides_and_then_the_folder() -> None:
    shots = [
        ("b/IMG_2.jpg", "20261127090000000000"),
        ("a/IMG_2.jpg", "20261127090000500000"),
        ("a/img_02.jpg", "20261127090001000000"),
        # Who says no time comes after who does.
        ("a/IMG_2.JPG", ""),
        ("b/IMG_2.JPG", ""),
        ("a/IMG_10.jpg", "20260101000000000000"),
    ]
    keys = [shot_order_key(Path("/in", name), "", taken) for name, taken in shots]
    assert keys == sorted(keys)
    # A number or a view that is said comes before that.
    first = shot_order_key(Path("/in/IMG_9.jpg"), standing(None, "front", None), "2027")
    assert first < keys[0]


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("2026-11-27T10:15:00.120000+01:00", "20261127091500120000"),
        ("2026-11-27T10:15:00+00:00", "20261127101500000000"),
        ("2026-11-27T10:15:00", "20261127051500000000"),
        ("2026-13-27T10:15:00", ""),
        ("0000-00-00T00:00:00", ""),
        ("", ""),
    ],
)
def test_the_time_that_a_camera_wrote_is_one_moment_wherever_its_clock_stands(
    said: str, taken: str
) -> None:
    assert moment_taken(said, timezone(timedelta(hours=5))) == taken
