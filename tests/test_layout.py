"""Text on a terminal: broken between words, cut in the middle of a path, and never too wide."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.layout import (
    cells,
    cut_long_words,
    cut_middle,
    cut_path,
    cut_words,
    lines_of,
    pieces_that_fit,
    width_of,
)
from tests import posix

SIGNS = st.text(alphabet="ab /`日é\u0301", max_size=120)


def broken(text: str, width: int, indent: int = 0) -> list[str]:
    return [text[begin:end] for begin, end in lines_of(text, width, indent)]


@given(text=SIGNS, width=st.integers(12, 60), indent=st.integers(0, 8))
def test_a_broken_sentence_loses_no_word_and_no_line_is_too_wide(
    text: str, width: int, indent: int
) -> None:
    lines = broken(text, width, indent)
    assert " ".join(lines).split() == text.split()
    for number, line in enumerate(lines):
        room = width - (indent if number else 0)
        alone = len(line.split()) == 1 or line.lstrip().startswith("`")
        assert cells(line) <= room or alone or "`" in line


def test_a_sentence_is_broken_between_words() -> None:
    assert broken("one two three four", 9) == ["one two", "three", "four"]
    assert broken("one two three four", 80) == ["one two three four"]


def test_a_command_is_not_broken_so_that_it_can_be_copied() -> None:
    assert broken("go on with `pipeline resume 'a b'`, or not", 26) == [
        "go on with",
        "`pipeline resume 'a b'`,",
        "or not",
    ]


def test_lines_after_the_first_have_less_room() -> None:
    assert broken("stored   aa bb cc dd", 14, 9) == ["stored   aa bb", "cc dd"]


@given(text=st.text(alphabet="ab/日.", max_size=80), room=st.integers(1, 60))
def test_what_is_cut_fits_and_what_fits_is_not_cut(text: str, room: int) -> None:
    for cut in (cut_path, cut_middle, cut_words):
        short = cut(text, room)
        assert cells(short) <= room
        assert (short == text) == (cells(text) <= room)


@pytest.mark.parametrize(
    ("room", "short"),
    [
        (60, "photos/2026/autumn/158/sm-13_front.jpg"),
        (36, "photos/2026/…/158/sm-13_front.jpg"),
        (28, "photos/…/158/sm-13_front.jpg"),
        (25, "photos/…/sm-13_front.jpg"),
        (20, "…/sm-13_front.jpg"),
        (17, "…/sm-13_front.jpg"),
        (16, "…sm-13_front.jpg"),
        (11, "sm-13…t.jpg"),
    ],
)
def test_a_path_keeps_its_beginning_and_its_name(room: int, short: str) -> None:
    assert cut_path("photos/2026/autumn/158/sm-13_front.jpg", room) == short


def test_words_are_cut_behind_a_word() -> None:
    assert cut_words("[Sample] Smith Journal 13", 20) == "[Sample] Smith…"
    assert cut_words("Journal", 20) == "Journal"


def test_only_words_that_are_too_long_are_cut() -> None:
    assert cut_long_words("it is a/b/c/d/e/name.jpg now", 12) == "it is a/…/name.jpg now"


def test_what_does_not_fit_is_left_out_from_the_right_and_the_first_never() -> None:
    pieces = ["10 of 24", "1 refused", "3 MB sent"]
    assert pieces_that_fit(pieces, 40) == "10 of 24  1 refused  3 MB sent"
    assert pieces_that_fit(pieces, 20) == "10 of 24  1 refused"
    assert pieces_that_fit(pieces, 3) == "10 of 24"


def test_signs_take_the_columns_that_a_terminal_gives_them() -> None:
    assert (cells("abc"), cells("日本"), cells("e\u0301")) == (3, 4, 1)


def test_what_is_no_terminal_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert width_of(None) is None
    assert width_of(io.StringIO()) is None


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("", 80), ("no", 80)])
def test_a_terminal_is_as_wide_as_it_says(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    ours, theirs = posix.openpty()
    with os.fdopen(theirs, "w") as terminal:
        assert width_of(terminal) == width
    os.close(ours)
