from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.durable import flush_file, flush_folder, put_in_place, replace_file
from tests.disks import fill, small_disk


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the paths that are forced to the disk, in their order."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("only where the system tells which file a handle is")
    paths: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        paths.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return paths


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "a"
    for content in (b"", b"one", os.urandom(3_000_000)):
        replace_file(str(file), content)
        assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_content_comes_to_the_disk_before_the_name_and_the_folder_last(
    tmp_path: Path, flushed: list[str]
) -> None:
    file = tmp_path / "a"
    replace_file(str(file), b"content")
    hidden, folder = flushed
    assert Path(hidden).parent == tmp_path
    assert hidden != str(file)
    assert folder == str(tmp_path)


def test_what_need_not_outlast_a_power_cut_does_not_wait_for_the_disk(
    tmp_path: Path, flushed: list[str]
) -> None:
    replace_file(str(tmp_path / "a"), b"content", durable=False)
    assert flushed == []


def test_a_file_written_by_others_gets_its_name_once_it_is_on_the_disk(
    tmp_path: Path, flushed: list[str]
) -> None:
    hidden, file = tmp_path / ".a", tmp_path / "a"
    hidden.write_bytes(b"new")
    file.write_bytes(b"old")
    put_in_place(str(hidden), str(file))
    assert file.read_bytes() == b"new"
    assert flushed == [str(hidden), str(tmp_path)]


def test_many_threads_may_write_the_same_file(tmp_path: Path) -> None:
    contents = [bytes([number]) * 200_000 for number in range(40)]
    file = tmp_path / "a"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: replace_file(str(file), content, durable=False), contents))
    assert file.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [file]


def test_on_a_full_disk_the_old_content_stays_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with small_disk(tmp_path, 256) as disk:
        file = disk / "a"
        replace_file(str(file), b"old")
        fill(disk, leave=40_000)
        before = sorted(disk.iterdir())
        with pytest.raises(OSError, match="No space left"):
            replace_file(str(file), bytes(100_000))
        assert file.read_bytes() == b"old"
        assert sorted(disk.iterdir()) == before


@pytest.mark.skipif(os.name == "nt", reason="the system's own modes")
def test_only_its_owner_may_read_a_file_unless_others_are_to(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        replace_file(str(tmp_path / "mine"), b"")
        replace_file(str(tmp_path / "ours"), b"", mode=0o666)
    finally:
        os.umask(mask)
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "ours").stat().st_mode & 0o777 == 0o644


def test_a_disk_that_cannot_be_forced_is_used_and_one_that_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "darwin":
        pytest.skip("another call forces the disk there")

    def fails_with(code: int) -> None:
        def fsync(handle: int) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "fsync", fsync)

    file = tmp_path / "a"
    for code in (errno.EINVAL, errno.ENOTSUP):
        fails_with(code)
        replace_file(str(file), b"content")
        flush_file(str(file))
        flush_folder(str(tmp_path))
    fails_with(errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        replace_file(str(file), b"other")
    assert file.read_bytes() == b"content"
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_is_loaded_that_python_has_not_loaded_already() -> None:
    program = "import sys; before = set(sys.modules); import pipeline.durable; "
    program += "print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"__future__", "errno", "pipeline", "pipeline.durable"}
