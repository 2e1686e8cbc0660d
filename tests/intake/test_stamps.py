"""What a file's status says of its content."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from pipeline.intake.accept import accept
from pipeline.intake.stamps import SETTLED_SECONDS, FileStamp, is_trusted, stamp_of
from tests.makers import arrival

MOST = 1_000_000
NOW = 1_800_000_000


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a photograph")
    return path


def stamp(path: Path) -> FileStamp:
    return stamp_of(path.stat(), path.parent)


def test_what_rested_before_it_was_read_is_trusted() -> None:
    rested = int((NOW - SETTLED_SECONDS - 1) * 1e9)
    assert is_trusted(FileStamp(3, rested, rested, 7), NOW)
    assert is_trusted(FileStamp(3, rested, 0, 0), NOW), "where there is no time of change"


def test_what_was_changed_just_before_it_was_read_is_not() -> None:
    before, just = int((NOW - 60) * 1e9), int((NOW - SETTLED_SECONDS / 2) * 1e9)
    assert not is_trusted(FileStamp(3, just, 0, 0), NOW)
    if sys.platform != "win32":
        assert not is_trusted(FileStamp(3, before, just, 7), NOW), "the older time was set"
        assert is_trusted(FileStamp(3, just, before, 7), NOW), "a camera's clock that is ahead"


def test_a_file_is_read_with_its_stamp(photo: Path) -> None:
    later = photo.stat().st_ctime + 60
    original = accept(arrival(photo), most_bytes=MOST, now=lambda: later)
    assert original.stamp == str(stamp(photo))


def test_one_that_was_written_just_now_is_read_without(photo: Path) -> None:
    assert accept(arrival(photo), most_bytes=MOST).stamp is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no time of change")
def test_whatever_else_is_put_in_its_place_bears_another_stamp(photo: Path) -> None:
    before, status = stamp(photo), photo.stat()
    times = (status.st_atime_ns, status.st_mtime_ns)
    other = photo.with_name("b.jpg")
    other.write_bytes(b"a photograpH")
    os.utime(other, ns=times)
    kept = photo.with_name("kept.jpg")
    photo.rename(kept)
    shutil.copy2(other, photo)
    assert stamp(photo) != before, "a copy with the same size and time"
    photo.unlink()
    other.rename(photo)
    assert stamp(photo) != before, "a file that was renamed"
    photo.write_bytes(b"A photograpH")
    os.utime(photo, ns=times)
    assert stamp(photo) != before, "written again, its time set back"
