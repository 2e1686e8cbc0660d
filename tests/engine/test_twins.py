"""Which of two images with the same mark may go: what was set by hand, and what is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.twins import judge
from pipeline.values import Placement, StoredImage
from tests.makers import stored_image
from tests.report.photos import stored_photo

EARLIER = replace(stored_image(7, name="front-0123456789"), sort_order=3, description="front")
LATER = replace(EARLIER, id=12, date_modified="2026-11-24T09:05:30+00:00")
SENT = Placement(product_id=158, rule="said so", order=3, description="front")
PHOTO = replace(stored_photo("front.jpg"), placement=SENT, image=EARLIER)


def same(one: StoredImage, another: StoredImage) -> bool:
    return True


@pytest.mark.parametrize(
    ("at_earlier", "at_later", "goes"),
    [
        ({}, {}, 12),
        ({"is_thumbnail": True}, {}, 12),
        ({"description": "a person's words"}, {}, 12),
        ({"sort_order": 9}, {}, 12),
        ({}, {"is_thumbnail": True}, 7),
        ({}, {"description": "a person's words"}, 7),
        ({}, {"description": ""}, 7),
        ({}, {"sort_order": 0}, 7),
        ({"is_thumbnail": True}, {"description": "a person's words"}, None),
        ({"sort_order": 9}, {"sort_order": 8}, None),
        ({"description": "ours, changed"}, {"description": "theirs, changed"}, None),
        # What both have is lost with neither.
        ({"description": "a person's"}, {"description": "a person's"}, 12),
        ({"sort_order": 9}, {"sort_order": 9}, 12),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_later_one_goes_unless_something_was_set_there_by_hand(
    at_earlier: dict[str, Any], at_later: dict[str, Any], goes: int | None, turned: bool
) -> None:
    two = replace(EARLIER, **at_earlier), replace(LATER, **at_later)
    verdict = judge(PHOTO, *(two[::-1] if turned else two), same)
    assert verdict.removable == (goes is not None)
    if goes is not None:
        assert (verdict.other.id, verdict.keep.id) == (goes, 19 - goes)
        assert verdict.sentence.endswith(f"delete image {goes}")


@pytest.mark.parametrize("seen", [False, None])
def test_what_is_not_seen_to_be_the_same_is_left_to_a_person(seen: bool | None) -> None:
    verdict = judge(PHOTO, EARLIER, LATER, lambda one, another: seen)
    assert not verdict.removable
    assert "look at both" in verdict.sentence
    assert "delete" not in verdict.sentence


def test_the_sentence_says_what_was_compared_which_came_later_and_under_which_names() -> None:
    assert judge(PHOTO, EARLIER, LATER, same).sentence == (
        "has the same mark as image 7: names, times, order, main picture and words were compared, "
        "and pixel by pixel they are the same; image 12 came 5 minutes later; delete image 12"
    )
    renamed = replace(LATER, image_file="a/1/FRONT-2-0123456789__1.jpg", date_modified="soon")
    sentence = judge(PHOTO, EARLIER, renamed, same).sentence
    assert "under two names (front-0123456789.jpg, FRONT-2-0123456789.jpg)" in sentence
    assert "image 12 came later;" in sentence


def test_where_the_store_chose_the_place_only_a_known_image_can_have_been_moved() -> None:
    photo = replace(PHOTO, placement=replace(SENT, order=None))
    later = replace(LATER, sort_order=4)
    assert judge(photo, EARLIER, later, same).other.id == 12
    moved = judge(replace(photo, image=replace(later, sort_order=5)), EARLIER, later, same)
    assert moved.other.id == 7, "the one that the ledger has was moved since"


IMAGES = st.builds(
    replace,
    st.just(EARLIER),
    id=st.integers(1, 3),
    is_thumbnail=st.booleans(),
    sort_order=st.integers(2, 4),
    description=st.sampled_from(["", "front", "words"]),
    date_modified=st.sampled_from(["", "2026-11-24T09:00:00", "2027-01-01T00:00:00+02:00", "x"]),
)


@given(one=IMAGES, another=IMAGES, seen=st.sampled_from([True, False, None]), known=st.booleans())
def test_nothing_that_is_only_there_is_ever_advised_to_be_deleted(
    one: StoredImage, another: StoredImage, seen: bool | None, known: bool
) -> None:
    another = replace(another, id=another.id + 3)
    photo = replace(PHOTO, image=one if known else another)
    verdict = judge(photo, one, another, lambda *images: seen)
    assert {verdict.keep.id, verdict.other.id} == {one.id, another.id}
    assert verdict.removable == ("delete" in verdict.sentence)
    assert verdict.removable != ("look at both" in verdict.sentence)
    if verdict.removable:
        assert seen is True
        assert verdict.keep.is_thumbnail or not verdict.other.is_thumbnail
        assert verdict.other.description != "words" or verdict.keep.description == "words"
        assert verdict.other.sort_order in (3, verdict.keep.sort_order)
