"""The tables: a migration that was once written is never changed, and each ends well."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger, open_reader, schema
from pipeline.ledger.sqlite.maintenance import problems_of
from pipeline.ledger.sqlite.migrations import MIGRATIONS
from pipeline.lifecycle import State
from tests.ledger.conftest import STORE
from tests.ledger.processes import another_process
from tests.ledger.synthetic import make
from tests.makers import ManualClock, arrival, original


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
        for script in MIGRATIONS[:version]:
            for statement in schema.statements_of(script):
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
whole = schema.statements_of
def cut(script):
    for number, statement in enumerate(whole(script)):
        if number == {statements}:
            say("here")
            os.kill(os.getpid(), 9)
        yield statement
schema.statements_of = cut
schema.migrate(connection)
"""
    with another_process(file, killed) as process:
        assert process.wait(10) == -9
    assert list(opened().photos()) == []


@pytest.fixture
def of_before(file: Path) -> Path:
    """A ledger of the fourth version, with so many photographs that a step takes a while."""
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        make(connection, STORE, 3_000, version=4)
    return file


def test_a_migration_that_takes_long_says_how_far_it_is(
    of_before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "STEPS_BETWEEN", 1_000)
    seconds = iter(range(1_000_000))
    said: list[str] = []
    with closing(sqlite3.connect(of_before, isolation_level=None)) as connection:
        schema.migrate(connection, said.append, lambda: next(seconds))
        steps = sum(len(schema.statements_of(script)) for script in MIGRATIONS[4:])
        assert f"of {steps} (an interruption" in said[0]
        assert "does no harm" in said[0]
        again = len(said)
        schema.migrate(connection, said.append, lambda: next(seconds))
        assert len(said) == again > 3
    assert problems_of(of_before) == []


@pytest.mark.parametrize("after", [1, 3, 5])
def test_a_migration_that_is_interrupted_has_changed_nothing_and_is_begun_again(
    of_before: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    before = tables_of(of_before)
    monkeypatch.setattr(schema, "STEPS_BETWEEN", 1_000)
    seconds = iter(range(1_000_000))
    said: list[str] = []

    def interrupted(sentence: str) -> None:
        said.append(sentence)
        if len(said) == after:
            raise KeyboardInterrupt

    with (
        closing(sqlite3.connect(of_before, isolation_level=None)) as connection,
        pytest.raises(KeyboardInterrupt),
    ):
        schema.migrate(connection, interrupted, lambda: next(seconds))
    assert tables_of(of_before) == before
    with closing(open_reader(of_before, STORE)) as reader:
        assert reader.tally().counts == {State.STORED: 3_000}
    assert problems_of(of_before) == []


def test_a_migration_that_is_killed_within_a_step_has_changed_nothing_and_is_begun_again(
    of_before: Path,
) -> None:
    killed = """
import os, sqlite3
from pipeline.ledger.sqlite import schema
connection = sqlite3.connect(file, isolation_level=None)
schema.STEPS_BETWEEN = 1_000
told = []
def tell(sentence):
    told.append(sentence)
    if len(told) == 4:
        say("here")
        os.kill(os.getpid(), 9)
seconds = iter(range(1_000_000))
schema.migrate(connection, tell, lambda: next(seconds))
"""
    with another_process(of_before, killed) as process:
        assert process.wait(10) == -9
    with closing(open_reader(of_before, STORE)) as reader:
        assert reader.tally().counts == {State.STORED: 3_000}
    assert problems_of(of_before) == []


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


def test_the_ledgers_table_takes_these_states_and_no_other(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    opened()
    connection = sqlite3.connect(file, isolation_level=None)
    insert = (
        "INSERT INTO photos (id, store, product_id, sha256, size, path, root, rank, state, "
        "sentence, picture, image_id, received_at, changed_at) "
        "VALUES (?, 'shop', 1, ?, 1, x'00', x'00', '', ?, '', '{}', 7, '', '')"
    )
    try:
        for state in State:
            connection.execute(insert, (state.value, state.value, state.value))
        for wrong in ("", "Stored", "done", "STORED "):
            with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
                connection.execute(insert, (wrong, wrong, wrong))
    finally:
        connection.close()


def of_the_first_version(file: Path) -> None:
    """Make a ledger as the first version left it, with one photograph."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in schema.statements_of(MIGRATIONS[0]):
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
    assert photo.from_current_product is False
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
    told = original("/studio/b.jpg", b"other", sku="SM-14", from_current_product=True)
    assert ledger.receive(arrival("/studio/b.jpg"), told).from_current_product is True
    ledger.close()


def test_an_interrupted_migration_is_done_again_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    of_the_first_version(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for statement in schema.statements_of(MIGRATIONS[1]):
            connection.execute(statement)
        connection.execute("ROLLBACK")
    reader = open_reader(file, "shop")
    assert len(list(reader.photos())) == 1
    reader.close()
