"""Ctrl-C, twice, kill -9: whatever ends a run, a later one brings the rest, and nothing twice."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, ended, photograph, until

NUMBER = 12


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two products' photographs, each some work to prepare."""
    return photographed(tmp_path / "shop", range(NUMBER))


def photographed(folder: Path, numbers: Iterable[int]) -> Path:
    for number in numbers:
        product = 158 if number % 2 else 159
        photograph(folder / str(product) / f"{number}.jpg", number, (2400, 1600))
    return folder


def everything_once(
    store: StoreProcess, pipeline: Command, shop: Path, number: int = NUMBER
) -> None:
    run = pipeline("run", "--json", shop).well()
    assert run.counts["stored"] + run.counts["already_stored"] == number
    assert [len(store.images(product)) for product in (158, 159)] == [number / 2] * 2
    known = {photo["image_id"] for photo in run.document["photographs"]}
    assert known == {image["id"] for product in (158, 159) for image in store.images(product)}


def test_ctrl_c_finishes_what_is_in_hand_and_a_later_run_goes_on(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    running = pipeline.start("run", "--workers", 1, shop)
    until(lambda: store.images(158) != [])
    posix.killpg(running.pid, signal.SIGINT)
    run = ended(running)
    assert run.status == 130
    assert "stopping: what is in hand is finished first" in run.err
    assert "Run the same command again" in run.out
    states = pipeline("status", "--json").well().document["counts"]
    assert states["uploading"] == 0
    assert 0 < states["stored"] < NUMBER
    everything_once(store, pipeline, shop)


def test_a_second_ctrl_c_ends_at_once(pipeline: Command, store: StoreProcess, shop: Path) -> None:
    store.misbehave({"do": "delay", "method": "POST", "seconds": 30, "when": "after"})
    running = pipeline.start("run", shop)
    until(lambda: pipeline("status", "--json").well().document["counts"]["uploading"] > 0)
    posix.killpg(running.pid, signal.SIGINT)
    time.sleep(0.5)
    assert running.poll() is None, "an upload is in hand"
    posix.killpg(running.pid, signal.SIGINT)
    assert ended(running, 20).status == 130, "it has not waited for the answer"
    store.misbehave()
    everything_once(store, pipeline, shop)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(
    pipeline: Command, store: StoreProcess, shop: Path, seed: int
) -> None:
    photographed(shop, range(NUMBER, 2 * NUMBER))  # so that no run ends before its kill
    moment = random.Random(seed)
    for _ in range(3):
        running = pipeline.start("run", shop)
        time.sleep(moment.uniform(0.4, 2.5))
        posix.killpg(running.pid, posix.SIGKILL)
        running.communicate()
    everything_once(store, pipeline, shop, 2 * NUMBER)


def test_a_run_beside_another_stores_nothing_twice(
    pipeline: Command, store: StoreProcess, shop: Path
) -> None:
    runs = [pipeline.start("run", "--json", shop) for _ in range(3)]
    ends = [ended(run).well() for run in runs]
    assert sum(end.document["posts"] for end in ends) == NUMBER
    everything_once(store, pipeline, shop)
