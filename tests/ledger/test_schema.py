"""The tables: a migration that was once written is never changed, and each ends well."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger, schema
from tests.ledger.conftest import STORE
from tests.ledger.processes import another_process
from tests.makers import ManualClock, arrival, original

FROZEN = [
    "1ff984eb22c74815",
    "db6c21ab25e9e657",
]
"""The SHA-256 of every migration. A change of the tables is a new one at the end, never another
text of one that is here: ledgers in use have been made with these."""


def test_no_migration_was_changed_after_it_was_written() -> None:
    written = [hashlib.sha256(script.encode()).hexdigest()[:16] for script in schema._MIGRATIONS]
    assert written[: len(FROZEN)] == FROZEN
    assert len(written) == len(FROZEN), "a new migration is entered here"
    assert len(written) == schema.VERSION


def tables_of(file: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
        ).fetchall()


@pytest.mark.parametrize("version", range(1, schema.VERSION + 1))
def test_a_ledger_of_any_version_becomes_one_of_the_present(
    file: Path, tmp_path: Path, version: int, opened: Callable[[], Ledger]
) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for script in schema._MIGRATIONS[:version]:
            for statement in schema._statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    opened()
    fresh = tmp_path / "fresh.sqlite3"
    open_ledger(fresh, STORE, "run", ManualClock().now).close()
    assert tables_of(file) == tables_of(fresh)


@pytest.mark.parametrize("statements", [1, 3, 7, 12, 16])
def test_a_migration_that_is_killed_in_the_middle_is_begun_again(
    file: Path, statements: int, opened: Callable[[], Ledger]
) -> None:
    file.parent.mkdir()
    killed = f"""
import os
from pipeline.ledger.sqlite import schema
connection = sqlite3.connect(file, isolation_level=None)
whole = schema._statements
def cut(script):
    for number, statement in enumerate(whole(script)):
        if number == {statements}:
            say("here")
            os.kill(os.getpid(), 9)
        yield statement
schema._statements = cut
schema.migrate(connection)
"""
    with another_process(file, killed) as process:
        assert process.wait(10) == -9
    assert list(opened().photos()) == []


def test_every_table_is_strict(file: Path, opened: Callable[[], Ledger]) -> None:
    opened()
    with closing(sqlite3.connect(file)) as connection:
        loose = connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict "
            "AND name NOT LIKE 'sqlite%'"
        ).fetchall()
    assert loose == []


def test_history_can_be_neither_rewritten_nor_deleted(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    opened().receive(arrival("/a.jpg"), original("/a.jpg"))
    with closing(sqlite3.connect(file)) as connection:
        for statement in ("DELETE FROM history", "UPDATE history SET sentence = 'other'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
