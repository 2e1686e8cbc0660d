"""A picture that somebody deleted in the shop is told by a run that meets it, and only told."""

from __future__ import annotations

import time
from pathlib import Path

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

SETTLE = 0.2


def delete_in_the_shop(store: StoreProcess, product: int) -> int:
    """Delete the first image of a product, as in the shop's admin, once a listing would show it."""
    time.sleep(2 * SETTLE)
    image = int(store.images(product)[0]["id"])
    store.call("DELETE", f"/catalog/products/{product}/images/{image}")
    return image


def test_a_run_that_meets_a_deleted_picture_says_so_and_a_retry_sends_it_again(
    tmp_path: Path,
) -> None:
    front = photograph(tmp_path / "158" / "front.jpg", 1)
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store, settle_after=SETTLE, patience=10)
        pipeline("run", tmp_path / "158").well()
        image = delete_in_the_shop(store, 158)

        photograph(tmp_path / "158" / "back.jpg", 2)
        told = pipeline("run", tmp_path / "158").well()
        assert f"No longer in the shop: {front} (image {image} of product 158" in told.err
        assert f"`pipeline retry {front}` sends it again" in told.err
        assert len(store.images(158)) == 1, "it was sent again, and nobody had asked for that"

        again = pipeline("retry", front).well()
        assert f"{front} will be tried again" in again.out
        pipeline("resume").well()
        assert len(store.images(158)) == 2
        assert f"{front} is stored: nothing to try again" in pipeline("retry", front).well().out


def test_run_verify_says_it_of_all_products_of_the_run(tmp_path: Path) -> None:
    front = photograph(tmp_path / "in" / "158" / "front.jpg", 1)
    photograph(tmp_path / "in" / "159" / "front.jpg", 2)
    elsewhere = photograph(tmp_path / "other" / "160" / "front.jpg", 3)
    with StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited") as store:
        pipeline = Command(tmp_path / "home", store, settle_after=SETTLE, patience=10)
        pipeline("run", tmp_path / "in", tmp_path / "other").well()
        images = {product: delete_in_the_shop(store, product) for product in (158, 160)}

        plain = pipeline("run", tmp_path / "in").well()
        assert "No longer" not in plain.out + plain.err, "nothing was asked of the shop"
        told = pipeline("run", "--verify", tmp_path / "in").well()
        assert f"No longer in the shop: {front}" in told.err
        assert str(elsewhere) not in told.err
        quiet = pipeline("run", "--verify", "--quiet", tmp_path / "in").well()
        assert f"No longer in the shop: {front}" in quiet.err
        document = pipeline("run", "--verify", "--json", tmp_path / "in").well().document
        assert document["gone"] == [
            {"path": str(front), "product_id": 158, "image_id": images[158]}
        ]
        assert store.images(158) == [], "it is never sent again unasked"
        assert pipeline("run", "--verify", "--dry-run", tmp_path / "in").status == 2
