"""What every ledger promises (`pipeline.ledger.port`), held against each that there is."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import LostClaim
from pipeline.ledger.sqlite import SqliteLedger
from pipeline.lifecycle import Reason, State
from pipeline.values import Claim, Step
from tests.makers import (
    START,
    HandClock,
    arrival,
    inspection,
    original,
    picture,
    placement,
    stored_image,
)

STORE = "api.example.com/stores/abc/v3"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: HandClock) -> Iterator[SqliteLedger]:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3", STORE, "run", clock.now)
    yield ledger
    ledger.close()


def another(tmp_path: Path, clock: HandClock) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.sqlite3", STORE, "run", clock.now)


def take(ledger: SqliteLedger, step: Step = Step.PREPARE, *, everything: bool = True) -> Claim:
    claim = ledger.claim_next(step, everything=everything)
    assert claim is not None
    return claim


def to_prepared(ledger: SqliteLedger, product_id: int = 158) -> None:
    ledger.validated(take(ledger), inspection(), placement(product_id), "checked")
    ledger.prepared(take(ledger), picture(), "prepared")


def to_stored(ledger: SqliteLedger, image_id: int = 7) -> None:
    to_prepared(ledger)
    ledger.stored(ledger.intend(take(ledger, Step.UPLOAD)), stored_image(image_id), "stored")


def test_an_arrival_becomes_a_received_photograph(ledger: SqliteLedger) -> None:
    photo = ledger.receive(arrival("/shop/a.jpg"), original("/shop/a.jpg"))
    assert photo.state is State.RECEIVED
    assert photo.path == Path("/shop/a.jpg")
    assert ledger.tally()[State.RECEIVED] == 1


def test_the_same_photograph_arrives_once_however_often_it_is_received(
    ledger: SqliteLedger,
) -> None:
    first = ledger.receive(arrival("/shop/a.jpg"), original("/shop/a.jpg"))
    again = ledger.receive(arrival("/shop/a.jpg"), original("/shop/a.jpg"))
    assert again.id == first.id
    assert len(ledger.photos()) == 1
    assert len(ledger.sheet().lines) == 1


def test_the_same_bytes_for_two_products_are_two_photographs(ledger: SqliteLedger) -> None:
    one = ledger.receive(arrival("/a.jpg", product_id=1), original("/a.jpg", product_id=1))
    two = ledger.receive(arrival("/a.jpg", product_id=2), original("/a.jpg", product_id=2))
    assert one.id != two.id


def test_the_same_bytes_at_two_places_of_one_product_become_one_photograph(
    ledger: SqliteLedger,
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    ledger.receive(arrival("/158/copy.jpg"), original("/158/copy.jpg"))
    one, two = take(ledger), take(ledger)
    first = ledger.validated(one, inspection(), placement(), "checked")
    second = ledger.validated(two, inspection(), placement(), "checked")
    assert second.id == first.id
    assert len(ledger.photos()) == 1
    lines = ledger.sheet().lines
    assert [line.photo.id for line in lines] == [first.id, first.id]
    assert [line.already for line in lines] == [False, True]
    assert any("copy.jpg" in line.sentence for line in ledger.history(first.id))


def test_new_content_under_a_known_path_is_another_photograph(ledger: SqliteLedger) -> None:
    one = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", b"first"))
    two = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg", b"second"))
    assert one.id != two.id


def test_a_whole_life_is_recorded_step_by_step(ledger: SqliteLedger) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger)
    (photo,) = ledger.photos(State.STORED)
    assert photo.image == stored_image()
    assert photo.picture == picture()
    assert photo.inspection == inspection()
    assert photo.placement == placement()
    assert [line.state for line in ledger.history(photo.id)] == [
        State.RECEIVED,
        State.VALIDATED,
        State.PREPARED,
        State.UPLOADING,
        State.STORED,
    ]
    assert ledger.sheet().posts == 1


def test_what_was_stored_before_this_run_counts_as_already_stored(
    ledger: SqliteLedger, tmp_path: Path, clock: HandClock
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger)
    later = another(tmp_path, clock)
    later.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    (line,) = later.sheet().lines
    assert line.already
    assert later.sheet().posts == 0
    assert later.unfinished(everything=False, step=None) == 0
    later.close()


def test_a_claimed_photograph_is_not_given_to_a_second(
    ledger: SqliteLedger, tmp_path: Path, clock: HandClock
) -> None:
    photo = ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    take(ledger)
    other = another(tmp_path, clock)
    assert other.claim_next(Step.PREPARE, everything=True) is None
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
    ledger: SqliteLedger, tmp_path: Path, clock: HandClock
) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    other = another(tmp_path, clock)
    assert other.claim_next(Step.PREPARE, everything=False) is None
    assert other.claim_next(Step.PREPARE, everything=True) is not None
    other.close()


def test_the_claims_of_a_process_that_ended_are_taken_over_and_doubt_dates_from_then(
    ledger: SqliteLedger, tmp_path: Path, clock: HandClock
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
    assert other.claim_next(Step.UPLOAD, everything=True) is not None
    other.close()


def test_one_product_is_uploaded_one_at_a_time_and_in_shot_order(ledger: SqliteLedger) -> None:
    for name in ("158_10.jpg", "158_2.jpg"):
        path = f"/158/{name}"
        ledger.receive(arrival(path, product_id=158), original(path, name.encode(), product_id=158))
    first, second = take(ledger), take(ledger)
    assert (first.photo.path.name, second.photo.path.name) == ("158_10.jpg", "158_2.jpg")
    ledger.validated(first, inspection(), placement(), "checked")
    ledger.prepared(take(ledger), picture(b"10"), "prepared")
    assert ledger.claim_next(Step.UPLOAD, everything=True) is None, "an earlier shot is to come"
    ledger.validated(second, inspection(), placement(), "checked")
    ledger.prepared(take(ledger), picture(b"2"), "prepared")
    one = take(ledger, Step.UPLOAD)
    assert one.photo.path.name == "158_2.jpg"
    assert ledger.claim_next(Step.UPLOAD, everything=True) is None, "one at a time"
    ledger.stored(ledger.intend(one), stored_image(), "stored")
    assert take(ledger, Step.UPLOAD).photo.path.name == "158_10.jpg"


def test_a_postponed_photograph_holds_up_no_other_and_comes_back(
    ledger: SqliteLedger, clock: HandClock
) -> None:
    for name in ("158_1.jpg", "158_2.jpg"):
        path = f"/158/{name}"
        ledger.receive(arrival(path, product_id=158), original(path, name.encode(), product_id=158))
    first = take(ledger)
    ledger.postpone(first, "busy", not_before=clock.now() + timedelta(seconds=5), attempts=1)
    assert take(ledger).photo.path.name == "158_2.jpg"
    assert ledger.claim_next(Step.PREPARE, everything=True) is None
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
    assert ledger.claim_next(Step.UPLOAD, everything=True) is None
    ledger.wait(unplaced, inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    assert ledger.claim_next(Step.UPLOAD, everything=True) is not None


def test_waiting_and_failed_photographs_are_due_again_when_they_arrive_again(
    ledger: SqliteLedger,
) -> None:
    ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    ledger.wait(take(ledger), inspection(), Reason.PRODUCT_UNKNOWN, "whose is it?")
    photo = ledger.receive(
        arrival("/x/1.jpg", product_id=5), original("/x/1.jpg", b"1", product_id=5)
    )
    assert photo.state is State.RECEIVED
    assert photo.placement == placement(5)
    assert photo.inspection == inspection(), "what is known needs no second look"
    claim = take(ledger)
    ledger.fail(claim, Reason.DEFECT, "a defect", retry_from=State.RECEIVED)
    again = ledger.receive(
        arrival("/x/1.jpg", product_id=5), original("/x/1.jpg", b"1", product_id=5)
    )
    assert (again.id, again.state) == (photo.id, State.RECEIVED)


def test_a_refused_photograph_stays_refused_unless_the_reason_lies_outside_it(
    ledger: SqliteLedger,
) -> None:
    ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    ledger.refuse(take(ledger), Reason.TRUNCATED, "it is cut off")
    again = ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1"))
    assert again.state is State.REFUSED
    retried = ledger.retry(again.id)
    assert retried is not None
    assert retried.state is State.RECEIVED
    ledger.refuse(take(ledger), Reason.VANISHED, "it was gone")
    assert ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg", b"1")).state is State.RECEIVED


def test_a_file_that_could_not_be_read_keeps_its_row_when_it_can_be(
    ledger: SqliteLedger,
) -> None:
    refused = ledger.receive_refused(arrival("/x/1.jpg"), Reason.UNREADABLE, "no permission")
    assert (refused.state, refused.reason) == (State.REFUSED, Reason.UNREADABLE)
    again = ledger.receive_refused(arrival("/x/1.jpg"), Reason.EMPTY, "empty")
    assert (again.id, again.reason) == (refused.id, Reason.EMPTY)
    readable = ledger.receive(arrival("/x/1.jpg"), original("/x/1.jpg"))
    assert (readable.id, readable.state) == (refused.id, State.RECEIVED)


def test_what_our_own_command_deleted_is_removed_and_is_not_sent_again_by_itself(
    ledger: SqliteLedger,
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger, image_id=31)
    removed = ledger.removed(158, 31)
    assert removed is not None
    assert removed.state is State.REMOVED
    again = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    assert again.state is State.REMOVED
    assert ledger.removed(158, 31) is None


def test_names_of_any_bytes_are_kept_as_they_are(ledger: SqliteLedger, tmp_path: Path) -> None:
    import os

    path = Path(os.fsdecode(b'/shop/caf\xe9\n"quoted".jpg'))
    ledger.receive(arrival(path), original(path))
    (photo,) = ledger.at_path(path)
    assert photo.path == path


def test_history_can_be_neither_rewritten_nor_deleted(ledger: SqliteLedger) -> None:
    import sqlite3

    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    for statement in ("DELETE FROM history", "UPDATE history SET sentence = 'other'"):
        with (
            pytest.raises(sqlite3.IntegrityError, match="append-only"),
            ledger._connection.writing() as connection,
        ):
            connection.execute(statement)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=12))
def test_any_sequence_of_arrivals_keeps_one_row_for_each_content(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    clock = HandClock()
    ledger = another(tmp_path_factory.mktemp("ledger"), clock)
    for name in names:
        path = f"/158/{name}.jpg"
        ledger.receive(arrival(path, product_id=158), original(path, name.encode(), product_id=158))
    assert len(ledger.photos()) == len(set(names))
    ledger.close()


def _submit_and_claim(job: tuple[str, int]) -> list[str]:
    file, number = job
    ledger = SqliteLedger(Path(file), STORE, "run", HandClock().now)
    for index in range(25):
        path = f"/158/{index}.jpg"
        ledger.receive(
            arrival(path, product_id=158),
            original(path, str(index).encode(), product_id=158),
        )
    claimed: list[str] = []
    while (claim := ledger.claim_next(Step.PREPARE, everything=True)) is not None:
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
