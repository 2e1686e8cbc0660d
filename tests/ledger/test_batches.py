"""In which batch a process writes; that every ledger does so is in `tests/contract`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import faultpoints
from pipeline.batches import BatchKind
from pipeline.errors import LedgerError
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Door
from tests.contract.steps import to_stored
from tests.ledger.conftest import STORE
from tests.makers import ManualClock, arrival, original

DAY = 86_400.0


@pytest.mark.parametrize("door", [BatchKind.WATCH, BatchKind.HOOK])
def test_a_watcher_and_the_hooks_have_one_batch_a_day(
    file: Path, clock: ManualClock, door: BatchKind
) -> None:
    with closing(open_ledger(file, STORE, door, clock.now)) as ledger:
        first = ledger.own_batch()
        clock.forward(60)
        assert ledger.own_batch() == first
    with closing(open_ledger(file, STORE, door, clock.now)) as ledger:
        assert ledger.own_batch() == first, "the next process of the day goes on with it"
        batch = ledger.batch(first)
        assert batch is not None
        assert (batch.kind, batch.ended_at) == (door, None)
        clock.forward(DAY)
        second = ledger.own_batch()
        assert second > first
    with closing(open_ledger(file, "another shop", door, clock.now)) as ledger:
        assert ledger.own_batch() > second, "each shop has its own"
        assert ledger.batch(first) is None
        assert len(ledger.batches(10)) == 1


def test_what_is_begun_by_hand_is_not_of_the_day(file: Path, clock: ManualClock) -> None:
    with closing(open_ledger(file, STORE, "watch", clock.now)) as ledger:
        own = ledger.own_batch()
        undo = ledger.begin_batch(BatchKind.UNDO, takes_back=own)
        clock.forward(DAY)
        assert ledger.own_batch() == undo


def test_a_hooks_shot_is_of_the_hooks_day_whoever_takes_it_in(
    file: Path, clock: ManualClock
) -> None:
    shot = replace(arrival("/in/shot.jpg"), door=Door.HOOK)
    with (
        closing(open_ledger(file, STORE, "hook", clock.now)) as hook,
        closing(open_ledger(file, STORE, "watch", clock.now)) as watcher,
    ):
        first = hook.receive(shot, original("/in/shot.jpg", b"first"))
        day = hook.batch_so_far()
        assert day is not None
        second = watcher.receive(
            replace(shot, path=Path("/in/2.jpg")), original("/in/2.jpg", b"second")
        )
        third = watcher.receive(arrival("/in/3.jpg"), original("/in/3.jpg", b"third"))
        own = watcher.batch_so_far()
        assert own not in (None, day)
        assert [one.id for one in watcher.brought_in(day)] == [first.id, second.id]
        assert [one.id for one in watcher.brought_in(own or 0)] == [third.id]
        # Who sees to the hooks' batch is who it was.
        batch = hook.batch(day)
        assert batch is not None
        assert batch.ended_at is None
    with closing(open_ledger(file, STORE, "watch", clock.now)) as watcher:
        clock.forward(DAY)
        watcher.receive(replace(shot, path=Path("/in/4.jpg")), original("/in/4.jpg", b"fourth"))
        (batch, *_) = watcher.batches(1)
        assert (batch.kind, batch.ended_at) == (BatchKind.HOOK, batch.began_at), "the next day's"


def test_a_batch_that_began_with_what_could_not_be_written_is_begun_anew(
    file: Path, clock: ManualClock
) -> None:
    with closing(open_ledger(file, STORE, "run", clock.now)) as ledger:
        faultpoints.arm("fail:before commit@1")
        with pytest.raises(LedgerError):
            ledger.receive(arrival("/in/a.jpg"), original("/in/a.jpg"))
        faultpoints.arm(None)
        assert ledger.batch_so_far() is None
        photo = ledger.receive(arrival("/in/a.jpg"), original("/in/a.jpg"))
        batch = ledger.batch_so_far()
        assert batch is not None
        assert [one.id for one in ledger.brought_in(batch)] == [photo.id]


def test_of_what_an_earlier_version_received_the_batch_is_told_that_sent_it(
    file: Path, clock: ManualClock
) -> None:
    with closing(open_ledger(file, STORE, "run", clock.now)) as ledger:
        photo = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
        to_stored(ledger)
        ledger.make_durable()
        batch = ledger.own_batch()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE photos SET brought_by = NULL")
        connection.commit()
    with closing(open_ledger(file, STORE, "run", clock.now)) as ledger:
        assert [one.id for one in ledger.brought_in(batch)] == [photo.id]
        assert list(ledger.stored_for_others(batch)) == []
