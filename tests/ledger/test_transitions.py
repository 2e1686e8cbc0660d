"""What the moves leave in the tables beside the photograph: attempts, and who had it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Step
from tests.contract.steps import take, to_prepared
from tests.makers import ManualClock, arrival, inspection, original, placement, stored_image


def rows(ledger: Ledger, file: Path, question: str) -> list[tuple[object, ...]]:
    ledger.make_durable()
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(question).fetchall()


def test_each_sending_is_one_attempt_with_its_end_and_its_outcome(
    file: Path, ledger: Ledger, clock: ManualClock
) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    to_prepared(ledger)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    assert rows(ledger, file, "SELECT outcome, ended_at FROM attempts") == [(None, None)]
    clock.forward(5)
    ledger.not_sent(claim, "not sent", not_before=None, attempts=1)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    ledger.fail(claim, Reason.STORE_REJECTED, "no", retry_from=State.PREPARED)
    assert ledger.retry(claim.photo.id) is not None
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    clock.forward(5)
    ledger.doubt(claim, "lost", ended_at=clock.now(), missing_since=None, not_before=clock.now())
    ledger.stored(take(ledger, Step.UPLOAD), stored_image(), "found")
    told = rows(ledger, file, "SELECT outcome, ended_at > began_at FROM attempts ORDER BY seq")
    assert told == [("prepared", 1), ("failed", 0), ("stored", 1)]


def test_no_move_leaves_a_claim_behind_but_the_intent_to_send(file: Path, ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    held = "SELECT count(*) FROM photos WHERE lease IS NOT NULL OR owner IS NOT NULL"
    to_prepared(ledger)
    assert rows(ledger, file, held) == [(0,)]
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    assert rows(ledger, file, held) == [(1,)]
    ledger.stored(claim, stored_image(), "stored")
    assert rows(ledger, file, held) == [(0,)]


def test_a_part_of_another_photograph_leaves_its_history_and_its_attempts_there(
    file: Path, ledger: Ledger
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    ledger.receive(arrival("/158/copy.jpg"), original("/158/copy.jpg"))
    one, two = take(ledger), take(ledger)
    kept = ledger.validated(one, inspection(), placement(), "checked")
    assert ledger.validated(two, inspection(), placement(), "checked").id == kept.id
    assert ledger.photo(two.photo.id) is None
    assert rows(ledger, file, "SELECT DISTINCT photo FROM history") == [(kept.id,)]
    assert rows(ledger, file, "SELECT DISTINCT photo FROM arrivals") == [(kept.id,)]
