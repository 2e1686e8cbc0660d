"""Products' names are asked for many at once, each product once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pipeline.intake.product_names import AT_ONCE, NotedCatalogue, ProductNames
from pipeline.values import ProductName


class Shop:
    """Knows the products up to 1000, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def names(self, ids: Collection[int]) -> Mapping[int, ProductName]:
        self.asked.append(sorted(ids))
        return {id_: ProductName(sku=f"S-{id_}", name=f"Mug {id_}") for id_ in ids if id_ <= 1000}


class Kept:
    """A catalogue that knows one SKU."""

    def products(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        return {name: frozenset({7}) for name in names}

    def heard(self, answers: Mapping[str, frozenset[int]]) -> bool:
        return True

    def known(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        return {}


def test_what_was_looked_up_is_asked_for_together_and_once() -> None:
    shop = Shop()
    names = ProductNames(shop.names)
    lookup = names.noting(lambda skus: {sku: frozenset({int(sku)}) for sku in skus})
    lookup([str(number) for number in range(1, 400)])
    assert names.of(5) == ProductName(sku="S-5", name="Mug 5")
    assert len(shop.asked[0]) == AT_ONCE
    for number in range(1, 400):
        assert names.of(number) is not None
    assert len(shop.asked) == 2


def test_a_product_that_the_shop_does_not_know_is_not_asked_for_again() -> None:
    shop = Shop()
    names = ProductNames(shop.names)
    assert names.of(5000) is None
    assert names.of(5000) is None
    assert shop.asked == [[5000]]


def test_what_the_kept_catalogue_answers_is_noted_too() -> None:
    shop = Shop()
    names = ProductNames(shop.names)
    kept = NotedCatalogue(Kept(), names)
    assert kept.products(["A"]) == {"A": frozenset({7})}
    assert kept.heard({})
    assert kept.known(["A"]) == {}
    names.of(8)
    assert shop.asked == [[7, 8]]
