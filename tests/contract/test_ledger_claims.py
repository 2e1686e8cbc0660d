"""What every ledger promises (`pipeline.ledger.port`) of claims, and of what is next."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import LostClaim
from pipeline.ledger.transitions import SqliteLedger
from pipeline.lifecycle import Reason, State
from pipeline.values import Step
from tests.contract.steps import STORE, another, take, to_prepared
from tests.makers import (
    START,
    ManualClock,
    arrival,
    inspection,
    original,
    picture,
    placement,
    stored_image,
)


def test_a_claimed_photograph_is_not_given_to_a_second(
    ledger: SqliteLedger, tmp_path: Path, clock: ManualClock
) -> None:
    photo = ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    take(ledger)
    other = another(tmp_path, clock)
    assert other.claim_next(Step.PREPARE, any_owner=True) is None
    assert other.claim(photo.id) is None
    other.close()


def test_a_lost_claim_changes_nothing(ledger: SqliteLedger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    claim = take(ledger)
    ledger.release(claim)
    take(ledger)
    with pytest.raises(LostClaim):
        ledger.validated(claim, inspection(), placement(), "too late")
    assert ledger.tally()[State.RECEIVED] == 1


def test_a_move_that_the_table_does_not_allow_is_a_defect(ledger: SqliteLedger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    with pytest.raises(ValueError, match="may not become"):
        ledger.prepared(take(ledger), picture(), "skipped a step")
    assert ledger.tally()[State.RECEIVED] == 1


def test_a_run_takes_only_what_arrived_through_it(
    ledger: SqliteLedger, tmp_path: Path, clock: ManualClock
) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    other = another(tmp_path, clock)
    assert other.claim_next(Step.PREPARE, any_owner=False) is None
    assert other.claim_next(Step.PREPARE, any_owner=True) is not None
    other.close()


def test_the_claims_of_a_process_that_ended_are_taken_over_and_doubt_dates_from_then(
    ledger: SqliteLedger, tmp_path: Path, clock: ManualClock
) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    to_prepared(ledger)
    ledger.intend(take(ledger, Step.UPLOAD))
    other = another(tmp_path, clock)
    assert other.recover() == 0, "a living process keeps its claims"
    ledger._owner.leave()  # what the operating system does when a process dies
    clock.forward(10)
    assert other.recover() == 1
    (photo,) = other.photos(State.UPLOADING)
    assert photo.attempt_ended_at == START + timedelta(seconds=10)
    assert other.claim_next(Step.UPLOAD, any_owner=True) is not None
    other.close()


def test_one_product_is_uploaded_one_at_a_time_and_in_shot_order(ledger: SqliteLedger) -> None:
    for name in ("158_10.jpg", "158_2.jpg"):
        path = f"/158/{name}"
        ledger.receive(arrival(path, product_id=158), original(path, name.encode(), product_id=158))
    first, second = take(ledger), take(ledger)
    assert (first.photo.path.name, second.photo.path.name) == ("158_10.jpg", "158_2.jpg")
    ledger.validated(first, inspection(), placement(), "checked")
    ledger.prepared(take(ledger), picture(b"10"), "prepared")
    assert ledger.claim_next(Step.UPLOAD, any_owner=True) is None, "an earlier shot is to come"
    ledger.validated(second, inspection(), placement(), "checked")
    ledger.prepared(take(ledger), picture(b"2"), "prepared")
    one = take(ledger, Step.UPLOAD)
    assert one.photo.path.name == "158_2.jpg"
    assert ledger.claim_next(Step.UPLOAD, any_owner=True) is None, "one at a time"
    ledger.stored(ledger.intend(one), stored_image(), "stored")
    assert take(ledger, Step.UPLOAD).photo.path.name == "158_10.jpg"


def test_a_postponed_photograph_holds_up_no_other_and_comes_back(
    ledger: SqliteLedger, clock: ManualClock
) -> None:
    for name in ("158_1.jpg", "158_2.jpg"):
        path = f"/158/{name}"
        ledger.receive(arrival(path, product_id=158), original(path, name.encode(), product_id=158))
    first = take(ledger)
    ledger.postpone(first, "busy", not_before=clock.now() + timedelta(seconds=5), attempts=1)
    assert take(ledger).photo.path.name == "158_2.jpg"
    assert ledger.claim_next(Step.PREPARE, any_owner=True) is None
    clock.forward(6)
    again = take(ledger)
    assert again.photo.path.name == "158_1.jpg"
    assert again.photo.attempts == 1


def test_uploads_wait_for_earlier_arrivals_of_which_nobody_knows_the_product(
    ledger: SqliteLedger,
) -> None:
    ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    ledger.receive(arrival("/x/2.jpg", product_id=158), original("/x/2.jpg", b"2", product_id=158))
    unplaced = take(ledger)
    to_prepared(ledger)
    assert ledger.claim_next(Step.UPLOAD, any_owner=True) is None
    ledger.set_waiting(unplaced, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    assert ledger.claim_next(Step.UPLOAD, any_owner=True) is not None


def _submit_and_claim(job: tuple[str, int]) -> list[str]:
    file, number = job
    ledger = SqliteLedger(Path(file), STORE, "run", ManualClock().now)
    for index in range(25):
        path = f"/158/{index}.jpg"
        ledger.receive(
            arrival(path, product_id=158),
            original(path, str(index).encode(), product_id=158),
        )
    claimed: list[str] = []
    while (claim := ledger.claim_next(Step.PREPARE, any_owner=True)) is not None:
        ledger.refuse(claim, Reason.TRUNCATED, f"process {number} had it")
        claimed.append(claim.photo.id)
    ledger.close()
    return claimed


def test_several_processes_share_a_ledger_and_no_photograph_is_claimed_twice(
    tmp_path: Path,
) -> None:
    file = str(tmp_path / "ledger.sqlite3")
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        claimed = list(pool.map(_submit_and_claim, [(file, number) for number in range(4)]))
    every = [photo for of_one in claimed for photo in of_one]
    assert len(every) == len(set(every)) == 25
