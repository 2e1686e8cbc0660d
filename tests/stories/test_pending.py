"""What a command left unfinished is not sent by one that was given something else."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, ended, photograph, until

NUMBER = 8


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A folder that was meant for nothing, each photograph some work to prepare."""
    for number in range(NUMBER):
        photograph(tmp_path / "shop" / "wrong" / "158" / f"{number}.jpg", number, (2400, 1600))
    return tmp_path / "shop" / "wrong"


@pytest.fixture
def right(tmp_path: Path) -> Path:
    photograph(tmp_path / "right" / "159" / "meant.jpg", 99)
    return tmp_path / "right"


def cut_off(pipeline: Command, store: StoreProcess, folder: Path) -> int:
    """Begin a run, interrupt it after its first picture, and return how many it left."""
    running = pipeline.start("run", "--workers", 1, folder)
    until(lambda: store.images(158) != [])
    posix.killpg(running.pid, signal.SIGINT)
    assert ended(running).status == 130
    sent = len(store.images(158))
    assert 0 < sent < NUMBER
    return NUMBER - sent


def test_a_run_elsewhere_sends_its_own_and_says_what_is_not_finished(
    pipeline: Command, store: StoreProcess, wrong: Path, right: Path
) -> None:
    left = cut_off(pipeline, store, wrong)
    run = pipeline("run", right).well()
    assert len(store.images(158)) == NUMBER - left
    assert len(store.images(159)) == 1
    assert f"{left} photographs of {wrong} are not finished" in run.err
    assert "`pipeline resume" in run.err
    status = pipeline("status", "--json").well().document
    assert status["not_finished"] == [{"folder": str(wrong), "number": left}]
    assert f"{left} photographs of {wrong} are not finished" in pipeline("status").out
    resumed = pipeline("resume", "--json", wrong).well()
    assert resumed.counts["stored"] == left
    assert len(store.images(158)) == NUMBER
    assert pipeline("status", "--json").well().document["not_finished"] == []
    assert pipeline("resume").well().out == "Nothing was left unfinished.\n"


def test_a_watcher_of_another_folder_sends_none_of_them(
    pipeline: Command, store: StoreProcess, wrong: Path, right: Path
) -> None:
    left = cut_off(pipeline, store, wrong)
    watching = pipeline.start("watch", "--polling", right)
    until(lambda: store.images(159) != [])
    posix.killpg(watching.pid, signal.SIGINT)
    assert ended(watching).status == 0
    assert len(store.images(158)) == NUMBER - left


def test_a_run_over_the_folder_above_goes_on_with_them(
    pipeline: Command, store: StoreProcess, wrong: Path
) -> None:
    """Also with one whose file is gone by now, where its picture was made already."""
    cut_off(pipeline, store, wrong)
    run = pipeline("run", "--json", wrong.parent).well()
    assert run.counts["stored"] + run.counts["already_stored"] == NUMBER
    assert len(store.images(158)) == NUMBER


def test_what_is_dropped_is_shown_before_and_never_sent(
    pipeline: Command, store: StoreProcess, wrong: Path
) -> None:
    left = cut_off(pipeline, store, wrong)
    unasked = pipeline("drop", wrong)
    assert unasked.status == 2
    assert f"Forget {left} photographs?" in unasked.err
    assert "--yes" in unasked.err
    assert "7.jpg" in unasked.out
    dropped = pipeline("drop", "--yes", wrong).well()
    assert f"Forgotten: {left} photographs." in dropped.out
    assert pipeline("resume").well().out == "Nothing was left unfinished.\n"
    assert len(store.images(158)) == NUMBER - left
    assert len(list(wrong.rglob("*.jpg"))) == NUMBER, "the files are where they were"
    assert pipeline("drop", "--yes", "--all-pending").well().out.startswith("There is nothing")
    assert pipeline("ledger", "check").well()
    run = pipeline("run", "--json", wrong).well()
    assert run.counts["stored"] == left


def test_what_may_have_reached_the_shop_is_looked_for_before_it_is_dropped(
    pipeline: Command, store: StoreProcess, right: Path
) -> None:
    store.misbehave({"do": "delay", "method": "POST", "seconds": 30, "when": "after"})
    running = pipeline.start("run", right)
    until(lambda: store.images(159) != [])
    posix.killpg(running.pid, posix.SIGKILL)
    running.communicate()
    # While the shop cannot be asked, it is kept, and nothing else is said of it.
    store.misbehave({"do": "drop", "when": "before-body"})
    kept = pipeline("drop", "--yes", right)
    assert (kept.status, kept.out) == (1, "")
    assert "may have reached the shop, which is not known yet: it is kept" in kept.err
    store.misbehave()
    until(lambda: pipeline("drop", "--yes", right).status == 0)
    dropped = pipeline("drop", "--yes", right).well()
    assert dropped.out.startswith("There is nothing to forget")
    counts = pipeline("status", "--json").well().document["counts"]
    assert counts["stored"] == 1


def test_drop_wants_to_know_what(pipeline: Command) -> None:
    for words in ((), ("--all-pending", "x")):
        assert pipeline("drop", *words).status == 2


def test_of_a_batch_is_dropped_what_came_in_through_it_and_nothing_else(
    pipeline: Command, store: StoreProcess, wrong: Path, right: Path
) -> None:
    waits = photograph(right / "holiday" / "beach.jpg", 98)
    pipeline("run", right)
    left = cut_off(pipeline, store, wrong)
    (batch, earlier) = pipeline("batches", "--json").well().document
    (account,) = pipeline("report", "--json", "--batch", batch["batch"]).well().document
    assert (account["found"], account["not_finished"]) == (NUMBER, left)
    unasked = pipeline("drop", "--batch", batch["batch"])
    assert unasked.status == 2
    assert f"Forget {left} photographs?" in unasked.err
    dropped = pipeline("drop", "--batch", batch["batch"], "--yes", "--json").well().document
    assert dropped["forgotten"] == len(dropped["photographs"]) == left
    assert {Path(one["path"]).parent for one in dropped["photographs"]} == {wrong / "158"}
    assert all(one["forgotten"] for one in dropped["photographs"])
    assert pipeline("resume").well().out == "Nothing was left unfinished.\n"
    (account,) = pipeline("report", "--json", "--batch", batch["batch"]).well().document
    assert (account["found"], account["not_finished"]) == (NUMBER - left, 0)
    # What waits is the other batch's.
    again = pipeline("drop", "--batch", earlier["batch"], "--yes", "--json").well().document
    assert [one["path"] for one in again["photographs"]] == [str(waits)]
    nothing = pipeline("drop", "--batch", earlier["batch"], "--yes").well()
    assert nothing.out == "There is nothing to forget: nothing there is unfinished.\n"
    unknown = pipeline("drop", "--batch", "99", "--yes")
    assert unknown.status == 2
    assert "there is no batch 99 of this shop: `pipeline batches` lists them" in unknown.err
