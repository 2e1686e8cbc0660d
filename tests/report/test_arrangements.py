"""What is said of a product that is put in order."""

from __future__ import annotations

from pathlib import Path

from pipeline.engine import Imposed
from pipeline.engine.imposing import Shown
from pipeline.report.arrangements import arranged_document, arranged_sentences, why_not_arranged
from tests.engine.test_arranging import ours, planned, shop

NOW = shop((1, 0), (2, 1), (9, 2), main=9)
PLAN = planned(NOW, ours(NOW, {1: 2, 2: 1}), impose=True)
ONE = Imposed(
    product_id=158,
    plan=PLAN,
    images=[
        Shown(image_id=1, file="a/1/x__1.jpg", path=Path("/in/158_2.jpg")),
        Shown(image_id=2, file="a/1/y__2.jpg", path=Path("/in/158_1.jpg")),
        Shown(image_id=9, file="a/1/theirs__3.jpg", path=None),
    ],
    other_main=True,
)


def test_pictures_are_named_by_their_photographs_and_others_by_their_file_in_the_shop() -> None:
    assert list(arranged_sentences(ONE, PLAN)) == [
        "product 158: 1 update",
        "  now:  158_2.jpg, 158_1.jpg, theirs__3.jpg (main)",
        "  then: 158_1.jpg, 158_2.jpg, theirs__3.jpg (main)",
        "  The main picture was chosen in the shop, and stays: --main puts ours there.",
    ]


def test_programs_get_ids_and_paths() -> None:
    document = arranged_document(ONE, PLAN)
    assert [one["image_id"] for one in document["after"]] == [2, 1, 9]
    assert [one["path"] for one in document["after"]] == ["/in/158_1.jpg", "/in/158_2.jpg", None]


def test_why_nothing_can_be_arranged_is_said() -> None:
    assert "has no product 7" in why_not_arranged(Imposed(product_id=7, plan=None, is_there=False))
    assert "no picture that this" in why_not_arranged(Imposed(product_id=7, plan=None))
