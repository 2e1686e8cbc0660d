"""In which batch a process writes; that every ledger does so is in `tests/contract`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from pipeline.batches import BatchKind
from pipeline.ledger.sqlite import open_ledger
from tests.ledger.conftest import STORE
from tests.makers import ManualClock

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
