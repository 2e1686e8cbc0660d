"""How what several rules say of a photograph is weighed, as a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ProductUnknown
from pipeline.intake.chain import Heard, Said, others_said, weighed
from pipeline.values import Rule

SOURCES = {
    Rule.MAP: "row 2 of shots.csv",
    Rule.METADATA: "its title",
    Rule.NAME: "its name",
    Rule.FOLDER: "its folder",
}


def heard(rule: Rule, name: str, *products: int) -> Heard:
    said = Said(rule=rule, names=(name,), source=SOURCES[rule])
    return Heard(said=said, name=name, products=frozenset(products))


A, B = 1, 2
MAP_A, MAP_NUMBER = heard(Rule.MAP, "A-1", A), heard(Rule.MAP, "2026", B)
NAME_A, NAME_B = heard(Rule.NAME, "A-1", A), heard(Rule.NAME, "B-2", B)
NAME_BOTH = heard(Rule.NAME, "TWICE", A, B)
FOLDER_A, FOLDER_B = heard(Rule.FOLDER, "A-1", A), heard(Rule.FOLDER, "B-2", B)
FOLDER_NUMBER, NAME_NUMBER = heard(Rule.FOLDER, "2026", B), heard(Rule.NAME, "900", A)


@pytest.mark.parametrize(
    ("said", "product", "by", "others"),
    [
        # One rule alone is believed, the first that answers is named, and the others are told.
        ([NAME_A], A, Rule.NAME, ()),
        ([NAME_A, FOLDER_A], A, Rule.NAME, ("its folder says A-1",)),
        ([FOLDER_A, NAME_A], A, Rule.FOLDER, ("its name says A-1",)),
        # A bare number never outweighs a SKU, whichever is asked first.
        ([NAME_A, FOLDER_NUMBER], A, Rule.NAME, ("its folder says 2026",)),
        ([NAME_NUMBER, FOLDER_B], B, Rule.FOLDER, ("its name says 900",)),
        # But who writes a number down in a map means it.
        ([MAP_NUMBER, NAME_B], B, Rule.MAP, ("its name says B-2",)),
        # Of a name that two products bear, another rule may say which is meant.
        ([NAME_BOTH, FOLDER_B], B, Rule.NAME, ("its folder says B-2",)),
    ],
)
def test_rules_that_agree_say_whose_it_is(
    said: list[Heard], product: int, by: Rule, others: tuple[str, ...]
) -> None:
    verdict = weighed(said)
    assert (verdict.product_id, verdict.heard.said.rule) == (product, by)
    assert others_said(verdict.others) == others


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        ([NAME_A, FOLDER_B], "its folder says B-2, its name says A-1:"),
        ([MAP_A, NAME_B], "its name says B-2, row 2 of shots.csv says A-1:"),
        ([MAP_NUMBER, NAME_A], "its name says A-1, row 2 of shots.csv says 2026:"),
        ([NAME_NUMBER, FOLDER_NUMBER], "its folder says 2026, its name says 900:"),
        ([MAP_A, NAME_A, FOLDER_B], "its folder says B-2, row 2 of shots.csv says A-1:"),
        ([NAME_BOTH], "TWICE may be any of the products 1, 2:"),
    ],
)
def test_rules_that_do_not_agree_are_a_doubt_that_says_both(said: list[Heard], doubt: str) -> None:
    with pytest.raises(ProductUnknown) as unknown:
        weighed(said)
    assert str(unknown.value).startswith(doubt)


NAMES = st.sampled_from(["A-1", "B-2", "900", "2026", "TWICE"])
BEARERS = {"A-1": [A], "B-2": [B], "900": [A], "2026": [B], "TWICE": [A, B]}


@given(st.dictionaries(st.sampled_from(list(SOURCES)), NAMES, min_size=1))
def test_nothing_is_ever_placed_against_what_a_sku_says(said: dict[Rule, str]) -> None:
    rules = [heard(rule, name, *BEARERS[name]) for rule, name in said.items()]
    surely = [one for one in rules if not one.is_number]
    try:
        verdict = weighed(rules)
    except ProductUnknown:
        together = frozenset({A, B})
        for one in surely or rules:
            together &= one.products
        assert len(together) != 1
    else:
        assert all(verdict.product_id in one.products for one in surely or rules)
        assert {verdict.heard, *verdict.others} == set(rules)
