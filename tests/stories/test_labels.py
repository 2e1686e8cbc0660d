"""A photograph of a label says whose the pictures after it are; it goes up itself nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.labelled_pictures import label_picture
from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph

CATALOGUE = "id,sku,name,product_id,upc,gtin,mpn\n13,SM-13,Mug,\n14,CUP,Cup,,036000291452,,\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, shop: StoreProcess) -> Command:
    return Command(tmp_path / "home", shop, plain_ids=False, labels="true", settle_after=1)


def test_a_card_with_labels_is_brought_to_its_products(
    tmp_path: Path, shop: StoreProcess, pipeline: Command
) -> None:
    card = tmp_path / "card"
    label_picture(card / "IMG_0001.jpg", "SM-13")
    photograph(card / "IMG_0002.jpg", 2)
    photograph(card / "IMG_0003.jpg", 3)
    label_picture(card / "IMG_0004.jpg", "036000291452", kind="UPCA", share=0.7)
    photograph(card / "IMG_0005.jpg", 5)
    label_picture(card / "IMG_0006.jpg", "NO-SUCH")
    photograph(card / "IMG_0007.jpg", 7)
    end = pipeline("run", card, "--json")
    assert [len(shop.images(product)) for product in (13, 14)] == [2, 1]
    assert (end.counts["stored"], end.counts["waiting"], end.counts["not_for_upload"]) == (3, 1, 3)
    waits = next(one for one in end.document["photographs"] if one["state"] == "waiting")
    assert waits["path"].endswith("IMG_0007.jpg")
    assert "NO-SUCH" in waits["sentence"]


def test_a_shot_of_a_label_is_on_the_table_from_then_on(
    tmp_path: Path, shop: StoreProcess, pipeline: Command
) -> None:
    label = label_picture(tmp_path / "shots" / "capt0.jpg", "SM-13")
    pipeline("hook", "--wait", label, photograph(tmp_path / "shots" / "capt1.jpg", 1)).well()
    assert pipeline("table").well().out == "On the table: SM-13\n"
    pipeline("hook", "--wait", photograph(tmp_path / "shots" / "capt2.jpg", 2)).well()
    assert len(shop.images(13)) == 2
    told = pipeline("history", label).well().out
    assert "it shows the label SM-13: not for upload" in " ".join(told.split())


def test_without_the_setting_a_label_is_a_photograph_like_any_other(
    tmp_path: Path, shop: StoreProcess, pipeline: Command
) -> None:
    del pipeline.environment["PIPELINE_LABELS"]
    label_picture(tmp_path / "card" / "SM-13_1.jpg", "SM-13")
    pipeline("run", tmp_path / "card").well()
    assert len(shop.images(13)) == 1
