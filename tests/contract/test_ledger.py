"""What every ledger promises (`pipeline.ledger.port`) of whole lives, and of what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from pipeline.claimable import OWN
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.values import Claim, Photo, Step
from pipeline.wanted import Wanted
from tests.contract.steps import take, to_prepared, to_stored
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


def test_the_same_bytes_at_two_places_of_one_product_become_one_photograph(
    ledger: Ledger,
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    ledger.receive(arrival("/158/copy.jpg"), original("/158/copy.jpg"))
    one, two = take(ledger), take(ledger)
    first = ledger.validated(one, inspection(), placement(), "checked")
    second = ledger.validated(two, inspection(), placement(), "checked")
    assert second.id == first.id
    assert len(list(ledger.photos())) == 1
    lines = ledger.run_report().lines
    assert [line.photo.id for line in lines] == [first.id, first.id]
    assert [line.already for line in lines] == [False, True]
    assert any("copy.jpg" in line.sentence for line in ledger.history(first.id))


def test_a_whole_life_is_recorded_step_by_step(ledger: Ledger) -> None:
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
    assert ledger.run_report().posts == 1


def test_the_stored_are_told_product_by_product_and_by_their_content(ledger: Ledger) -> None:
    for number, product_id in enumerate((160, 158, 159, 158, 161)):
        path = f"/{number}.jpg"
        ledger.receive(arrival(path), original(path, path.encode()))
        ledger.validated(take(ledger), inspection(), placement(product_id), "checked")
        if product_id == 161:
            break
        ledger.prepared(take(ledger), picture(), "prepared")
        claim = ledger.intend(take(ledger, Step.UPLOAD))
        ledger.stored(claim, stored_image(number + 1, product_id), "stored")
    assert ledger.stored_products(0, 10) == [158, 159, 160]
    assert ledger.stored_products(0, 2) == [158, 159]
    assert ledger.stored_products(159, 10) == [160]
    assert ledger.stored_products(160, 10) == []
    assert ledger.stored_product_count() == 3
    assert [photo.path.name for photo in ledger.of_product(158)] == ["1.jpg", "3.jpg"]
    assert [photo.state for photo in ledger.of_product(161)] == [State.VALIDATED]
    (third,) = (photo for photo in ledger.photos() if photo.path.name == "3.jpg")
    assert [photo.id for photo in ledger.of_content(third.sha256[:10])] == [third.id]
    assert ledger.of_content("no digest") == []
    ledger.removed(159, 3)
    assert ledger.stored_products(0, 10) == [158, 160]


def test_what_was_stored_before_this_run_counts_as_already_stored(
    ledger: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger)
    later = make_ledger()
    later.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    (line,) = later.run_report().lines
    assert line.already
    assert later.run_report().posts == 0
    assert later.unfinished(any_owner=False, step=None) == 0


def test_what_our_own_command_deleted_is_removed_and_is_not_sent_again_by_itself(
    ledger: Ledger,
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger, image_id=31)
    removed = ledger.removed(158, 31)
    assert removed is not None
    assert removed.state is State.REMOVED
    again = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    assert again.state is State.REMOVED
    assert ledger.removed(158, 31) is None


def test_what_is_put_back_is_due_in_the_process_that_did_it_and_counts_for_its_report(
    make_ledger: Callable[[], Ledger],
) -> None:
    first, second = make_ledger(), make_ledger()
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
    assert second.claim_next(Step.PREPARE, OWN) is not None


def test_what_was_sent_last_and_what_the_store_had_then_is_told(
    ledger: Ledger, clock: ManualClock
) -> None:
    ledger.receive(arrival("/158/1.jpg"), original("/158/1.jpg", b"1"))
    to_prepared(ledger)
    ledger.stored(ledger.intend(take(ledger, Step.UPLOAD)), stored_image(7), "stored")
    clock.forward(10)
    ledger.receive(arrival("/158/2.jpg"), original("/158/2.jpg", b"2"))
    to_prepared(ledger)
    sent_at = clock.now()
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    clock.forward(10)
    record = ledger.send_record(claim.photo)
    assert (record.at, record.last_id, record.known) == (sent_at, 7, frozenset({7}))
    assert clock.now() - sent_at == timedelta(seconds=10)


def test_what_is_in_the_store_already_is_taken_over_from_any_state_before_it_is_sent(
    ledger: Ledger,
) -> None:
    for number in (1, 2):
        path = f"/158/{number}.jpg"
        ledger.receive(arrival(path), original(path, path.encode()))
    for received in (take(ledger), take(ledger)):
        ledger.validated(received, inspection(), placement(), "checked")
    ledger.prepared(take(ledger), picture(), "prepared")
    for state, image in ((State.VALIDATED, 7), (State.PREPARED, 8)):
        (photo,) = ledger.photos(state)
        claim = ledger.claim(photo.id)
        assert claim is not None
        assert ledger.adopted(claim, stored_image(image), "it was there")
        stored = ledger.photo(photo.id)
        assert stored is not None
        assert (stored.state, stored.image) == (State.STORED, stored_image(image))
    report = ledger.run_report()
    assert report.posts == 0
    assert [line.already for line in report.lines] == [True, True]


def test_the_image_of_another_photograph_is_not_taken_over(ledger: Ledger) -> None:
    ledger.receive(arrival("/158/1.jpg"), original("/158/1.jpg", b"1"))
    to_stored(ledger, 7)
    ledger.receive(arrival("/158/2.jpg"), original("/158/2.jpg", b"2"))
    to_prepared(ledger)
    claim = take(ledger, Step.UPLOAD)
    assert not ledger.adopted(claim, stored_image(7), "it was there")
    assert ledger.tally()[State.PREPARED] == 1
    assert ledger.adopted(claim, stored_image(8), "it was there"), "the claim is still ours"


def test_when_the_last_attempt_ended_is_told(ledger: Ledger, clock: ManualClock) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_prepared(ledger)
    for tries in range(2):
        claim = take(ledger, Step.UPLOAD)
        assert (ledger.attempt_ended_at(claim.photo) is None) == (tries == 0)
        claim = ledger.intend(claim)
        clock.forward(10)
        ledger.not_sent(claim, "asked to wait", not_before=None, attempts=0)
        assert ledger.attempt_ended_at(claim.photo) == clock.now()


def test_a_picture_that_is_gone_is_made_anew(ledger: Ledger) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_prepared(ledger)
    ledger.unprepared(take(ledger, Step.UPLOAD), "the picture is gone")
    (photo,) = ledger.photos(State.VALIDATED)
    assert photo.picture is None
    assert take(ledger).photo.id == photo.id


def test_counts_are_of_one_store_and_of_a_time(ledger: Ledger, clock: ManualClock) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger)
    clock.forward(60)
    ledger.receive_refused(arrival("/158/a.nef"), Reason.NOT_FOR_UPLOAD, "a raw file")
    ledger.receive_refused(arrival("/158/b.jpg"), Reason.EMPTY, "empty")
    tally = ledger.tally()
    assert tally.counts == {State.STORED: 1, State.REFUSED: 2}
    assert tally.not_for_upload == 1
    assert ledger.stored_since(START) == 1
    assert ledger.stored_since(clock.now()) == 0
    found = ledger.arrived_since(START)
    assert sum(found.counts.values()) == sum(ledger.tally().counts.values())
    assert sum(ledger.arrived_since(clock.now() + timedelta(days=1)).counts.values()) == 0
    assert [photo.path.name for photo in ledger.found_since(START)] == ["a.jpg", "a.nef", "b.jpg"]
    assert [photo.path.name for photo in ledger.found_since(clock.now())] == ["a.nef", "b.jpg"]
    assert not list(ledger.found_since(clock.now() + timedelta(days=1)))
    assert ledger.check() is None


def test_what_is_kept_back_says_so_by_a_value_until_its_next_step(
    ledger: Ledger, clock: ManualClock
) -> None:
    def kept_back() -> list[str]:
        wanted = Wanted(reason=Reason.NOT_SENT)
        return [photo.path.name for photo in ledger.wanted(wanted)]

    why, now = Reason.NOT_SENT, clock.now()
    photo = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    ledger.postpone(take(ledger), "not sent: ?", reason=why, not_before=now, attempts=1)
    assert kept_back() == ["a.jpg"]
    ledger.validated(take(ledger), inspection(), placement(), "checked")
    assert kept_back() == []
    ledger.prepared(take(ledger), picture(), "prepared")
    sent = ledger.intend(take(ledger, Step.UPLOAD))
    ledger.not_sent(sent, "not sent: ?", reason=why, not_before=now, attempts=1)
    assert kept_back() == ["a.jpg"]
    assert not list(ledger.wanted(Wanted(reason=why, states=frozenset({State.STORED}))))
    sent = ledger.intend(take(ledger, Step.UPLOAD))
    assert sent.photo.reason is None
    stored = ledger.stored(sent, stored_image(7), "stored")
    assert stored is not None
    assert stored.reason is None
    assert ledger.photo(photo.id) == stored


def test_a_text_that_an_earlier_version_refused_is_judged_again_by_its_name(
    ledger: Ledger,
) -> None:
    for name, again in (("/158/notes.txt", True), ("/158/notes.jpg", False)):
        photo = ledger.receive(arrival(name), original(name))
        claim = ledger.claim(photo.id)
        assert claim is not None
        ledger.refuse(claim, Reason.NOT_AN_IMAGE, "a text")
        state = ledger.receive(arrival(name), original(name)).state
        assert state is (State.RECEIVED if again else State.REFUSED)


def test_a_failed_photograph_goes_on_where_it_had_got_to(ledger: Ledger) -> None:
    photo = ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    assert ledger.retry(photo.id) is None, "it does not stand aside"
    to_prepared(ledger)
    claim = take(ledger, Step.UPLOAD)
    ledger.fail(claim, Reason.DEFECT, "a defect", retry_from=State.PREPARED)
    again = ledger.retry(photo.id)
    assert again is not None
    assert (again.state, again.reason, again.attempts) == (State.PREPARED, None, 0)
    assert ledger.retry("no such photograph") is None


def test_a_ledger_that_is_closed_may_be_closed_again(make_ledger: Callable[[], Ledger]) -> None:
    ledger = make_ledger()
    ledger.close()
    ledger.close()


def test_an_answer_is_not_recorded_where_another_photograph_has_that_image(
    ledger: Ledger,
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger, image_id=7)
    ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", b"b"))
    to_prepared(ledger)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    before = ledger.history(claim.photo.id)
    assert not ledger.stored(claim, stored_image(7), "stored", as_answered=True)
    assert ledger.history(claim.photo.id) == before
    assert ledger.stored(claim, stored_image(8), "stored", as_answered=True)
    assert {photo.image and photo.image.id for photo in ledger.photos(State.STORED)} == {7, 8}


def test_a_photograph_may_be_another_image_of_its_product_where_it_is_there_twice(
    ledger: Ledger, clock: ManualClock
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    to_stored(ledger, 7)
    (photo,) = ledger.photos()
    clock.forward(60)
    assert not ledger.stays(photo.id, (8, 9), stored_image(9), "somebody else was there")
    assert ledger.stays(photo.id, (7, 9), stored_image(9), "image 7 is one too many")
    now = ledger.photo(photo.id)
    assert now is not None
    assert (now.state, now.image, now.changed_at) == (
        State.STORED,
        stored_image(9),
        photo.changed_at,
    )
    assert [line.sentence for line in ledger.history(photo.id)][-1] == "image 7 is one too many"
    assert ledger.removed(158, 7) is None
    assert ledger.removed(158, 9) is not None
    assert not ledger.stays(photo.id, (9,), stored_image(9), "it is gone")


def test_each_move_returns_the_photograph_as_the_ledger_has_it(
    ledger: Ledger, clock: ManualClock
) -> None:
    def as_it_is(photo: Photo | None) -> None:
        assert photo is not None
        assert photo == ledger.photo(photo.id)

    def step(kind: Step = Step.PREPARE) -> Claim:
        clock.forward(1)
        return take(ledger, kind)

    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    as_it_is(ledger.postpone(step(), "not now", not_before=clock.now(), attempts=2))
    as_it_is(ledger.validated(step(), inspection(), placement(), "checked"))
    as_it_is(ledger.prepared(step(), picture(), "prepared"))
    as_it_is(ledger.unprepared(step(Step.UPLOAD), "gone"))
    as_it_is(ledger.prepared(step(), picture(), "prepared again"))
    sent = ledger.intend(step(Step.UPLOAD))
    as_it_is(sent.photo)
    as_it_is(ledger.not_sent(sent, "not sent", not_before=clock.now(), attempts=2))
    sent = ledger.intend(step(Step.UPLOAD))
    now = clock.now()
    as_it_is(ledger.doubt(sent, "lost", ended_at=now, missing_since=now, not_before=now))
    as_it_is(ledger.fail(step(Step.UPLOAD), Reason.DEFECT, "no", retry_from=State.UPLOADING))
    ledger.retry(sent.photo.id)
    as_it_is(ledger.stored(step(Step.UPLOAD), stored_image(7), "found"))
    ledger.receive(arrival("/b.jpg"), original("/b.jpg", b"b"))
    as_it_is(ledger.set_waiting(step(), inspection(), Reason.PRODUCT_UNKNOWN, "whose?"))
    ledger.receive(arrival("/c.jpg"), original("/c.jpg", b"c"))
    as_it_is(ledger.refuse(step(), Reason.DAMAGED, "broken"))
    ledger.receive(arrival("/d.jpg"), original("/d.jpg", b"d"))
    as_it_is(ledger.validated(step(), inspection(), placement(2), "checked"))
    as_it_is(ledger.adopted(step(), stored_image(8), "was there"))


def test_a_move_tells_of_the_haste_that_came_while_it_was_in_hand(ledger: Ledger) -> None:
    ledger.receive(arrival("/a.jpg"), original("/a.jpg"))
    claim = take(ledger)
    ledger.receive(replace(arrival("/a.jpg"), in_haste=True), original("/a.jpg"))
    photo = ledger.validated(claim, inspection(), placement(), "checked")
    assert photo.in_haste
    assert photo == ledger.photo(photo.id)


def test_a_photograph_before_one_in_haste_is_in_haste_as_it_is_placed(ledger: Ledger) -> None:
    shot = arrival("/b.jpg", product_id=158)
    ledger.receive(replace(shot, in_haste=True), original("/b.jpg", b"b", product_id=158))
    ledger.receive(arrival("/a.jpg"), original("/a.jpg", b"a"))
    claims = [take(ledger), take(ledger)]
    placed = [ledger.validated(one, inspection(), placement(158), "checked") for one in claims]
    assert all(photo.in_haste and photo == ledger.photo(photo.id) for photo in placed)
