"""Whole numbers in queries: of any length, and nothing else that Python takes for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.localstore.errors import ApiError
from pipeline.localstore.numbers import BEYOND, whole_number


@given(st.integers(), st.integers(0, 50))
def test_a_number_is_read_as_it_is_or_as_one_beyond_all_use(number: int, zeros: int) -> None:
    text = f"{'-' * (number < 0)}{'0' * zeros}{abs(number)}"
    assert whole_number(text, "page") == max(-BEYOND, min(number, BEYOND))


def test_thousands_of_digits_are_a_number() -> None:
    assert whole_number("9" * 10_000, "id") == BEYOND
    assert whole_number("0" * 10_000 + "7", "id") == 7


@pytest.mark.parametrize("text", ["", "-", "+1", " 1", "1 ", "1_0", "1.0", "1e3", "٣", "²", "--1"])
def test_what_is_none_is_named(text: str) -> None:
    with pytest.raises(ApiError) as refusal:
        whole_number(text, "limit")
    assert (refusal.value.status, list(refusal.value.errors)) == (422, ["limit"])
