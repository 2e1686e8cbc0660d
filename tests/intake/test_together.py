"""Who names several products for one picture, and what each of them is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.together import as_one, names_together, with_all
from pipeline.placement import Placement


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("SM-13,SM-14.jpg", (("SM-13",), ("SM-14", "SM"))),
        ("SM-13, SM-14_front.jpg", (("SM-13",), ("SM-14_front", "SM-14", "SM"))),
        ("SM-13.jpg", ()),
        ("SM-13,.jpg", ()),
        (",.jpg", ()),
        ("SM-13,SM-13.jpg", ()),
    ],
)
def test_a_name_is_read_part_by_part(name: str, parts: tuple[tuple[str, ...], ...]) -> None:
    assert names_together(Path("/shoot") / name) == parts


def told(product_id: int, description: str = "") -> Placement:
    return Placement(product_id=product_id, rule="said so", description=description)


def test_the_first_has_the_others_beside_it_and_each_knows_of_all() -> None:
    one = as_one([told(13, "red"), told(14, "blue"), told(13, "late")])
    assert (one.product_id, one.description, one.also) == (13, "red", (14,))
    (beside,) = one.beside
    assert (beside.product_id, beside.description, beside.also) == (14, "blue", (13,))
    assert as_one([told(13), told(13)]).also == ()


def test_what_was_told_of_several_is_said_at_each_of_them() -> None:
    one = with_all(Placement(product_id=13, rule="by hand", also=(14, 15), view="back"))
    assert [(each.product_id, each.view) for each in one.beside] == [(14, "back"), (15, "back")]
    assert with_all(told(13)) == told(13)
