"""What a listing costs the ledger; the rest is its contract (`tests/contract`)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.ledger.sqlite import open_ledger
from tests.ledger.conftest import STORE
from tests.ledger.counting import Counter, fill
from tests.makers import ManualClock, stored_image


def test_a_listing_reads_the_rows_of_its_product_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    counter = Counter(monkeypatch)
    file = tmp_path / "ledger.sqlite3"
    ledger = open_ledger(file, STORE, "run", clock.now)
    with closing(sqlite3.connect(file)) as connection:
        fill(connection, STORE, stored=20_000, prepared=0)
    marked = {"0123456789": [stored_image(50_000 + number, 159) for number in range(100)]}
    assert len(ledger.listed(159, marked)) == 100
    assert counter.steps(lambda: ledger.listed(159, marked)) < 5_000
    assert counter.steps(ledger.met) < 5_000
    ledger.close()
