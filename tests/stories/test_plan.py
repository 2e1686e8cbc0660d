"""A plan is shown, kept in a file and carried out just so, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph
from tests.stories.test_mirror import delete, shown

CATALOGUE = "1,MUG-1,Blue mug,\n2,MUG-2,Red mug,\n3,MUG-3,Green mug,\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreProcess]:
    with local_store(tmp_path / "store", "--plan", "standard", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, store: StoreProcess) -> Command:
    return Command(tmp_path / "home", store)


@pytest.fixture
def folder(tmp_path: Path, pipeline: Command) -> Path:
    """Pictures 2 and 4 of a product, in the shop; 1, 3 and one of another product are new."""
    folder = tmp_path / "photos"
    for number in (2, 4):
        photograph(folder / f"MUG-1_{number}.jpg", number)
    pipeline("run", folder).well()
    for number in (1, 3):
        photograph(folder / f"MUG-1_{number}.jpg", number)
    photograph(folder / "MUG-2_1.jpg", 21)
    return folder


def test_a_plan_shows_the_order_and_the_main_picture_that_the_run_then_makes(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    told = pipeline("plan", folder).well()
    assert "order    MUG-1_2.jpg, MUG-1_4.jpg → MUG-1_1.jpg, MUG-1_2.jpg, MUG-1_3.jpg" in told.out
    assert "main     MUG-1_2.jpg → MUG-1_1.jpg" in told.out
    assert "requests" in told.out
    document = pipeline("plan", "--json", folder).well().document
    assert document["dry_run"] is True
    one, other = document["plan"]
    assert one["order_after"] == [f"MUG-1_{number}.jpg" for number in (1, 2, 3, 4)]
    assert (one["main_before"], one["main_after"]) == ("MUG-1_2.jpg", "MUG-1_1.jpg")
    assert (other["order_before"], other["order_after"]) == ([], ["MUG-2_1.jpg"])
    assert document["requests"] >= 4
    assert document["seconds"] > 0
    assert len(store.images(1)) == 2
    pipeline("run", folder).well()
    assert shown(store, 1) == [f"mug-1-{number}" for number in (1, 2, 3, 4)]
    (main,) = [one["image_file"] for one in store.images(1) if one["is_thumbnail"]]
    assert "mug-1-1" in main
    assert pipeline("plan", folder, "--json").well().document["plan"] == []


def test_a_saved_plan_is_carried_out_just_so(
    pipeline: Command, store: StoreProcess, folder: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    pipeline("plan", "--save", plan, folder).well()
    head, *_ = map(json.loads, plan.read_text("utf-8").splitlines())
    assert head["asked"]["paths"] == [str(folder)]
    run = pipeline("run", "--plan", plan, "--json").well()
    assert run.counts["stored"] == 3
    assert shown(store, 2) == ["mug-2-1"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("new file", "is new"),
        ("file gone", "is not there any more"),
        ("file edited", "is another one"),
        ("known file edited", "is another one"),
        ("order", "was changed in the shop: its order"),
        ("words", "was changed in the shop: its words"),
        ("deleted", "is not in the shop any more"),
        ("uploaded", "is new in the shop"),
        ("setting", "the settings, or a CSV map, say something else"),
    ],
)
def test_a_saved_plan_is_refused_after_any_change_and_says_which(
    pipeline: Command, store: StoreProcess, folder: Path, tmp_path: Path, change: str, said: str
) -> None:
    plan = tmp_path / "plan.json"
    pipeline("plan", "--save", plan, folder).well()
    image = max(store.images(1), key=lambda one: int(one["sort_order"]))["id"]
    words: tuple[str, ...] = ()
    if change == "new file":
        photograph(folder / "MUG-2_2.jpg", 22)
    elif change == "file gone":
        (folder / "MUG-1_3.jpg").unlink()
    elif change == "file edited":
        photograph(folder / "MUG-1_3.jpg", 99)
    elif change == "known file edited":
        photograph(folder / "MUG-1_2.jpg", 99)
    elif change == "order":
        store.put(1, image, sort_order=40)
    elif change == "words":
        store.put(1, image, description="another")
    elif change == "deleted":
        delete(store, 1, image)
    elif change == "uploaded":
        store.upload(1, photograph(tmp_path / "x.jpg", 77).read_bytes())
    else:
        words = ("--longest-side", "900")
    before = len(store.images(1))
    refused = pipeline("run", "--plan", plan, *words)
    assert refused.status == 2
    assert said in refused.err
    assert (len(store.images(1)), len(store.images(2))) == (before, 0)


def test_a_mirror_is_planned_and_carried_out_too(
    pipeline: Command, store: StoreProcess, folder: Path, tmp_path: Path
) -> None:
    (folder / "MUG-1_4.jpg").unlink()
    plan = tmp_path / "plan.json"
    document = pipeline("plan", "--mirror", "--json", "--save", plan, folder).well().document
    (removed,) = document["plan"][0]["removed"]
    assert removed["path"].endswith("MUG-1_4.jpg")
    pipeline("run", "--plan", plan, "--yes").well()
    assert shown(store, 1) == ["mug-1-1", "mug-1-2", "mug-1-3"]


def test_what_is_no_plan_is_refused(pipeline: Command, folder: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "plan.json"
    wrong.write_text("[1]\n")
    assert "it is no plan" in pipeline("run", "--plan", wrong).err
    wrong.write_text("{}\n")
    assert "is no plan of this version" in pipeline("run", "--plan", wrong).err
    assert pipeline("run", "--plan", wrong, folder).status == 2
    assert "give --dry-run, too" in pipeline("run", "--save", wrong, folder).err
    assert pipeline("plan", "--save", wrong, "--limit", "2", folder).status == 2
