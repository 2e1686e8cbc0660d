"""What every ledger promises of products whose pictures may be out of order in the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.ledger import Ledger
from pipeline.ledger.port import ByHand, Decision
from pipeline.values import Step
from tests.contract.steps import take, to_prepared
from tests.makers import ManualClock, arrival, original, stored_image


def late(ledger: Ledger, image_id: int = 7, product_id: int = 158) -> None:
    """Have an image be stored that is not in its place."""
    path = f"/{product_id}/{image_id}.jpg"
    ledger.receive(arrival(path), original(path, path.encode()))
    to_prepared(ledger, product_id)
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    ledger.stored(claim, stored_image(image_id, product_id), "stored", in_place=False)


def soon(clock: ManualClock) -> datetime:
    return clock.now() + timedelta(seconds=1)


def test_what_was_stored_out_of_place_is_to_be_arranged_once(
    ledger: Ledger, clock: ManualClock
) -> None:
    late(ledger, 7)
    late(ledger, 8, 159)
    assert ledger.take_to_arrange(soon(clock), 0, 1) == [158]
    assert ledger.take_to_arrange(soon(clock), 158, 9) == [159]
    ledger.arranged(158)
    assert ledger.take_to_arrange(soon(clock), 0, 9) == [159]


def test_a_product_is_not_arranged_before_its_time_nor_while_one_of_it_is_on_its_way(
    ledger: Ledger, clock: ManualClock
) -> None:
    late(ledger)
    assert ledger.take_to_arrange(clock.now() - timedelta(seconds=1), 0, 9) == []
    ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", b"b"))
    to_prepared(ledger)
    assert ledger.take_to_arrange(soon(clock), 0, 9) == []


def test_what_is_stored_meanwhile_is_arranged_again(ledger: Ledger, clock: ManualClock) -> None:
    late(ledger, 7)
    assert ledger.take_to_arrange(soon(clock), 0, 9) == [158]
    clock.forward(5)
    late(ledger, 8)
    ledger.arranged(158)
    assert ledger.take_to_arrange(soon(clock), 0, 9) == [158]


def test_one_process_has_a_product_in_hand_as_long_as_it_lives(
    make_ledger: Callable[[], Ledger], clock: ManualClock
) -> None:
    one, other = make_ledger(), make_ledger()
    late(one)
    assert one.take_to_arrange(soon(clock), 0, 9) == [158]
    assert other.take_to_arrange(soon(clock), 0, 9) == []
    other.arranged(158)
    one.give_back_to_arrange(158)
    one.make_durable()
    assert other.take_to_arrange(soon(clock), 0, 9) == [158]
    other.close()
    assert one.take_to_arrange(soon(clock), 0, 9) == [158]


def test_what_was_made_here_is_told_from_what_was_there_already(ledger: Ledger) -> None:
    late(ledger, 7)
    ledger.receive(arrival("/158/b.jpg"), original("/158/b.jpg", b"b"))
    to_prepared(ledger)
    assert ledger.adopted(take(ledger, Step.UPLOAD), stored_image(8), "was there") is not None
    assert ledger.made_here(158) == {7}
    assert ledger.made_here(159) == frozenset()


def test_what_a_person_decided_stays_until_it_is_forgotten(ledger: Ledger) -> None:
    decided = {ByHand(7, Decision.PLACE), ByHand(8, Decision.MAIN)}
    ledger.note_by_hand(158, decided)
    ledger.note_by_hand(158, {ByHand(7, Decision.PLACE)})
    ledger.note_by_hand(159, ())
    assert set(ledger.by_hand(158)) == decided
    assert set(ledger.by_hand(159)) == set()
    ledger.forget_by_hand(158, [Decision.PLACE])
    assert set(ledger.by_hand(158)) == {ByHand(8, Decision.MAIN)}
    ledger.forget_by_hand(158, [*Decision])
    assert set(ledger.by_hand(158)) == set()


def test_a_product_may_be_said_to_be_out_of_order(ledger: Ledger, clock: ManualClock) -> None:
    ledger.to_be_arranged(158)
    assert ledger.take_to_arrange(soon(clock), 0, 9) == [158]
