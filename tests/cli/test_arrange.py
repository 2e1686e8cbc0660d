"""Products are put in order where somebody asks: the real command, and the local store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph
from tests.stories.test_arranging import mains, names, shown, updates

OURS = ["mug-1-1", "mug-1-2", "mug-1-3", "mug-1-4"]
THEIRS = ["mug-1-4", "mug-1-1", "mug-1-2", "mug-1-3"]
CATALOGUE = "1,MUG-1,Blue mug,\n2,MUG-2,Red mug,\n"


class Moved:
    """A product of which somebody put the last picture first, and made it the main one."""

    def __init__(self, folder: Path, store: StoreProcess) -> None:
        self.store = store
        self.photographs = folder / "photographs"
        self.pipeline = Command(folder / "home", store, settle_after=1, patience=30)
        for number in range(1, 5):
            photograph(self.photographs / f"MUG-1_{number}.jpg", number)
        photograph(self.photographs / "MUG-2.jpg", 9)
        self.pipeline("run", "--quiet", self.photographs).well()
        self.moved = shown(store, 1)[-1]["id"]
        store.put(1, self.moved, sort_order=-5, is_thumbnail=True)
        store.control("DELETE", "_log")

    def arrange(self, *words: object) -> Any:
        return self.pipeline("arrange", *words)

    def late(self, number: int) -> None:
        photograph(self.photographs / f"MUG-1_{number}.jpg", 20 + number)
        self.pipeline("run", "--quiet", self.photographs).well()


@pytest.fixture
def moved(tmp_path: Path) -> Any:
    with local_store(tmp_path / "shop", "--plan", "unlimited", catalogue=CATALOGUE) as store:
        yield Moved(tmp_path, store)


def test_it_is_shown_first_and_nothing_is_changed_where_nobody_agrees(moved: Moved) -> None:
    dry = moved.arrange("--sku", "mug-1", "--dry-run").well()
    assert dry.out.splitlines() == [
        "product 1: 1 update",
        "  now:  MUG-1_4.jpg (main), MUG-1_1.jpg, MUG-1_2.jpg, MUG-1_3.jpg",
        "  then: MUG-1_1.jpg, MUG-1_2.jpg, MUG-1_3.jpg, MUG-1_4.jpg (main)",
        "  The main picture was chosen in the shop, and stays: --main puts ours there.",
    ]
    asked = moved.arrange("--product", "1")
    assert asked.status == 2
    assert "Do that to 1 product in the shop?" in asked.err
    assert names(moved.store, 1) == THEIRS
    assert updates(moved.store) == 0


def test_the_order_is_imposed_with_the_fewest_updates_and_not_undone_by_later_runs(
    moved: Moved,
) -> None:
    # What a run saw of it is given up as well.
    moved.late(5)
    end = moved.arrange(moved.photographs, "--yes").well()
    assert "1 product is in the shoot's order already." in end.out
    assert names(moved.store, 1) == [*OURS, "mug-1-5"]
    assert mains(moved.store, 1) == [3]
    assert updates(moved.store) == 1
    moved.late(0)
    assert names(moved.store, 1) == ["mug-1-0", *OURS, "mug-1-5"]
    assert mains(moved.store, 1) == [4]


def test_the_main_picture_is_put_too_where_it_is_asked_for(moved: Moved) -> None:
    moved.arrange("--sku", "MUG-1", "--main", "--yes").well()
    assert names(moved.store, 1) == OURS
    assert mains(moved.store, 1) == [0]
    moved.late(0)
    assert mains(moved.store, 1) == [0]


def test_it_is_a_batch_and_taken_back_the_persons_order_is_kept_again(moved: Moved) -> None:
    moved.arrange("--product", "1", "--main", "--yes").well()
    moved.pipeline("undo", "--yes").well()
    assert names(moved.store, 1) == THEIRS
    assert mains(moved.store, 1) == [0]
    moved.late(5)
    assert names(moved.store, 1) == [*THEIRS, "mug-1-5"]
    assert mains(moved.store, 1) == [0]


def test_programs_are_told_the_same(moved: Moved) -> None:
    dry = moved.arrange("--product", "1", "--product", "2", "--dry-run", "--json").well().document
    (product,) = dry["products"]
    assert (dry["dry_run"], dry["batch"], dry["in_order"]) == (True, None, 1)
    wanted = [f"MUG-1_{number}" for number in range(1, 5)]
    assert [Path(one["path"]).stem for one in product["after"]] == wanted
    assert [one["main"] for one in product["before"]] == [True, False, False, False]
    assert (product["updates"], product["main_kept"]) == (1, True)
    done = moved.arrange("--product", "1", "--yes", "--json").well().document
    assert (done["done"], done["left"], done["finished"]) == (1, [], True)
    assert isinstance(done["batch"], int)


def test_what_cannot_be_arranged_is_said_and_the_rest_is_done(moved: Moved, tmp_path: Path) -> None:
    end = moved.arrange("--product", "1", "--product", "77", "--yes")
    assert end.status == 1
    assert "the shop has no product 77" in end.err
    assert names(moved.store, 1) == OURS
    unknown = moved.arrange(tmp_path / "nothing")
    assert (unknown.status, unknown.out) == (1, "")
    assert "is in the shop" in unknown.err
    for wrong in ((), (tmp_path, "--product", "1")):
        assert "name files or folders, or give --sku or --product" in moved.arrange(*wrong).err
    assert "no product with the SKU MUG-9" in moved.arrange("--sku", "MUG-9").err


def test_a_run_puts_the_main_picture_only_where_it_is_told_to(moved: Moved) -> None:
    moved.late(5)
    assert mains(moved.store, 1) == [0]
    photograph(moved.photographs / "MUG-1_6.jpg", 60)
    moved.pipeline("run", "--quiet", "--main", moved.photographs).well()
    shows = shown(moved.store, 1)
    assert [image["id"] for image in shows if image["is_thumbnail"]] == [shows[1]["id"]]
    assert names(moved.store, 1)[0] == "mug-1-4", "its place is kept all the same"


def test_what_is_changed_by_our_own_command_is_kept_as_what_is_changed_in_the_shop(
    moved: Moved,
) -> None:
    first = next(one for one in shown(moved.store, 1) if "mug-1-1" in one["image_file"])
    for words in (("--order", 90), ("--thumbnail",), ("--description", "The mug, as I say")):
        moved.pipeline("images", "update", 1, first["id"], *words).well()
    moved.late(0)
    assert names(moved.store, 1) == ["mug-1-4", "mug-1-0", "mug-1-2", "mug-1-3", "mug-1-1"]
    assert mains(moved.store, 1) == [4]
    assert shown(moved.store, 1)[4]["description"] == "The mug, as I say"
