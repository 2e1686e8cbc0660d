from __future__ import annotations

from dataclasses import replace

from pipeline.placement import Placement, Rule, says_otherwise

KNOWN = Placement(
    product_id=158, rule="the product was given", order=2, description="A mug", by=Rule.GIVEN
)


def test_what_a_caller_does_not_say_is_no_other_wish() -> None:
    told = Placement(product_id=158, rule="the product was given")
    assert not says_otherwise(told, KNOWN)
    assert not says_otherwise(replace(told, others=("its folder says SM-13",)), KNOWN)


def test_another_product_or_another_wish_is_said_otherwise() -> None:
    told = Placement(product_id=158, rule="the product was given")
    assert says_otherwise(told, None)
    assert says_otherwise(replace(told, product_id=159), KNOWN)
    assert says_otherwise(replace(told, order=3), KNOWN)
    assert says_otherwise(replace(told, rule="was on the table"), KNOWN)


def test_why_it_is_a_products_tells_what_else_was_said() -> None:
    assert KNOWN.why == "the product was given"
    assert replace(KNOWN, others=("its name says SM-20",)).why == (
        "the product was given; its name says SM-20"
    )
    assert KNOWN.is_told
    assert not replace(KNOWN, by=Rule.NAME).is_told
