"""What is said of what would become of a product, to people and to programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batches import ChangeKind, PlannedChange
from pipeline.engine.planning import ProductPlan, Removal
from pipeline.lifecycle import State
from pipeline.report.plans import pace_of, plan_document, plan_lines
from pipeline.values import Photo, ProductName
from tests.makers import picture, placement, stored_image
from tests.report.photos import photo

NAME = ProductName(sku="SM-13", name="[Sample] Smith Journal 13")


def prepared(path: str, order: int | None = None) -> Photo:
    place = replace(placement(), order=order)
    return photo(path, State.PREPARED, picture=picture(), placement=place)


def test_new_pictures_are_numbered_with_what_was_made_of_them_and_why() -> None:
    plan = ProductPlan(
        product_id=158, ours=0, created=[prepared("/in/a_2.jpg"), prepared("/in/a_10.jpg", 3)]
    )
    made = "2048 × 1365, 812 kB (6000 × 4000 → 2048 × 1365, JPEG quality 91)"
    assert list(plan_lines(plan, NAME)) == [
        "Product 158 (SM-13, [Sample] Smith Journal 13):",
        f"  1  /in/a_2.jpg: {made}; the product was given",
        f"  2  /in/a_10.jpg: {made}, order 3; the product was given",
    ]


@pytest.mark.parametrize(
    ("name", "called"),
    [
        (None, "Product 158:"),
        (ProductName(sku="", name=""), "Product 158:"),
        (ProductName(sku="BOWL-24", name="BOWL-24"), "Product 158 (BOWL-24):"),
    ],
)
def test_a_product_is_called_by_what_the_shop_calls_it(
    name: ProductName | None, called: str
) -> None:
    plan = ProductPlan(product_id=158, ours=0, created=[prepared("/in/a.jpg")])
    assert next(plan_lines(plan, name)) == called


def of_all_kinds() -> ProductPlan:
    one = replace(prepared("/in/a.jpg"), path=Path("/in/a.jpg"))
    image = replace(stored_image(7), description="old")
    return ProductPlan(
        product_id=158,
        ours=3,
        back=[one],
        removed=[Removal(photo=one, image=image, vanished=False)],
        changes=[
            PlannedChange(kind=ChangeKind.UPDATE, image=image, facts={"description": "a mug"})
        ],
        before=["a", "b"],
        after=["b", "c"],
        main_before="a",
        main_after="b",
    )


def test_each_change_is_a_line_with_what_is_and_what_will_be() -> None:
    assert list(plan_lines(of_all_kinds(), None)) == [
        "Product 158:",
        "  again    /in/a.jpg: it was in the shop before",
        "  removed  image 7, /in/a.jpg: the folder does not hold it any more",
        "  order    a, b → b, c",
        "  main     a → b",
        "  words    image 7: “old” → “a mug”",
    ]


def test_of_a_product_that_stays_as_it_is_nothing_is_said() -> None:
    assert list(plan_lines(ProductPlan(product_id=158, ours=1), None)) == []


def test_programs_get_the_same() -> None:
    plan = replace(of_all_kinds(), created=[prepared("/in/n.jpg")])
    assert plan_document(plan, NAME) == {
        "product_id": 158,
        "name": "[Sample] Smith Journal 13",
        "sku": "SM-13",
        "pictures": [
            {"number": 1, "path": "/in/n.jpg", "order": None, "upload_name": picture().upload_name}
        ],
        "again": ["/in/a.jpg"],
        "removed": [{"image_id": 7, "path": "/in/a.jpg"}],
        "order_before": ["a", "b"],
        "order_after": ["b", "c"],
        "main_before": "a",
        "main_after": "b",
        "words": [{"image_id": 7, "before": "old", "after": "a mug"}],
    }


@pytest.mark.parametrize(
    ("requests", "seconds", "said"),
    [
        (1, None, "That takes 1 request."),
        (1_200, 20.0, "some 1,200 requests: less than a minute, by what the shop allows"),
        (40, 62.0, "some 40 requests: 1 minute, by"),
        (40_000, 8_000.0, "some 40,000 requests: 133 minutes, by"),
    ],
)
def test_the_pace_is_told_in_requests_and_minutes(
    requests: int, seconds: float | None, said: str
) -> None:
    assert said in pace_of(requests, seconds)
