"""Where a new image goes: between those before and after it, behind what was there before ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline.engine.places import Places
from pipeline.ledger.port import ByHand, Decision
from pipeline.lifecycle import State
from pipeline.standing import standing
from pipeline.values import Photo, Placement, StoredImage
from tests.makers import photo, stored_image


def shot(number: int, image: StoredImage | None = None) -> Photo:
    return replace(
        photo(),
        state=State.PREPARED if image is None else State.STORED,
        path=Path(f"/in/158_{number}.jpg"),
        image=image,
        placement=Placement(product_id=158, rule="", standing=standing(None, None, number)),
    )


def image(image_id: int, order: int) -> StoredImage:
    return replace(stored_image(image_id), sort_order=order, is_thumbnail=False)


def places(
    listed: Sequence[StoredImage], ours: dict[int, int], by_hand: Collection[ByHand] = ()
) -> Places:
    """Return the places of a product; `ours` says which images are of which number."""
    images = {one.id: one for one in listed}
    ledger: Any = SimpleNamespace(
        made_here=lambda product_id: frozenset(ours),
        of_product=lambda product_id: [shot(at, images[one]) for one, at in ours.items()],
        by_hand=lambda product_id: by_hand,
    )
    found = Places(cast(Any, ledger))
    found.heard(158, listed)
    return found


def order_of(number: int, found: Places, said: int | None = None) -> int | None:
    one = shot(number)
    assert one.placement is not None
    return found.placed(one, replace(one.placement, order=said)).order


def test_the_first_gets_what_was_said_or_nothing_before_it() -> None:
    assert order_of(1, places([], {})) == 0
    assert order_of(2, places([], {}), said=2) == 2


def test_one_goes_between_those_before_and_after_it() -> None:
    there = [image(1, 10), image(2, 20)]
    assert order_of(2, places(there, {1: 1, 2: 3})) == 11
    assert order_of(2, places(there, {1: 1, 2: 3}), said=15) == 15
    assert order_of(4, places(there, {1: 1, 2: 3})) == 21
    assert order_of(0, places(there, {1: 1, 2: 3})) == 9
    # Where there is no room it shares the place of the one before: its id is higher.
    assert order_of(2, places([image(1, 1), image(2, 2)], {1: 1, 2: 3})) == 1


def test_what_was_there_before_us_stays_before() -> None:
    there = [image(1, 4), image(2, 6)]
    assert order_of(1, places(there, {})) == 7
    assert order_of(1, places(there, {}), said=2) == 7
    assert order_of(1, places(there, {2: 2})) == 5
    assert order_of(1, places([image(1, 5), image(2, 6)], {2: 2})) == 5


def test_what_somebody_put_first_stays_first() -> None:
    there = [image(1, -5), image(2, 1)]
    by_hand = {ByHand(1, Decision.PLACE)}
    assert order_of(1, places(there, {1: 4, 2: 2}, by_hand)) == -4


@pytest.mark.parametrize(
    ("number", "order", "in_place"), [(2, 5, True), (2, 10, True), (2, 30, False), (9, 5, False)]
)
def test_it_shows_whether_one_is_in_its_place(number: int, order: int, *, in_place: bool) -> None:
    found = places([image(1, 1), image(2, 20)], {1: 1, 2: 3})
    assert found.is_in_place(shot(number), image(7, order)) is in_place


def test_a_first_one_that_is_not_the_main_picture_is_not_in_place() -> None:
    found = places([image(2, 20)], {2: 3})
    assert not found.is_in_place(shot(1), image(7, 1))
    assert found.is_in_place(shot(1), replace(image(7, 1), is_thumbnail=True))


def test_of_a_product_that_was_not_listed_nothing_is_known() -> None:
    found = places([], {})
    other = replace(shot(1), placement=Placement(product_id=9, rule="", order=3))
    assert other.placement is not None
    assert found.placed(other, other.placement) is other.placement
    assert not found.is_in_place(other, replace(image(7, 1), product_id=9))


def test_what_was_made_is_known_also_where_a_listing_comes_late() -> None:
    found = places([image(1, 1)], {1: 1})
    assert order_of(2, found) == 2
    found.stored(shot(2, image(9, 2)), image(9, 2))
    found.heard(158, [image(1, 1)])
    assert order_of(3, found) == 3


def test_what_is_put_back_comes_to_the_very_order_that_it_had() -> None:
    found = places([image(1, 1), image(2, 2)], {1: 1, 2: 2})
    back = replace(
        shot(9), placement=Placement(product_id=158, rule="", order=0, thumbnail=True, exact=True)
    )
    assert back.placement is not None
    assert found.placed(back, back.placement).order == 0
    assert found.is_in_place(back, image(9, 0))


def test_each_product_is_looked_at_where_the_shoots_main_picture_is_imposed() -> None:
    found = places([image(1, 4)], {})
    assert found.is_in_place(shot(1), image(3, 5))
    found.imposes_main = True
    assert not found.is_in_place(shot(1), image(3, 5))
