"""Metadata name a product where a whole value of a field that may is a SKU of the shop."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from pipeline.captions import NO_CAPTIONS, Captions, ProductField
from pipeline.errors import ProductUnknown
from pipeline.intake.assign import Assigner
from pipeline.intake.metadata_rule import by_metadata, metadata_rule
from pipeline.intake.path_rules import chain_of
from pipeline.values import Original, Rule

SHOP = {"SM-13": 13, "SM-13-RED": 13, "MUG-7": 7, "2026": 26}


def by_sku(names: Collection[str]) -> Mapping[str, frozenset[int]]:
    return {name: frozenset({SHOP[name]}) for name in names if name in SHOP}


def photo(captions: Captions | None, name: str = "IMG_0001.jpg") -> Original:
    folder = Path("/photos")
    return Original(sha256="0" * 64, size=1, path=folder / name, root=folder, captions=captions)


def assigner(*fields: ProductField) -> Assigner:
    rules = chain_of(more={Rule.METADATA: metadata_rule(fields)})
    return Assigner(by_sku, lambda ids: (), rules=rules)


KEYWORDS = assigner(ProductField.KEYWORDS)


def test_a_field_that_may_names_the_product_and_no_other_does() -> None:
    captions = Captions(title="MUG-7", keywords=("studio", "SM-13"))
    placed = KEYWORDS.place(photo(captions))
    assert (placed.product_id, placed.by) == (13, Rule.METADATA)
    assert placed.rule == "its metadata name SM-13"
    assert assigner(ProductField.TITLE).place(photo(captions)).product_id == 7


def test_only_a_whole_value_counts() -> None:
    for word in ("SM-13, red", "SM-13 SM-14", "see SM-13", "2026-11-27", "12.5x8cm"):
        with pytest.raises(ProductUnknown):
            KEYWORDS.place(photo(Captions(keywords=(word,))))


def test_two_skus_of_one_product_agree_and_of_two_products_are_a_doubt() -> None:
    assert KEYWORDS.place(photo(Captions(keywords=("SM-13", "SM-13-RED")))).product_id == 13
    with pytest.raises(ProductUnknown, match="its metadata says SM-13 and MUG-7"):
        KEYWORDS.place(photo(Captions(keywords=("SM-13", "MUG-7"))))


def test_metadata_and_a_name_that_say_different_products_wait_with_both() -> None:
    with pytest.raises(ProductUnknown, match=r"SM-13.*MUG-7|MUG-7.*SM-13"):
        KEYWORDS.place(photo(Captions(keywords=("SM-13",)), "MUG-7-front.jpg"))


def test_before_a_photograph_was_looked_into_it_may_be_any_products() -> None:
    assert by_metadata(photo(None), tuple(ProductField)) is None
    assert by_metadata(photo(NO_CAPTIONS), tuple(ProductField)) is None
    assert not metadata_rule(tuple(ProductField)).by_path
    assert KEYWORDS.name_rules.proposed(photo(None)) == frozenset({"*"})


def test_every_field_is_read_where_it_may_name_a_product() -> None:
    for field in ProductField:
        captions = Captions(title="SM-13", headline="SM-13", caption="SM-13", keywords=("SM-13",))
        said = by_metadata(photo(captions), (field,))
        assert said is not None
        assert said.names == ("SM-13",)
