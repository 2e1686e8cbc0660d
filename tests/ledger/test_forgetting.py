"""A store that never answered goes out of the ledger, and no other does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.ledger.forgetting import PAGE
from pipeline.ledger.sqlite import open_forgetting, open_ledger, open_reader
from pipeline.ledger.sqlite.maintenance import problems_of
from pipeline.lifecycle import State
from pipeline.values import Door, Step
from tests.contract.steps import take, to_prepared, to_stored
from tests.ledger.conftest import STORE
from tests.makers import ManualClock, arrival, original

NOWHERE = "nowhere.example/v3"


def receive(file: Path, store: str, number: int) -> None:
    """Have photographs of a store received by a process that has ended since."""
    with closing(open_ledger(file, store, Door.RUN, ManualClock().now)) as ledger:
        for index in range(number):
            path = f"/158/{index}.jpg"
            ledger.receive(arrival(path), original(path))


def forgotten(file: Path, store: str) -> list[int]:
    with closing(open_forgetting(file)) as forgetting:
        assert forgetting.why_not(store) is None
        return list(forgetting.forget(store))


def rows_of(file: Path, store: str) -> dict[str, int]:
    """Return how many rows there are of a store, or of its photographs, in each table."""
    with closing(sqlite3.connect(file)) as connection:
        tables = (
            *("photos", "tallies", "files", "catalogue_skus", "catalogue_names", "catalogues"),
            "met_images",
        )
        of_store = {
            table: connection.execute(
                f"SELECT count(*) FROM {table} WHERE store = ?", [store]
            ).fetchone()[0]
            for table in tables
        }
        orphans = {
            table: connection.execute(
                f"SELECT count(*) FROM {table} WHERE photo NOT IN (SELECT id FROM photos)"
            ).fetchone()[0]
            for table in ("history", "arrivals", "attempts", "same_pictures", "folding")
        }
    return {name: number for name, number in (of_store | orphans).items() if number}


def test_all_of_it_goes_and_nothing_of_another_store(file: Path) -> None:
    receive(file, NOWHERE, PAGE + 3)
    receive(file, STORE, 2)
    before = rows_of(file, STORE)
    assert forgotten(file, NOWHERE) == [PAGE, 3]
    assert rows_of(file, NOWHERE) == {}
    assert rows_of(file, STORE) == before
    assert problems_of(file) == []
    with closing(open_reader(file, None)) as reader:
        assert reader.stores() == {STORE: 2}
    assert forgotten(file, NOWHERE) == []


def test_one_that_has_answered_stays(file: Path) -> None:
    with closing(open_ledger(file, STORE, Door.RUN, ManualClock().now)) as ledger:
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        to_stored(ledger)
    with closing(open_forgetting(file)) as forgetting:
        assert forgetting.why_not(STORE) == "it has answered"
        assert list(forgetting.forget(STORE)) == []


def test_what_may_have_reached_it_or_is_in_hand_stays(file: Path) -> None:
    with closing(open_ledger(file, NOWHERE, Door.RUN, ManualClock().now)) as ledger:
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        take(ledger)
        ledger.make_durable()
        with closing(open_forgetting(file)) as forgetting:
            assert forgetting.why_not(NOWHERE) is not None
            assert list(forgetting.forget(NOWHERE)) == []
        assert ledger.tally()[State.RECEIVED] == 1


def test_what_was_sent_and_never_answered_stays(file: Path) -> None:
    with closing(open_ledger(file, NOWHERE, Door.RUN, ManualClock().now)) as ledger:
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        to_prepared(ledger)
        ledger.intend(take(ledger, Step.UPLOAD))
    with closing(open_forgetting(file)) as forgetting:
        assert forgetting.why_not(NOWHERE) is not None
        assert list(forgetting.forget(NOWHERE)) == []
    assert rows_of(file, NOWHERE)["photos"] == 1
