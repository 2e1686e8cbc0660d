from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import LedgerError
from pipeline.spool import Spool, Spooled
from tests import posix
from tests.disks import fill, small_disk
from tests.permissions import permissions_in_force


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_picture_lies_under_its_digest(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    content = b"a picture"
    spooled = spool.put(content, ".jpg")
    digest = hashlib.sha256(content).hexdigest()
    assert spooled == Spooled(sha256=digest, name=f"{digest[:2]}/{digest}.jpg", size=9)
    assert spool.path(spooled.name).read_bytes() == content
    assert spool.has(spooled)


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    first = spool.put(b"a picture", ".jpg")
    written = spool.path(first.name).stat().st_mtime_ns
    assert spool.put(b"a picture", ".jpg") == first
    assert spool.path(first.name).stat().st_mtime_ns == written
    assert files(tmp_path) == [spool.path(first.name)]


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([b"one", b"two"])), max_size=20),
    st.sets(st.sampled_from("abcd")),
)
def test_whoever_is_done_with_a_picture_takes_it_from_no_other_photograph(
    tmp_path_factory: pytest.TempPathFactory, put: list[tuple[str, bytes]], done: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    kept = [(photo, Spool(folder, photo).put(content, ".jpg")) for photo, content in put]
    for photo, spooled in kept:
        if photo in done:
            Spool(folder).drop(spooled.name)
    for photo, spooled in kept:
        assert Spool(folder).has(spooled) == (photo not in done)


def test_a_picture_that_was_cut_is_not_held_and_is_written_anew(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spooled = spool.put(b"a picture", ".jpg")
    spool.path(spooled.name).write_bytes(b"a pic")
    assert not spool.has(spooled)
    spool.put(b"a picture", ".jpg")
    assert spool.path(spooled.name).read_bytes() == b"a picture"


@pytest.mark.parametrize("left", [b"\0\0\0\0\0\0\0\0\0", b"a pictur\0"])
def test_a_picture_whose_bytes_a_power_cut_took_is_not_held_and_is_written_anew(
    tmp_path: Path, left: bytes
) -> None:
    spool = Spool(tmp_path)
    spooled = spool.put(b"a picture", ".jpg")
    spool.path(spooled.name).write_bytes(left)
    assert not spool.has(spooled)
    spool.put(b"a picture", ".jpg")
    assert spool.path(spooled.name).read_bytes() == b"a picture"
    assert spool.has(spooled)


def test_a_picture_that_was_forgotten_is_gone_and_may_be_forgotten_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spooled = spool.put(b"a picture", ".jpg")
    for _ in range(2):
        spool.drop(spooled.name)
        assert not spool.has(spooled)
    assert files(tmp_path) == []


@given(st.lists(st.tuples(st.binary(max_size=40), st.sampled_from([".jpg", ".png"])), max_size=10))
def test_whatever_is_put_in_comes_out_whole(
    tmp_path_factory: pytest.TempPathFactory, pictures: list[tuple[bytes, str]]
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"))
    spooled = [spool.put(*one) for one in pictures]
    for (content, _), kept in zip(pictures, spooled, strict=True):
        assert spool.path(kept.name).read_bytes() == content
    assert len({kept.name for kept in spooled}) == len(set(pictures))


def test_many_threads_may_put_the_same_picture(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    content = bytes(300_000)
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda _: spool.put(content, ".jpg"), range(40)))
    assert len(set(kept)) == 1
    assert files(tmp_path) == [spool.path(kept[0].name)]


def test_a_full_disk_is_an_error_with_what_mends_it_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path, 256) as disk:
        spool = Spool(disk / "spool")
        kept = spool.put(b"before", ".jpg")
        ballast = fill(disk, leave=40_000)
        with pytest.raises(LedgerError, match="free some space") as error:
            spool.put(bytes(100_000), ".jpg")
        assert "No space left" in str(error.value)
        assert files(disk / "spool") == [spool.path(kept.name)]
        ballast.unlink()
        assert spool.has(spool.put(bytes(100_000), ".jpg"))


def test_a_spool_that_may_not_be_written_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with permissions_in_force(), pytest.raises(LedgerError, match="permissions") as error:
            Spool(tmp_path / "spool").put(b"a picture", ".jpg")
    finally:
        tmp_path.chmod(0o700)
    assert str(tmp_path / "spool") in str(error.value)


def test_a_file_where_the_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(LedgerError):
        Spool(tmp_path / "spool").put(b"a picture", ".jpg")


KILLED = """
import sys
from pathlib import Path
from pipeline.spool import Spool
spool = Spool(Path(sys.argv[1]))
print("begun", flush=True)
for number in range(100_000):
    spool.put(number.to_bytes(4, "big") * 50_000, ".jpg")
"""


def test_a_process_that_is_killed_leaves_no_half_picture_under_a_whole_ones_name(
    tmp_path: Path,
) -> None:
    for pause in (0.02, 0.05, 0.11):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(pause)
            process.send_signal(posix.SIGKILL)
    whole = [file for file in files(tmp_path) if not file.name.startswith(".")]
    assert whole
    for file in whole:
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem


def test_what_dead_processes_left_and_what_lies_long_is_swept_away(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.sweep(time.time())
    old, new = spool.put(b"an old picture", ".jpg"), spool.put(b"a new picture", ".jpg")
    part = spool.path(old.name).with_name(".half.part")
    part.write_bytes(b"half a pic")
    for file in (part, spool.path(old.name)):
        os.utime(file, (1_000_000, 1_000_000))
    spool.sweep(2_000_000)
    assert not part.exists()
    assert not spool.has(old)
    assert spool.has(new)
