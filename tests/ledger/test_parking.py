"""What is parked costs those nothing who work on something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.claimable import Claimable
from pipeline.ledger import Ledger
from pipeline.scope import EVERYTHING, Scope
from pipeline.values import Step
from tests.ledger.counting import Counter
from tests.makers import arrival, original

ROWS = 3_000
"""On their way in the full ledger, and through no process that lives."""


@pytest.fixture
def parked(full: Ledger, opened: Callable[[], Ledger]) -> Ledger:
    """A ledger in which all that was on its way is parked."""
    ended = opened()
    ended.receive(arrival("/last.jpg"), original("/last.jpg"))
    ended.close()
    return full


@pytest.mark.parametrize("any_owner", [True, False])
@pytest.mark.parametrize("step", Step)
def test_no_claim_walks_it(parked: Ledger, counter: Counter, step: Step, any_owner: bool) -> None:
    assert counter.steps(lambda: parked.claim_next(step, Claimable(any_owner=any_owner))) <= 300
    assert counter.steps(lambda: parked.any_unfinished(any_owner=any_owner, step=None)) <= 300


def test_it_is_taken_up_in_pieces_and_all_of_it(parked: Ledger) -> None:
    assert parked.take_up(Scope.of([Path("/elsewhere")])) == 0
    assert sum(parked.left_behind().values()) == ROWS + 1
    assert parked.take_up(EVERYTHING) == ROWS + 1
    assert parked.left_behind() == {}
    assert len(list(parked.run_report().lines)) == ROWS + 1
