"""What the moves leave in the tables beside the photograph: attempts, and who had it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Step
from tests.contract.steps import take, to_prepared
from tests.makers import ManualClock, arrival, inspection, original, placement, stored_image


def rows(file: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(question).fetchall()


def test_each_sending_is_one_attempt_with_its_end_and_its_outcome(
    file: Path, ledger: Ledger, clock: ManualClock
) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    to_prepared(ledger)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    assert rows(file, "SELECT outcome, ended_at FROM attempts") == [(None, None)]
    clock.forward(5)
    ledger.not_sent(claim, "not sent", not_before=None, attempts=1)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    ledger.fail(claim, Reason.STORE_REJECTED, "no", retry_from=State.PREPARED)
    assert ledger.retry(claim.photo.id) is not None
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    clock.forward(5)
    ledger.doubt(claim, "lost", ended_at=clock.now(), missing_since=None, not_before=clock.now())
    ledger.stored(take(ledger, Step.UPLOAD), stored_image(), "found")
    told = rows(file, "SELECT outcome, ended_at > began_at FROM attempts ORDER BY seq")
    assert told == [("prepared", 1), ("failed", 0), ("stored", 1)]


def test_no_move_leaves_a_claim_behind_but_the_intent_to_send(file: Path, ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    held = "SELECT count(*) FROM photos WHERE lease IS NOT NULL OR owner IS NOT NULL"
    to_prepared(ledger)
    assert rows(file, held) == [(0,)]
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    assert rows(file, held) == [(1,)]
    ledger.stored(claim, stored_image(), "stored")
    assert rows(file, held) == [(0,)]


def test_what_is_put_back_is_due_in_the_process_that_did_it_and_counts_for_its_report(
    opened: Callable[[], Ledger],
) -> None:
    first, second = opened(), opened()
    photo = first.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_prepared(first)
    first.stored(first.intend(take(first, Step.UPLOAD)), stored_image(), "stored")
    again = second.requeue_missing(photo.id, "its image is gone: it is put back")
    assert again is not None
    assert again.state is State.RECEIVED
    states = [line.state for line in second.history(photo.id)]
    assert states[-3:] == [State.STORED, State.REMOVED, State.RECEIVED]
    (line,) = second.run_report().lines
    assert (line.photo.id, line.already) == (photo.id, False)
    assert second.requeue_missing(photo.id, "once more") is None
    assert second.claim_next(Step.PREPARE, any_owner=False) is not None


def test_a_part_of_another_photograph_leaves_its_history_and_its_attempts_there(
    file: Path, ledger: Ledger
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    ledger.receive(arrival("/158/copy.jpg"), original("/158/copy.jpg"))
    one, two = take(ledger), take(ledger)
    kept = ledger.validated(one, inspection(), placement(), "checked")
    assert ledger.validated(two, inspection(), placement(), "checked").id == kept.id
    assert ledger.photo(two.photo.id) is None
    assert rows(file, "SELECT DISTINCT photo FROM history") == [(kept.id,)]
    assert rows(file, "SELECT DISTINCT photo FROM arrivals") == [(kept.id,)]


def test_what_was_sent_last_and_what_the_store_had_then_is_told(
    ledger: Ledger, clock: ManualClock
) -> None:
    for name in ("1", "2"):
        path = f"/158/{name}.jpg"
        ledger.receive(arrival(path), original(path, name.encode()))
    to_prepared(ledger)
    ledger.stored(ledger.intend(take(ledger, Step.UPLOAD)), stored_image(7), "stored")
    clock.forward(10)
    to_prepared(ledger)
    sent_at = clock.now()
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    clock.forward(10)
    record = ledger.send_record(claim.photo)
    assert (record.at, record.last_id, record.known) == (sent_at, 7, frozenset({7}))
    assert clock.now() - sent_at == timedelta(seconds=10)
