"""What every ledger promises (`pipeline.ledger.port`) of the journal of what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from pipeline.batches import BatchKind, ChangeKind, ChangeState, PlannedChange, ShopChange
from pipeline.claimable import OWN
from pipeline.errors import NotReady
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Photo, Receipt, Step
from tests.contract.steps import take, to_prepared, to_stored
from tests.makers import ManualClock, arrival, original, placement, stored_image


def moved(image_id: int = 7, product_id: int = 158, order: int = 3) -> PlannedChange:
    image = stored_image(image_id, product_id)
    return PlannedChange(kind=ChangeKind.UPDATE, image=image, facts={"sort_order": order})


def deleted(image_id: int = 7, product_id: int = 158) -> PlannedChange:
    return PlannedChange(kind=ChangeKind.DELETE, image=stored_image(image_id, product_id))


def planned(ledger: Ledger, *changes: PlannedChange) -> list[ShopChange]:
    ledger.plan(changes)
    batch = ledger.own_batch()
    products = dict.fromkeys(change.image.product_id for change in changes)
    return [one for product in products for one in ledger.changes_in(batch, product)]


def counts(ledger: Ledger, batch: int) -> Mapping[tuple[ChangeKind, ChangeState], int]:
    found = ledger.batch(batch)
    assert found is not None
    return found.changes


def stored(ledger: Ledger, path: str = "/158/a.jpg", image_id: int = 7) -> Photo:
    photo = ledger.receive(arrival(path), original(path, path.encode()))
    to_stored(ledger, image_id)
    now = ledger.photo(photo.id)
    assert now is not None
    return now


def test_what_a_process_creates_is_one_batch_that_begins_with_the_first(ledger: Ledger) -> None:
    assert ledger.batches(10) == []
    first, second = stored(ledger), stored(ledger, "/158/b.jpg", 8)
    (batch,) = ledger.batches(10)
    assert (batch.kind, batch.created, batch.ended_at) == (BatchKind.RUN, 2, None)
    assert [photo.id for photo in ledger.created_in(batch.number)] == [first.id, second.id]


def test_a_batch_has_ended_when_its_process_has(
    make_ledger: Callable[[], Ledger], clock: ManualClock
) -> None:
    ledger = make_ledger()
    number = ledger.own_batch()
    clock.forward(60)
    ledger.close()
    batch = make_ledger().batch(number)
    assert batch is not None
    assert batch.ended_at == clock.now()


def test_two_processes_have_a_batch_each(make_ledger: Callable[[], Ledger]) -> None:
    one, other = make_ledger(), make_ledger()
    assert one.own_batch() != other.own_batch()
    assert one.own_batch() == one.own_batch()


def test_what_may_have_been_made_and_is_found_by_another_is_of_the_batch_that_sent_it(
    make_ledger: Callable[[], Ledger], clock: ManualClock
) -> None:
    one, other = make_ledger(), make_ledger()
    one.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_prepared(one)
    sent = one.intend(take(one, Step.UPLOAD))
    now = clock.now()
    one.doubt(sent, "?", ended_at=now, missing_since=None, not_before=now)
    assert other.stored(take(other, Step.UPLOAD), stored_image(), "found") is not None
    batch = other.batch(one.own_batch())
    assert batch is not None
    assert batch.created == 1


def test_what_was_removed_and_is_sent_again_is_counted_by_both_and_is_of_the_later(
    make_ledger: Callable[[], Ledger],
) -> None:
    ledger, later = make_ledger(), make_ledger()
    photo = stored(ledger)
    ledger.removed(158, 7)
    assert [one.id for one in ledger.created_in(ledger.own_batch())] == [photo.id]
    later.retry(photo.id)
    to_stored(later, 9)
    later.make_durable()
    first, second = ledger.batch(ledger.own_batch()), ledger.batch(later.own_batch())
    assert first is not None
    assert second is not None
    assert (first.created, second.created) == (1, 1)
    assert list(ledger.created_in(first.number)) == []
    assert [one.id for one in ledger.created_in(second.number)] == [photo.id]


def test_a_change_is_planned_then_intended_then_done(ledger: Ledger, clock: ManualClock) -> None:
    (change,) = planned(ledger, moved())
    assert (change.kind, change.product_id, change.image_id) == (ChangeKind.UPDATE, 158, 7)
    assert (change.state, change.before) == (ChangeState.PLANNED, stored_image())
    assert change.facts == {"sort_order": 3}
    now = replace(stored_image(), sort_order=2, is_thumbnail=True)
    ledger.intend_change(change.number, now, 12)
    (change,) = ledger.changes_in(change.batch, 158)
    assert (change.state, change.before) == (ChangeState.INTENDED, now)
    assert change.main_before == 12
    clock.forward(5)
    ledger.change_done(change, replace(now, sort_order=3), "moved")
    (change,) = ledger.changes_in(change.batch, 158)
    assert (change.state, change.done_at) == (ChangeState.DONE, clock.now())
    assert counts(ledger, change.batch) == {(ChangeKind.UPDATE, ChangeState.DONE): 1}


def test_what_is_done_is_intended_no_more_and_what_is_left_says_why(ledger: Ledger) -> None:
    one, other = planned(ledger, moved(7), deleted(8))
    ledger.change_done(one, stored_image(), "moved")
    ledger.intend_change(one.number, stored_image(), None)
    ledger.leave_change(other.number, "somebody changed it")
    one, other = ledger.changes_of(one.batch)
    assert one.state is ChangeState.DONE
    assert (other.state, other.sentence) == (ChangeState.LEFT, "somebody changed it")
    assert not one.is_open
    assert not other.is_open


def test_what_is_to_be_done_is_told_product_by_product(ledger: Ledger) -> None:
    changes = planned(ledger, moved(9, 200), moved(7, 158), deleted(8, 158))
    batch = ledger.own_batch()
    assert ledger.product_to_do(batch, 0) == 158
    assert ledger.product_to_do(batch, 158) == 200
    assert ledger.product_to_do(batch, 200) is None
    for change in changes:
        ledger.leave_change(change.number, "no")
    assert ledger.product_to_do(batch, 0) is None


def test_a_photograph_gets_the_record_that_its_image_has_after_a_change(ledger: Ledger) -> None:
    photo = stored(ledger)
    (change,) = planned(ledger, replace(moved(), photo_id=photo.id))
    after = replace(stored_image(), sort_order=3)
    ledger.change_done(change, after, "order 3")
    now = ledger.photo(photo.id)
    assert now is not None
    assert (now.state, now.image) == (State.STORED, after)
    assert ledger.history(photo.id)[-1].sentence == "order 3"
    assert [one.number for one in ledger.changes_of_photo(photo.id)] == [change.number]


def test_a_photograph_whose_image_was_deleted_is_removed(ledger: Ledger) -> None:
    photo = stored(ledger)
    (change,) = planned(ledger, replace(deleted(), photo_id=photo.id))
    ledger.change_done(change, None, "taken out")
    now = ledger.photo(photo.id)
    assert now is not None
    assert (now.state, now.sentence) == (State.REMOVED, "taken out")
    assert ledger.tally().counts == {State.REMOVED: 1}


def test_what_others_of_the_product_became_is_taken_over_without_a_line(ledger: Ledger) -> None:
    photo = stored(ledger)
    lines = ledger.history(photo.id)
    ledger.shown_as([replace(stored_image(), sort_order=5), stored_image(99)])
    now = ledger.photo(photo.id)
    assert now is not None
    assert now.image == replace(stored_image(), sort_order=5)
    assert ledger.history(photo.id) == lines


def test_what_a_process_did_not_do_is_taken_up_once_it_has_ended(
    make_ledger: Callable[[], Ledger],
) -> None:
    first, second, third = make_ledger(), make_ledger(), make_ledger()
    (change,) = planned(first, moved())
    assert list(second.take_up_batches()) == []
    assert list(first.take_up_batches()) == [change.batch], "its own it sees to already"
    first.close()
    assert list(second.take_up_batches()) == [change.batch]
    assert list(third.take_up_batches()) == []
    second.change_done(change, stored_image(), "moved")
    assert list(second.take_up_batches()) == []


def test_an_undo_says_what_it_takes_back(ledger: Ledger) -> None:
    stored(ledger)
    first = ledger.own_batch()
    undo = ledger.begin_batch(BatchKind.UNDO, takes_back=first)
    assert ledger.own_batch() == undo
    last, before = ledger.batches(10)
    assert (last.number, last.kind, last.takes_back) == (undo, BatchKind.UNDO, first)
    assert (before.number, before.taken_back_by) == (first, undo)
    assert [one.number for one in ledger.batches(1)] == [undo]


def test_a_products_changes_are_told_the_last_first(ledger: Ledger) -> None:
    one, other = planned(ledger, moved(7), deleted(7))
    assert [change.number for change in ledger.changes_of_product(158)] == [
        other.number,
        one.number,
    ]
    assert list(ledger.changes_of_product(159)) == []


def test_what_is_put_back_as_it_was_is_of_the_batch_that_sent_it_and_counted_once(
    make_ledger: Callable[[], Ledger],
) -> None:
    ledger, later = make_ledger(), make_ledger()
    photo = stored(ledger)
    ledger.make_durable()
    assert later.restore(photo.id, placement(), "put back") is None, "it is there"
    ledger.removed(158, 7)
    now = later.restore(photo.id, replace(placement(), order=3), "put back")
    assert now is not None
    assert now.placement is not None
    assert (now.state, now.placement.order) == (State.PREPARED, 3)
    again = later.restore(photo.id, placement(), "put back")
    assert again is not None
    assert again.placement == now.placement, "it is on its way already"
    sent = later.intend(take(later, Step.UPLOAD))
    assert later.stored(sent, stored_image(9), "stored") is not None
    later.make_durable()
    first = ledger.batch(ledger.own_batch())
    assert first is not None
    assert first.created == 1
    assert [one.id for one in ledger.created_in(first.number)] == [photo.id]


def test_what_was_certainly_not_sent_is_of_the_batch_that_sends_it(
    make_ledger: Callable[[], Ledger],
) -> None:
    one, other = make_ledger(), make_ledger()
    one.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_prepared(one)
    one.not_sent(one.intend(take(one, Step.UPLOAD)), "no", not_before=None, attempts=1)
    sent = other.intend(take(other, Step.UPLOAD))
    assert other.stored(sent, stored_image(), "stored") is not None
    other.make_durable()
    first, second = (one.batch(ledger.own_batch()) for ledger in (one, other))
    assert first is not None
    assert second is not None
    assert (first.created, second.created) == (0, 1)


def test_a_batch_whose_undo_was_taken_back_is_not_taken_back(ledger: Ledger) -> None:
    def taken_back() -> list[int | None]:
        return [batch.taken_back_by for batch in reversed(ledger.batches(9))]

    first = ledger.own_batch()
    undo = ledger.begin_batch(BatchKind.UNDO, takes_back=first)
    assert taken_back() == [undo, None]
    redo = ledger.begin_batch(BatchKind.REDO, takes_back=undo)
    assert taken_back() == [None, redo, None]
    again = ledger.begin_batch(BatchKind.UNDO, takes_back=redo)
    assert taken_back() == [undo, None, again, None]


def test_what_comes_in_stays_with_the_batch_that_brought_it_whoever_goes_on_with_it(
    make_ledger: Callable[[], Ledger],
) -> None:
    one, other = make_ledger(), make_ledger()
    assert one.batch_so_far() is None
    photo = one.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    refused = one.receive_refused(arrival("/158/b.jpg"), Reason.EMPTY, "it is empty")
    brought = one.batch_so_far()
    assert brought is not None
    assert [batch.number for batch in other.batches(10)] == [brought], "it begins with the first"
    # The same file once more, and its sending, are nothing that another one brings in.
    assert other.receive(arrival("/158/a.jpg"), original("/158/a.jpg")).id == photo.id
    assert other.batch_so_far() is None
    to_stored(other)
    other.make_durable()
    sent = other.own_batch()
    assert sent != brought
    assert one.own_batch() == brought
    assert [found.id for found in one.brought_in(brought)] == [photo.id, refused.id]
    assert list(one.brought_in(sent)) == []
    assert [found.id for found in one.stored_for_others(sent)] == [photo.id]
    assert list(one.stored_for_others(brought)) == []
    assert [found.id for found in one.created_in(sent)] == [photo.id]


def test_what_is_known_or_not_ready_begins_no_batch(make_ledger: Callable[[], Ledger]) -> None:
    one, other = make_ledger(), make_ledger()
    one.receive(arrival("/in/a.jpg"), original("/in/a.jpg"))
    claim = one.claim_next(Step.PREPARE, OWN)
    assert claim is not None
    told = replace(original("/in/a.jpg"), sku="SM-13")
    with pytest.raises(NotReady):
        other.receive(arrival("/in/a.jpg"), told)
    assert other.receive_all([Receipt(arrival=arrival("/in/a.jpg"), original=told)]) == []
    assert other.batch_so_far() is None
    assert len(one.batches(10)) == 1
    one.release(claim)
    other.receive(arrival("/in/b.jpg"), original("/in/b.jpg", b"another"))
    assert other.batch_so_far() == other.batches(1)[0].number
