"""Photographs of one product come in in shot order, however long each takes to be written."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.intake.watching.watched import LINUX, WAITS, World
from tests.intake.watching.writers import Studio

PATIENT = replace(WAITS, turn=60.0)


def shot_in_order(world: World, seed: int) -> Studio:
    """Shoot many products while they are watched; each must come in in its shot order."""
    studio = Studio([world.folder], seed, 25, lambda number: b"photograph %d END" % number)
    with world.watching():
        studio.shoot(0.5)
        world.until(lambda: set(world.taker.paths) == set(studio.all_shots), 60)
    first_taken = list(dict.fromkeys(world.taker.paths))
    for sku, shots in studio.shots.items():
        assert [path for path in first_taken if path in shots] == shots, sku
    return studio


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 22))]
)
def test_however_long_each_takes_a_products_photographs_come_in_in_shot_order(
    tmp_path: Path, seed: int
) -> None:
    world = World(tmp_path, waits=PATIENT)
    studio = shot_in_order(world, seed)
    assert all(content.endswith(b"END") for _, content in world.taker.taken)
    assert len(world.taker.taken) == len(studio.all_shots), "a half one was taken"


def test_one_that_stalls_lets_the_others_go_after_a_while_and_that_is_said(tmp_path: Path) -> None:
    world = World(tmp_path, waits=replace(WAITS, whole=60.0, turn=21.0))
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


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_the_order_holds_where_listings_are_compared(tmp_path: Path, seed: int) -> None:
    shot_in_order(World(tmp_path, waits=PATIENT, polled=True), seed)


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
