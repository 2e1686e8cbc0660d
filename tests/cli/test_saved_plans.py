"""What has changed since a plan was kept, found by going through the shop and the files again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli.saved_plans import MOST_SAID, SavedPlan, changes_since, settings_digest
from pipeline.engine.planning import ProductPlan
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.settings import Settings
from pipeline.store_address import StoreAddress
from pipeline.values import ProductImages, ProductName, StoredImage
from tests.makers import ManualClock, stored_image

SHOP = StoreAddress(base_url="http://127.0.0.1:1/v3", token="t")
PRODUCTS = 300


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    clock = ManualClock()
    with closing(open_ledger(tmp_path / "l.sqlite3", "shop", "run", clock.now)) as ledger:
        yield ledger


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(name.encode())
    return sorted(folder.iterdir())


Changes = Callable[..., Sequence[str]]


@pytest.fixture
def changes(tmp_path: Path, ledger: Ledger, files: list[Path]) -> Changes:
    """Return what tells what has changed in a kept plan of 300 products and two files."""
    plan = tmp_path / "plan"
    images = {one: (stored_image(one, one),) for one in range(1, PRODUCTS + 1)}
    saved = SavedPlan(plan, {"paths": []}, "settings", lambda: files)
    saved.begin(SHOP, ledger)
    for product_id, of_product in images.items():
        name = ProductName(sku="A", name="")
        saved.note(ProductPlan(product_id=product_id, images=of_product, ours=1), name)
    assert not plan.exists()
    saved.end()
    most: list[int] = []

    def since(
        *,
        now: dict[int, tuple[StoredImage, ...]] | None = None,
        paths: Sequence[Path] = files,
        address: StoreAddress = SHOP,
        settings: str = "settings",
        sku: str = "A",
    ) -> Sequence[str]:
        shown = {**images, **(now or {})}

        def listed(ids: Sequence[int]) -> dict[int, ProductImages]:
            most.append(len(ids))
            return {
                one: ProductImages(images=shown[one], complete=True) for one in ids if shown[one]
            }

        def names(ids: Sequence[int]) -> dict[int, ProductName]:
            return {one: ProductName(sku=sku, name="") for one in ids}

        found = changes_since(plan, address, settings, listed, names, paths)
        assert all(number <= 250 for number in most)
        return found

    return since


def test_nothing_has_changed_where_nothing_has(changes: Changes, files: list[Path]) -> None:
    assert changes() == []
    os.utime(files[0], (1, 1))
    assert changes() == [f"{files[0]} is another one"], "its content was never read"


def test_another_shop_another_setting_another_sku(changes: Changes) -> None:
    other = replace(SHOP, base_url="https://api.bigcommerce.com/stores/x/v3")
    assert changes(address=other) == ["it was made for another shop"]
    assert "the settings" in changes(settings="others")[0]
    assert len(changes(sku="B")) == MOST_SAID


def test_each_change_of_an_image_is_named(changes: Changes) -> None:
    image = stored_image(7, 7)
    other = replace(image, sort_order=5, is_thumbnail=not image.is_thumbnail, description="x")
    assert changes(now={7: (other,)}) == [
        "image 7 of product 7 was changed in the shop: its order, the main picture, its words"
    ]
    assert changes(now={7: (image, stored_image(8, 7))}) == [
        "image 8 of product 7 is new in the shop"
    ]
    assert changes(now={300: (stored_image(9, 300),)}) == [
        "image 9 of product 300 is new in the shop",
        "image 300 of product 300 is not in the shop any more",
    ]
    assert changes(now={7: ()}) == ["product 7 is not in the shop any more"]


def test_files_that_came_or_went_are_named(changes: Changes, files: list[Path]) -> None:
    one, other = files
    new = one.with_name("c.jpg")
    new.touch()
    assert changes(paths=[one, other, new]) == [f"{new} is new"]
    assert changes(paths=[one, new, other]) == [f"{new} is new"]
    other.unlink()
    assert changes(paths=[one]) == [f"{other} is not there any more"]
    one.write_bytes(b"longer than it was")
    assert changes(paths=[one, other])[0] == f"{one} is another one"


def test_only_settings_that_have_a_say_count(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert settings_digest(settings) == settings_digest(replace(settings, workers=3, patience=1.0))
    assert settings_digest(settings) != settings_digest(replace(settings, plain_ids=True))
    assert settings_digest(settings) != settings_digest(replace(settings, longest_side=900))
    table = tmp_path / "map.csv"
    table.write_text("file,sku\n")
    mapped = replace(settings, map_files=(table,))
    before = settings_digest(mapped)
    table.write_text("file,sku\na,b\n")
    assert settings_digest(mapped) != before
