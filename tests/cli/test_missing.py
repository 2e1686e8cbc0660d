"""Which products lack something: the real command, and the local store in place of the shop."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.servers import local_store
from tests.stories.commands import Command, photograph
from tests.upload.test_bulk import shop

CATALOGUE = "1,MUG-1,Blue mug,\n2,MUG-2,Red mug,\n3,MUG-3,Green mug,\n"


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """One product with two pictures, one with a broken file, and one that nobody can place."""
    folder = tmp_path / "photographs"
    photograph(folder / "MUG-1_1.jpg", 1)
    photograph(folder / "MUG-1_2.jpg", 2)
    photograph(folder / "beach.jpg", 4)
    (folder / "broken").mkdir()
    (folder / "broken" / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 is cut off")
    return folder


def test_each_product_stands_with_what_it_lacks_and_what_is_here_of_it(
    tmp_path: Path, photographs: Path
) -> None:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        pipeline = Command(tmp_path / "home", store)
        assert pipeline("run", "--product", "2", photographs / "broken").status == 1
        assert pipeline("run", photographs).status == 1
        end = pipeline("missing", "--min", "3")
        rows = pipeline("missing", "--min", "3", "--json").document
    lines = {line.split()[1]: line for line in end.out.splitlines() if "MUG-" in line}
    assert end.status == 1
    assert "1 more needed; 2 without alt text" in lines["MUG-1"]
    assert "no picture (here: 1 refused)" in lines["MUG-2"]
    assert lines["MUG-3"].endswith("no picture")
    assert "3 products, of which 3 lack something: 2 without a picture" in end.out
    assert "1 photograph here waits" in end.out
    by_sku = {row["sku"]: row for row in rows}
    assert by_sku["MUG-1"]["too_few"] == 1
    assert by_sku["MUG-1"]["no_main"] is False
    assert by_sku["MUG-2"]["here"] == {"not_finished": 0, "refused": 1, "failed": 0}
    assert by_sku["MUG-3"]["name"] == "Green mug"


def test_the_product_of_a_sku_is_asked_for_alone(tmp_path: Path) -> None:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        pipeline = Command(tmp_path / "home", store)
        rows = pipeline("missing", "--sku", "mug-2", "--sku", "MUG-3", "--json").document
        unknown = pipeline("missing", "--sku", "MUG-9")
    assert [row["product_id"] for row in rows] == [2, 3]
    assert unknown.status == 2
    assert "no product with the SKU MUG-9" in unknown.err


def test_a_shop_that_lacks_nothing_says_so_and_ends_well(tmp_path: Path) -> None:
    with local_store(tmp_path / "shop", catalogue="1,MUG-1,Blue mug,\n") as store:
        pipeline = Command(tmp_path / "home", store)
        photograph(tmp_path / "MUG-1.jpg", 1)
        pipeline("run", tmp_path / "MUG-1.jpg").well()
        image = store.images(1)[0]
        words = ("images", "update", "1", image["id"], "--description", "Blue mug, front")
        pipeline(*map(str, words)).well()
        end = pipeline("missing").well()
        assert "1 product: none lacks anything." in end.out
        assert pipeline("missing", "--json").well().document == []


def test_what_is_missing_opens_in_a_spreadsheet(tmp_path: Path, photographs: Path) -> None:
    with local_store(
        tmp_path / "shop", catalogue="1,MUG-1,=Blue mug,\n2,MUG-2,Red mug,\n"
    ) as store:
        pipeline = Command(tmp_path / "home", store)
        assert pipeline("run", photographs).status == 1
        end = pipeline("missing", "--views", "front,back", "--csv")
        both = pipeline("missing", "--csv", "--json")
    assert end.status == 1
    rows = list(csv.DictReader(end.out.removeprefix("\ufeff").splitlines()))
    by_sku = {row["sku"]: (row["pictures"], row["views"], row["name"]) for row in rows}
    assert by_sku == {
        "MUG-1": ("2", "front, back", "'=Blue mug"),
        "MUG-2": ("0", "front, back", "Red mug"),
    }
    assert both.status == 2
    assert "give --json or --csv, not both" in both.err


def test_ten_thousand_products_are_held_against_the_shop_in_forty_five_requests(
    tmp_path: Path,
) -> None:
    counts = {id_: (id_ * 7) % 4 for id_ in range(1, 10_001)}
    with local_store(tmp_path, catalogue=shop(tmp_path, counts)) as store:
        pipeline = Command(tmp_path / "home", store)
        store.control("DELETE", "_log")
        end = pipeline("missing", "--min", "2", "--json")
        requests = len(store.seen())
    rows = end.document
    assert end.status == 1
    assert requests <= 45
    assert {row["product_id"]: row["pictures"] for row in rows if row["too_few"]} == {
        id_: number for id_, number in counts.items() if number < 2
    }


def test_the_views_that_each_should_have_are_held_against_what_the_pictures_show(
    tmp_path: Path,
) -> None:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        pipeline = Command(tmp_path / "home", store)
        for number, name in enumerate(("MUG-1_front.jpg", "MUG-1_back.jpg", "MUG-2_front.jpg")):
            photograph(tmp_path / "in" / name, number)
        pipeline("run", tmp_path / "in").well()
        rows = pipeline("missing", "--views", "Front, rückseite", "--json").document
        wrong = pipeline("missing", "--views", "sidewards")
        listed = tmp_path / "list.csv"
        listed.write_text('sku,views\nMUG-1,"front,back"\nMUG-2,"main,detail"\nMUG-9,front\n')
        end = pipeline("missing", "--list", listed)
        both = pipeline("missing", "--list", listed, "--sku", "MUG-1")
    assert {row["sku"]: row["views"] for row in rows} == {
        "MUG-1": [],
        "MUG-2": ["back"],
        "MUG-3": ["front", "back"],
    }
    assert (wrong.status, both.status) == (2, 2)
    assert "no view is called 'sidewards'" in wrong.err
    lines = {line.split()[1]: line for line in end.out.splitlines() if "MUG-" in line}
    assert lines["MUG-2"].endswith("1 without alt text; no detail")
    assert "MUG-3" not in lines
    assert end.status == 1
    assert "the shop has no product with the SKU MUG-9" in end.err
