"""Photographs of one product come in in shot order, however long each takes to be written."""

from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.intake.watching.watched import LINUX, WAITS, World

PATIENT = replace(WAITS, turn=60.0)


def grow(path: Path, seconds: float) -> None:
    """Write it piece by piece."""
    with path.open("wb", buffering=0) as file:
        for _ in range(4):
            file.write(b"piece ")
            time.sleep(seconds / 4)
        file.write(b"END")


def allocate(path: Path, seconds: float) -> None:
    """Give it its size at once, and fill it while it is open."""
    with path.open("wb", buffering=0) as file:
        file.truncate(27)
        time.sleep(seconds)
        file.write(b"x" * 24 + b"END")


def allocate_and_open_again(path: Path, seconds: float) -> None:
    """Give it its size, close it, and come back with what belongs in it."""
    path.write_bytes(bytes(27))
    time.sleep(seconds)
    with path.open("r+b") as file:
        file.write(b"y" * 24 + b"END")


def rename_as_rsync(path: Path, seconds: float) -> None:
    """Write it under a hidden name that tells its last one."""
    hidden = path.with_name(f".{path.name}.{random.choice('abcdef')}7X2kQ")
    grow(hidden, seconds)
    hidden.rename(path)


def rename_as_browsers(path: Path, seconds: float) -> None:
    """Write it under its name with another suffix."""
    part = path.with_name(f"{path.name}.part")
    grow(part, seconds)
    part.rename(path)


def copy_and_set_its_time(path: Path, seconds: float) -> None:
    """Write it, and set its times back when it is closed, as copying programs do."""
    grow(path, seconds)
    os.utime(path, (1_000_000_000, 1_000_000_000))


WAYS: list[Callable[[Path, float], None]] = [
    grow,
    allocate,
    allocate_and_open_again,
    rename_as_rsync,
    rename_as_browsers,
    copy_and_set_its_time,
]


class Studio:
    """Many programs that write at once; each shot of a product is begun after the one before."""

    def __init__(self, folder: Path, random: random.Random, products: int) -> None:
        self._random = random
        self.shots: dict[str, list[Path]] = defaultdict(list)
        self._writers: list[threading.Thread] = []
        for number in range(products):
            sku = f"SM-{number}"
            flat = random.random() < 0.3
            for shot in range(1, random.randint(3, 6)):
                name = f"{sku}_{shot}.jpg" if flat else f"{random.choice('ab')}{shot}.jpg"
                path = folder / name if flat else folder / sku / name
                path.parent.mkdir(exist_ok=True)
                self.shots[sku].append(path)
            self.shots[sku].sort()

    def shoot(self) -> None:
        """Write all of them, and wait until they are."""
        plans = []
        for shots in self.shots.values():
            at = self._random.uniform(0, 0.5)
            for path in shots:
                # Most are quick, and the first is as often slow as any.
                seconds = self._random.choice((0.0, 0.0, 0.3, 1.2))
                plans.append((at, path, self._random.choice(WAYS), seconds))
                at += self._random.uniform(0.02, 0.2)
        began = time.monotonic()
        for at, path, way, seconds in sorted(plans, key=lambda plan: plan[0]):
            time.sleep(max(0.0, began + at - time.monotonic()))
            writer = threading.Thread(target=way, args=(path, seconds))
            writer.start()
            self._writers.append(writer)
        for writer in self._writers:
            writer.join()


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 22))]
)
def test_however_long_each_takes_a_products_photographs_come_in_in_shot_order(
    tmp_path: Path, seed: int
) -> None:
    print(f"seed {seed}")
    world = World(tmp_path, waits=PATIENT)
    studio = Studio(world.folder, random.Random(seed), products=25)
    with world.watching():
        studio.shoot()
        all_shots = sum(len(shots) for shots in studio.shots.values())
        world.until(lambda: len(set(world.taker.paths)) == all_shots, 60)
    first_taken = list(dict.fromkeys(world.taker.paths))
    for sku, shots in studio.shots.items():
        assert [path for path in first_taken if path in shots] == shots, sku
    assert all(content.endswith(b"END") for _, content in world.taker.taken)
    assert len(world.taker.taken) == all_shots, "a half one was taken"


def test_one_that_stalls_lets_the_others_go_after_a_while_and_that_is_said(tmp_path: Path) -> None:
    world = World(tmp_path, waits=replace(WAITS, whole=60.0, turn=24.0))
    stalled, later = world.folder / "SM-13" / "1.jpg", world.folder / "SM-13" / "2.jpg"
    other = world.folder / "SM-14" / "2.jpg"
    for path in (later, other):
        path.parent.mkdir()
    with world.watching():
        stalled.write_bytes(b"stops in the mid")
        later.write_bytes(b"whole END")
        other.write_bytes(b"whole END")
        world.until(lambda: world.taker.paths == [other], 4)
        # What waits for long is said, and by what.
        world.until(lambda: world.watcher.held_back == {stalled: 1}, 10)
        assert world.taker.paths == [other]
        world.until(lambda: world.taker.paths == [other, later], 10)
        assert any(str(stalled) in one and "no longer wait" in one for one in world.said)
        world.until(lambda: world.watcher.held_back == {}, 3)
        (world.folder / "SM-13" / "3.jpg").write_bytes(b"whole END")
        world.until(lambda: len(world.taker.paths) == 3, 2)
        stalled.write_bytes(b"whole at last END")
        world.until(lambda: world.taker.paths[-1] == stalled)
    assert sum(f"wait for {stalled}" in one for one in world.said) == 1


@LINUX
def test_what_lay_there_before_goes_before_what_is_closed_as_the_watch_begins(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, waits=PATIENT)
    for number in range(300):
        (world.folder / f"{number}.jpg").write_bytes(b"END")
    with world.watching():
        (world.folder / "300.jpg").write_bytes(b"END")
        world.until(lambda: len(world.taker.taken) == 301)
    assert world.taker.names == [f"{number}.jpg" for number in range(301)]


@LINUX
def test_folders_that_are_copied_in_parallel_come_in_in_shot_order(tmp_path: Path) -> None:
    world = World(tmp_path, waits=PATIENT)
    ready = tmp_path / "ready"
    for sku in range(12):
        (ready / f"SM-{sku}").mkdir(parents=True)
        for shot in range(1, 13):
            (ready / f"SM-{sku}" / f"{shot}.jpg").write_bytes(b"x" * 500_000 * (shot % 3) + b"END")
    with world.watching():
        copies = [
            subprocess.Popen(["cp", "-rp", ready / f"SM-{sku}", world.folder]) for sku in range(12)
        ]
        assert [copy.wait() for copy in copies] == [0] * 12
        world.until(lambda: len(world.taker.taken) == 144, 60)
    for sku in range(12):
        own = [path.name for path in world.taker.paths if path.parent.name == f"SM-{sku}"]
        assert own == [f"{shot}.jpg" for shot in range(1, 13)]
