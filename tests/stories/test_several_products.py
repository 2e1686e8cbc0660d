"""One picture for several products: made once, uploaded once to each, whatever is cut off."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.faultpoints import VARIABLE
from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph

CATALOGUE = "13,SM-13,Red mug,\n14,SM-14,Blue mug,\n15,SM-15,Green mug,\n16,A,B,\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, shop: StoreProcess) -> Command:
    return Command(tmp_path / "home", shop, plain_ids=False, settle_after=1, patience=30)


def numbers(shop: StoreProcess) -> tuple[int, ...]:
    return tuple(len(shop.images(product)) for product in (13, 14, 15))


def posts(shop: StoreProcess) -> int:
    return sum(one["method"] == "POST" and "/images" in one["path"] for one in shop.seen())


@pytest.mark.parametrize("way", ["sku", "name", "folder", "list", "table"])
def test_each_product_gets_it_once_however_it_is_said(
    way: str, tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    name = "SM-13,SM-14_back.jpg" if way in ("name", "folder") else "IMG_0001.jpg"
    folder = tmp_path / ("SM-13" if way == "folder" else "shoot")
    file = photograph(folder / name, 1)
    words: list[object] = [folder]
    if way == "sku":
        words += ["--sku", "SM-13", "--sku", "SM-14"]
    if way == "list":
        listed = tmp_path / "list.csv"
        listed.write_text("file,sku,alt\nIMG_0001.jpg,SM-13,Red\nIMG_0001.jpg,SM-14,Blue\n")
        words += ["--map", listed]
    if way == "table":
        pipeline("table", "SM-13,SM-14").well()
        pipeline("hook", "--wait", file).well()
    else:
        pipeline("run", *words).well()
    assert numbers(shop) == (1, 1, 0)
    if way == "list":
        words_of = [shop.images(product)[0]["description"] for product in (13, 14)]
        assert words_of == ["Red", "Blue"]
    stories = pipeline("history", "--json", f"path:{file}").well().document
    assert sorted(one["product_id"] for one in stories) == [13, 14]
    assert len(pipeline("list", "--json").document) == 2
    for again in ((), ("--check-content",)):
        if way != "table":
            pipeline("run", *words, *again).well()
        pipeline("run", folder, *again).well()
    assert (numbers(shop), posts(shop)) == ((1, 1, 0), 2)
    assert pipeline("ledger", "check").well()


def test_what_is_at_one_of_them_already_goes_to_the_other_alone(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    file = photograph(tmp_path / "SM-13" / "a.jpg", 1)
    pipeline("run", file).well()
    pipeline("run", file, "--sku", "SM-13", "--sku", "SM-14").well()
    assert (numbers(shop), posts(shop)) == ((1, 1, 0), 2)


def test_another_export_of_the_file_is_one_of_each(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    file = photograph(tmp_path / "shoot" / "SM-13,SM-14.jpg", 1)
    pipeline("run", file).well()
    photograph(file, 2)
    pipeline("run", file).well()
    assert (numbers(shop), posts(shop)) == ((2, 2, 0), 4)


def test_a_name_that_is_a_sku_with_a_comma_is_that_and_a_doubt_stays_one(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    file = photograph(tmp_path / "SM-15" / "SM-13,SM-14.jpg", 1)
    unknown = photograph(tmp_path / "shoot" / "SM-13,SM-99.jpg", 2)
    pipeline("run", file, unknown).well()
    states = {one["path"]: one for one in pipeline("list", "--json").document}
    assert "its folder says SM-15" in states[str(file)]["sentence"]
    assert (states[str(unknown)]["product_id"], numbers(shop)) == (13, (1, 0, 0))
    run = pipeline("run", "--sku", "SM-13", "--sku", "SM-99", unknown)
    assert (run.status, "SM-99" in run.err) == (2, True)


def test_assign_gives_it_to_several_and_they_stay(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    file = photograph(tmp_path / "SM-13" / "a.jpg", 1)
    pipeline("run", file).well()
    told = pipeline("assign", file, "--sku", "SM-13", "--sku", "SM-14").well().out
    assert "2 photographs of products 13, 14 by hand: 2 stored." in told
    file = file.rename(tmp_path / "SM-13" / "b.jpg")
    pipeline("run", tmp_path / "SM-13").well()
    assert (numbers(shop), posts(shop)) == ((1, 1, 0), 2)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed so there")
def test_killed_anywhere_it_is_there_once_at_each_in_the_end(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    chance = random.Random(20261128)
    places = (
        "before ledger.validated", "after ledger.validated", "after ledger.prepared",
        "before ledger.stored", "after ledger.intend", "before deliver", "after deliver",
        "after ledger.stored",
    )  # fmt: skip
    for number, place in enumerate(places):
        file = photograph(tmp_path / "shoot" / f"{number}" / "SM-13,SM-14,SM-15.jpg", number)
        at = chance.randint(1, 2)
        killed = pipeline.start("run", file, environment={VARIABLE: f"kill:{place}@{at}"})
        killed.communicate(timeout=120)
        pipeline("run", file).well()
        pipeline("run", file).well()
        assert numbers(shop) == (number + 1,) * 3, place
    assert posts(shop) == 3 * len(places)
