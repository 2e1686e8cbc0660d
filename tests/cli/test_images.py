"""The five endpoints by hand, retry, and what the ledger makes of a deletion."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


@pytest.fixture
def store(tmp_path: Path) -> StoreProcess:
    return StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited")


@pytest.fixture
def pipeline(tmp_path: Path, store: StoreProcess) -> Command:
    return Command(tmp_path / "home", store)


def test_all_five_endpoints(pipeline: Command, store: StoreProcess, tmp_path: Path) -> None:
    with store:
        file = photograph(tmp_path / "a.jpg")
        made = pipeline("images", "create", "158", file, "--order", "3", "--json").well().document
        assert (made["product_id"], made["sort_order"]) == (158, 3)
        images = ["images", "get", "158", made["id"], "--json"]
        assert pipeline(*images).well().document == made
        changed = pipeline(
            "images", "update", "158", made["id"], "--description", "a mug", "--thumbnail", "--json"
        ).well()
        assert changed.document["description"] == "a mug"
        listed = pipeline("images", "list", "158", "--json").well().document
        assert [image["id"] for image in listed] == [made["id"]]
        assert "a mug" in pipeline("images", "list", "158").well().out
        pipeline("images", "delete", "--yes", "158", made["id"]).well()
        assert store.images(158) == []
        missing = pipeline(*images)
        assert missing.status == 1
        assert "the shop said 404" in missing.err
        assert pipeline("images", "update", "158", "1").status == 2
        assert pipeline("images", "create", "158", "nowhere.jpg").status == 2


def test_a_picture_by_its_address_is_fetched_by_the_store(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    with store:
        file = photograph(tmp_path / "a.jpg")
        first = pipeline("images", "create", "158", file, "--json").well().document
        address = first["url_zoom"]
        second = pipeline("images", "create", "159", address, "--json").well().document
        assert second["product_id"] == 159
        assert len(store.images(159)) == 1


def test_what_was_deleted_by_hand_stays_away_until_it_is_asked_for_again(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    with store:
        file = photograph(tmp_path / "158" / "a.jpg")
        pipeline("run", file).well()
        (image,) = store.images(158)
        deleted = pipeline("images", "delete", "--yes", "158", image["id"], "--json").well()
        assert str(file) in deleted.err
        document = deleted.document
        assert (document["product_id"], document["image_id"]) == (158, image["id"])
        assert (document["deleted"], document["path"]) == (True, str(file))
        (batch, *_) = pipeline("batches", "--json").well().document
        assert document["batch"] == batch["batch"]
        again = pipeline("run", file).well()
        assert "deleted from the shop by hand" in again.out
        assert store.images(158) == []
        assert "will be tried again" in pipeline("retry", file).well().out
        assert pipeline("run", "--json", file).well().counts["stored"] == 1
        assert len(store.images(158)) == 1


def test_a_product_is_named_by_its_sku_as_well(store: StoreProcess, tmp_path: Path) -> None:
    closed = StoreProcess(tmp_path / "closed", "--plan", "unlimited", as_described=False)
    with closed:
        pipeline = Command(tmp_path / "other home", closed)
        file = photograph(tmp_path / "a.jpg")
        unknown = pipeline("images", "list", "no-such-sku")
        assert unknown.status == 2
        assert "no product with the SKU no-such-sku" in unknown.err
    with store:
        pipeline = Command(tmp_path / "home", store)
        made = pipeline("images", "create", "SM-13", file, "--json").well().document
        product, image = made["product_id"], made["id"]
        assert [one["id"] for one in pipeline("images", "list", "sm-13", "--json").document] == [
            image
        ]
        assert pipeline("images", "get", "sku:SM-13", image, "--json").well().document == made
        pipeline("images", "update", "SM-13", image, "--order", "2").well()
        deleted = pipeline("images", "delete", "--yes", "SM-13", image).well().out
        assert f"deleted image {image} of product {product}" in deleted
