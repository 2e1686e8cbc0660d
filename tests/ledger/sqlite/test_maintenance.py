"""Which ledger is moved out of the way: one that is damaged, whatever words its sentences hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.errors import LedgerDamaged, LedgerError
from pipeline.ledger.sqlite import open_ledger
from pipeline.ledger.sqlite.maintenance import (
    ProblemKind,
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
