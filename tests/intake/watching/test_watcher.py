"""The watcher on a real disk with real observers: what comes is taken, once and whole."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.intake.watching.watched import LINUX, WAITS, World


def test_what_was_there_and_what_comes_is_taken_once(world: World) -> None:
    (world.folder / "old.jpg").write_bytes(b"old END")
    with world.watching():
        (world.folder / "new.jpg").write_bytes(b"new END")
        world.until(lambda: len(world.taker.taken) == 2)
        time.sleep(1)
    assert sorted(world.taker.taken) == [("new.jpg", b"new END"), ("old.jpg", b"old END")]


def test_a_growing_file_is_taken_when_it_is_whole(world: World) -> None:
    with world.watching(), (world.folder / "slow.jpg").open("wb", buffering=0) as file:
        for piece in (b"1", b"2", b"3", b"4", b" END"):
            file.write(piece)
            time.sleep(0.25)
        file.close()
        world.until(lambda: world.taker.names == ["slow.jpg"])
    assert world.taker.taken == [("slow.jpg", b"1234 END")]


@LINUX
def test_a_file_that_is_held_open_is_not_taken_however_quiet_it_is(world: World) -> None:
    path = world.folder / "held.jpg"
    with world.watching():
        with path.open("wb", buffering=0) as file:
            file.write(b"half END")
            time.sleep(1.5)
            assert world.taker.taken == []
            file.write(b" and more END")
        world.until(lambda: world.taker.names == ["held.jpg"])
    assert world.taker.taken == [("held.jpg", b"half END and more END")]


def test_a_file_with_its_final_size_from_the_start_is_waited_for(world: World) -> None:
    path = world.folder / "allocated.jpg"
    with world.watching():
        path.write_bytes(bytes(100))
        time.sleep(1.2)
        assert world.taker.taken == []
        with path.open("r+b") as file:
            file.write(b"x" * 97 + b"END")
        world.until(lambda: world.taker.names == ["allocated.jpg"])
    assert world.taker.taken[0][1].endswith(b"END")


def test_one_that_never_becomes_whole_is_handed_on_in_the_end(world: World) -> None:
    with world.watching():
        (world.folder / "cut.jpg").write_bytes(b"stops in the mid")
        time.sleep(WAITS.whole - 0.5)
        assert world.taker.taken == []
        world.until(lambda: world.taker.names == ["cut.jpg"])


def test_what_is_renamed_into_place_is_taken_under_its_final_name_alone(world: World) -> None:
    with world.watching():
        for number, name in enumerate(("tmpfileAb3dEf", "b.jpg.part", ".c.jpg.X1yZ2w")):
            temporary = world.folder / name
            temporary.write_bytes(b"whole END")
            time.sleep(0.3)
            temporary.rename(world.folder / f"{number}.jpg")
        world.until(lambda: len(world.taker.taken) == 3)
        time.sleep(0.5)
    assert sorted(world.taker.names) == ["0.jpg", "1.jpg", "2.jpg"]


def test_folders_that_come_in_as_a_whole_are_seen(world: World, tmp_path: Path) -> None:
    ready = tmp_path / "ready" / "deep"
    ready.mkdir(parents=True)
    for number in range(20):
        (ready / f"{number}.jpg").write_bytes(b"%d END" % number)
    with world.watching():
        shutil.copytree(tmp_path / "ready", world.folder / "copied")
        (tmp_path / "ready").rename(world.folder / "moved")
        fresh = world.folder / "a" / "b" / "c"
        fresh.mkdir(parents=True)
        (fresh / "quick.jpg").write_bytes(b"quick END")
        world.until(lambda: len(world.taker.taken) == 41)


def test_new_content_under_a_known_name_is_taken_again_and_the_same_is_not(world: World) -> None:
    path = world.folder / "a.jpg"
    with world.watching():
        path.write_bytes(b"first END")
        world.until(lambda: len(world.taker.taken) == 1)
        path.write_bytes(b"other END")
        world.until(lambda: len(world.taker.taken) == 2)
    with world.watching():
        time.sleep(1.5)
    assert world.taker.taken == [("a.jpg", b"first END"), ("a.jpg", b"other END")]


def test_polling_sees_what_comes_and_what_changes(tmp_path: Path) -> None:
    world = World(tmp_path, polled=True)
    with world.watching():
        (world.folder / "a.jpg").write_bytes(b"a END")
        world.until(lambda: world.taker.names == ["a.jpg"], 5)
        (world.folder / "a.jpg").write_bytes(b"another END")
        world.until(lambda: len(world.taker.taken) == 2, 5)


def test_two_thousand_files_at_once_are_all_taken(world: World) -> None:
    with world.watching():
        for number in range(2000):
            (world.folder / f"{number}.jpg").write_bytes(b"%d END" % number)
        world.until(lambda: len(world.taker.taken) == 2000, 60)
    assert len(set(world.taker.names)) == 2000


def test_what_lies_in_the_programs_own_home_is_nobodys_photograph(tmp_path: Path) -> None:
    world = World(tmp_path)
    home = tmp_path / "home"
    world.watched.folder = tmp_path
    (home / "spool").mkdir(parents=True)
    (home / "spool" / "a.jpg").write_bytes(b"a END")
    with world.watching():
        (home / "b.jpg").write_bytes(b"b END")
        (tmp_path / "c.jpg").write_bytes(b"c END")
        world.until(lambda: world.taker.names == ["c.jpg"])
        time.sleep(1)
    assert world.taker.names == ["c.jpg"]


def test_a_name_that_is_no_text_is_taken_like_any_other(world: World) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        (world.folder / "probe").with_name(name).write_bytes(b"x END")
    except OSError:
        pytest.skip("this file system takes only text")
    with world.watching():
        world.until(lambda: world.taker.names == [name])
        other = os.fsdecode(b"caf\xe8.jpg")
        (world.folder / other).write_bytes(b"y END")
        world.until(lambda: world.taker.names == [name, other], 4)
