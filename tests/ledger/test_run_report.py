"""What a process leaves behind; what the report promises is in `tests/contract/`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.ledger import Ledger
from tests.makers import arrival, original


def test_files_are_told_of_in_the_order_of_their_arrival(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    for name in ("b", "a", "c"):
        ledger.receive(arrival(f"/158/{name}.jpg"), original(f"/158/{name}.jpg", name.encode()))
    names = [line.path.stem for line in ledger.run_report().lines]
    assert names == ["b", "a", "c"]


def test_one_photograph_counts_once_however_many_files_it_came_as(
    opened: Callable[[], Ledger],
) -> None:
    ledger = opened()
    for name in ("a", "b"):
        path = Path(f"/158/{name}.jpg")
        ledger.receive(arrival(path, product_id=158), original(path, product_id=158))
    assert [line.already for line in ledger.run_report().lines] == [False, True]


def test_a_million_files_are_read_in_pages_and_none_is_held(
    opened: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.ledger.run_report.PAGE", 7)
    asked: list[str] = []

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(*given, **named)
        connection.set_trace_callback(asked.append)
        return connection

    stand_in = SimpleNamespace(**{**vars(sqlite3), "connect": connect})
    monkeypatch.setattr("pipeline.ledger.sqlite.connection.sqlite3", stand_in)
    mine, other = opened(), opened()
    names = [f"/158/{number}.jpg" for number in range(30)]
    for name in names:
        for ledger in (mine, other):
            ledger.receive(arrival(name), original(name, name.encode()))

    def pages() -> int:
        return sum("AS arrived_as" in statement for statement in asked)

    asked.clear()
    lines = mine.run_report().lines
    assert pages() == 1
    for _ in range(2):
        asked.clear()
        for number, line in enumerate(lines):
            assert str(line.path) == names[number]
            assert pages() == number // 7, "as they are asked for, and the first is held"


def test_each_photograph_that_arrived_here_is_told_once_in_pages(
    opened: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.ledger.pages.PAGE", 3)
    mine, other = opened(), opened()
    assert list(mine.arrived_photos()) == []
    theirs = other.receive(arrival("/158/x.jpg"), original("/158/x.jpg", b"x"))
    expected = []
    for name in ("a", "b", "a", "c", "d", "b", "e", "x", "a"):
        path = f"/158/{name}.jpg"
        photo = mine.receive(arrival(path), original(path, name.encode()))
        expected.append(photo.id)
    assert list(mine.arrived_photos()) == list(dict.fromkeys(expected))
    assert mine.arrived_here(theirs.id), "it came here, too"
    assert list(other.arrived_photos()) == [theirs.id]
    assert not other.arrived_here(expected[0])


def test_few_files_stay_as_they_were(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    lines = ledger.run_report().lines
    before = list(lines)
    ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", b"b"))
    assert list(lines) == before


def test_a_process_through_which_nothing_arrived_tells_of_nothing(
    opened: Callable[[], Ledger],
) -> None:
    other = opened()
    other.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    assert list(opened().run_report().lines) == []
