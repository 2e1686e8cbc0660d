"""What is said of photographs that a person gave to a product."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine import Given
from pipeline.ledger.port import Obstacle
from pipeline.lifecycle import State
from pipeline.report.assigned import given_document, given_sentence
from pipeline.values import Photo
from tests.report.photos import stored_photo

PATH = Path("/shoot/a.jpg")
IN_SHOP = stored_photo(PATH)


def given_of(**facts: Any) -> Given:
    return Given(path=PATH, product_id=13, **facts)


@pytest.mark.parametrize(
    ("given", "now", "rehearsed", "said"),
    [
        (given_of(), None, True, "new, would go to product 13"),
        (given_of(), None, False, "of product 13 from now on, taken in"),
        (
            given_of(sentence="it is empty"),
            None,
            False,
            "not assigned: it is empty",
        ),
        (
            given_of(photo=IN_SHOP),
            IN_SHOP,
            False,
            "in the shop at product 13, image",
        ),
        (
            given_of(photo=IN_SHOP, obstacle=Obstacle.IN_SHOP),
            IN_SHOP,
            False,
            "not assigned: it is in the shop at product",
        ),
        (
            given_of(obstacle=Obstacle.IN_HAND),
            None,
            False,
            "try again in a moment",
        ),
        (
            given_of(photo=IN_SHOP),
            replace(IN_SHOP, state=State.REMOVED),
            False,
            "was deleted from the shop",
        ),
    ],
)
def test_a_sentence_for_each_end(
    given: Given, now: Photo | None, rehearsed: bool, said: str
) -> None:
    sentence = given_sentence(given, now, rehearsed=rehearsed)
    assert sentence.startswith("/shoot/a.jpg: ")
    assert said in sentence


def test_programs_get_a_word_for_what_is_in_the_way() -> None:
    given = given_of(photo=IN_SHOP, obstacle=Obstacle.IN_SHOP)
    document = given_document(given, IN_SHOP)
    assert (document["assigned"], document["obstacle"]) == (False, "in_shop")
    assert document["photograph"]["state"] == "stored"
