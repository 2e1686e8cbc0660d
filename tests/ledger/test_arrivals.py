"""What an arrival writes into the tables, and what it costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from pipeline.ledger import Ledger
from tests.ledger.counting import Counter
from tests.makers import arrival, original

MOST_STEPS = 2_000
"""Of SQLite's machine, for an arrival in a ledger of any size."""


def test_an_arrival_costs_the_same_in_a_full_ledger(full: Ledger, counter: Counter) -> None:
    new = arrival("/158/new.jpg"), original("/158/new.jpg")
    version = arrival("/158/7.jpg"), original("/158/7.jpg", b"another content")
    placed = arrival("/158/8.jpg"), original("/158/8.jpg", b"one more", product_id=158)
    for what, came in {"new": new, "known": new, "version": version, "placed": placed}.items():
        assert counter.steps(partial(full.receive, *came)) <= MOST_STEPS, what


def test_the_arrivals_of_processes_that_ended_are_not_kept_for_ever(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    for _ in range(5):
        ledger = opened()
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        ledger.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM arrivals").fetchone() == (1,)
