"""The history of what is long stored becomes one line, and nothing else is changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger, open_reader, open_tidying
from pipeline.ledger.sqlite.maintenance import problems_of
from pipeline.ledger.tidying import PAGE
from pipeline.lifecycle import State
from pipeline.values import Door
from tests.ledger.conftest import STORE
from tests.ledger.plans import Plans
from tests.ledger.synthetic import make, path_of
from tests.makers import START, ManualClock, arrival, original

OLD = 2 * PAGE + 7


@pytest.fixture
def studio(file: Path) -> Path:
    """Photographs that were stored years ago, and one that arrived just now."""
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        make(connection, STORE, OLD)
    with closing(open_ledger(file, STORE, Door.RUN, ManualClock().now)) as ledger:
        ledger.receive(arrival("/new.jpg"), original("/new.jpg"))
    return file


def everything(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables but the history."""
    with closing(sqlite3.connect(file)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            for table in ("photos", "arrivals", "attempts", "files", "tallies", "folding")
        }


def fold(file: Path) -> list[int]:
    with closing(open_tidying(file)) as tidying:
        assert tidying.long_stored(START - timedelta(days=365)) == OLD
        return list(tidying.fold(START - timedelta(days=365)))


def test_one_line_says_when_it_arrived_and_what_it_is_in_the_shop(studio: Path) -> None:
    before = everything(studio)
    assert fold(studio) == [PAGE, PAGE, 7]
    assert everything(studio) == before
    assert problems_of(studio) == []
    with closing(open_reader(studio, STORE)) as reader:
        (photo,) = reader.at_path(Path(path_of(300)))
        (line,) = reader.history(photo.id)
        (new,) = reader.at_path(Path("/new.jpg"))
        assert [one.sentence for one in reader.history(new.id)] == ["received as /new.jpg"]
    assert line.state is State.STORED
    assert line.sentence == (
        f"received as {path_of(300)}, 2024-01-01; {photo.sentence} (5 lines in one)"
    )
    assert line.at == photo.changed_at


def test_what_was_folded_is_not_folded_again(studio: Path) -> None:
    fold(studio)
    assert sum(fold(studio)) == 0


def test_a_history_that_contradicts_its_row_stays_for_check_to_see(studio: Path) -> None:
    with closing(sqlite3.connect(studio)) as connection, connection:
        connection.execute(
            "INSERT INTO history (photo, at, before, after, sentence, owner) "
            "SELECT id, '', 'stored', 'removed', 'gone', '' FROM photos WHERE seq = 5"
        )
    assert sum(fold(studio)) == OLD - 1
    (problem,) = problems_of(studio)
    assert path_of(5) in problem.sentence


def test_outside_of_it_no_line_can_be_deleted(studio: Path) -> None:
    fold(studio)
    with (
        closing(sqlite3.connect(studio)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute("DELETE FROM history")


def test_somebody_may_write_between_two_hundred_and_the_next(
    studio: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    with closing(open_tidying(studio)) as tidying:
        for number, _ in enumerate(tidying.fold(START)):
            path = f"/meanwhile/{number}.jpg"
            ledger.receive(arrival(path), original(path, path.encode()))


def test_none_of_its_statements_reads_all_rows(
    studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = Plans()
    plans.watch(monkeypatch)
    fold(studio)
    assert plans.read_whole == {}
