"""A ledger of the first version opens as one of the present version, with all it held."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.ledger.sqlite import open_ledger, open_reader, schema
from pipeline.lifecycle import State
from tests.makers import ManualClock, arrival, original

FIRST_VERSION = schema._MIGRATIONS[0]


def of_the_first_version(file: Path) -> None:
    """Make a ledger as the first version left it, with one photograph."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in schema._statements(FIRST_VERSION):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute(
            "INSERT INTO photos (id, store, sha256, size, path, root, rank, sku, state, sentence, "
            "received_at, changed_at) VALUES ('one', 'shop', 'ab', 3, ?, ?, 'a', 'SM-13', "
            "'received', 'received', '2026-11-24T09:00:00+00:00', '2026-11-24T09:00:00+00:00')",
            (b"/studio/a.jpg", b"/studio"),
        )


def test_a_ledger_of_the_first_version_keeps_its_photographs(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    of_the_first_version(file)
    reader = open_reader(file, "shop")
    (photo,) = reader.photos()
    reader.close()
    assert (photo.id, photo.state, photo.sku) == ("one", State.RECEIVED, "SM-13")
    assert photo.on_table is False
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


def test_a_migrated_ledger_remembers_files_and_what_was_on_the_table(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    of_the_first_version(file)
    clock = ManualClock()
    ledger = open_ledger(file, "shop", "watch", clock.now)
    seen = Path("/studio/a.jpg")
    assert ledger.changed_files({seen: "3:1"}) == [seen]
    ledger.remember({seen: "3:1"})
    assert ledger.changed_files({seen: "3:1"}) == []
    assert ledger.changed_files({seen: "4:2"}) == [seen]
    told = original("/studio/b.jpg", b"other", sku="SM-14", on_table=True)
    assert ledger.receive(arrival("/studio/b.jpg"), told).on_table is True
    ledger.close()


def test_an_interrupted_migration_is_done_again_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    of_the_first_version(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for statement in schema._statements(schema._SECOND):
            connection.execute(statement)
        connection.execute("ROLLBACK")
    reader = open_reader(file, "shop")
    assert len(list(reader.photos())) == 1
    reader.close()
