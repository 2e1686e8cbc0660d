"""What a dead process left in doubt is settled by whoever works next, whatever was asked of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pipeline.ledger.sqlite import SqliteLedger
from pipeline.values import Step
from tests.makers import HandClock, arrival, inspection, original, picture, placement


def test_a_doubt_is_taken_up_by_a_process_that_was_asked_for_something_else(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    file = tmp_path / "ledger.sqlite3"
    first = SqliteLedger(file, "store", "run", clock.now)
    for name in ("a", "b"):
        path = f"/158/{name}.jpg"
        first.receive(arrival(path), original(path, name.encode(), product_id=158))
        claim = first.claim_next(Step.PREPARE, everything=False)
        assert claim is not None
        first.validated(claim, inspection(), placement(), "checked")
        claim = first.claim_next(Step.PREPARE, everything=False)
        assert claim is not None
        first.prepared(claim, picture(name.encode()), "prepared")
    claim = first.claim_next(Step.UPLOAD, everything=False)
    assert claim is not None
    sent = first.intend(claim).photo
    first.close()
    second = SqliteLedger(file, "store", "run", clock.now)
    assert second.unfinished(everything=False, step=None) == 1
    taken = second.claim_next(Step.UPLOAD, everything=False)
    assert taken is not None
    assert taken.photo.id == sent.id
    assert second.claim_next(Step.UPLOAD, everything=False) is None
    assert second.unfinished(everything=False, step=None) == 0, "it is in hand"
    second.doubt(
        taken,
        "not seen yet",
        ended_at=clock.now(),
        unseen_at=clock.now(),
        not_before=clock.now() + timedelta(seconds=30),
    )
    assert second.unfinished(everything=False, step=None) == 0, "nobody waits for it"
    clock.forward(31)
    assert second.unfinished(everything=False, step=None) == 1
    second.close()
