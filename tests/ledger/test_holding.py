"""What is held costs those nothing who work on something else."""

from __future__ import annotations

import pytest

from pipeline.claimable import OWN, Claimable
from pipeline.ledger import Ledger
from pipeline.values import Step
from tests.contract.steps import to_prepared
from tests.ledger.counting import Counter
from tests.makers import arrival, original

HELD = 400


@pytest.mark.parametrize("any_owner", [True, False])
def test_no_claim_walks_what_is_held(ledger: Ledger, counter: Counter, any_owner: bool) -> None:
    for number in range(HELD):
        path = f"/in/{number}.jpg"
        ledger.receive(arrival(path), original(path, path.encode()))
        to_prepared(ledger, number + 1)
        claim = ledger.claim_next(Step.UPLOAD, OWN)
        assert claim is not None
        ledger.hold(claim, "held: it lacks back")
    mine = Claimable(any_owner=any_owner)
    assert counter.steps(lambda: ledger.claim_next(Step.UPLOAD, mine)) <= 300
    assert counter.steps(lambda: ledger.any_unfinished(any_owner=any_owner, step=None)) <= 300
    assert counter.steps(lambda: ledger.let_go(HELD // 2, "complete")) <= 1_000
    assert len(list(ledger.held())) == HELD - 1
