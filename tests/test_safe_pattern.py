from __future__ import annotations

import pytest

from pipeline.safe_pattern import LONGEST_NAME, WrongPattern, checked_pattern, pattern_given
from pipeline.setting_kinds import WrongValue


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<sku>[A-Z]+-\d+)",
        r"(?P<sku>[A-Z]+-\d+)_(?P<view>[a-z]+)(?:_(?P<order>\d+))?",
        r"(?P<view>[^_]+)__(?P<sku>.+)",
        r"(?P<order>\d{3})[ _-](?P<gtin>\d{13})(?:[ _-](?P<description>.*))?",
        r"(?i)shoot(?P<product_id>\d{1,9})-(?:front|back)",
        r"[^/]+/(?P<sku>[^/]+)/(?P<view>[^/]+)",
    ],
)
def test_a_pattern_that_says_a_product_and_ends_in_time_is_taken(pattern: str) -> None:
    assert pattern_given(pattern) == pattern
    # What fits nearly is what takes longest.
    for sign in "Aa1_-/. ":
        checked_pattern(pattern).fullmatch(sign * (LONGEST_NAME - 1) + "\n")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(?P<sku>[A-Z", "no regular expression"),
        (r"(?P<sku>a)(?P<colour>b)", "it has a group colour; known are product_id, sku"),
        (r"(?P<view>[a-z]+)", "none of its groups says the product"),
        (r"(?P<sku>([A-Z]+)+)x", "repeats within what repeats"),
        (r"(?P<sku>(A|A)*)x", "repeats within what repeats"),
        (r"(?P<sku>(?:\w+\s?)*)x", "repeats within what repeats"),
        (r"(?P<sku>(?:a?){40}a{40})", "repeats within what repeats"),
        (r"(?P<sku>" + "a?" * 40 + "a{40})", "too many of its parts can take the same signs"),
        (r"(?P<sku>.*).*.*.*.*x", "too many of its parts can take the same signs"),
        (r"(?P<sku>\w+)\w+[a-z]+\w+[^/]+", "too many of its parts can take the same signs"),
        (r"(?P<sku>.+)(?P=sku)", "it refers to what it found"),
        (r"(?=x)(?P<sku>.+)", "looks ahead"),
    ],
)
def test_another_is_refused_with_why(pattern: str, why: str) -> None:
    with pytest.raises(WrongPattern, match=r".+") as wrong:
        checked_pattern(pattern)
    assert why in str(wrong.value)
    with pytest.raises(WrongValue):
        pattern_given(pattern)


def test_a_setting_has_it_as_a_text() -> None:
    with pytest.raises(WrongValue, match="a text"):
        pattern_given(3)
