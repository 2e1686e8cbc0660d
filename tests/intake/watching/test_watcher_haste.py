"""What arrives in a watched folder by itself is a next shot; what lay there, or many, are not."""

from __future__ import annotations

from pathlib import Path

from pipeline.intake.watching.next_shot import MANY
from tests.intake.watching.watched import World


def test_what_comes_by_itself_goes_before_what_lay_there(world: World) -> None:
    (world.folder / "old.jpg").write_bytes(b"old END")
    with world.watching():
        world.until(lambda: len(world.taker.taken) == 1)
        (world.folder / "new.jpg").write_bytes(b"new END")
        world.until(lambda: len(world.taker.taken) == 2)
    assert world.taker.in_haste == {"old.jpg": False, "new.jpg": True}


def test_of_a_folder_that_is_copied_in_most_is_in_no_haste(world: World, tmp_path: Path) -> None:
    heap = tmp_path / "heap"
    heap.mkdir()
    for number in range(2 * MANY):
        (heap / f"{number:04}.jpg").write_bytes(b"%d END" % number)
    with world.watching():
        heap.rename(world.folder / "heap")
        world.until(lambda: len(world.taker.taken) == 2 * MANY)
    assert sum(world.taker.in_haste.values()) <= MANY
