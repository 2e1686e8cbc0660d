"""What every ledger promises (`pipeline.ledger.port`) of claims, and of what is next."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.claimable import ANYBODYS, OWN
from pipeline.errors import LostClaim
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Step
from tests.contract.ledgers import Opener
from tests.contract.steps import take, to_prepared
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
    ledger: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    photo = ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    take(ledger)
    other = make_ledger()
    assert other.claim_next(Step.PREPARE, ANYBODYS) is None
    assert other.claim(photo.id) is None


def test_what_is_claimed_beside_another_is_nobody_elses_until_it_is_given_back(
    ledger: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    for name in "abcdef":
        path = f"/158/{name}.jpg"
        size = 40 if name != "e" else 2_000
        ledger.receive(arrival(path), replace(original(path, name.encode()), size=size))
    first = take(ledger)
    assert ledger.claim_beside(first, ANYBODYS, most=0, most_bytes=100) == []
    beside = ledger.claim_beside(first, ANYBODYS, most=2, most_bytes=100)
    assert [claim.photo.path.stem for claim in beside] == ["b", "c"]
    more = ledger.claim_beside(first, OWN, most=9, most_bytes=100)
    assert [claim.photo.path.stem for claim in more] == ["d"], "a large one ends it"
    ledger.make_durable()
    other = make_ledger()
    left = [other.claim_next(Step.PREPARE, ANYBODYS) for _ in range(3)]
    assert [claim and claim.photo.path.stem for claim in left] == ["e", "f", None]
    checked = ledger.validated(beside[0], inspection(), placement(), "checked")
    assert checked.state is State.VALIDATED
    other.make_durable()
    ledger.release(beside[1])
    ledger.make_durable()
    assert other.claim(beside[1].photo.id) is not None
    with pytest.raises(LostClaim):
        ledger.validated(beside[1], inspection(), placement(), "too late")


def test_a_lost_claim_changes_nothing(ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    claim = take(ledger)
    ledger.release(claim)
    take(ledger)
    with pytest.raises(LostClaim):
        ledger.validated(claim, inspection(), placement(), "too late")
    assert ledger.tally()[State.RECEIVED] == 1


def test_a_move_that_the_table_does_not_allow_is_a_defect(ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    with pytest.raises(ValueError, match="may not become"):
        ledger.prepared(take(ledger), picture(), "skipped a step")
    assert ledger.tally()[State.RECEIVED] == 1


def test_a_run_takes_only_what_arrived_through_it(
    ledger: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    other = make_ledger()
    assert other.claim_next(Step.PREPARE, OWN) is None
    assert other.claim_next(Step.PREPARE, ANYBODYS) is not None


def _claims_and_dies(opener: Opener) -> None:
    """Hold a claim that may have reached the store, and end as by a power cut."""
    ledger = opener(ManualClock())
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    to_prepared(ledger)
    ledger.intend(take(ledger, Step.UPLOAD))
    os._exit(9)


def test_the_claims_of_a_process_that_ended_are_taken_over_and_doubt_dates_from_then(
    opener: Opener, ledger: Ledger, make_ledger: Callable[[], Ledger], clock: ManualClock
) -> None:
    ledger.receive(arrival("/b.jpg"), original("/b.jpg", b"another", product_id=7))
    take(ledger)
    process = multiprocessing.get_context("spawn").Process(target=_claims_and_dies, args=[opener])
    process.start()
    process.join(60)
    assert process.exitcode == 9
    clock.forward(10)
    assert make_ledger().recover() == 1, "a living process keeps its claims"
    (photo,) = ledger.photos(State.UPLOADING)
    assert photo.attempt_ended_at == START + timedelta(seconds=10)
    assert ledger.claim_next(Step.UPLOAD, ANYBODYS) is not None


def test_one_product_is_uploaded_one_at_a_time_and_in_shot_order(ledger: Ledger) -> None:
    for name in ("158_10.jpg", "158_2.jpg"):
        path = f"/158/{name}"
        ledger.receive(arrival(path, product_id=158), original(path, name.encode(), product_id=158))
    first, second = take(ledger), take(ledger)
    assert (first.photo.path.name, second.photo.path.name) == ("158_10.jpg", "158_2.jpg")
    ledger.validated(first, inspection(), placement(), "checked")
    ledger.prepared(take(ledger), picture(b"10"), "prepared")
    assert ledger.claim_next(Step.UPLOAD, ANYBODYS) is None, "an earlier shot is to come"
    ledger.validated(second, inspection(), placement(), "checked")
    ledger.prepared(take(ledger), picture(b"2"), "prepared")
    one = take(ledger, Step.UPLOAD)
    assert one.photo.path.name == "158_2.jpg"
    assert ledger.claim_next(Step.UPLOAD, ANYBODYS) is None, "one at a time"
    ledger.stored(ledger.intend(one), stored_image(), "stored")
    assert take(ledger, Step.UPLOAD).photo.path.name == "158_10.jpg"


def test_a_postponed_photograph_holds_up_no_other_that_is_prepared_and_comes_back(
    ledger: Ledger, clock: ManualClock
) -> None:
    for name in ("158_1.jpg", "158_2.jpg"):
        path = f"/158/{name}"
        ledger.receive(arrival(path, product_id=158), original(path, name.encode(), product_id=158))
    first = take(ledger)
    ledger.postpone(first, "busy", not_before=clock.now() + timedelta(seconds=5), attempts=1)
    assert take(ledger).photo.path.name == "158_2.jpg"
    assert ledger.claim_next(Step.PREPARE, ANYBODYS) is None
    clock.forward(6)
    again = take(ledger)
    assert again.photo.path.name == "158_1.jpg"
    assert again.photo.attempts == 1


def test_uploads_wait_for_earlier_arrivals_of_which_nobody_knows_the_product(
    ledger: Ledger,
) -> None:
    ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    ledger.receive(arrival("/x/2.jpg", product_id=158), original("/x/2.jpg", b"2", product_id=158))
    unplaced = take(ledger)
    to_prepared(ledger)
    assert ledger.claim_next(Step.UPLOAD, ANYBODYS) is None
    ledger.set_waiting(unplaced, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    assert ledger.claim_next(Step.UPLOAD, ANYBODYS) is not None


@pytest.mark.parametrize("attempts", [0, 1, 20])
@pytest.mark.parametrize("state", [State.VALIDATED, State.PREPARED, State.UPLOADING])
def test_a_photograph_keeps_its_place_however_often_it_was_tried(
    ledger: Ledger, clock: ManualClock, state: State, attempts: int
) -> None:
    for name in ("158_1.jpg", "158_2.jpg", "159_1.jpg"):
        product, path = int(name[:3]), f"/x/{name}"
        ledger.receive(
            arrival(path, product_id=product), original(path, name.encode(), product_id=product)
        )
    for claim in [take(ledger) for _ in range(3)]:
        product = int(claim.photo.path.name[:3])
        ledger.validated(claim, inspection(), placement(product), "checked")
    first = take(ledger)
    later = clock.now() + timedelta(seconds=300)
    if state is not State.VALIDATED:
        ledger.prepared(first, picture(b"1"), "prepared")
        first = take(ledger, Step.UPLOAD)
    if state is State.UPLOADING:
        ledger.not_sent(ledger.intend(first), "later", not_before=None, attempts=attempts)
        first = ledger.intend(take(ledger, Step.UPLOAD))
        now = clock.now()
        ledger.doubt(first, "unknown", ended_at=now, missing_since=None, not_before=later)
    else:
        ledger.postpone(first, "trouble", not_before=later, attempts=attempts)
    for content in (b"2", b"3"):
        ledger.prepared(take(ledger), picture(content), "prepared")
    other = take(ledger, Step.UPLOAD)
    assert other.photo.path.name == "159_1.jpg", "another product goes on"
    assert ledger.claim_next(Step.UPLOAD, ANYBODYS) is None
    assert ledger.claim_next(Step.UPLOAD, OWN) is None
    clock.forward(301)
    if state is State.VALIDATED:
        ledger.prepared(take(ledger), picture(b"1"), "prepared")
    first = take(ledger, Step.UPLOAD)
    assert first.photo.path.name == "158_1.jpg"
    ledger.fail(first, Reason.STORE_TROUBLE, "again and again", retry_from=first.photo.state)
    assert take(ledger, Step.UPLOAD).photo.path.name == "158_2.jpg"


def test_one_that_arrives_again_is_due_and_its_pauses_begin_anew(
    ledger: Ledger, clock: ManualClock
) -> None:
    there = arrival("/158/a.jpg"), original("/158/a.jpg", product_id=158)
    ledger.receive(*there)
    later = clock.now() + timedelta(seconds=300)
    ledger.postpone(take(ledger), "the store has trouble", not_before=later, attempts=9)
    assert ledger.claim_next(Step.PREPARE, ANYBODYS) is None
    ledger.receive(*there)
    assert take(ledger).photo.attempts == 0


@pytest.mark.parametrize("attempts", [0, 1, 20])
def test_an_arrival_whose_product_the_catalogue_did_not_tell_yet_keeps_its_place(
    ledger: Ledger, clock: ManualClock, attempts: int
) -> None:
    ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    ledger.receive(arrival("/x/2.jpg", product_id=158), original("/x/2.jpg", b"2", product_id=158))
    later = clock.now() + timedelta(seconds=300)
    ledger.postpone(take(ledger), "the store is away", not_before=later, attempts=attempts)
    to_prepared(ledger)
    assert ledger.claim_next(Step.UPLOAD, ANYBODYS) is None
    clock.forward(301)
    unplaced = take(ledger)
    ledger.fail(unplaced, Reason.STORE_TROUBLE, "again and again", retry_from=State.RECEIVED)
    assert take(ledger, Step.UPLOAD).photo.path.name == "2.jpg"


def test_what_was_postponed_by_a_clock_that_ran_ahead_is_due_when_it_is_set_right(
    make_ledger: Callable[[], Ledger], clock: ManualClock
) -> None:
    ledger = make_ledger()
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", product_id=158))
    clock.forward(3600)
    claim = ledger.claim_next(Step.PREPARE, ANYBODYS)
    assert claim is not None
    later = clock.now() + timedelta(seconds=30)
    ledger.postpone(claim, "the store is away", not_before=later, attempts=1)
    assert ledger.claim_next(Step.PREPARE, ANYBODYS) is None
    clock.forward(-3600)
    assert ledger.claim_next(Step.PREPARE, ANYBODYS) is not None


def test_a_doubt_is_taken_up_by_a_process_that_was_asked_for_something_else(
    make_ledger: Callable[[], Ledger], clock: ManualClock
) -> None:
    first = make_ledger()
    for name in ("a", "b"):
        path = f"/158/{name}.jpg"
        first.receive(arrival(path), original(path, name.encode(), product_id=158))
        claim = first.claim_next(Step.PREPARE, OWN)
        assert claim is not None
        first.validated(claim, inspection(), placement(), "checked")
        claim = first.claim_next(Step.PREPARE, OWN)
        assert claim is not None
        first.prepared(claim, picture(name.encode()), "prepared")
    claim = first.claim_next(Step.UPLOAD, OWN)
    assert claim is not None
    sent = first.intend(claim).photo
    first.close()
    second = make_ledger()
    assert second.unfinished(any_owner=False, step=None) == 1
    assert second.any_unfinished(any_owner=False, step=None)
    taken = second.claim_next(Step.UPLOAD, OWN)
    assert taken is not None
    assert taken.photo.id == sent.id
    assert second.claim_next(Step.UPLOAD, OWN) is None
    assert second.unfinished(any_owner=False, step=None) == 0, "it is in hand"
    assert not second.any_unfinished(any_owner=False, step=None), "it is in hand"
    second.doubt(
        taken,
        "not seen yet",
        ended_at=clock.now(),
        missing_since=clock.now(),
        not_before=clock.now() + timedelta(seconds=30),
    )
    assert second.unfinished(any_owner=False, step=None) == 0, "nobody waits for it"
    assert not second.any_unfinished(any_owner=False, step=None), "nobody waits for it"
    clock.forward(31)
    assert second.unfinished(any_owner=False, step=None) == 1
    assert second.any_unfinished(any_owner=False, step=None)
    assert second.any_unfinished(any_owner=False, step=Step.UPLOAD)
    assert not second.any_unfinished(any_owner=False, step=Step.PREPARE)


def test_a_doubt_that_waits_long_is_looked_into_at_once_where_the_photograph_arrives_again(
    make_ledger: Callable[[], Ledger], clock: ManualClock
) -> None:
    ledger = make_ledger()
    there = arrival("/158/a.jpg"), original("/158/a.jpg", b"a", product_id=158)
    ledger.receive(*there)
    for step in (Step.PREPARE, Step.PREPARE):
        claim = ledger.claim_next(step, OWN)
        assert claim is not None
        if claim.photo.inspection is None:
            ledger.validated(claim, inspection(), placement(), "checked")
        else:
            ledger.prepared(claim, picture(b"a"), "prepared")
    claim = ledger.claim_next(Step.UPLOAD, OWN)
    assert claim is not None
    claim = ledger.intend(claim)
    ended, later = clock.now(), clock.now() + timedelta(seconds=300)
    ledger.doubt(claim, "not known", ended_at=ended, missing_since=ended, not_before=later)
    assert ledger.claim_next(Step.UPLOAD, OWN) is None
    again = ledger.receive(*there)
    assert (again.not_before, again.attempt_ended_at, again.missing_since) == (None, ended, ended)
    taken = ledger.claim_next(Step.UPLOAD, OWN)
    assert taken is not None
    assert taken.photo.id == claim.photo.id


def _submit_and_claim(job: tuple[Opener, int]) -> list[str]:
    opener, number = job
    ledger = opener(ManualClock())
    for index in range(25):
        path = f"/158/{index}.jpg"
        ledger.receive(
            arrival(path, product_id=158),
            original(path, str(index).encode(), product_id=158),
        )
    claimed: list[str] = []
    while (claim := ledger.claim_next(Step.PREPARE, ANYBODYS)) is not None:
        ledger.refuse(claim, Reason.TRUNCATED, f"process {number} had it")
        claimed.append(claim.photo.id)
    ledger.close()
    return claimed


def test_several_processes_share_a_ledger_and_no_photograph_is_claimed_twice(
    opener: Opener,
) -> None:
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        claimed = list(pool.map(_submit_and_claim, [(opener, number) for number in range(4)]))
    every = [photo for of_one in claimed for photo in of_one]
    assert len(every) == len(set(every)) == 25


def test_what_is_to_be_checked_comes_first_until_enough_is_to_be_prepared(ledger: Ledger) -> None:
    for number in range(255):
        path = f"/{number}/a.jpg"
        ledger.receive(arrival(path), original(path, path.encode(), product_id=number + 1))
    for number in range(250):
        ledger.validated(take(ledger), inspection(), placement(number + 1), "checked")
    assert [take(ledger).photo.state for _ in range(3)] == [State.VALIDATED] * 3


def test_the_products_that_come_next_are_told_each_once(
    ledger: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    for name, product in (("a", 3), ("b", 1), ("c", 2), ("d", 1)):
        path = f"/{product}/{name}.jpg"
        ledger.receive(arrival(path), original(path, path.encode(), product_id=product))
        claim = take(ledger)
        assert claim.photo.placement is not None
        ledger.validated(claim, inspection(), claim.photo.placement, "checked")
    ledger.prepared(take(ledger, Step.PREPARE), picture(), "prepared")
    assert sorted(make_ledger().products_ahead(250)) == [1, 2, 3]
    assert ledger.products_ahead(1) == [3, 1], "a backlog of the one does not hide the other"
