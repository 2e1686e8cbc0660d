from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.near import near_names, nearest

SHOP = ("SM-13", "MUG-100", "BOWL-24", "KX7-2", "CUP-90", "CUP-91", "CUP-92", "CUP-93", "AB-0001")


def known(names: Sequence[str]) -> dict[str, frozenset[int]]:
    return {name: frozenset({1}) for name in names if name in SHOP}


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (["SM-31"], ("SM-31", ("SM-13",))),  # exchanged
        (["SM-31-front", "SM-31", "SM"], ("SM-31", ("SM-13",))),
        (["MUG-1OO"], None),  # two signs are wrong
        (["MUG-10O"], ("MUG-10O", ("MUG-100",))),  # the letter O for a nought
        (["BOWL_24"], None),  # no SKU by its look; and read_as is for slashes
        (["BOWL.24"], ("BOWL.24", ("BOWL-24",))),
        (["BOWL24"], ("BOWL24", ("BOWL-24",))),  # one is missing
        (["MUG-1000"], ("MUG-1000", ("MUG-100",))),  # one too many
        (["KX7-3"], ("KX7-3", ("KX7-2",))),
        (["CUP-94"], None),  # four are as near: none is likelier
        (["AB-0002"], ("AB-0002", ("AB-0001",))),
        (["front"], None),
        (["ZZ-99"], None),
        ([], None),
    ],
)
def test_a_name_is_near_a_sku_that_differs_by_one_slip(
    names: list[str], meant: tuple[str, tuple[str, ...]] | None
) -> None:
    assert nearest(names, known) == meant


@given(st.from_regex(r"[A-Z]{1,6}-?[0-9]{1,8}", fullmatch=True), st.data())
def test_two_signs_that_were_exchanged_are_always_found_and_it_costs_few_look_ups(
    sku: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(sku) - 2))
    typed = f"{sku[:at]}{sku[at + 1]}{sku[at]}{sku[at + 2 :]}"
    assert sku in next(near_names(typed))
    assert sum(len(kind) for kind in near_names(typed)) < 30 * (len(sku) + 1)
