"""What a dead process left in doubt is settled by whoever works next, whatever was asked of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Step
from tests.makers import ManualClock, arrival, inspection, original, picture, placement


def test_a_doubt_is_taken_up_by_a_process_that_was_asked_for_something_else(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    file = tmp_path / "ledger.sqlite3"
    first = open_ledger(file, "store", "run", clock.now)
    for name in ("a", "b"):
        path = f"/158/{name}.jpg"
        first.receive(arrival(path), original(path, name.encode(), product_id=158))
        claim = first.claim_next(Step.PREPARE, any_owner=False)
        assert claim is not None
        first.validated(claim, inspection(), placement(), "checked")
        claim = first.claim_next(Step.PREPARE, any_owner=False)
        assert claim is not None
        first.prepared(claim, picture(name.encode()), "prepared")
    claim = first.claim_next(Step.UPLOAD, any_owner=False)
    assert claim is not None
    sent = first.intend(claim).photo
    first.close()
    second = open_ledger(file, "store", "run", clock.now)
    assert second.unfinished(any_owner=False, step=None) == 1
    taken = second.claim_next(Step.UPLOAD, any_owner=False)
    assert taken is not None
    assert taken.photo.id == sent.id
    assert second.claim_next(Step.UPLOAD, any_owner=False) is None
    assert second.unfinished(any_owner=False, step=None) == 0, "it is in hand"
    second.doubt(
        taken,
        "not seen yet",
        ended_at=clock.now(),
        missing_since=clock.now(),
        not_before=clock.now() + timedelta(seconds=30),
    )
    assert second.unfinished(any_owner=False, step=None) == 0, "nobody waits for it"
    clock.forward(31)
    assert second.unfinished(any_owner=False, step=None) == 1
    second.close()


def test_a_doubt_that_waits_long_is_looked_into_at_once_where_the_photograph_arrives_again(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    ledger = open_ledger(tmp_path / "ledger.sqlite3", "store", "run", clock.now)
    there = arrival("/158/a.jpg"), original("/158/a.jpg", b"a", product_id=158)
    ledger.receive(*there)
    for step in (Step.PREPARE, Step.PREPARE):
        claim = ledger.claim_next(step, any_owner=False)
        assert claim is not None
        if claim.photo.inspection is None:
            ledger.validated(claim, inspection(), placement(), "checked")
        else:
            ledger.prepared(claim, picture(b"a"), "prepared")
    claim = ledger.claim_next(Step.UPLOAD, any_owner=False)
    assert claim is not None
    claim = ledger.intend(claim)
    ended, later = clock.now(), clock.now() + timedelta(seconds=300)
    ledger.doubt(claim, "not known", ended_at=ended, missing_since=ended, not_before=later)
    assert ledger.claim_next(Step.UPLOAD, any_owner=False) is None
    again = ledger.receive(*there)
    assert (again.not_before, again.attempt_ended_at, again.missing_since) == (None, ended, ended)
    taken = ledger.claim_next(Step.UPLOAD, any_owner=False)
    assert taken is not None
    assert taken.photo.id == claim.photo.id
    ledger.close()
