"""What a person decides of a photograph is done and kept, whatever else is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph

CATALOGUE = "13,SM-13,Red mug,\n14,SM-14,Blue mug,\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, shop: StoreProcess) -> Command:
    return Command(tmp_path / "home", shop, plain_ids=False, settle_after=1, patience=20)


def posts(shop: StoreProcess) -> int:
    return sum(one["method"] == "POST" and "/images" in one["path"] for one in shop.seen())


def placed(pipeline: Command, file: Path) -> dict[str, Any]:
    (one,) = pipeline("history", "--json", f"path:{file}").well().document
    found: dict[str, Any] = one
    return found


def test_what_waits_goes_up_by_hand_by_file_pattern_or_folder(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    shoot = tmp_path / "shoot"
    files = [
        photograph(shoot / name, at)
        for at, name in enumerate(
            ("IMG_0001.jpg", "IMG_0002.jpg", "sub/IMG_0003.jpg", "sub/IMG_0004.jpg")
        )
    ]
    pipeline("run", shoot).well()
    told = pipeline("assign", shoot / "IMG_*.jpg", "--sku", "SM-13").well().out
    assert "2 photographs of product 13 by hand: 2 stored." in told
    pipeline("assign", "--waiting", shoot, "--product", "14", "--alt", "A blue mug").well()
    assert (len(shop.images(13)), len(shop.images(14))) == (2, 2)
    assert {one["description"] for one in shop.images(14)} == {"A blue mug"}
    pipeline("run", shoot).well()
    pipeline("retry", shoot).well()
    pipeline("run", shoot, "--check-content").well()
    assert posts(shop) == 4
    (batch,) = [
        one for one in pipeline("batches", "--json").document if "waiting" in one["command"]
    ]
    assert batch["kind"] == "command"
    assert placed(pipeline, files[2])["by"] == "hand"


def test_a_decision_outweighs_every_rule_and_what_they_say_is_told(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    file = photograph(tmp_path / "SM-14" / "SM-14-back.jpg", 1)
    pipeline("assign", file, "--sku", "SM-13", "--view", "front", "--order", "3").well()
    one = placed(pipeline, file)
    assert (one["product_id"], one["by"]) == (13, "hand")
    assert "its folder says SM-14" in one["others"]
    told = pipeline("history", file).well().out
    assert "given by hand to product 13 (assigned by hand to the SKU SM-13" in told
    pipeline("run", "--sku", "SM-14", file).well()
    pipeline("run", "--product", "14", file).well()
    pipeline("run", tmp_path / "SM-14").well()
    assert (len(shop.images(13)), len(shop.images(14)), posts(shop)) == (1, 0, 1)


def test_a_decision_survives_another_name_but_is_not_of_a_copy(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    file = photograph(tmp_path / "shoot" / "IMG_0001.jpg", 1)
    pipeline("assign", file, "--sku", "SM-13").well()
    renamed = file.rename(tmp_path / "shoot" / "SM-14.jpg")
    pipeline("run", renamed).well()
    assert (len(shop.images(13)), len(shop.images(14))) == (1, 0)
    copy = tmp_path / "SM-14" / "a.jpg"
    copy.parent.mkdir()
    copy.write_bytes(renamed.read_bytes())
    pipeline("run", copy).well()
    assert (len(shop.images(13)), len(shop.images(14))) == (1, 1)


def test_what_is_not_sent_yet_changes_its_product_and_what_is_in_the_shop_says_so(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    file = photograph(tmp_path / "SM-14" / "a.jpg", 1)
    shop.misbehave({"do": "answer", "status": 422, "method": "POST"})
    assert pipeline("run", file).status == 1
    shop.misbehave()
    pipeline("assign", file, "--sku", "SM-13").well()
    assert (len(shop.images(13)), len(shop.images(14))) == (1, 0)
    run = pipeline("assign", file, "--sku", "SM-14")
    assert run.status == 1
    (image,) = shop.images(13)
    assert f"in the shop at product 13, as image {image['id']}" in run.out
    assert "`pipeline remove FILE`" in run.out


def test_what_is_in_the_shop_at_the_right_product_gets_its_words_and_its_place(
    tmp_path: Path, pipeline: Command, shop: StoreProcess
) -> None:
    first, second = (
        photograph(tmp_path / "SM-13" / f"{name}.jpg", at) for at, name in enumerate(("a", "b"))
    )
    pipeline("run", tmp_path / "SM-13").well()
    told = (
        pipeline("assign", second, "--sku", "SM-13", "--view", "main", "--alt", "The mug")
        .well()
        .out
    )
    assert "in the shop at product 13" in told
    before, after = sorted(shop.images(13), key=lambda one: (one["sort_order"], one["id"]))
    assert ("/b-" in before["image_file"], "/a-" in after["image_file"]) == (True, True)
    assert before["description"] == "The mug"
    assert before["is_thumbnail"]
    assert posts(shop) == 2
    number = pipeline("batches", "--json").document[0]["batch"]
    pipeline("undo", str(number), "--yes").well()
    assert {one["description"] for one in shop.images(13)} == {""}
    assert first.exists()
