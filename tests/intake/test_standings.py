"""A placement gets from a photograph's name what nobody said: its view, its number, its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.standings import Standings
from pipeline.standing import shot_order_key
from pipeline.values import Placement

PLACED = Placement(product_id=158, rule="test")


def in_order(names: list[str], called: list[str], standings: Standings | None = None) -> list[str]:
    def key(name: str) -> str:
        path = Path("/in", name)
        return shot_order_key(path, (standings or Standings()).of(PLACED, path, called).standing)

    return sorted(names, key=key)


@pytest.mark.parametrize(
    ("called", "names"),
    [
        ("SM-13", ["SM-13.jpg", "SM-13_front.jpg", "SM-13_back.jpg", "SM-13_detail.jpg"]),
        ("SM-13", ["SM-13.jpg", "SM-13-1.jpg", "SM-13-2.jpg", "SM-13-10.jpg"]),
        ("SM-13", ["SM-13 (1).jpg", "SM-13 (2).jpg", "SM-13 (10).jpg"]),
        ("SM-13", ["SM-13.MAIN.jpg", "SM-13.PT01.jpg", "SM-13.PT02.jpg"]),
        ("SM-13", ["SM-13_View_1.jpg", "SM-13_View_2.jpg"]),
        ("SM-13", ["SM-13/SM-13_0_free.jpg", "SM-13/SM-13_1_used.jpg"]),
        ("SM-13", ["SM-13/main.jpg", "SM-13/front.jpg", "SM-13/zoom.jpg", "SM-13/IMG_0003.jpg"]),
        ("04006381333931", ["04006381333931_A1C1.jpg", "04006381333931_A7C1.jpg"]),
        ("id 158", ["158.jpg", "158_1.jpg", "158_2.jpg"]),
    ],
)
def test_each_style_of_names_comes_in_the_shoots_order(called: str, names: list[str]) -> None:
    assert in_order(names[::-1], [called]) == names


def test_the_list_of_views_is_the_studios() -> None:
    names = ["A_back.jpg", "A_etikett.jpg", "A_front.jpg"]
    standings = Standings(("back", "label"), ("etikett=label",))
    assert in_order(names[::-1], ["A"], standings) == names


def test_what_was_said_stays_and_a_name_adds_the_rest() -> None:
    told = Placement(product_id=158, rule="test", order=7, view="detail")
    placed = Standings().of(told, Path("/in/SM-13_front_2.jpg"), ["SM-13"])
    assert (placed.order, placed.view) == (7, "detail")
    assert (
        placed.standing
        > Standings()
        .of(Placement(product_id=158, rule="test", order=6), Path("/in/z.jpg"), [])
        .standing
    )
    named = Standings().of(PLACED, Path("/in/SM-13_2.jpg"), ["SM-13"])
    assert (named.order, named.view) == (2, None)
