"""Copyright that is written into a file after its export: one photograph, not two."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.intake.watching.watched import LINUX, WAITS, World


def in_place(path: Path, content: bytes) -> None:
    """As `exiftool -overwrite_original_in_place`, and as many other programs do."""
    with path.open("r+b") as file:
        file.write(content)


def beside_and_renamed(path: Path, content: bytes) -> None:
    """As `exiftool -overwrite_original` does."""
    copy = path.with_name(f"{path.name}_exiftool_tmp")
    copy.write_bytes(content)
    copy.rename(path)


def beside_and_kept(path: Path, content: bytes) -> None:
    """As `exiftool` does by default."""
    copy = path.with_name(f"{path.name}_exiftool_tmp")
    copy.write_bytes(content)
    path.rename(path.with_name(f"{path.name}_original"))
    copy.rename(path)


WAYS = [
    beside_and_renamed,
    pytest.param(beside_and_kept, marks=pytest.mark.long),
    pytest.param(in_place, marks=pytest.mark.long),
]
Way = Callable[[Path, bytes], None]


def export(path: Path, way: Way, pause: float) -> None:
    path.write_bytes(b"as it was exported, END")
    time.sleep(pause)
    way(path, b"with a copyright,   END")


@LINUX
@pytest.mark.parametrize("way", WAYS)
def test_a_folder_in_which_files_are_written_again_is_given_that_time(
    world: World, way: Way
) -> None:
    pause = 0.4
    with world.watching():
        # It is taken too early: nobody knows yet.
        export(world.folder / "1.jpg", way, pause)
        world.until(lambda: world.taker.names == ["1.jpg", "1.jpg"])
        for number in range(2, 4):
            export(world.folder / f"{number}.jpg", way, pause)
        world.until(lambda: len(world.taker.taken) == 4)
        time.sleep(0.5)
    assert world.taker.names[2:] == ["2.jpg", "3.jpg"]
    assert {content for _, content in world.taker.taken[1:]} == {b"with a copyright,   END"}
    (said,) = [sentence for sentence in world.said if "written again" in sentence]
    assert str(world.folder) in said


@LINUX
@pytest.mark.long
def test_what_was_learned_holds_after_a_new_start(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    world = World(tmp_path)
    with world.watching():
        export(world.folder / "1.jpg", in_place, 0.6)
        world.until(lambda: world.taker.names == ["1.jpg", "1.jpg"])
    (tmp_path / "in").rename(tmp_path / "before")
    later = World(tmp_path)
    with later.watching():
        export(later.folder / "2.jpg", in_place, 0.6)
        later.until(lambda: later.taker.names == ["2.jpg"])
        time.sleep(1)
    assert later.taker.taken == [("2.jpg", b"with a copyright,   END")]


@LINUX
@pytest.mark.parametrize("way", WAYS)
def test_what_is_written_again_at_once_is_one_photograph_from_the_first(
    world: World, way: Way
) -> None:
    with world.watching():
        export(world.folder / "1.jpg", way, 0.02)
        world.until(lambda: world.taker.names == ["1.jpg"])
        time.sleep(1)
    assert world.taker.taken == [("1.jpg", b"with a copyright,   END")]


def test_a_copy_beside_a_file_says_that_it_is_being_written_anew(world: World) -> None:
    with world.watching():
        path = world.folder / "1.jpg"
        copy = path.with_name("1.jpg_exiftool_tmp")
        with copy.open("wb") as file:
            path.write_bytes(b"as it was exported, END")
            file.write(b"with a")
            file.flush()
            time.sleep(1)
            assert world.taker.taken == []
            file.write(b" copyright, END")
        copy.rename(path)
        world.until(lambda: world.taker.names == ["1.jpg"])
        time.sleep(1)
    assert world.taker.taken == [("1.jpg", b"with a copyright, END")]


def test_a_copy_that_somebody_left_there_holds_up_its_file_for_a_while_only(world: World) -> None:
    (world.folder / "1.jpg_exiftool_tmp").write_bytes(b"of last year")
    with world.watching():
        (world.folder / "1.jpg").write_bytes(b"as it was exported, END")
        world.until(lambda: world.taker.names == ["1.jpg"], 5)


@LINUX
def test_where_nobody_writes_again_nobody_waits(world: World) -> None:
    rewritten, quiet = world.folder / "SM-13", world.folder / "SM-14"
    rewritten.mkdir()
    quiet.mkdir()
    with world.watching():
        export(rewritten / "1.jpg", in_place, 0.6)
        world.until(lambda: len(world.taker.taken) == 2)
        waited: list[float] = []
        for number in range(3):
            (quiet / f"{number}.jpg").write_bytes(b"END")
            closed = time.monotonic()
            world.until(lambda number=number: len(world.taker.taken) == 3 + number)  # type: ignore[misc]
            waited.append(time.monotonic() - closed)
    assert min(waited) < WAITS.quiet, "one at least, on a machine that is busy"


@LINUX
def test_what_somebody_begins_to_write_while_others_are_proven_is_not_taken_by_half(
    world: World,
) -> None:
    first, opened = world.folder / "1.jpg", list[BinaryIO]()

    def is_whole(content: bytes) -> bool:
        if content.startswith(b"second") and not opened:
            opened.append(first.open("wb", buffering=0))
            opened[0].write(b"half of ano")
        return content.endswith(b"END")

    world.whole = is_whole
    first.write_bytes(b"first END")
    (world.folder / "2.jpg").write_bytes(b"second END")
    with world.watching():
        world.until(lambda: bool(opened))
        time.sleep(1)
        assert world.taker.taken == []
        opened[0].write(b"ther END")
        opened[0].close()
        world.until(lambda: len(world.taker.taken) == 2)
    assert world.taker.taken == [("1.jpg", b"half of another END"), ("2.jpg", b"second END")]
