"""Which ledger is moved out of the way: one that is damaged, whatever words its sentences hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.errors import LedgerDamaged, LedgerError
from pipeline.home import LEDGER_FILE
from pipeline.ledger.sqlite.maintenance import ProblemKind, problems_of
from pipeline.ledger.transitions import SqliteLedger
from pipeline.lifecycle import Reason
from pipeline.settings import Settings
from pipeline.upkeep import ledger_aside, ledger_problems
from tests.makers import ManualClock, arrival


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home and a photograph whose paths hold the word that a damaged ledger is told with."""
    home = tmp_path / "damaged goods"
    ledger = SqliteLedger(home / LEDGER_FILE, "shop", "run", ManualClock().now)
    ledger.receive_refused(arrival("/in/damaged/158_1.jpg"), Reason.EMPTY, "the file is empty")
    ledger.close()
    return Settings.model_validate({"home": home})


def alter(settings: Settings, statement: str) -> None:
    with closing(sqlite3.connect(settings.home / LEDGER_FILE)) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_whole_ledger_stays_where_it_is(settings: Settings) -> None:
    assert ledger_problems(settings) == []
    assert ledger_aside(settings, "now") is None


def test_a_row_that_does_not_agree_is_no_damage_whatever_its_path_is_called(
    settings: Settings,
) -> None:
    alter(settings, "UPDATE photos SET reason = NULL")
    (problem,) = ledger_problems(settings)
    assert problem.kind is ProblemKind.DISAGREES
    assert "damaged" in problem.sentence
    assert ledger_aside(settings, "now") is None
    assert (settings.home / LEDGER_FILE).exists()


def test_a_ledger_of_another_version_is_no_damage(settings: Settings) -> None:
    alter(settings, "PRAGMA user_version = 99")
    assert [problem.kind for problem in ledger_problems(settings)] == [ProblemKind.VERSION]
    assert ledger_aside(settings, "now") is None


def test_a_ledger_that_cannot_be_opened_is_no_damage_whatever_its_home_is_called(
    tmp_path: Path,
) -> None:
    settings = Settings.model_validate({"home": tmp_path / "damaged goods"})
    (settings.home / LEDGER_FILE).mkdir(parents=True)
    with pytest.raises(LedgerError, match="cannot be opened") as caught:
        ledger_aside(settings, "now")
    assert not isinstance(caught.value, LedgerDamaged)
    assert (settings.home / LEDGER_FILE).is_dir()


def test_what_is_no_database_is_moved_aside(settings: Settings) -> None:
    file = settings.home / LEDGER_FILE
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(LedgerDamaged, match="is damaged: `pipeline ledger rebuild`"):
        problems_of(file)
    aside = ledger_aside(settings, "now")
    assert aside == settings.home / f"{LEDGER_FILE}.damaged-now"
    assert aside.read_bytes().startswith(b"no database")
    assert not file.exists()


def test_a_ledger_with_a_page_gone_bad_is_moved_aside(settings: Settings) -> None:
    file = settings.home / LEDGER_FILE
    content = bytearray(file.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xa5" * (4096 * 4)
    file.write_bytes(content)
    assert ledger_aside(settings, "now") is not None
    assert not file.exists()
