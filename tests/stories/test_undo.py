"""What a batch did to the shop is taken back, byte for byte, and brought about again."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from pipeline.faultpoints import VARIABLE
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph


def shop(store: StoreProcess, *products: int) -> dict[tuple[int, str], tuple[Any, ...]]:
    """Return what the shop shows, by product and description or name: its bytes, order, main."""
    return {
        (product, one["image_file"].rpartition("__")[0].rpartition("/")[2]): (
            store.original(one["id"]),
            one["sort_order"],
            one["is_thumbnail"],
            one["description"],
        )
        for product in products
        for one in store.images(product)
    }


@pytest.fixture
def store(tmp_path: Path) -> StoreProcess:
    return StoreProcess(tmp_path / "store", "--open", "--plan", "unlimited")


@pytest.fixture
def pipeline(tmp_path: Path, store: StoreProcess) -> Command:
    return Command(tmp_path / "home", store)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        photograph(tmp_path / "shop" / str(158 + number % 2) / f"{number}.jpg", number)
    return tmp_path / "shop"


def test_a_run_is_undone_redone_and_undone_again(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    with store:
        pipeline("run", folder).well()
        before = shop(store, 158, 159)
        assert len(before) == 6
        (batch,) = pipeline("batches", "--json").well().document
        assert (batch["kind"], batch["uploaded"], batch["not_kept"]) == ("run", 6, 0)
        assert str(folder) in batch["command"]
        assert "6 images will be deleted" in pipeline("undo", "--dry-run").well().out
        assert shop(store, 158, 159) == before
        pipeline("undo", "--yes").well()
        assert shop(store, 158, 159) == {}
        assert pipeline("status", "--json").document["counts"]["removed"] == 6
        redo, run = pipeline("batches", "--json").well().document
        assert (redo["kind"], redo["deleted"], redo["not_kept"]) == ("undo", 6, 0)
        assert run["taken_back_by"] == redo["batch"]
        assert "taken back by batch 2" in pipeline("batches").well().out
        pipeline("redo", "--yes").well()
        assert shop(store, 158, 159) == before, "byte for byte, in order, with the main picture"
        pipeline("undo", "--yes").well()
        assert shop(store, 158, 159) == {}
        assert "nothing to undo" in pipeline("undo", "--yes").well().out
        assert pipeline("ledger", "check").status == 0


def test_a_run_to_the_wrong_product_is_undone_and_run_again_to_the_right_one(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    with store:
        pipeline("run", "--product", "160", folder).well()
        assert len(store.images(160)) == 6
        pipeline("undo", "--yes").well()
        pipeline("run", "--product", "161", folder).well()
        assert store.images(160) == []
        assert len(store.images(161)) == 6


def test_order_words_and_main_picture_become_what_they_were(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    with store:
        pipeline("run", folder).well()
        before = shop(store, 158)
        first, *_, last = sorted(store.images(158), key=lambda one: int(one["sort_order"]))
        pipeline(
            "images", "update", "158", last["id"], "--thumbnail", "--order", "0",
            "--description", "a mug",
        ).well()  # fmt: skip
        assert shop(store, 158) != before
        pipeline("undo", "--yes").well()
        assert shop(store, 158) == before
        pipeline("images", "update", "158", first["id"], "--order", "7").well()
        after = shop(store, 158)
        pipeline("undo", "--yes").well()
        now = shop(store, 158)
        assert now.keys() == after.keys()
        orders = {name: one[1] for name, one in now.items()}
        assert sorted(orders, key=lambda name: orders[name]) == sorted(
            before, key=lambda name: int(before[name][1])
        )


def test_what_was_deleted_comes_back_from_the_very_bytes(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    with store:
        pipeline("run", folder).well()
        before = shop(store, 158, 159)
        main = next(one for one in store.images(158) if one["is_thumbnail"])
        for file in folder.rglob("*.jpg"):
            file.write_bytes(b"overwritten meanwhile")
        pipeline("images", "delete", "--yes", "158", main["id"]).well()
        pipeline("undo", "--yes").well()
        assert shop(store, 158, 159) == before


def test_files_a_batch_and_a_product_are_taken_out_and_put_back(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    with store:
        pipeline("run", folder).well()
        before = shop(store, 158, 159)
        stranger = store.upload(158, photograph(folder.parent / "b.png", 99).read_bytes()).json()
        assert pipeline("remove").status == 2
        assert pipeline("remove", folder / "158" / "0.jpg").status == 2, "nobody can be asked"
        for what, left in (
            ([folder / "158" / "0.jpg"], 5),
            (["--product", "158"], 3),
            (["--batch", "1"], 0),
        ):
            pipeline("remove", "--yes", *what).well()
            ours = [one for one in shop(store, 158, 159) if one in before]
            assert len(ours) == left, what
            pipeline("undo", "--yes").well()
            now = shop(store, 158, 159)
            assert {name: now[name][0] for name in before} == {
                name: one[0] for name, one in before.items()
            }
        assert stranger["data"]["id"] in [one["id"] for one in store.images(158)]
        gone = pipeline("remove", "--yes", folder / "nothing.jpg")
        assert gone.status == 1
        assert "not in the shop" in gone.err


def test_what_a_person_changed_in_the_shop_since_is_left_and_said(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    with store:
        pipeline("run", folder).well()
        image = store.images(158)[1]
        store.put(158, image["id"], description="a word of mine")
        undone = pipeline("undo", "--yes")
        assert undone.status == 1
        assert f"image {image['id']} of product 158 is left" in undone.out
        assert "somebody changed its description" in undone.out
        assert [one["id"] for one in store.images(158)] == [image["id"]]
        batch, _ = pipeline("batches", "--json").well().document
        assert (batch["deleted"], batch["left"]) == (5, 1)


def test_what_is_not_kept_any_more_is_said_before_and_left(
    tmp_path: Path, store: StoreProcess, folder: Path
) -> None:
    pipeline = Command(tmp_path / "home", store, keep_for=0)
    with store:
        pipeline("run", folder).well()
        pipeline("undo", "--yes").well()
        batch, _ = pipeline("batches", "--json").well().document
        assert batch["not_kept"] == 6
        redone = pipeline("redo", "--yes")
        assert redone.status == 1
        assert "its picture is not kept any more" in redone.out
        assert shop(store, 158, 159) == {}


@pytest.mark.skipif(os.name != "posix", reason="the command is killed")
@pytest.mark.parametrize(
    "sample", [pytest.param(5, id="short"), pytest.param(None, id="long", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("what", ["undo", "redo"])
def test_an_undo_that_is_killed_at_any_step_is_finished_by_the_next_command(
    tmp_path: Path, store: StoreProcess, what: str, sample: int | None
) -> None:
    pipeline = Command(tmp_path / "home", store, settle_after=1)
    wanted = (
        "ledger.plan", "ledger.intend_change", "ledger.change_done", "ledger.restore", "delete",
        "deliver", "ledger.intend", "ledger.stored", "keep",
    )  # fmt: skip
    with store:
        folder = tmp_path / "158"
        for number in range(2):
            photograph(folder / f"{number}.jpg", number)
        pipeline("run", folder).well()
        before = shop(store, 158)
        trace = tmp_path / "trace"
        if what == "redo":
            pipeline("undo", "--yes").well()
        pipeline(what, "--yes", environment={VARIABLE: f"trace:{trace}"}).well()
        met = trace.read_text("utf-8").splitlines()
        places = [one for one in met if one.partition("@")[0].partition(" ")[2] in wanted]
        assert {one.partition("@")[0].partition(" ")[2] for one in places} >= {
            "ledger.plan",
            "ledger.change_done",
        }
        if what == "undo":
            pipeline("redo", "--yes").well()
        if sample is not None:
            places = random.Random(what).sample(places, min(sample, len(places)))
        for place in places:
            if what == "redo":
                pipeline("undo", "--yes").well()
            assert pipeline(what, "--yes", environment={VARIABLE: f"kill:{place}"}).status != 0
            pipeline("resume").well()
            if place == "before ledger.plan@1":
                pipeline(what, "--yes").well()
            assert shop(store, 158) == ({} if what == "undo" else before), place
            if what == "undo":
                pipeline("redo", "--yes").well()
                assert shop(store, 158) == before, place
        assert pipeline("ledger", "check").status == 0
