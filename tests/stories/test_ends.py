"""What promises to end ends, whatever the store does, and says why and how many are left."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, Ended, ended, photograph, until

PATIENCE = 4.0
"""Long enough for a busy machine to prepare the first photograph and to be answered once."""

LONGEST = PATIENCE + 18
"""Seconds that a command may take on a busy machine: the shortest time-out of the settings in force
here is far beyond that."""

CREATE = {"method": "POST", "path": "/catalog/products/*/images"}

MADE = "makes it and never says so"

NEVER: dict[str, tuple[dict[str, Any], str]] = {
    "never answers a create": ({"do": "silence", **CREATE}, "not answer|took too long"),
    "never answers anything": ({"do": "silence"}, "not answer|took too long"),
    MADE: (
        {"do": "delay", "when": "after", "seconds": 3600, **CREATE},
        "not answer|took too long",
    ),
    "drips its answer": ({"do": "drip", "seconds": 1}, "not answer|took too long"),
    "429 and an hour": (
        {"do": "answer", "status": 429, "retry_after": 3600, "headers": False},
        "asks for a pause",
    ),
    "429 and an hour for a create": (
        {"do": "answer", "status": 429, "retry_after": 3600, **CREATE},
        "asks for a pause",
    ),
    "429 and a second, for ever": (
        {"do": "answer", "status": 429, "retry_after": 1, "headers": False},
        "asks for a pause",
    ),
    "429 without a word": ({"do": "answer", "status": 429, "headers": False}, "asks for a pause"),
    "a quota of 0": ({"do": "quota"}, "asks for a pause"),
    "503": ({"do": "answer", "status": 503}, "503"),
    "resets every create": ({"do": "drop", "how": "reset", **CREATE}, "broke"),
    "a login page": ({"do": "answer", "status": 302, "body": "html"}, "login page"),
}

SHORT = ("never answers a create", "429 and an hour")


def faults(short: tuple[str, ...]) -> list[Any]:
    return [pytest.param(one, marks=[] if one in short else [pytest.mark.long]) for one in NEVER]


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    for number in range(4):
        photograph(tmp_path / "studio" / str(158 + number % 2) / f"{number}.jpg", number)
    return tmp_path / "studio"


@pytest.fixture
def hurried(tmp_path: Path, store: StoreProcess) -> Command:
    return Command(
        tmp_path / "home",
        store,
        settle_after=1,
        patience=PATIENCE,
        read_timeout=300,
        request_timeout=300,
        connect_timeout=300,
    )


def timed(command: Command, *arguments: object) -> Ended:
    began = time.monotonic()
    end = command(*arguments, timeout=120)
    took = time.monotonic() - began
    assert took < LONGEST, f"it took {took:.1f} s\n{end.out}\n{end.err}"
    return end


@pytest.mark.parametrize("fault", faults(SHORT))
def test_a_run_ends_says_why_and_how_many_are_left_and_the_next_goes_on(
    hurried: Command, store: StoreProcess, studio: Path, fault: str
) -> None:
    rule, why = NEVER[fault]
    store.misbehave(rule)
    run = timed(hurried, "run", "--json", studio)
    if fault == MADE and run.status == 0:
        # The requests and the patience end at the same time: whoever asks first finds them all.
        assert run.counts["stored"] == 4
        assert len(store.images(158)) == len(store.images(159)) == 2
        return
    assert run.status == 1, run.err
    left = run.counts["not_sent"] + run.counts["not_finished"]
    assert left > 0
    assert sum(run.counts.values()) == 2 * run.counts["found"] == 8
    assert run.counts["failed"] == run.counts["waiting"] == 0
    assert re.search(why, run.document["gave_up"]), run.document["gave_up"]
    assert "Run the same command again to go on." in run.err
    store.misbehave()
    again = hurried("run", "--json", studio, environment={"PIPELINE_PATIENCE": "60"}).well()
    assert again.counts["stored"] + again.counts["already_stored"] == 4
    assert len(store.images(158)) == len(store.images(159)) == 2


def test_a_store_that_resets_each_second_request_of_a_connection_is_worked_with(
    hurried: Command, store: StoreProcess, studio: Path
) -> None:
    store.misbehave({"do": "drop", "when": "after-body", "how": "reset", "nth": 2})
    patient = {"PIPELINE_PATIENCE": "60"}
    run = hurried("run", "--json", studio, environment=patient).well()
    assert run.counts["stored"] == 4
    assert run.document["posts"] == 4
    store.misbehave()
    assert len(store.images(158)) == len(store.images(159)) == 2


@pytest.mark.parametrize("fault", faults(()))
def test_every_other_command_that_asks_the_store_ends_too(
    hurried: Command, store: StoreProcess, studio: Path, fault: str
) -> None:
    rule, _ = NEVER[fault]
    hurried("run", studio, environment={"PIPELINE_PATIENCE": "60"}).well()
    (image, *_) = store.images(158)
    store.call("DELETE", f"/catalog/products/158/images/{image['id']}")
    late = photograph(studio / "160" / "c.jpg", 61)
    store.misbehave({"do": "delay", "when": "after", "seconds": 3600, **CREATE})
    timed(hurried, "run", late)
    store.misbehave(rule)
    for words, statuses in (
        (("verify",), (1, 2)),
        (("verify", "--repair"), (0, 1, 2)),
        (("ledger", "rebuild", studio), (0, 2)),
        (("ledger", "settle", late, "--image", "3"), (1, 2)),
    ):
        end = timed(hurried, *words)
        assert end.status in statuses, (words, end)
    store.misbehave()
    hurried("verify", "--repair", environment={"PIPELINE_PATIENCE": "60"})
    hurried("run", studio, environment={"PIPELINE_PATIENCE": "60"}).well()
    hurried("verify").well()


def test_the_engine_of_a_hook_ends_and_its_log_says_why(
    hurried: Command, store: StoreProcess, studio: Path
) -> None:
    store.misbehave({"do": "silence", **CREATE})
    shot = photograph(studio / "158" / "shot.jpg", 9)
    end = timed(hurried, "hook", "--wait", shot)
    assert end.status == 1
    assert "1 not finished" in end.err


@pytest.mark.long
def test_ctrl_c_does_not_wait_for_a_store_that_does_not_answer(
    hurried: Command, store: StoreProcess, studio: Path
) -> None:
    store.misbehave({"do": "silence", **CREATE})
    run = hurried.start("run", "--json", studio, environment={"PIPELINE_PATIENCE": "300"})
    until(lambda: any(one["fault"] == "silence" for one in store.seen()))
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    end = ended(run)
    assert time.monotonic() - began < LONGEST
    assert end.status == 130
    assert end.counts["not_finished"] == 4
    assert end.counts["waiting"] == 0
    assert "4 not finished" in end.err
    store.misbehave()
    assert hurried("run", "--json", studio).well().counts["stored"] == 4
