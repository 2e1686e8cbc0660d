"""What is in categories is asked once an hour, kept between processes, and told without asking."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from pipeline.errors import StoreUnavailable
from pipeline.home import CATEGORIES_FILE
from pipeline.intake.in_categories import FRESH_SECONDS, KeptCategories


class Shop:
    """Says what is in its categories, and counts how often."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 1_000_000.0
        self.away = False
        self.mugs = ["MUG-1"]

    def __call__(self, names: Collection[str]) -> dict[str, Sequence[str] | None]:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("away")
        return {name: self.mugs if name.casefold() == "mugs" else None for name in names}

    def kept(self, home: Path, store: str = "shop") -> KeptCategories:
        return KeptCategories(home, store, self, lambda: self.now)


def test_it_is_asked_once_an_hour_whoever_asks(tmp_path: Path) -> None:
    shop = Shop()
    first = shop.kept(tmp_path)
    found = first.of(["Mugs", "Bowls"])
    assert found.skus == {"mugs": ("MUG-1",)}
    assert (found.unknown, found.not_read) == (("Bowls",), ())
    assert first.of(["Mugs", "Bowls"]) is found
    assert shop.kept(tmp_path).of(["Mugs", "Bowls"]) == found
    assert KeptCategories(tmp_path, "shop").of(["mugs"]).skus == {"mugs": ("MUG-1",)}
    assert shop.asked == 1
    shop.now, shop.mugs = shop.now + FRESH_SECONDS, ["MUG-1", "MUG-2"]
    assert first.of(["Mugs", "Bowls"]).skus == {"mugs": ("MUG-1", "MUG-2")}
    assert shop.asked == 2
    shop.now -= 10.0
    first.of(["Mugs", "Bowls"])
    assert shop.asked == 3, "a clock that was set back makes nothing young"


def test_a_category_that_is_new_on_the_list_is_asked_for_and_another_shop_has_its_own(
    tmp_path: Path,
) -> None:
    shop = Shop()
    shop.kept(tmp_path).of(["Mugs"])
    shop.kept(tmp_path).of(["Mugs", "Cups"])
    shop.kept(tmp_path, "another").of(["Mugs"])
    assert shop.asked == 3


def test_a_shop_that_is_away_costs_nothing_that_was_known(tmp_path: Path) -> None:
    shop = Shop()
    kept = shop.kept(tmp_path)
    found = kept.of(["Mugs"])
    shop.now, shop.away = shop.now + 2 * FRESH_SECONDS, True
    assert kept.of(["Mugs"]) == found
    assert kept.of(["Mugs"]) == found
    assert shop.asked == 2, "it is not asked at every photograph"
    with pytest.raises(StoreUnavailable):
        kept.of(["Mugs", "Cups"])


@pytest.mark.parametrize(
    "text", ["", "[]", '{"asked_at": "x"}', '{"asked_at": 1, "categories": 2}']
)
def test_who_only_tells_asks_nobody_and_a_damaged_file_is_none(tmp_path: Path, text: str) -> None:
    told = KeptCategories(tmp_path, "shop")
    assert told.of(["Mugs"]).not_read == ("Mugs",)
    assert KeptCategories(tmp_path, None).of(["Mugs"]).not_read == ("Mugs",)
    Shop().kept(tmp_path).of(["Mugs"])
    (file,) = tmp_path.glob(f"{CATEGORIES_FILE}*")
    file.write_text(text)
    assert KeptCategories(tmp_path, "shop").of(["Mugs"]).not_read == ("Mugs",)
