"""The journal in its tables; what every ledger promises of it is in `tests/contract`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pipeline.batches import ChangeKind, ChangeState, PlannedChange
from pipeline.ledger import Ledger
from tests.ledger.processes import another_process
from tests.makers import stored_image

DELETED = PlannedChange(kind=ChangeKind.DELETE, image=stored_image())


def test_what_is_planned_and_intended_is_there_after_the_process_was_killed(
    file: Path, opened: Callable[[], Ledger]
) -> None:
    opened()
    killed = """
import os
from pipeline.batches import ChangeKind, PlannedChange
from pipeline.ledger.sqlite import open_ledger
from tests.ledger.conftest import STORE
from tests.makers import ManualClock, stored_image
ledger = open_ledger(file, STORE, "run", ManualClock().now)
one, other = (
    PlannedChange(kind=ChangeKind.DELETE, image=stored_image(number)) for number in (7, 8)
)
ledger.plan([one, other])
first, _ = ledger.changes_in(ledger.own_batch(), 158)
ledger.intend_change(first.number, stored_image(7), None)
say("here")
os.kill(os.getpid(), 9)
"""
    with another_process(file, killed) as process:
        assert process.wait(10) == -9
    ledger = opened()
    ledger.recover()
    (batch,) = ledger.take_up_batches()
    assert [change.state for change in ledger.changes_of(batch)] == [
        ChangeState.INTENDED,
        ChangeState.PLANNED,
    ]


def test_how_many_changes_there_are_is_counted_as_they_get_on(file: Path, ledger: Ledger) -> None:
    ledger.plan([DELETED] * 3)
    one, other, _ = ledger.changes_in(ledger.own_batch(), 158)
    ledger.change_done(one, None, "deleted")
    ledger.leave_change(other.number, "no")
    ledger.make_durable()
    batch = ledger.batch(ledger.own_batch())
    assert batch is not None
    assert sum(batch.changes.values()) == 3
    with closing(sqlite3.connect(file)) as connection:
        counted = connection.execute(
            "SELECT kind, state, count(*) FROM changes GROUP BY kind, state"
        ).fetchall()
    assert {(kind, state): number for kind, state, number in counted} == batch.changes
