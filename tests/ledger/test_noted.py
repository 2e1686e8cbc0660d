"""A file is noted once for each of its photographs, however often it arrives."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pipeline.ledger import Ledger
from tests.makers import arrival, original


def test_a_file_that_arrives_twice_is_noted_once_and_its_new_content_takes_its_place(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    for content in (b"one", b"one", b"another"):
        photo = ledger.receive(arrival("/a.jpg"), original("/a.jpg", content))
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT photo, state_before FROM arrivals").fetchall()
    assert rows == [(photo.id, None)]


def test_the_same_bytes_for_two_products_are_two_lines(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    for product in (13, 14, 13):
        ledger.receive(arrival("/a.jpg"), original("/a.jpg", product_id=product))
    assert len(list(ledger.run_report().lines)) == 2
