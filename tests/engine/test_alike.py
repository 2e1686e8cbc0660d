"""Refusals that are alike but for the photograph are counted, and a success begins anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.engine.alike import ENOUGH, Alike
from pipeline.lifecycle import State
from pipeline.values import Photo, Placement
from tests.makers import picture
from tests.report.photos import photo


def some(number: int) -> Photo:
    name = f"sm-{number}-front-3f9a1c2b7{number % 10}"
    made = replace(picture(), upload_name=f"{name}.jpg")
    one = photo(f"/in/SM-{number}/mug {number}.jpg", State.PREPARED, picture=made)
    return replace(one, sku=f"SM-{number}")


ALIKE = [
    "the shop said 422: The image is too large",
    "the shop said 422: the file {upload} is too large (image_file: 1200345{number} bytes)",
    "the shop said 400: “{stem}” of product {number} was not taken",
    "the shop said 400: the mug {number}.jpg of SM-{number} has no place",
]


@pytest.mark.parametrize("words", ALIKE)
def test_the_same_words_but_for_the_photograph_are_alike(words: str) -> None:
    alike = Alike()
    own = []
    for number in range(ENOUGH + 5):
        one = some(number)
        assert one.picture is not None
        upload = one.picture.upload_name
        said = words.format(upload=upload, stem=upload[:-4], number=number)
        own.append(alike.refused(one, said))
    assert own == [True] * ENOUGH + [False] * 5
    assert len(alike.failed) == ENOUGH


NAMES = ("Oak table", "Blue mug", "Lamp", "Red chair", "Vase", "Sofa", "Plate", "Spoon", "Fork")


@pytest.mark.parametrize(
    "words",
    [
        "the shop said 422: {name} cannot have this image",
        "the shop said 400: Bad Request (image_file: {name}: the profile is not taken)",
        "the shop said 422: Unprocessable (image_file: an image of {name} must be smaller)",
    ],
)
def test_a_name_that_only_the_store_knows_makes_no_other_refusal(words: str) -> None:
    alike = Alike()
    for number in range(ENOUGH):
        assert alike.refused(some(number), words.format(name=NAMES[number % len(NAMES)]))
    assert len(alike.failed) == ENOUGH


def test_another_status_or_another_sentence_is_another_matter() -> None:
    alike = Alike()
    for number in range(ENOUGH - 1):
        for said in ("422: too large", "400: too large", "422: no such field"):
            assert alike.refused(some(number), f"the shop said {said}")
    assert alike.failed == ()


def test_a_success_in_between_begins_anew() -> None:
    alike = Alike()
    for number in range(ENOUGH - 1):
        alike.refused(some(number), "the shop said 422: too large")
    alike.forget()
    for number in range(ENOUGH - 1):
        assert alike.refused(some(number), "the shop said 422: too large")
    assert alike.failed == ()


def test_any_number_of_different_refusals_is_not_remembered_for_ever() -> None:
    alike = Alike()
    letters = "abcdefghijklmnopqrstuvwxyz"
    for first in letters:
        for second in letters:
            for third in letters[:3]:
                alike.refused(some(1), f"the shop said 422: {first}{second}{third}")
    assert alike.failed == ()


def test_one_product_of_which_all_is_refused_is_its_own_matter_while_others_are_due() -> None:
    alike = Alike()
    placement = Placement(product_id=158, rule="told")
    one = photo("/in/a.jpg", State.PREPARED, placement=placement)
    for _ in range(2 * ENOUGH):
        assert alike.refused(one, "422: no", others_due=True)
    assert not alike.failed
    assert alike.refused(one, "422: no")
    assert len(alike.failed) == ENOUGH, "nothing else is due"
    assert not alike.refused(one, "422: no")
