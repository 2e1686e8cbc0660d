"""What names say of many files: in their order, with few questions, and nothing is opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pipeline.intake.assign import Assigner
from pipeline.intake.naming import LOOKED_AHEAD, Naming, namings
from pipeline.values import Arrival, Door
from tests.makers import START

SHOP = {"SM-13": 13, "MUG-7": 7}


class Catalogue:
    """Knows two SKUs, and how often it was asked."""

    def __init__(self) -> None:
        self.questions = 0

    def by_sku(self, names: Collection[str]) -> Mapping[str, frozenset[int]]:
        self.questions += 1
        return {name: frozenset({SHOP[name]}) for name in names if name in SHOP}


def said(*paths: str, catalogue: Catalogue | None = None) -> list[Naming]:
    root = Path("/photos")
    arrivals = (
        Arrival(path=root / path, root=root, door=Door.RUN, seen_at=START) for path in paths
    )
    by_sku = (catalogue or Catalogue()).by_sku
    return list(namings(arrivals, Assigner(by_sku, lambda ids: ())))


def test_each_file_is_told_with_its_product_its_order_and_the_rule_and_none_is_opened() -> None:
    front, second, nobody = said("SM-13/front.jpg", "MUG-7_2.png", "beach.jpg")
    assert front.placement is not None
    assert (front.placement.product_id, front.placement.order) == (13, None)
    assert front.placement.rule == "its folder is named SM-13"
    assert second.placement is not None
    assert (second.placement.product_id, second.placement.order) == (7, 2)
    assert nobody.placement is None
    assert "nobody knows its product" in nobody.why_not


def test_names_that_contradict_each_other_would_wait_with_both() -> None:
    (one,) = said("SM-13/MUG-7-front.jpg")
    assert one.placement is None
    assert "SM-13" in one.why_not
    assert "MUG-7" in one.why_not


def test_nothing_is_asked_of_what_is_no_picture_by_its_name() -> None:
    catalogue = Catalogue()
    found = said("SM-13/notes.txt", "SM-13/a.CR3", "SM-13/a.psd", catalogue=catalogue)
    assert [one.meant for one in found] == [False] * 3
    assert all(one.placement is None and not one.why_not for one in found)
    assert catalogue.questions == 0


def test_the_names_of_many_files_are_asked_for_together() -> None:
    catalogue = Catalogue()
    number = 2 * LOOKED_AHEAD
    found = said(*(f"no-such-{n}.jpg" for n in range(number)), catalogue=catalogue)
    assert len(found) == number
    # Each file has a name of its own, which may stand for three SKUs with a slash besides, and some
    # 250 of them fit into a question.
    assert catalogue.questions <= 4 * number // 100
