"""A change is told in words that say what it does and what was there before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.batches import ChangeKind, ChangeState, ImageFacts, ShopChange
from pipeline.values import StoredImage
from tests.makers import START, stored_image

IMAGE = replace(stored_image(), sort_order=3)


def change(
    kind: ChangeKind = ChangeKind.UPDATE,
    facts: ImageFacts | None = None,
    before: StoredImage | None = IMAGE,
    state: ChangeState = ChangeState.PLANNED,
) -> ShopChange:
    return ShopChange(
        number=1,
        batch=1,
        kind=kind,
        product_id=158,
        image_id=7,
        photo_id=None,
        before=before,
        main_before=None,
        facts=facts or {},
        state=state,
        at=START,
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"sort_order": 1}, "order 3 → 1"),
        ({"is_thumbnail": True}, "main picture"),
        ({"is_thumbnail": False}, "main picture no longer"),
        ({"description": "a mug"}, "description “a mug”"),
        ({"sort_order": 1, "is_thumbnail": True}, "order 3 → 1, main picture"),
        ({"image_url": "http://a/b.jpg"}, "another picture, from http://a/b.jpg"),
    ],
)
def test_an_update_says_what_becomes_what(facts: ImageFacts, words: str) -> None:
    assert change(facts=facts).words == words


def test_a_description_that_was_another_is_told_with_it() -> None:
    before = replace(IMAGE, description="a cup")
    assert change(facts={"description": "a mug"}, before=before).words == (
        "description “a cup” → “a mug”"
    )


def test_a_delete_and_a_create_are_told_in_a_word() -> None:
    assert change(ChangeKind.DELETE).words == "deleted"
    assert change(ChangeKind.CREATE, before=None).words == "created again"


@pytest.mark.parametrize("state", ChangeState)
def test_what_is_planned_or_intended_is_still_to_be_done(state: ChangeState) -> None:
    is_open = state in (ChangeState.PLANNED, ChangeState.INTENDED)
    assert change(state=state).is_open is is_open
