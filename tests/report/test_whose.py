"""What products are called, as the ledger keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from pipeline.lifecycle import State
from pipeline.report.whose import Products
from pipeline.values import Photo, ProductName
from tests.makers import placement
from tests.report.photos import photo


class Kept:
    """A ledger that keeps a few names, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = Counter[int]()

    def skus_of(self, product_id: int) -> frozenset[str]:
        self.asked[product_id] += 1
        return frozenset({"sm-13", "sm-1"}) if product_id == 158 else frozenset()

    def product_names(self, product_ids: Collection[int]) -> Mapping[int, ProductName]:
        self.asked.update(product_ids)
        kept = {159: ProductName(sku="Mug-9", name="Blue mug")}
        return {id_: name for id_, name in kept.items() if id_ in product_ids}


def one(rule: str = "given", product_id: int | None = 158, sku: str | None = None) -> Photo:
    placed = None if product_id is None else replace(placement(product_id), rule=rule)
    return photo("/in/a.jpg", State.STORED, placement=placed, sku=sku)


def products() -> Products:
    kept: Any = Kept()
    return Products(kept)


def test_a_sku_is_told_as_the_name_writes_it_the_longest_first() -> None:
    assert products().sku_of(one("the folder is called SM-13")) == "SM-13"
    assert products().sku_of(one("the file name begins with Sm-1")) == "Sm-1"


def test_what_was_given_comes_first_then_the_products_own_then_the_shortest_kept() -> None:
    assert products().sku_of(one("the folder is called SM-13", sku="given")) == "given"
    assert products().sku_of(one(product_id=159)) == "Mug-9"
    assert products().sku_of(one()) == "sm-1"
    assert products().sku_of(one(product_id=7)) == ""


def test_a_name_is_told_where_it_is_kept() -> None:
    assert products().name_of(one(product_id=159)) == products().name(159) == "Blue mug"
    assert products().name_of(one()) == ""
    assert products().name_of(one(product_id=None)) == ""


def test_of_no_product_nothing_is_asked_and_of_one_once() -> None:
    kept: Any = Kept()
    named = Products(kept)
    assert named.sku_of(one(product_id=None)) == ""
    assert not kept.asked
    for _ in range(3):
        named.name_of(one(product_id=159))
    assert kept.asked == {159: 1}
