"""What is known of a photograph becomes the product's that a person names, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.ledger import Ledger
from pipeline.ledger.port import Obstacle
from pipeline.lifecycle import Reason, State
from pipeline.placement import Placement, Rule
from pipeline.values import Arrival, Original, Photo, Step
from tests.contract.steps import take
from tests.makers import arrival, inspection, original, picture, placement, stored_image

PATH = Path("/shoot/IMG_1.jpg")


def told(product_id: int, **facts: object) -> tuple[Arrival, Original]:
    said = Placement(product_id=product_id, rule="by hand", by=Rule.HAND, **facts)  # type: ignore[arg-type]
    return arrival(PATH), replace(original(PATH), placement=said)


def only(ledger: Ledger) -> Photo:
    (photo,) = ledger.photos()
    return photo


def test_what_waits_goes_on_and_its_story_says_why(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.receive(arrival(PATH), original(PATH))
    ledger.set_waiting(take(ledger), inspection(), Reason.PRODUCT_UNKNOWN, "waits")
    asked = ledger.assignable(told(13)[1])
    assert (asked.obstacle, only(ledger).state) == (None, State.WAITING)
    assert ledger.assign(*told(13)).photo == only(ledger)
    assert only(ledger).state is State.RECEIVED
    assert "given by hand to product 13 (by hand)" in ledger.history(only(ledger).id)[-1].sentence


def test_what_was_prepared_for_another_product_is_that_ones_now(
    opened: Callable[[], Ledger],
) -> None:
    ledger = opened()
    ledger.receive(arrival(PATH), original(PATH))
    ledger.validated(take(ledger), inspection(), placement(14), "checked")
    claim = take(ledger)
    assert ledger.assign(*told(13)).obstacle is Obstacle.IN_HAND
    ledger.prepared(claim, picture(), "made")
    assert ledger.assign(*told(13, order=3)).obstacle is None
    photo = only(ledger)
    assert photo.state is State.PREPARED
    assert photo.placement is not None
    assert (photo.placement.product_id, photo.placement.order) == (13, 3)


def test_two_photographs_of_one_content_become_one(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.receive(arrival(PATH), original(PATH))
    ledger.receive(arrival(PATH), original(PATH, product_id=13))
    ledger.receive(arrival(PATH), original(PATH, product_id=14))
    ledger.assign(*told(13))
    assert only(ledger).placement == told(13)[1].placement


def test_what_is_in_the_store_or_may_be_is_left(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.receive(arrival(PATH), original(PATH))
    ledger.validated(take(ledger), inspection(), placement(14), "checked")
    ledger.prepared(take(ledger), picture(), "made")
    claim = ledger.intend(take(ledger, Step.UPLOAD))
    assert ledger.assign(*told(13)).obstacle is Obstacle.GOING_UP
    ledger.stored(claim, stored_image(7, 14), "stored")
    assert ledger.assign(*told(13)).obstacle is Obstacle.IN_SHOP
    assert ledger.assign(*told(14, standing="1")).obstacle is None
    assert only(ledger).state is State.STORED
    assert list(ledger.take_to_arrange(only(ledger).changed_at, 0, 9)) == [14]
