"""Which names are a product's, asked for once and kept for a while."""

from __future__ import annotations

import pytest

from pipeline.errors import StoreUnavailable
from pipeline.intake.names_of import FRESH_SECONDS, REST_SECONDS, NamesOf


class Shop:
    def __init__(self) -> None:
        self.asked: list[int] = []
        self.now = 100.0
        self.away = False

    def skus_of(self, product_id: int) -> list[str] | None:
        self.asked.append(product_id)
        if self.away:
            raise StoreUnavailable("away")
        return None if product_id == 7 else [f"SM-{product_id}", "Caf\u00e9 1 "]

    def names(self) -> NamesOf:
        return NamesOf(self.skus_of, lambda: self.now)


def test_names_are_asked_for_once_and_compare_as_stores_do() -> None:
    shop = Shop()
    names = shop.names()
    assert names.of(158) is None
    assert names.learn()
    assert names.of(158) == frozenset({"sm-158", "cafe 1"})
    assert not names.learn()
    assert shop.asked == [158]


def test_they_are_asked_for_anew_when_they_are_old() -> None:
    shop = Shop()
    names = shop.names()
    names.of(158)
    names.learn()
    shop.now += FRESH_SECONDS
    assert names.of(158) is None
    assert names.learn()
    assert shop.asked == [158, 158]


def test_what_cannot_be_told_is_left_alone_for_a_while() -> None:
    shop = Shop()
    names = shop.names()
    names.of(7)
    names.learn()
    assert names.of(7) is None
    assert not names.learn()
    shop.now += REST_SECONDS
    names.of(7)
    assert names.learn()


def test_so_is_what_the_store_does_not_answer() -> None:
    shop = Shop()
    shop.away = True
    names = shop.names()
    names.of(158)
    with pytest.raises(StoreUnavailable):
        names.learn()
    assert names.of(158) is None
    assert not names.learn()
