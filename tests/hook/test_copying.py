"""The copy that is made of a photograph while its camera waits."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.hook import copying
from pipeline.hook.copying import copy_photograph
from tests import posix
from tests.disks import fill, small_disk

JPEG = b"\xff\xd8\xff a photograph"


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    path = tmp_path / "capt0000.jpg"
    path.write_bytes(JPEG)
    return path


def copied(path: Path) -> tuple[bool, Path]:
    place = path.with_name(".copy")
    return copy_photograph(str(path), str(place)), place


@given(st.binary(max_size=200), st.integers(1, 3), st.booleans())
def test_a_copy_has_every_byte_and_is_its_owners_alone(
    tmp_path_factory: pytest.TempPathFactory, more: bytes, pieces: int, by_hand: bool
) -> None:
    path = tmp_path_factory.mktemp("copy") / "a.jpg"
    path.write_bytes((JPEG + more) * pieces)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(copying, "PIECE_BYTES", 101)
        if by_hand:
            patched.setattr("sys.platform", "one without reflinks")
        done, place = copied(path)
    assert done
    assert place.read_bytes() == path.read_bytes()
    assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("change", ["in place", "renamed", "deleted"])
def test_what_becomes_of_the_file_does_nothing_to_the_copy(shot: Path, change: str) -> None:
    _, place = copied(shot)
    if change == "in place":
        with shot.open("r+b") as file:
            file.write(b"\0" * len(JPEG))
    elif change == "renamed":
        shot.with_name("next").write_bytes(b"the next shot")
        shot.with_name("next").replace(shot)
    else:
        shot.unlink()
    assert place.read_bytes() == JPEG


STRANGE: dict[str, bytes] = {
    "nothing yet": b"",
    "a TIFF, as most raw files are": b"II*\0 and so on, for 30 MB",
    "Canon's raw file": b"\0\0\0\x18ftypcrx and so on",
    "Fuji's raw file": b"FUJIFILMCCD-RAW 0201",
    "a film": b"\0\0\0\x20ftypmp42 and so on",
    "a sound": b"RIFF\x00\x01\x00\x00WAVEfmt ",
    "notes": b"<?xpacket begin=''?><x:xmpmeta/>",
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_what_cannot_be_for_the_shop_is_not_copied(shot: Path, content: bytes) -> None:
    shot.write_bytes(content)
    done, place = copied(shot)
    assert not done
    assert not place.exists()


TAKEN: dict[str, bytes] = {
    "JPEG": JPEG,
    "PNG": b"\x89PNG\r\n\x1a\n",
    "GIF": b"GIF89a",
    "BMP": b"BM\x36\0\0\0",
    "WebP": b"RIFF\x00\x01\x00\x00WEBPVP8 ",
    "XBM": b"#define a_width 8\n",
    "XBM with a comment": b"/* by hand */\n#define a_width 8\n",
    "WBMP": b"\0\0\x08\x08" + b"\xff" * 8,
}


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
@pytest.mark.parametrize("name", ["a.jpg", "without"])
def test_what_the_shop_takes_is_copied_whatever_its_name(
    tmp_path: Path, content: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done, place = copied(tmp_path / name)
    assert done
    assert place.read_bytes() == content


def test_a_link_and_a_pipe_are_not_followed_and_hold_up_nobody(tmp_path: Path, shot: Path) -> None:
    link = tmp_path / "link.jpg"
    link.symlink_to(shot)
    assert copied(link)[0] is False
    posix.mkfifo(tmp_path / "pipe.jpg")
    assert copied(tmp_path / "pipe.jpg")[0] is False


def too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "MOST_BYTES", len(JPEG) - 1)


def too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "MOST_SECONDS", -1.0)


def too_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "LEFT_FREE", 1 << 62)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (too_large, "it is very large"),
        (too_slow, "its disk is too slow"),
        (too_full, "the disk of the home folder is nearly full"),
    ],
)
def test_what_would_keep_the_camera_waiting_or_fill_the_disk_is_not_copied(
    shot: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[object], None], said: str
) -> None:
    # One that shares bytes costs nothing.
    monkeypatch.setattr("sys.platform", "one without reflinks")
    make(monkeypatch)
    with pytest.raises(OSError, match=said):
        copied(shot)
    assert list(shot.parent.iterdir()) == [shot]


def test_a_disk_that_becomes_full_meanwhile_leaves_nothing_behind(
    shot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "LEFT_FREE", -(1 << 62))
    shot.write_bytes(JPEG * 10_000)
    with small_disk(tmp_path, 128) as disk:
        fill(disk, leave=4096)
        with pytest.raises(OSError, match="No space left"):
            copy_photograph(str(shot), str(disk / ".copy"))
        assert not (disk / ".copy").exists()


def test_a_file_that_changes_once_is_copied_again_and_one_that_changes_always_is_not(
    shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, changes = os.fstat, [b" once"]

    def fstat(handle: int) -> os.stat_result:
        status = real(handle)
        if status.st_ino == shot.stat().st_ino and changes and status.st_size > 0:
            with shot.open("ab") as file:
                file.write(changes.pop())
        return status

    monkeypatch.setattr(os, "fstat", fstat)
    assert copied(shot)[1].read_bytes() == JPEG + b" once"
    changes += [b" and again"] * 20
    with pytest.raises(OSError, match="it is still being written"):
        copied(shot)
    assert not shot.with_name(".copy").exists()


def test_where_the_disk_can_share_bytes_even_a_large_copy_takes_no_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(JPEG)
    os.truncate(path, copying.MOST_BYTES + 1)
    began = time.monotonic()
    try:
        _, place = copied(path)
    except OSError:
        pytest.skip("the disk here cannot")
    assert place.stat().st_size == path.stat().st_size
    assert time.monotonic() - began < 1
