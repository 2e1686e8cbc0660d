"""A second home, a lost, emptied or older ledger: what the shop has already is not sent again."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.watching import Watching, counts

PRODUCTS = (157, 158)


def posts(store: StoreProcess) -> int:
    return sum(entry["method"] == "POST" for entry in store.seen())


def names(store: StoreProcess) -> Counter[str]:
    """Return how often each photograph's name is in the shop."""
    return Counter(
        image["image_file"].rpartition("/")[2].partition("__")[0]
        for product in PRODUCTS
        for image in store.images(product)
    )


def second_home(pipeline: Command, store: StoreProcess, tmp_path: Path) -> Command:
    return Command(tmp_path / "another-home", store, settle_after=1, patience=30)


def another_user(pipeline: Command, store: StoreProcess, tmp_path: Path) -> Command:
    other = Command(tmp_path / "nobody", store, settle_after=1, patience=30)
    del other.environment["PIPELINE_HOME"]
    for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        other.environment.pop(name, None)
    other.environment["HOME"] = str(tmp_path / "users" / "other")
    return other


def deleted(pipeline: Command, store: StoreProcess, tmp_path: Path) -> Command:
    for file in pipeline.home.glob("ledger.sqlite3*"):
        file.unlink()
    return pipeline


def emptied(pipeline: Command, store: StoreProcess, tmp_path: Path) -> Command:
    with closing(sqlite3.connect(pipeline.home / "ledger.sqlite3")) as ledger, ledger:
        ledger.execute("DROP TRIGGER history_is_never_deleted")
        for table in ("history", "attempts", "arrivals", "files", "photos"):
            ledger.execute(f"DELETE FROM {table}")
        ledger.execute(
            "CREATE TRIGGER history_is_never_deleted BEFORE DELETE ON history "
            "BEGIN SELECT RAISE (ABORT, 'history is append-only'); END"
        )
    return pipeline


ACTS: dict[str, Callable[[Command, StoreProcess, Path], Command]] = {
    act.__name__: act for act in (second_home, another_user, deleted, emptied)
}


# To the program they are alike, so one of them is enough where there is little time.
@pytest.mark.parametrize(
    "act",
    [pytest.param(act, marks=[] if act == "second_home" else pytest.mark.long) for act in ACTS],
)
def test_a_ledger_that_knows_nothing_takes_over_what_the_shop_has(
    pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path, act: str
) -> None:
    pipeline("run", shop).well()
    assert posts(store) == 6
    other = ACTS[act](pipeline, store, tmp_path)
    photograph(shop / "158" / "new.jpg", 99)
    run = other("run", "--json", shop).well()
    assert posts(store) == 7, "only the new one is sent"
    assert set(names(store).values()) == {1}
    assert (run.counts["stored"], run.counts["already_stored"], run.counts["found"]) == (1, 6, 7)
    told = other("history", shop / "157" / "2.jpg").well().out
    assert "was in the shop already, as image" in told
    assert "prepared" not in told, "no picture was made for nothing"
    assert "0 differences" in other("verify").well().out
    assert "whole" in other("ledger", "check").well().out


def older_file(pipeline: Command, copy: Path) -> None:
    shutil.copy(copy / "ledger.sqlite3", pipeline.home / "ledger.sqlite3")
    for file in pipeline.home.glob("ledger.sqlite3-*"):
        file.unlink()


def older_home(pipeline: Command, copy: Path) -> None:
    shutil.rmtree(pipeline.home)
    shutil.copytree(copy, pipeline.home)


@pytest.mark.parametrize(
    "put_back",
    [
        pytest.param(older_file, id="its file"),
        pytest.param(older_home, id="the whole home", marks=pytest.mark.long),
    ],
)
def test_an_older_ledger_that_is_put_back_sends_nothing_twice(
    pipeline: Command,
    store: StoreProcess,
    shop: Path,
    tmp_path: Path,
    put_back: Callable[[Command, Path], None],
) -> None:
    pipeline("run", shop / "157").well()
    copy = tmp_path / "copy"
    shutil.copytree(pipeline.home, copy)
    pipeline("run", shop).well()
    put_back(pipeline, copy)
    photograph(shop / "157" / "new.jpg", 98)
    photograph(shop / "158" / "new.jpg", 99)
    pipeline("run", shop).well()
    assert posts(store) == 8
    assert set(names(store).values()) == {1}
    assert "0 differences" in pipeline("verify").well().out


@pytest.mark.long
def test_two_homes_that_take_turns_on_one_folder_send_each_photograph_once(
    pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path
) -> None:
    homes = [pipeline, second_home(pipeline, store, tmp_path)]
    for turn in range(4):
        photograph(shop / "157" / f"turn-{turn}.jpg", 50 + turn)
        homes[turn % 2]("run", shop).well()
    assert posts(store) == 10
    assert set(names(store).values()) == {1}


def test_what_our_own_command_deleted_is_sent_again_on_request(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    run = pipeline("run", "--json", shop / "157").well()
    image = run.document["photographs"][0]
    pipeline("images", "delete", "--yes", 157, image["image_id"]).well()
    pipeline("retry", image["path"]).well()
    again = pipeline("run", "--json", shop / "157").well()
    assert (again.counts["stored"], again.counts["already_stored"]) == (1, 2)
    assert len(store.images(157)) == 3


@pytest.mark.long
def test_a_dry_run_says_what_is_there_already(
    pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path
) -> None:
    pipeline("run", shop).well()
    other = second_home(pipeline, store, tmp_path)
    told = other("run", "--dry-run", "--json", shop).well()
    assert told.counts["already_stored"] == 6
    assert posts(store) == 6


def test_what_is_met_in_the_shop_is_said_by_run_status_and_doctor(
    pipeline: Command, store: StoreProcess, shop: Path, tmp_path: Path
) -> None:
    pipeline("run", shop).well()
    other = second_home(pipeline, store, tmp_path)
    mine = photograph(tmp_path / "mine" / "158" / "mine.jpg", 77)
    run = other("run", mine.parent.parent).well()
    assert "images with this program's mark that are not in our records" in run.err
    for command in ("status", "doctor"):
        told = other(command).well().out
        assert "The shop has 3 images with this program's mark that are not in our records" in told
        assert "another computer, another user or older records" in told
    assert other("status", "--json").document["met"] == {"other_ledger": 3, "twice": 0}
    run = other("run", shop).well()
    assert "6 photographs were in the shop already" in run.out
    assert other("status", "--json").document["met"] == {"other_ledger": 0, "twice": 0}
    assert "mark" not in other("status").well().out


def test_one_that_is_there_twice_is_said_by_whatever_lists_its_product(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    run = pipeline("run", "--json", shop / "157").well()
    sent = run.document["photographs"][0]
    store.upload(157, store.original(sent["image_id"]), sent["upload_name"])
    assert pipeline("status", "--json").document["met"]["twice"] == 0
    pipeline("images", "list", 157).well()
    told = pipeline("status").well().out
    assert "1 image is in the shop though the same photograph is there already" in told
    assert "verify --repair" in told
    assert pipeline("doctor").status == 1
    photograph(shop / "157" / "new.jpg", 99)
    assert "though the same photograph is there" in pipeline("run", shop / "157").well().out


@pytest.mark.long
def test_a_watcher_says_once_what_is_there_twice(
    pipeline: Command, store: StoreProcess, watched: Path, watching: Watching
) -> None:
    photograph(watched / "158" / "a.jpg", 1)
    run = pipeline("run", "--json", watched).well()
    (sent,) = run.document["photographs"]
    store.upload(158, store.original(sent["image_id"]), sent["upload_name"])
    said = []
    for number in (2, 3):
        watching.start()
        photograph(watched / "158" / f"{number}.jpg", number)
        until(lambda number=number: counts(pipeline)["stored"] == number)  # type: ignore[misc]
        said.append(watching.stop())
    assert said[0].count("has a photograph twice") == 1
    assert "`pipeline verify --repair`" in said[0]
    assert "has a photograph twice" not in said[1], "it was said, and is not mended"
    assert pipeline("status", "--json").document["met"]["twice"] == 1
