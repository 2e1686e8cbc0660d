"""What arrived before is there after, under the same numbers, and is counted as before."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from pipeline.ledger.sqlite.arrivals_of_several import ARRIVALS_OF_SEVERAL
from pipeline.ledger.sqlite.migrations import MIGRATIONS

PHOTO = (
    "INSERT INTO photos (id, store, sha256, size, path, root, rank, state, sentence, received_at, "
    "changed_at) VALUES (?, 's', ?, 1, x'2f61', x'2f', '', 'received', '', '', '')"
)
ARRIVAL = (
    "INSERT INTO arrivals (owner, photo, path, door, seen_at) VALUES (?, ?, x'2f61', 'run', '')"
)


def test_arrivals_stay_and_a_file_may_be_several_photographs() -> None:
    at = MIGRATIONS.index(ARRIVALS_OF_SEVERAL)
    with closing(sqlite3.connect(":memory:")) as connection:
        for script in MIGRATIONS[:at]:
            connection.executescript(script)
        for photo in "ab":
            connection.execute(PHOTO, (photo, photo))
        connection.execute(ARRIVAL, ("me", "a"))
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(ARRIVAL, ("me", "b"))
        before = connection.execute("SELECT * FROM arrivals").fetchall()
        connection.executescript(ARRIVALS_OF_SEVERAL)
        assert connection.execute("SELECT * FROM arrivals").fetchall() == before
        connection.execute(ARRIVAL, ("me", "b"))
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(ARRIVAL, ("me", "b"))
        assert connection.execute("SELECT count(*) FROM on_their_way").fetchone() == (2,)
        names = "SELECT name FROM sqlite_schema WHERE tbl_name = 'arrivals' AND sql IS NOT NULL"
        assert len(connection.execute(names).fetchall()) == 6
