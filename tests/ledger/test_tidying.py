"""What is long stored takes little room, and is known, shown and found as before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger, open_reader, open_tidying
from pipeline.ledger.sqlite.maintenance import give_back, problems_of
from pipeline.ledger.tidying import PAGE
from pipeline.lifecycle import State
from pipeline.standing import shot_order_key
from pipeline.values import Door, Photo
from tests.ledger.conftest import STORE
from tests.ledger.plans import Plans
from tests.ledger.processes import another_process
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


def rows_of(file: Path, *tables: str) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of tables."""
    with closing(sqlite3.connect(file)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            for table in tables
        }


def shown(file: Path) -> list[Photo]:
    """Return all photographs, without what tidying forgets."""
    with closing(open_reader(file, STORE)) as reader:
        return [
            replace(photo, picture=photo.picture and replace(photo.picture, encode_report=None))
            for photo in reader.photos()
        ]


def fold(file: Path) -> list[int]:
    with closing(open_tidying(file)) as tidying:
        assert tidying.long_stored(START - timedelta(days=365)) == OLD
        return list(tidying.fold(START - timedelta(days=365)))


ALWAYS = ("files", "tallies", "folding")


def test_one_line_says_when_it_arrived_and_what_it_is_in_the_shop(studio: Path) -> None:
    before, photos = rows_of(studio, *ALWAYS), shown(studio)
    assert fold(studio) == [PAGE, PAGE, 7]
    assert rows_of(studio, *ALWAYS) == before
    assert shown(studio) == photos
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
    fold(studio)
    (problem,) = problems_of(studio)
    assert path_of(5) in problem.sentence


def test_outside_of_it_no_line_can_be_deleted(studio: Path) -> None:
    fold(studio)
    with (
        closing(sqlite3.connect(studio)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute("DELETE FROM history")


def test_what_says_twice_where_it_came_from_and_when_it_was_sent_goes(studio: Path) -> None:
    moved = b"/moved/from/here.jpg"
    with closing(sqlite3.connect(studio)) as connection, connection:
        connection.execute(
            "INSERT INTO arrivals (owner, photo, path, door, seen_at) "
            "SELECT 'before', id, ?, 'run', '' FROM photos WHERE seq = 3",
            (moved,),
        )
        connection.execute("UPDATE attempts SET ended_at = NULL WHERE seq = 4")
    fold(studio)
    rows = rows_of(studio, "arrivals", "attempts")
    assert [row[3] for row in rows["arrivals"]] == [b"/new.jpg", moved]
    assert [row[0] for row in rows["attempts"]] == [4], "what `check` tells of"
    with closing(open_reader(studio, STORE)) as reader:
        (photo,) = reader.at_path(Path(path_of(3)))
        assert list(reader.at_path(Path("/moved/from/here.jpg"))) == [photo]


def test_what_a_living_process_reports_on_stays(studio: Path, opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    known = Path(path_of(5))
    (photo,) = ledger.at_path(known)
    again = original(known)
    ledger.receive(arrival(known), replace(again, sha256=photo.sha256))
    with closing(sqlite3.connect(studio)) as connection, connection:
        connection.execute(
            "UPDATE attempts SET owner = (SELECT owner FROM arrivals ORDER BY seq DESC LIMIT 1) "
            "WHERE photo = ?",
            (photo.id,),
        )
    before = ledger.run_report()
    fold(studio)
    after = ledger.run_report()
    assert [line.path for line in after.lines] == [line.path for line in before.lines] == [known]
    assert after.posts == before.posts == 1
    assert next(iter(after.lines)).already


def test_one_that_was_tidied_and_deleted_by_hand_is_on_its_way_in_its_shot_order(
    studio: Path, opened: Callable[[], Ledger]
) -> None:
    fold(studio)
    ledger = opened()
    (photo,) = ledger.at_path(Path(path_of(9)))
    assert ledger.requeue_missing(photo.id, "gone from the shop") is not None
    ((rank,),) = sqlite3.connect(studio).execute(
        "SELECT rank FROM photos WHERE id = ?", (photo.id,)
    )
    assert rank == shot_order_key(photo.path)


def test_where_a_photograph_is_taken_elsewhere_its_former_place_still_leads_to_it(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    photo = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM arrivals")
        connection.execute("UPDATE photos SET product_id = 158")
    ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", product_id=158))
    assert [one.path for one in ledger.at_path(Path("/158/a.jpg"))] == [Path("/158/b.jpg")]
    assert [one.id for one in ledger.at_path(Path("/158/a.jpg"))] == [photo.id]


def of_version(file: Path, version: int, photographs: int) -> None:
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        make(connection, STORE, photographs, version=version)


@pytest.mark.parametrize("version", [2, 4, 5])
def test_rows_that_an_earlier_program_wrote_are_read_and_tidied(file: Path, version: int) -> None:
    of_version(file, version, OLD)
    before = shown(file)
    assert [photo.path for photo in before] == [Path(path_of(n)) for n in range(1, OLD + 1)]
    assert before[0].picture is not None
    assert before[0].picture.spool_name.endswith(f"{before[0].id}.jpg")
    assert before[0].image is not None
    assert f"/images/{before[0].image.id}/sm-10000-1-" in before[0].image.url_tiny
    assert sum(fold(file)) == OLD
    assert shown(file) == before
    assert problems_of(file) == []
    assert sum(fold(file)) == 0


@pytest.mark.parametrize(("version", "before_it"), [(6, 3_500), (5, 7_000)])
def test_a_photograph_takes_two_kilobytes_at_most(file: Path, version: int, before_it: int) -> None:
    """With its share of every table and index: 3,370 bytes were seen, 6,800 of an earlier program,
    and 1,780 and 1,850 once it is tidied.
    """
    of_version(file, version, 3_000)
    assert file.stat().st_size / 3_000 < before_it
    with closing(open_tidying(file)) as tidying:
        assert sum(tidying.fold(START)) == 3_000
    assert give_back(file) is not None
    assert file.stat().st_size / 3_000 < 2_000


@pytest.mark.parametrize("written", [1, 150, 700, 1_500])
def test_whoever_is_killed_in_the_middle_has_lost_nothing_and_the_next_goes_on(
    file: Path, written: int
) -> None:
    """It is killed after so many statements that write, some within a page, some between two."""
    of_version(file, 5, OLD)
    photos = shown(file)
    killed = f"""
import os
from datetime import timedelta
from pipeline.ledger.sqlite import connection as sqlite, open_tidying
from tests.makers import START
run, times = sqlite._Transaction.run, 0
def counted(self, statement, /, **values):
    global times
    times += 1
    if times == {written}:
        say("here")
        os.kill(os.getpid(), 9)
    return run(self, statement, **values)
sqlite._Transaction.run = counted
sum(open_tidying(file).fold(START))
"""
    with another_process(file, killed) as process:
        assert process.wait(30) == -9
    assert problems_of(file) == []
    assert shown(file) == photos
    left = fold(file)
    assert 0 < sum(left) <= OLD
    assert shown(file) == photos
    assert problems_of(file) == []
    assert rows_of(file, "arrivals", "attempts", "folding") == {
        "arrivals": [],
        "attempts": [],
        "folding": [],
    }


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
