"""The fourteenth version of the tables adds which batch brought a photograph in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.ledger.sqlite import open_ledger
from pipeline.ledger.sqlite.migrations import MIGRATIONS
from tests.ledger.conftest import STORE
from tests.ledger.synthetic import make, path_of
from tests.makers import ManualClock

BEFORE = 13


def test_a_ledger_of_before_is_brought_forward_and_tells_of_its_batches(
    file: Path, clock: ManualClock
) -> None:
    assert "brought_by" in MIGRATIONS[BEFORE]
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        make(connection, STORE, 40, version=BEFORE)
        assert "brought_by" not in str(
            connection.execute("SELECT sql FROM sqlite_schema").fetchall()
        )
    with closing(open_ledger(file, STORE, "run", clock.now)) as ledger:
        (photo,) = ledger.at_path(Path(path_of(7)))
        brought = {
            batch.number: [one.id for one in ledger.brought_in(batch.number)]
            for batch in ledger.batches(100)
        }
        assert sum(photo.id in ids for ids in brought.values()) == 1
        assert all(
            ids == [one.id for one in ledger.created_in(number)] for number, ids in brought.items()
        )
