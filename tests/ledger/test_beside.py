"""A file for several products is a photograph for each, made with the first and found with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.intake.together import as_one
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.scope import Scope
from pipeline.values import Photo, Placement, Step
from tests.contract.steps import take
from tests.makers import arrival, inspection, original, picture, stored_image

PATH = Path("/shoot/IMG_1.jpg")
BOTH = as_one([Placement(product_id=one, rule="said so", description=str(one)) for one in (13, 14)])


def products(ledger: Ledger) -> dict[int, Photo]:
    photos = [one for one in ledger.photos() if one.placement is not None]
    assert all(one.placement is not None for one in photos)
    return {one.placement.product_id: one for one in photos if one.placement is not None}


def checked(ledger: Ledger) -> dict[int, Photo]:
    ledger.receive(arrival(PATH), original(PATH))
    ledger.validated(take(ledger), inspection(), BOTH, "is whole")
    return products(ledger)


def test_each_has_a_row_a_story_and_a_line_in_the_report(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    photos = checked(ledger)
    one, other = photos[13], photos[14]
    assert (one.state, other.state) == (State.VALIDATED, State.VALIDATED)
    assert other.placement is not None
    assert (other.placement.description, other.placement.also) == ("14", (13,))
    assert [line.photo.id for line in ledger.run_report().lines] == [one.id, other.id]
    assert "and for product 14" in ledger.history(other.id)[0].sentence
    assert [(photo.id, held) for photo, held in ledger.beside(one)] == [(other.id, False)]


def test_what_is_in_the_store_at_the_first_leaves_the_other_alone(
    opened: Callable[[], Ledger],
) -> None:
    ledger = opened()
    first = Placement(product_id=13, rule="said so")
    ledger.receive(arrival(PATH), original(PATH))
    ledger.validated(take(ledger), inspection(), first, "is whole")
    ledger.prepared(take(ledger), picture(), "made")
    ledger.stored(ledger.intend(take(ledger, Step.UPLOAD)), stored_image(7, 13), "stored")
    ledger.receive(arrival(PATH), original(PATH, sku="SM-13,SM-14"))
    ledger.validated(take(ledger), inspection(), BOTH, "is whole")
    now = products(ledger)
    assert {product: photo.state for product, photo in now.items()} == {
        13: State.STORED,
        14: State.VALIDATED,
    }


def test_all_of_them_are_asked_again_when_the_file_arrives(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    checked(ledger)
    for _ in range(2):
        ledger.fail(take(ledger), Reason.STORE_REJECTED, "no", retry_from=State.VALIDATED)
    assert {photo.state for photo in ledger.photos()} == {State.FAILED}
    ledger.close()
    ledger = opened()
    ledger.receive(arrival(PATH), original(PATH))
    assert {photo.state for photo in ledger.photos()} == {State.VALIDATED}
    assert len(list(ledger.run_report().lines)) == 2
    assert take(ledger, any_owner=False).photo.id != take(ledger, any_owner=False).photo.id


def test_what_is_parked_is_taken_up_for_each(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    checked(ledger)
    ledger.close()
    ledger = opened()
    ledger.recover()
    assert ledger.take_up(Scope(roots=(PATH.parent,))) == 2
    assert len(list(ledger.run_report().lines)) == 2


def test_another_content_takes_the_place_of_all_of_them(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    checked(ledger)
    new = ledger.receive(arrival(PATH), replace(original(PATH, b"another one"), placement=None))
    assert [line.photo.id for line in ledger.run_report().lines] == [new.id]
