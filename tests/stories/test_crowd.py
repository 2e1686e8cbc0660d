"""Several processes over one folder at once: each photograph once; hostile files cost nothing."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from pipeline.ledger.sqlite import open_reader
from pipeline.lifecycle import UNFINISHED_STATES
from tests.formats.mutations import mutated
from tests.formats.samples import SAMPLES
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.judge import judge
from tests.stories.watching import Watching


def unfinished(pipeline: Command) -> int:
    reader = open_reader(pipeline.home / "ledger.sqlite3", None)
    tally = reader.tally()
    reader.close()
    return sum(tally[state] for state in UNFINISHED_STATES)


@pytest.mark.parametrize("photographs", [30, pytest.param(150, marks=pytest.mark.long)])
def test_two_runs_and_a_watcher_over_one_folder_store_each_photograph_once(
    pipeline: Command, store: StoreProcess, tmp_path: Path, photographs: int
) -> None:
    shop = tmp_path / "shop"
    files = {
        photograph(shop / str(200 + number % 5) / f"{number}.png", number, (60, 40)): 200
        + number % 5
        for number in range(photographs)
    }
    with Watching(pipeline, shop, quiet_after=0.2, rescan_every=1).running():
        runs = [pipeline.start("run", "--quiet", shop) for _ in range(2)]
        for number in range(photographs, photographs + 10):
            path = photograph(shop / "204" / f"{number}.png", number, (60, 40))
            files[path] = 204
        for process in runs:
            _, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
            assert "locked" not in err
        until(lambda: sum(len(store.images(200 + one)) for one in range(5)) >= len(files))
        until(lambda: unfinished(pipeline) == 0)
    verdict = judge(store, pipeline.home / "ledger.sqlite3", files)
    assert verdict.good, str(verdict)
    assert verdict.stored == len(files)
    posts = [entry for entry in store.seen() if entry["method"] == "POST"]
    assert len(posts) == len(files)


def test_damaged_files_through_a_watcher_cost_it_nothing(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    dice = random.Random(5)
    shop = tmp_path / "shop" / "158"
    shop.mkdir(parents=True)
    whole = list(SAMPLES.values())
    for number in range(60):
        suffix = dice.choice([format_.suffix for format_ in SAMPLES])
        (shop / f"158_{number}{suffix}").write_bytes(mutated(dice, whole))
    good = {photograph(shop / f"good-{number}.png", number): 158 for number in range(5)}
    watching = Watching(pipeline, shop.parent, quiet_after=0.2, rescan_every=1, whole_within=1)
    with watching.running():
        process = watching.process
        until(lambda: len(store.images(158)) >= 5, 120)
        reader = open_reader(pipeline.home / "ledger.sqlite3", None)
        until(lambda: len({photo.path for photo in reader.photos()}) >= 65, 120)
        reader.close()
        until(lambda: unfinished(pipeline) == 0, 120)
        assert watching.process is process
        assert isinstance(process, subprocess.Popen)
        assert process.poll() is None
    verdict = judge(store, pipeline.home / "ledger.sqlite3", good)
    assert verdict.good, str(verdict)
