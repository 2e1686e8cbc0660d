"""A clock that was set back must not leave a photograph postponed until the wrong future."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Step
from tests.makers import ManualClock, arrival, original


def test_what_was_postponed_by_a_clock_that_ran_ahead_is_due_when_it_is_set_right(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    ledger = open_ledger(tmp_path / "ledger.sqlite3", "store", "run", clock.now)
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", product_id=158))
    clock.forward(3600)
    claim = ledger.claim_next(Step.PREPARE, any_owner=True)
    assert claim is not None
    later = clock.now() + timedelta(seconds=30)
    ledger.postpone(claim, "the store is away", not_before=later, attempts=1)
    assert ledger.claim_next(Step.PREPARE, any_owner=True) is None
    clock.forward(-3600)
    assert ledger.claim_next(Step.PREPARE, any_owner=True) is not None
    ledger.close()
