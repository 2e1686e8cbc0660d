"""What is said of photographs that a person gave to a product."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine import Given
from pipeline.ledger.port import Obstacle
from pipeline.lifecycle import State
from pipeline.report.assigned import given_document, given_sentence
from pipeline.values import Photo
from tests.report.photos import stored_photo

PATH = Path("/shoot/a.jpg")
IN_SHOP = stored_photo(PATH)


@pytest.mark.parametrize(
    ("given", "now", "rehearsed", "said"),
    [
        (Given(path=PATH), None, True, "new, would go to product 13"),
        (Given(path=PATH), None, False, "of product 13 from now on, taken in"),
        (Given(path=PATH, sentence="it is empty"), None, False, "not assigned: it is empty"),
        (Given(path=PATH, photo=IN_SHOP), IN_SHOP, False, "in the shop at product 13, image"),
        (
            Given(path=PATH, photo=IN_SHOP, obstacle=Obstacle.IN_SHOP),
            IN_SHOP,
            False,
            "not assigned: it is in the shop at product",
        ),
        (Given(path=PATH, obstacle=Obstacle.IN_HAND), None, False, "try again in a moment"),
        (
            Given(path=PATH, photo=IN_SHOP),
            replace(IN_SHOP, state=State.REMOVED),
            False,
            "was deleted from the shop",
        ),
    ],
)
def test_a_sentence_for_each_end(
    given: Given, now: Photo | None, rehearsed: bool, said: str
) -> None:
    sentence = given_sentence(given, now, 13, rehearsed=rehearsed)
    assert sentence.startswith("/shoot/a.jpg: ")
    assert said in sentence


def test_programs_get_a_word_for_what_is_in_the_way() -> None:
    given = Given(path=PATH, photo=IN_SHOP, obstacle=Obstacle.IN_SHOP)
    document = given_document(given, IN_SHOP, 13)
    assert (document["assigned"], document["obstacle"]) == (False, "in_shop")
    assert document["photograph"]["state"] == "stored"
