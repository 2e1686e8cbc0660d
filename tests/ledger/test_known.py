"""What it takes to know files: few questions, and as little where thousands are the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.known import PIECE
from tests.ledger.plans import Plans
from tests.makers import arrival, original

SEEN = "12:5:6:7"


def test_thousands_of_the_same_content_are_each_known_by_their_path(
    opened: Callable[[], Ledger], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = Plans()
    plans.watch(monkeypatch)
    ledger = opened()
    arrivals = [replace(arrival(f"/in/{number}.jpg"), stamp=SEEN) for number in range(2 * PIECE)]
    for one in arrivals:
        ledger.receive(one, replace(original(one.path), stamp=SEEN))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE photos SET state = 'stored', product_id = seq, image_id = seq")
    steps = plans.steps
    known = ledger.known_files(arrivals)
    assert all(known)
    assert (plans.steps - steps) / len(arrivals) < 500
