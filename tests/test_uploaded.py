"""What was uploaded is kept for so long and so much, and goes the oldest first."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.errors import LedgerError
from pipeline.uploaded import LEAST_FREE, Keeping, Uploaded

DAY = 86_400.0
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC).timestamp()


class World:
    """A spool, what is kept, and a clock that goes when it is told to."""

    def __init__(self, folder: Path, *, days: int = 30, most: int = 1_000_000) -> None:
        self.spool = folder / "spool"
        self.time = START
        self.folder = folder / "uploaded"
        self.keeping = Keeping(days=days, most_bytes=most)
        self.uploaded = self.again()

    def again(self) -> Uploaded:
        return Uploaded(self.folder, self.keeping, lambda: self.time)

    def keep(self, name: str, content: bytes = b"a picture") -> None:
        file = self.spool / name[:2] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        self.uploaded.keep(file, f"{name[:2]}/{name}")
        assert not file.exists(), "it is out of the spool, whatever becomes of it"
        if (found := self.find(name)) is not None:
            os.utime(found, (self.time, self.time))

    def find(self, name: str) -> Path | None:
        return self.uploaded.find(f"{name[:2]}/{name}")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_was_uploaded_lies_in_a_folder_of_its_day(world: World) -> None:
    world.keep("aa1.jpg", b"one")
    assert world.find("aa1.jpg") == world.folder / "2026-11-24" / "aa1.jpg"
    assert world.find("aa2.jpg") is None
    assert world.uploaded.names() == {"aa1.jpg"}
    assert world.uploaded.tally() == (1, 3)


def test_it_is_laid_into_the_spool_again_and_stays_kept(world: World) -> None:
    world.keep("aa1.jpg", b"one")
    into = world.spool / "bb" / "back.jpg"
    assert world.uploaded.bring_back("aa/aa1.jpg", into)
    assert world.uploaded.bring_back("aa/aa1.jpg", into), "also where it lies there already"
    assert into.read_bytes() == b"one"
    assert world.find("aa1.jpg") is not None
    assert sorted(path.name for path in into.parent.iterdir()) == ["back.jpg"]
    assert not world.uploaded.bring_back("aa/none.jpg", into)


def test_a_spool_that_cannot_be_written_is_said_to_be_so(world: World) -> None:
    world.keep("aa1.jpg")
    (world.spool / "cc").write_bytes(b"a file where a folder should be")
    with pytest.raises(LedgerError, match="cannot be written"):
        world.uploaded.bring_back("aa/aa1.jpg", world.spool / "cc" / "back.jpg")


def test_the_one_that_was_kept_last_is_found(world: World) -> None:
    world.keep("aa1.jpg", b"one")
    world.time += DAY
    world.keep("aa1.jpg", b"one")
    assert world.find("aa1.jpg") == world.folder / "2026-11-25" / "aa1.jpg"


def test_what_is_older_than_it_is_kept_for_goes(world: World) -> None:
    world.keep("aa1.jpg")
    world.time += 30 * DAY
    world.again().sweep()
    assert world.find("aa1.jpg") is not None
    world.time += DAY
    world.again().sweep()
    assert world.find("aa1.jpg") is None


def test_what_is_too_much_goes_the_oldest_first(tmp_path: Path) -> None:
    world = World(tmp_path, most=250)
    for name in ("aa1.jpg", "aa2.jpg"):
        world.keep(name, b"x" * 100)
        world.time += 60
    world.time += DAY
    world.keep("bb1.jpg", b"x" * 100)
    world.time += 3601
    world.again().sweep()
    assert world.uploaded.names() == {"aa2.jpg", "bb1.jpg"}
    assert world.uploaded.tally() == (2, 200)


def test_a_process_that_works_for_months_lets_go_too(world: World) -> None:
    world.keep("aa1.jpg")
    world.time += 31 * DAY
    world.keep("bb1.jpg")
    assert world.uploaded.names() == {"bb1.jpg"}


def test_within_an_hour_nobody_looks_again(tmp_path: Path) -> None:
    world = World(tmp_path, most=50)
    world.keep("aa1.jpg", b"x" * 100)
    world.again().sweep()
    assert world.uploaded.names() == set()
    world.keep("aa2.jpg", b"x" * 100)
    world.again().sweep()
    assert world.uploaded.names() == {"aa2.jpg"}
    world.time += 3601
    world.again().sweep()
    assert world.uploaded.names() == set()


def test_who_wants_nothing_kept_has_nothing_kept(tmp_path: Path) -> None:
    world = World(tmp_path, days=0)
    world.keep("aa1.jpg")
    assert world.uploaded.names() == set()


def test_where_the_disk_is_nearly_full_nothing_is_kept_and_the_oldest_goes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.keep("aa1.jpg", b"x" * 100)
    free = LEAST_FREE - 50
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    world.time += DAY
    world.keep("bb1.jpg", b"x" * 100)
    assert world.uploaded.names() == set()


def test_the_size_of_a_past_day_is_read_once(world: World) -> None:
    world.keep("aa1.jpg", b"x" * 100)
    world.time += DAY
    assert world.uploaded.tally() == (1, 100)
    (world.folder / "2026-11-24" / ".tally").write_text("7 700\n")
    assert world.uploaded.tally() == (7, 700)
    (world.folder / "2026-11-24" / ".tally").write_text("nonsense")
    assert world.uploaded.tally() == (1, 100)


def test_a_picture_that_is_gone_from_the_spool_is_no_error(world: World) -> None:
    world.uploaded.keep(world.spool / "aa" / "aa1.jpg", "aa/aa1.jpg")
    assert world.uploaded.tally() == (0, 0)
