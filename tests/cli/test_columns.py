"""Rows of columns fit the terminal, and are whole where there is none."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.cli.columns import Column, print_rows
from pipeline.layout import cells, cut_path, cut_words

COLUMNS = (
    Column(name="state", width=10, weight=9),
    Column(name="date", width=12, weight=6),
    Column(name="id", width=6, side=">", weight=3),
    Column(name="file", weight=8, cut=cut_path, least=16),
    Column(name="name", weight=2, cut=cut_words, least=8),
)

ROW = ("stored", "2026-11-28", "7", "photos/2026/autumn/sm-13_front.jpg", "A journal")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(
    rows: Sequence[tuple[Sequence[str], str]],
    width: int | None,
    monkeypatch: pytest.MonkeyPatch,
    *,
    whole: bool = False,
) -> list[str]:
    out = io.StringIO() if width is None else Terminal()
    with monkeypatch.context() as patch:
        patch.setenv("TERM", "dumb")
        patch.setenv("COLUMNS", str(width))
        patch.setattr(sys, "stdout", out)
        assert print_rows(COLUMNS, rows, whole=whole) == bool(rows)
    return out.getvalue().splitlines()


def test_into_a_file_rows_go_whole_with_the_sentence_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shown([(ROW, "")], None, monkeypatch) == [
        "state       date              id  file  name",
        "stored      2026-11-28         7  photos/2026/autumn/sm-13_front.jpg  A journal",
    ]
    (_, line) = shown([(ROW, "it is empty")], None, monkeypatch)
    assert line.endswith("A journal: it is empty")


def test_on_a_wide_terminal_all_is_there_and_no_wider_than_it_needs_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shown([(ROW, "")], 120, monkeypatch) == [
        "state   date        id  file                                name",
        "stored  2026-11-28   7  photos/2026/autumn/sm-13_front.jpg  A journal",
    ]


def test_on_a_narrow_one_what_matters_least_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown([(ROW, "")], 44, monkeypatch) == [
        "state   date        id  file",
        "stored  2026-11-28   7  …/sm-13_front.jpg",
    ]
    assert shown([(ROW, "")], 25, monkeypatch) == ["state   file", "stored  …/sm-13_front.jpg"]


def test_the_sentence_stands_below_broken_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown([(ROW, "it is empty: copy it again")], 28, monkeypatch)[2:] == [
        "        it is empty: copy it",
        "        again",
    ]


def test_all_that_was_asked_for_is_there_on_more_than_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = shown([(ROW, "")], 25, monkeypatch, whole=True)
    assert all(len(line) <= 25 for line in lines)
    assert " ".join(" ".join(lines[3:]).split()) == "stored 2026-11-28 7 …sm-13_front.jpg A…"


def test_nothing_is_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown([], 80, monkeypatch) == []


TEXT = st.text(alphabet="abc/ 日", min_size=0, max_size=40)
STATE = st.sampled_from(["stored", "refused", "not for upload"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(STATE, st.just("2026-11-28"), st.just("7"), TEXT, TEXT), min_size=1),
    sentence=st.sampled_from(["", "it is empty: copy it again"]),
    width=st.integers(32, 140),
)
def test_no_line_is_ever_wider_than_the_terminal(
    rows: list[tuple[str, ...]], sentence: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = shown([(row, sentence) for row in rows], width, monkeypatch)
    assert all(cells(line) <= width for line in lines)


def test_a_longer_text_further_down_takes_the_room_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aside = ("not for upload", *ROW[1:])
    lines = shown([(ROW, "")] * 200 + [(aside, "")], 60, monkeypatch)
    assert all(len(line) <= 60 for line in lines)
    assert lines[-1].startswith("not for upload  2026-11-28   7  ")
