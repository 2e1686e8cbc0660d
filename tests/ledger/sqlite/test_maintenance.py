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
    move_aside_if_damaged,
    problems_of,
)
from pipeline.lifecycle import Reason
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
    assert "counts" in problem.sentence


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
    with pytest.raises(LedgerDamaged, match="is damaged: `pipeline ledger rebuild`"):
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
        with pytest.raises(LedgerError, match="there is no ledger"):
            ask()
