"""The shop is made what a folder holds: `run --mirror`, with what may be wrong about a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph

CATALOGUE = "1,MUG-1,Blue mug,\n2,MUG-2,Red mug,\n3,MUG-3,Green mug,\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreProcess]:
    with local_store(tmp_path / "store", "--plan", "unlimited", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, store: StoreProcess) -> Command:
    return Command(tmp_path / "home", store)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures of each of two products."""
    for product in (1, 2):
        for number in range(1, 4):
            file = tmp_path / "photos" / f"MUG-{product}" / f"MUG-{product}_{number}.jpg"
            photograph(file, 10 * product + number)
    return tmp_path / "photos"


def shown(store: StoreProcess, product: int) -> list[str]:
    """Return what the shop shows of a product, in its order: the names before the digests."""
    images = sorted(store.images(product), key=lambda one: (one["sort_order"], one["id"]))
    return [name_of(one) for one in images]


def name_of(image: dict[str, Any]) -> str:
    name: str = image["image_file"].rpartition("/")[2]
    return name.rpartition("__")[0].rpartition("-")[0] or name


def delete(store: StoreProcess, product: int, image: int) -> None:
    store.call("DELETE", f"/catalog/products/{product}/images/{image}")


def test_what_the_folder_no_longer_holds_is_deleted_after_what_is_new_was_sent(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    pipeline("run", folder).well()
    stranger = store.upload(1, photograph(folder.parent / "other.png", 99).read_bytes()).json()
    (folder / "MUG-1" / "MUG-1_2.jpg").unlink()
    photograph(folder / "MUG-1" / "MUG-1_4.jpg", 44)
    before = pipeline("run", "--mirror", "--dry-run", folder).well()
    assert "removed  image" in before.out
    assert "MUG-1_2.jpg" in before.out
    assert "MUG-1_4.jpg" in before.out
    assert len(store.images(1)) == 4
    asked = pipeline("run", "--mirror", folder)
    assert asked.status == 2, "nobody can be asked"
    assert len(store.images(1)) == 4
    pipeline("run", "--mirror", "--yes", folder).well()
    left = shown(store, 1)
    assert [one for one in left if one.startswith("mug")] == ["mug-1-1", "mug-1-3", "mug-1-4"]
    assert stranger["data"]["id"] in [one["id"] for one in store.images(1)]
    assert shown(store, 2) == ["mug-2-1", "mug-2-2", "mug-2-3"]
    again = pipeline("run", "--mirror", "--yes", folder).well()
    assert "The shop is as the folder has it" in again.out
    pipeline("undo", "--yes").well()
    assert "mug-1-2" in shown(store, 1)
    assert pipeline("ledger", "check").status == 0


def test_order_and_words_that_somebody_changed_become_what_the_folder_says(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    for number in range(1, 4):
        (folder / "MUG-1" / f"MUG-1_{number}.txt").write_text(f"Mug {number}")
    pipeline("run", folder).well()
    first = min(store.images(1), key=lambda one: int(one["sort_order"]))
    store.put(1, first["id"], sort_order=9, description="nothing")
    assert shown(store, 1) == ["mug-1-2", "mug-1-3", "mug-1-1"]
    told = pipeline("run", "--mirror", "--yes", folder).well()
    assert "order    " in told.out
    assert "“nothing” → “Mug 1”" in told.out
    assert shown(store, 1) == ["mug-1-1", "mug-1-2", "mug-1-3"]
    assert {one["description"] for one in store.images(1)} == {"Mug 1", "Mug 2", "Mug 3"}


def test_a_folder_that_is_empty_gone_or_away_removes_nothing_ever(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    pipeline("run", folder).well()
    aside = folder.rename(folder.with_name("aside"))
    gone = pipeline("run", "--mirror", "--yes", folder)
    assert gone.status == 2
    folder.mkdir()
    (folder / ".DS_Store").write_bytes(b"x")
    empty = pipeline("run", "--mirror", "--yes", folder)
    assert empty.status == 2
    assert "no photograph of a product lies in" in empty.err
    (folder / "readme.txt").write_text("This disk is not mounted.")
    assert pipeline("run", "--mirror", "--yes", folder).status == 2
    assert len(store.images(1)) == len(store.images(2)) == 3
    shutil.rmtree(folder)
    aside.rename(folder)
    assert "nothing is to be done" in pipeline("run", "--mirror", "--yes", folder).well().out


def test_a_subfolder_that_vanished_or_is_empty_is_taken_for_an_accident(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    pipeline("run", folder).well()
    shutil.rmtree(folder / "MUG-2")
    refused = pipeline("run", "--mirror", folder)
    assert refused.status == 2
    assert "gone or empty" in refused.err
    (folder / "MUG-2").mkdir()
    assert "gone or empty" in pipeline("run", "--mirror", folder).err
    assert len(store.images(2)) == 3
    pipeline("run", "--mirror", "--yes", folder).well()
    assert store.images(2) == []
    assert len(store.images(1)) == 3


def test_many_removals_at_once_are_refused_without_yes(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    for number in range(14):
        photograph(folder / "MUG-1" / f"MUG-1_{number:02}.jpg", number)
    pipeline("run", folder).well()
    for number in range(1, 13):
        (folder / "MUG-1" / f"MUG-1_{number:02}.jpg").unlink()
    refused = pipeline("run", "--mirror", folder)
    assert refused.status == 2
    assert "12 images of 14 would be deleted, which looks like an accident" in refused.err
    assert len(store.images(1)) == 14
    pipeline("run", "--mirror", "--yes", folder).well()
    assert shown(store, 1) == ["mug-1-00", "mug-1-13"]


def test_a_file_that_is_there_and_is_not_taken_keeps_its_picture(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    pipeline("run", folder).well()
    half = (folder / "MUG-1" / "MUG-1_1.jpg").read_bytes()
    (folder / "MUG-1" / "MUG-1_1.jpg").write_bytes(half[: len(half) // 2])
    (folder / "MUG-1" / ".pipelineignore").write_text("*_2.jpg\n")
    pipeline("run", "--mirror", "--yes", "--exclude", "*_3.jpg", folder)
    assert shown(store, 1) == ["mug-1-1", "mug-1-2", "mug-1-3"]
    assert shown(store, 2) == ["mug-2-1", "mug-2-2", "mug-2-3"]


def test_a_file_that_was_renamed_keeps_its_picture(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    pipeline("run", folder).well()
    ids = {one["id"] for one in store.images(1)}
    (folder / "MUG-1" / "MUG-1_2.jpg").rename(folder / "MUG-1" / "MUG-1_7.jpg")
    pipeline("run", "--mirror", "--yes", folder).well()
    assert {one["id"] for one in store.images(1)} == ids


def test_what_was_deleted_in_the_shop_and_what_was_undone_comes_back(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    pipeline("run", folder).well()
    pipeline("remove", "--yes", "--product", "1").well()
    image = store.images(2)[0]
    delete(store, 2, image["id"])
    told = pipeline("run", "--mirror", "--yes", folder).well()
    assert "again    " in told.out
    assert shown(store, 1) == ["mug-1-1", "mug-1-2", "mug-1-3"]
    assert shown(store, 2) == ["mug-2-1", "mug-2-2", "mug-2-3"]


def test_a_copy_of_the_shop_is_put_back_after_everything_was_deleted(
    pipeline: Command, store: StoreProcess, folder: Path, tmp_path: Path
) -> None:
    pipeline("run", folder).well()
    theirs = store.upload(3, photograph(tmp_path / "x.jpg", 77).read_bytes()).json()["data"]
    store.put(3, theirs["id"], description="a green mug")
    last = max(store.images(1), key=lambda one: int(one["sort_order"]))
    store.put(1, last["id"], is_thumbnail=True, description="the last")
    copy = tmp_path / "copy"
    pipeline("images", "pull", "--all", "--to", copy).well()
    untouched = pipeline("run", "--mirror", "--yes", copy).well()
    assert "nothing is to be done" in untouched.out
    words = {p: [one["description"] for one in ordered(store, p)] for p in (1, 2, 3)}
    mains = {p: [one["is_thumbnail"] for one in ordered(store, p)] for p in (1, 2, 3)}
    for product in (1, 2, 3):
        for image in store.images(product):
            delete(store, product, image["id"])
    pipeline("run", "--mirror", "--yes", copy).well()
    for product in (1, 2, 3):
        assert [one["description"] for one in ordered(store, product)] == words[product]
        assert [one["is_thumbnail"] for one in ordered(store, product)] == mains[product]
    assert "nothing is to be done" in pipeline("run", "--mirror", "--yes", copy).well().out


def ordered(store: StoreProcess, product: int) -> list[dict[str, Any]]:
    return sorted(store.images(product), key=lambda one: (one["sort_order"], one["id"]))
