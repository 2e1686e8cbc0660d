"""The maps that hold for a photograph say whose it is; what nobody can tell, waits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, ProductUnknown
from pipeline.intake.assign import Assigner
from pipeline.intake.chain import Asked
from pipeline.intake.maps.mapping import LOOKED_AGAIN, Maps
from pipeline.intake.path_rules import chain_of
from pipeline.values import Original, Placement, Rule
from tests.makers import arrival

SHOP = {"SM-13": 13, "SM-13-RED": 13, "MUG-7": 7, "158": 900}


def by_sku(names: Collection[str]) -> Mapping[str, frozenset[int]]:
    return {name: frozenset({SHOP[name]}) for name in names if name in SHOP}


def by_id(ids: Collection[int]) -> Collection[int]:
    return [id_ for id_ in ids if id_ in (158, 13)]


class Studio:
    """A folder with photographs, a map for it, and what says whose they are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        self.said: list[str] = []

    def maps(self, *given: Path, patterns: tuple[str, ...] = ()) -> Maps:
        return Maps(given, patterns, say=self.said.append, monotonic=lambda: self.now)

    def photo(self, name: str) -> Original:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return Original(sha256="0" * 64, size=1, path=path, root=self.folder)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "shoot")


def placing(maps: Maps) -> Callable[[Original], Placement]:
    rule = Asked(rule=Rule.MAP, says=maps.says, version=maps.version)
    return Assigner(by_sku, by_id, rules=chain_of(more={Rule.MAP: rule})).place


def test_a_row_places_a_photograph_with_its_order_view_and_words(studio: Studio) -> None:
    shots = studio.write(
        "shots.csv", "file,sku,order,view,alt,main\nIMG_1.jpg,SM-13,2,back,The back,yes\n"
    )
    placed = placing(studio.maps(shots))(studio.photo("IMG_1.jpg"))
    assert (placed.product_id, placed.by) == (13, Rule.MAP)
    assert placed.rule == "row 2 of the map shots.csv says SM-13"
    assert (placed.order, placed.view, placed.thumbnail) == (2, "back", True)
    assert placed.description == "The back"


def test_a_view_may_be_said_in_any_word_for_it(studio: Studio) -> None:
    shots = studio.write("shots.csv", "Datei,SKU,Ansicht\na.jpg,SM-13,Vorne\nb.jpg,SM-13,odd\n")
    place = placing(studio.maps(shots))
    assert place(studio.photo("a.jpg")).view == "front"
    assert place(studio.photo("b.jpg")).view == "odd"


def test_a_sku_that_the_shop_does_not_know_waits_and_is_named(studio: Studio) -> None:
    shots = studio.write("shots.csv", "file,sku\nSM-13.jpg,NEW-1\n")
    with pytest.raises(ProductUnknown, match=r"the map shots.csv says NEW-1, and the shop has no"):
        placing(studio.maps(shots))(studio.photo("SM-13.jpg"))


def test_a_map_and_a_name_that_say_different_products_wait_with_both(studio: Studio) -> None:
    shots = studio.write("shots.csv", "file,sku\nMUG-7-front.jpg,SM-13\n")
    with pytest.raises(ProductUnknown, match=r"MUG-7.*the map shots.csv says SM-13"):
        placing(studio.maps(shots))(studio.photo("MUG-7-front.jpg"))


def test_two_rows_of_one_map_may_name_a_product_each_and_two_maps_are_a_doubt(
    studio: Studio,
) -> None:
    shots = studio.write(
        "shots.csv",
        "file,sku\na.jpg,SM-13\na.jpg,SM-13-RED\nb.jpg,SM-13\nb.jpg,MUG-7\nc.jpg,SM-13\nc.jpg,NO-1\n",
    )
    place = placing(studio.maps(shots))
    assert place(studio.photo("a.jpg")).product_id == 13
    both = place(studio.photo("b.jpg"))
    assert (both.product_id, both.also) == (13, (7,))
    other = studio.write("other.csv", "file,sku\na.jpg,MUG-7\n")
    with pytest.raises(ProductUnknown, match="SM-13 and MUG-7, and one file cannot go to two"):
        placing(studio.maps(shots, other))(studio.photo("a.jpg"))
    with pytest.raises(ProductUnknown, match="says NO-1, and the shop has no such product"):
        place(studio.photo("c.jpg"))


def test_a_number_that_is_the_sku_of_one_and_the_id_of_another_product_waits(
    studio: Studio,
) -> None:
    shots = studio.write("shots.csv", "file,product\na.jpg,158\nb.jpg,13\n")
    place = placing(studio.maps(shots))
    with pytest.raises(ProductUnknown, match="158 and id 158"):
        place(studio.photo("a.jpg"))
    assert place(studio.photo("b.jpg")).product_id == 13


def test_one_name_in_two_folders_waits_unless_the_map_tells_them_apart(studio: Studio) -> None:
    red, blue = studio.photo("red/1.jpg"), studio.photo("blue/1.jpg")
    shots = studio.write("shots.csv", "file,sku\n1.jpg,SM-13\n")
    maps = studio.maps(shots)
    (told,) = maps.compare([red.path, blue.path])
    assert told == f"the map {shots} is a list of files and products: it names 1 picture"
    for one in (red, blue):
        with pytest.raises(ProductUnknown, match=r"row 2 of the map shots.csv may mean this file"):
            placing(maps)(one)
    shots.write_text("file,sku\nred/1.jpg,SM-13\nblue/1.jpg,MUG-7\n")
    studio.now += LOOKED_AGAIN
    assert placing(maps)(red).product_id == 13
    assert placing(maps)(blue).product_id == 7


def test_of_two_files_the_one_whose_folders_fit_a_path_of_another_machine_is_meant(
    studio: Studio,
) -> None:
    red, blue = studio.photo("red/1.jpg"), studio.photo("blue/1.jpg")
    shots = studio.write("shots.csv", "file,sku\nD:\\shoot\\red\\1.jpg,SM-13\n")
    maps = studio.maps(shots)
    list(maps.compare([red.path, blue.path]))
    assert placing(maps)(red).product_id == 13
    with pytest.raises(ProductUnknown, match="nobody knows its product"):
        placing(maps)(blue)


def test_a_changed_map_is_read_again_and_a_broken_one_leaves_what_it_said(studio: Studio) -> None:
    shots = studio.write("shots.csv", "file,sku\na.jpg,SM-13\n")
    maps = studio.maps(shots)
    before = maps.version
    shots.write_text("file,sku\na.jpg,MUG-7\nb.jpg\n")
    assert placing(maps)(studio.photo("a.jpg")).product_id == 13
    studio.now += LOOKED_AGAIN
    assert placing(maps)(studio.photo("a.jpg")).product_id == 7
    assert maps.version != before
    assert studio.said == [
        f"the map {shots} has one row that cannot be used: row 3, column “sku”: no product is named"
    ]
    shots.write_text("nothing of use\n")
    studio.now += LOOKED_AGAIN
    assert placing(maps)(studio.photo("a.jpg")).product_id == 7
    assert "is no map" in studio.said[-1]
    studio.now += LOOKED_AGAIN
    placing(maps)(studio.photo("a.jpg"))
    assert len(studio.said) == 2


def test_a_map_that_was_given_and_is_none_ends_it(studio: Studio) -> None:
    with pytest.raises(ConfigError, match="is no map"):
        studio.maps(studio.write("shots.csv", "name\nx\n"))


def test_maps_in_folders_hold_for_what_lies_below_them(studio: Studio) -> None:
    studio.write("monday/List.CSV", "file,sku\n1.jpg,SM-13\n")
    studio.write("monday/~$list.csv", "file,sku\n1.jpg,MUG-7\n")
    other = studio.write("other.txt", "file,sku\n1.jpg,MUG-7\n")
    (studio.folder / "link.csv").symlink_to(other)
    maps = studio.maps(patterns=("*.csv",))
    place = placing(maps)
    assert place(studio.photo("monday/raw/1.jpg")).product_id == 13
    with pytest.raises(ProductUnknown):
        place(studio.photo("tuesday/1.jpg"))
    # One that comes later is found.
    studio.write("tuesday/list.csv", "file,sku\n1.jpg,MUG-7\n")
    with pytest.raises(ProductUnknown):
        place(studio.photo("tuesday/1.jpg"))
    studio.now += LOOKED_AGAIN
    assert place(studio.photo("tuesday/1.jpg")).product_id == 7


def test_a_list_in_a_folder_that_is_no_map_is_told_once(studio: Studio) -> None:
    studio.write("stock.csv", "name,price\nMug,9\n")
    maps = studio.maps(patterns=("*.csv",))
    for _ in range(3):
        studio.now += LOOKED_AGAIN
        assert maps.says(studio.photo("1.jpg")) is None
    (said,) = studio.said
    assert "is no map" in said


def test_a_map_that_was_changed_or_has_come_is_noticed_once_and_read_at_once(
    studio: Studio,
) -> None:
    given = studio.write("given.csv", "file,sku\nother.jpg,SM-13\n")
    maps = studio.maps(given, patterns=("*.csv",))
    photo = studio.photo("day/IMG_1.jpg")
    assert maps.says(photo) is None
    assert not maps.changed()
    given.write_text("file,sku\nIMG_1.jpg,SM-13\n")
    assert maps.changed()
    assert not maps.changed(), "once"
    said = maps.says(photo)
    assert said is not None
    assert said.names == ("SM-13",)
    came = studio.write("day/list.csv", "file,sku\nIMG_2.jpg,MUG-7\n")
    taken = maps.noticing(lambda arrival: studio.photo(arrival.path.name))
    taken(arrival(studio.folder / "day" / "IMG_2.jpg"))
    assert not maps.changed(), "a photograph is no map"
    taken(arrival(came))
    assert maps.changed()
    said = maps.says(studio.photo("day/IMG_2.jpg"))
    assert said is not None
    assert said.names == ("MUG-7",)
