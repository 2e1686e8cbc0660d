"""What is changed of a product so that it shows the shoot's order, and what a person is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine.arranging import Arrangement, arrangement
from pipeline.ledger.port import ByHand, Decision
from pipeline.standing import MAIN, standing
from pipeline.values import Photo, Placement, StoredImage
from tests.makers import photo, stored_image


def shop(*images: tuple[int, int], main: int | None = None) -> list[StoredImage]:
    """Return a product's images from their ids and sort orders."""
    return [
        replace(stored_image(image_id), sort_order=order, is_thumbnail=image_id == main)
        for image_id, order in images
    ]


def ours(images: Sequence[StoredImage], number: dict[int, int]) -> dict[int, Photo]:
    """Return our photographs, as they were seen last, by the numbers in their names."""
    seen = {image.id: image for image in images}
    return {
        one: replace(
            photo(),
            id=f"photo-{one}",
            path=Path(f"/in/158_{at}.jpg"),
            image=seen[one],
            placement=Placement(product_id=158, rule="", standing=standing(None, None, at)),
        )
        for one, at in number.items()
    }


def planned(
    now: Sequence[StoredImage], photos: dict[int, Photo], **given: bool | set[ByHand]
) -> Arrangement:
    known = given.pop("known", set())
    assert isinstance(known, set)
    flags = {name: bool(value) for name, value in given.items()}
    return arrangement(158, now, photos, photos.keys(), known, **flags)


def test_nothing_is_changed_where_nothing_is_wrong() -> None:
    images = shop((1, 0), (2, 1), main=1)
    found = planned(images, ours(images, {1: 1, 2: 2}))
    assert (found.changes, found.by_hand) == ([], set())


def test_a_late_first_one_is_moved_and_made_the_main_one_in_one_update() -> None:
    images = shop((1, 0), (2, 1), (3, 2), main=1)
    (change,) = planned(images, ours(images, {1: 2, 2: 3, 3: 1})).changes
    assert (change.image.id, change.photo_id) == (3, "photo-3")
    assert change.facts == {"sort_order": -1, "is_thumbnail": True}


def test_what_somebody_moved_since_stays_and_is_noted() -> None:
    before = shop((1, 0), (2, 1), (3, 2), main=1)
    now = shop((1, 0), (2, 1), (3, -5), main=1)
    found = planned(now, ours(before, {1: 1, 2: 2, 3: 3}))
    assert found.changes == []
    assert found.by_hand == {ByHand(3, Decision.PLACE)}


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        # The store moves on what is behind: that says nothing of these.
        ([(1, 1), (2, 2), (3, 3)], set()),
        ([(1, 2), (2, 1), (3, 3)], {1}),
        ([(1, 7), (2, 1), (3, 2)], {1}),
        # All get other numbers where somebody drags one.
        ([(1, 2), (2, 3), (3, 1)], {3}),
    ],
)
def test_as_few_as_explain_it_are_taken_for_moved(
    now: list[tuple[int, int]], moved: set[int]
) -> None:
    before = shop((1, 0), (2, 1), (3, 2), main=1)
    found = planned(shop(*now, main=1), ours(before, {1: 1, 2: 2, 3: 3}))
    assert {one.image_id for one in found.by_hand} == moved
    assert found.changes == []


def test_one_that_came_after_somebody_moved_others_is_not_taken_for_moved() -> None:
    seen = [*shop((1, 0), (2, 1), (3, 2), main=1), *shop((4, 4))]
    now = shop((3, 5), (1, 10), (2, 20), (4, 4), main=1)
    found = planned(now, ours(seen, {1: 2, 2: 3, 3: 4, 4: 1}))
    assert ByHand(4, Decision.PLACE) not in found.by_hand


def test_what_was_decided_before_stays_though_nothing_shows_it_any_more() -> None:
    images = shop((1, 0), (2, 1), (3, -5), main=3)
    known = {ByHand(3, Decision.PLACE), ByHand(3, Decision.MAIN)}
    found = planned(images, ours(images, {1: 1, 2: 2, 3: 3}), known=known)
    assert (found.changes, found.main_after) == ([], 3)


def test_where_it_is_asked_for_the_shoots_order_is_imposed() -> None:
    images = shop((1, 0), (2, 1), (3, -5), main=3)
    known = {ByHand(3, Decision.PLACE), ByHand(3, Decision.MAIN)}
    photos = ours(images, {1: 1, 2: 2, 3: 3})
    found = planned(images, photos, known=known, impose=True)
    assert (found.before, found.after) == ([3, 1, 2], [1, 2, 3])
    assert found.main_after == 3
    assert planned(images, photos, known=known, impose=True, main=True).main_after == 1


def test_a_main_picture_that_somebody_chose_is_kept() -> None:
    before, now = shop((1, 0), (2, 1), main=1), shop((1, 0), (2, 1), main=2)
    found = planned(now, ours(before, {1: 1, 2: 2}))
    assert (found.changes, found.by_hand) == ([], {ByHand(2, Decision.MAIN)})
    others = shop((1, 0), (2, 1), (3, 2), main=3)
    assert planned(others, ours(others, {1: 1, 2: 2})).changes == []


def test_where_there_is_none_the_first_becomes_the_main_one() -> None:
    images = shop((1, 0), (2, 1))
    (change,) = planned(images, ours(images, {1: 1, 2: 2})).changes
    assert (change.image.id, change.facts) == (1, {"is_thumbnail": True})


def test_the_one_that_is_named_for_it_is_the_main_one_wherever_it_stands() -> None:
    images = shop((1, 0), (2, 1), main=1)
    photos = ours(images, {1: 1, 2: 2})
    for named in ({"view": MAIN}, {"thumbnail": True}):
        said = Placement(product_id=158, rule="", standing=standing(None, None, 2), **named)
        found = planned(images, {**photos, 2: replace(photos[2], placement=said)})
        assert found.main_after == 2


def test_what_was_there_before_us_is_never_moved() -> None:
    images = shop((1, 5), (2, 0), (3, 9), main=1)
    photos = ours(images, {1: 3, 2: 2, 3: 1})
    assert arrangement(158, images, photos, {3}).changes == []
