"""Which ledger is moved out of the way: one that is damaged, whatever words its sentences hold."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.errors import LedgerDamaged, LedgerError
from pipeline.ledger.sqlite import open_ledger, open_reader
from pipeline.ledger.sqlite.maintenance import (
    ProblemKind,
    back_up,
    copy_ledger,
    give_back,
    in_use,
    move_aside_if_damaged,
    problems_of,
)
from pipeline.lifecycle import Reason
from tests.ledger.processes import another_process
from tests.ledger.synthetic import make
from tests.makers import ManualClock, arrival


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger and a photograph whose paths hold the word that a damaged ledger is told with."""
    file = tmp_path / "damaged goods" / "ledger.sqlite3"
    ledger = open_ledger(file, "shop", "run", ManualClock().now)
    ledger.receive_refused(arrival("/in/damaged/158_1.jpg"), Reason.EMPTY, "the file is empty")
    ledger.close()
    return file


def alter(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_whole_ledger_stays_where_it_is(file: Path) -> None:
    assert problems_of(file) == []
    assert move_aside_if_damaged(file, "now") is None


def test_a_row_that_does_not_agree_is_no_damage_whatever_its_path_is_called(
    file: Path,
) -> None:
    alter(file, "UPDATE photos SET reason = NULL")
    (problem,) = problems_of(file)
    assert problem.kind is ProblemKind.DISAGREES
    assert "damaged" in problem.sentence
    assert move_aside_if_damaged(file, "now") is None
    assert file.exists()


def test_photographs_that_are_counted_wrongly_are_said(file: Path) -> None:
    alter(file, "UPDATE tallies SET number = 7")
    (problem,) = problems_of(file)
    assert problem.kind is ProblemKind.DISAGREES
    assert "our records count" in problem.sentence


def test_a_ledger_of_another_version_is_no_damage(file: Path) -> None:
    alter(file, "PRAGMA user_version = 99")
    assert [problem.kind for problem in problems_of(file)] == [ProblemKind.VERSION]
    assert move_aside_if_damaged(file, "now") is None


def test_a_ledger_that_cannot_be_opened_is_no_damage_whatever_its_home_is_called(
    tmp_path: Path,
) -> None:
    file = tmp_path / "damaged goods" / "ledger.sqlite3"
    file.mkdir(parents=True)
    with pytest.raises(LedgerError, match="cannot be opened") as caught:
        move_aside_if_damaged(file, "now")
    assert not isinstance(caught.value, LedgerDamaged)
    assert file.is_dir()


def test_what_is_no_database_is_moved_aside(file: Path) -> None:
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(LedgerDamaged, match="are damaged: `pipeline ledger rebuild`"):
        problems_of(file)
    aside = move_aside_if_damaged(file, "now")
    assert aside == file.with_name("ledger.sqlite3.damaged-now")
    assert aside.read_bytes().startswith(b"no database")
    assert not file.exists()


def test_a_ledger_with_a_page_gone_bad_is_moved_aside(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xa5" * (4096 * 4)
    file.write_bytes(content)
    assert move_aside_if_damaged(file, "now") is not None
    assert not file.exists()


def test_a_copy_holds_what_the_ledger_holds_and_changes_nothing_there(
    file: Path, tmp_path: Path
) -> None:
    before = file.read_bytes()
    copy = tmp_path / "copy.sqlite3"
    copy_ledger(file, copy)
    assert file.read_bytes() == before
    one, other = open_reader(file, "shop"), open_reader(copy, "shop")
    assert list(one.photos()) == list(other.photos())
    one.close()
    other.close()


@pytest.mark.parametrize("version", [2, 5])
def test_a_ledger_of_an_earlier_version_is_backed_up_as_it_is(tmp_path: Path, version: int) -> None:
    """Also one that a process was killed over while it made it."""
    with closing(sqlite3.connect(tmp_path / "old.sqlite3", isolation_level=None)) as connection:
        make(connection, "shop", 20, version=version)
    back_up(tmp_path / "old.sqlite3", tmp_path / "copy.sqlite3")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        assert connection.execute("SELECT count(*) FROM photos").fetchone() == (20,)


def test_a_backup_is_proven_before_it_gets_its_name_and_takes_no_others(
    file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backups" / "copy.sqlite3"
    back_up(file, target)
    assert problems_of(target) == []
    with pytest.raises(LedgerError, match="is there already"):
        back_up(file, target)
    alter(file, "UPDATE photos SET reason = NULL")
    with pytest.raises(LedgerError, match="is not good"):
        back_up(file, target.with_name("another.sqlite3"))
    assert [path.name for path in target.parent.iterdir()] == [target.name]


KILLED_WHILE_WRITING = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = TRUNCATE")
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("CREATE TABLE half AS SELECT 1 AS one")
for number in range(5000):
    connection.execute("INSERT INTO half VALUES (hex(randomblob(100)))")
os._exit(9)
"""


def test_what_a_killed_process_left_half_written_is_copied_as_it_was_before(
    file: Path, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(file)], check=False)
    journal = file.with_name(f"{file.name}-journal")
    assert journal.stat().st_size > 0, "it was not killed in the middle"
    target = tmp_path / "copy.sqlite3"
    back_up(file, target)
    assert problems_of(target) == problems_of(file) == []
    with closing(sqlite3.connect(target)) as copy:
        assert not copy.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchall()


def test_a_damaged_ledger_that_a_living_process_uses_stays_where_it_is(file: Path) -> None:
    ledger = open_ledger(file, "shop", "run", ManualClock().now)
    content = file.read_bytes()
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(LedgerError, match="end it first"):
        move_aside_if_damaged(file, "now")
    file.write_bytes(content)
    ledger.close()
    assert move_aside_if_damaged(file, "now") is None


def test_where_there_is_no_ledger_none_is_moved_and_none_can_be_proven(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    assert move_aside_if_damaged(file, "now") is None
    for ask in (lambda: problems_of(file), lambda: back_up(file, tmp_path / "copy.sqlite3")):
        with pytest.raises(LedgerError, match="there are no records"):
            ask()


@pytest.fixture
def half_empty(tmp_path: Path) -> Path:
    """A ledger of which half is free."""
    file = tmp_path / "home" / "ledger.sqlite3"
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        make(connection, "shop", 2_000)
        connection.execute("DELETE FROM files")
        connection.execute("DELETE FROM arrivals")
        connection.execute("DELETE FROM attempts")
    return file


def rows_of(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        # The tables and their rows, in whichever order.
        return sorted(connection.iterdump())


def test_what_is_free_in_a_file_is_given_back(half_empty: Path) -> None:
    before, rows = half_empty.stat().st_size, rows_of(half_empty)
    shorter = give_back(half_empty)
    assert shorter is not None
    assert shorter > before / 6
    assert half_empty.stat().st_size == before - shorter
    assert rows_of(half_empty) == rows
    assert problems_of(half_empty) == []
    left = {one.name: one.stat().st_size for one in half_empty.parent.iterdir()}
    assert left.pop(half_empty.name) == before - shorter
    assert set(left.values()) <= {0}, "the journal, and nothing else"


def test_while_somebody_writes_nothing_is_given_back(half_empty: Path) -> None:
    before = half_empty.stat().st_size
    with closing(sqlite3.connect(half_empty, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert give_back(half_empty) is None
    assert half_empty.stat().st_size == before


def test_giving_back_can_be_interrupted(half_empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.ledger.sqlite.maintenance.STEPS_BETWEEN", 1_000)
    before, rows = half_empty.stat().st_size, rows_of(half_empty)
    times = iter(range(1_000_000))

    def stop() -> None:
        if next(times) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_back(half_empty, stop)
    assert half_empty.stat().st_size == before
    assert rows_of(half_empty) == rows
    assert give_back(half_empty) is not None


@pytest.mark.parametrize("after", [1, 20, 60])
def test_a_process_that_is_killed_while_it_gives_back_has_changed_nothing(
    half_empty: Path, after: int
) -> None:
    rows = rows_of(half_empty)
    killed = f"""
import os
from pipeline.ledger.sqlite import maintenance
maintenance.STEPS_BETWEEN = 1_000
times = 0
def look():
    global times
    times += 1
    if times == {after}:
        say("here")
        os.kill(os.getpid(), 9)
maintenance.give_back(file, look)
"""
    with another_process(half_empty, killed) as process:
        assert process.wait(30) == -9
    assert rows_of(half_empty) == rows
    assert problems_of(half_empty) == []


def test_a_ledger_is_in_use_while_a_process_that_may_write_lives(tmp_path: Path) -> None:
    file = tmp_path / "home" / "ledger.sqlite3"
    ledger = open_ledger(file, "shop", "run", ManualClock().now)
    assert in_use(file)
    ledger.close()
    assert not in_use(file)
