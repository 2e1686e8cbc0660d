"""What a dry run says would go up, by product and in the order that the pictures would have."""

from __future__ import annotations

from dataclasses import replace

from pipeline.lifecycle import State
from pipeline.report.documents import RunEnd
from pipeline.report.plans import plan_document, plan_lines, planned_products, plans
from pipeline.standing import standing
from pipeline.values import Photo, ProductName
from tests.makers import picture, placement
from tests.report.photos import photo, report_of, stored_photo

END = RunEnd(
    interrupted=False,
    rehearsed=True,
    error=None,
    names={158: ProductName(sku="SM-13", name="[Sample] Smith Journal 13")},
)


def prepared(
    path: str, product: int = 158, order: int | None = None, view: str | None = None
) -> Photo:
    stands = standing(order, view, None)
    place = replace(placement(), product_id=product, order=order, view=view, standing=stands)
    return photo(path, State.PREPARED, picture=picture(), placement=place)


def test_a_products_pictures_come_in_the_order_that_they_would_have() -> None:
    run = report_of(
        prepared("/in/a_10.jpg"),
        prepared("/in/b.jpg", product=159),
        prepared("/in/a_2.jpg"),
        photo("/in/c.jpg", State.WAITING),
    )
    first, second = plans(run, END)
    assert [one.path.name for one in first.pictures] == ["a_2.jpg", "a_10.jpg"]
    made = "2048 × 1365, 812 kB (6000 × 4000 → 2048 × 1365, JPEG quality 91)"
    assert list(plan_lines(first)) == [
        "Product 158 (SM-13, [Sample] Smith Journal 13):",
        f"  1  /in/a_2.jpg: {made}; the product was given",
        f"  2  /in/a_10.jpg: {made}; the product was given",
    ]
    assert next(plan_lines(second)) == "Product 159:"
    assert planned_products(run, END) == [158, 159]


def test_a_product_that_the_shop_has_no_words_for_is_called_by_its_id_alone() -> None:
    nameless = replace(END, names={158: ProductName(sku="", name="")})
    (plan,) = plans(report_of(prepared("/in/a.jpg")), nameless)
    assert next(plan_lines(plan)) == "Product 158:"
    alike = replace(plan, name=ProductName(sku="BOWL-24", name="BOWL-24"))
    assert next(plan_lines(alike)) == "Product 158 (BOWL-24):"


def test_what_is_in_the_shop_already_is_not_planned_again() -> None:
    assert list(plans(report_of(stored_photo("/in/a.jpg"), already=True), END)) == []
    assert planned_products(report_of(prepared("/in/a.jpg"), already=True), END) == []


def test_an_order_that_was_given_decides() -> None:
    run = report_of(prepared("/in/a.jpg", order=7), prepared("/in/b.jpg", order=3))
    (plan,) = plans(run, END)
    assert [one.path.name for one in plan.pictures] == ["b.jpg", "a.jpg"]
    assert ", order 3; " in list(plan_lines(plan))[1]


def test_one_without_an_order_comes_behind_those_that_are_sent_before_it() -> None:
    run = report_of(
        prepared("/in/c.jpg", order=1), prepared("/in/b.jpg"), prepared("/in/a.jpg", order=2)
    )
    (plan,) = plans(run, END)
    assert [one.path.name for one in plan.pictures] == ["c.jpg", "a.jpg", "b.jpg"]


def test_views_come_in_the_order_in_which_the_shop_will_show_them() -> None:
    run = report_of(
        prepared("/in/a.jpg", view="back"),
        prepared("/in/b.jpg", view="front"),
        prepared("/in/c.jpg", view="main"),
    )
    (plan,) = plans(run, END)
    assert [one.path.name for one in plan.pictures] == ["c.jpg", "b.jpg", "a.jpg"]


def test_a_run_that_is_none_plans_nothing() -> None:
    assert list(plans(report_of(prepared("/in/a.jpg")), replace(END, rehearsed=False))) == []


def test_programs_get_the_same() -> None:
    (plan,) = plans(report_of(prepared("/in/a.jpg")), END)
    assert plan_document(plan) == {
        "product_id": 158,
        "name": "[Sample] Smith Journal 13",
        "sku": "SM-13",
        "pictures": [
            {"number": 1, "path": "/in/a.jpg", "order": None, "upload_name": picture().upload_name}
        ],
    }
