"""What is said of a picture in words is kept as far as it may be of use, whoever wrote it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alt_text import spoken
from pipeline.captions import (
    MOST_KEYWORDS,
    MOST_SIGNS,
    NO_CAPTIONS,
    Captions,
    captions,
    filled_up,
)


def test_each_is_taken_from_the_first_that_says_something() -> None:
    first = Captions(title="SM-13")
    second = Captions(title="Mug", caption="A red mug", keywords=("a", "b"))
    assert filled_up(first, second) == Captions(
        title="SM-13", caption="A red mug", keywords=("a", "b")
    )
    assert filled_up() == NO_CAPTIONS


@given(st.text(max_size=3000), st.lists(st.text(max_size=200), max_size=80))
def test_nothing_grows_and_every_sign_can_be_shown(text: str, words: list[str]) -> None:
    kept = captions(title=text, headline=text, caption=text, keywords=tuple(words))
    for one in (kept.title, kept.headline, kept.caption, *kept.keywords):
        assert len(one) <= MOST_SIGNS
        assert spoken(one) == one
    assert len(kept.keywords) <= MOST_KEYWORDS
    assert "" not in kept.keywords
