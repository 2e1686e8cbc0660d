from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import TRANSIENT_REASONS, Reason
from pipeline.originals import digest, lent, open_regular, open_unchanged
from pipeline.values import Original
from tests import posix
from tests.permissions import permissions_in_force


def received(path: Path) -> Original:
    content = path.read_bytes()
    digested = hashlib.sha256(content).hexdigest()
    return Original(sha256=digested, size=len(content), path=path, root=path.parent)


@contextmanager
def refused(reason: Reason) -> Iterator[None]:
    with pytest.raises(PhotoRefused) as refusal:
        yield
    assert refusal.value.reason is reason
    assert reason in TRANSIENT_REASONS, "it lies not in the bytes: it is looked at again"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a photograph" * 1000)
    return path


def test_a_regular_file_is_opened_for_reading_alone(photo: Path) -> None:
    with open_regular(photo) as file:
        assert file.read() == b"a photograph" * 1000
        assert file.mode == "rb"


@given(st.binary(max_size=3000), st.integers(0, 3000))
def test_the_digest_is_that_of_what_is_left_to_read(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: int
) -> None:
    path = tmp_path_factory.mktemp("digest") / "a"
    path.write_bytes(content)
    with open_regular(path) as file:
        file.seek(start)
        assert digest(file) == hashlib.sha256(content[start:]).hexdigest()


def test_a_file_larger_than_a_piece_is_digested_whole(tmp_path: Path) -> None:
    content = os.urandom((3 << 20) + 17)
    (tmp_path / "a").write_bytes(content)
    with open_regular(tmp_path / "a") as file:
        assert digest(file) == hashlib.sha256(content).hexdigest()


def pipe(path: Path) -> None:
    posix.mkfifo(path)


def link(path: Path) -> None:
    path.with_name("target.jpg").write_bytes(b"a photograph")
    path.symlink_to(path.with_name("target.jpg"))


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def device(path: Path) -> None:
    try:
        posix.mknod(path, 0o600 | 0o020000, posix.makedev(1, 5))  # /dev/zero: it never ends
    except OSError:
        pytest.skip("a device can be made by root alone")


def unix_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(posix.AF_UNIX) as unix:
            unix.bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize("make", [pipe, link, dangling, device, unix_socket, Path.mkdir])
def test_what_is_no_regular_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "strange.jpg")
    with refused(Reason.NOT_A_FILE), open_regular(tmp_path / "strange.jpg"):
        pass


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc here")
def test_no_handle_stays_open_where_a_file_is_refused(tmp_path: Path) -> None:
    posix.mkfifo(tmp_path / "pipe.jpg")
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(20):
        with suppress(PhotoRefused), open_regular(tmp_path / "pipe.jpg"):
            pass
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_a_file_that_is_gone_has_vanished(tmp_path: Path) -> None:
    with refused(Reason.VANISHED), open_regular(tmp_path / "gone.jpg"):
        pass


def test_a_file_that_may_not_be_read_is_unreadable(photo: Path) -> None:
    photo.chmod(0)
    with permissions_in_force(), refused(Reason.UNREADABLE), open_regular(photo):
        pass


def test_a_file_below_what_is_no_folder_is_unreadable(photo: Path) -> None:
    with refused(Reason.UNREADABLE), open_regular(photo / "below.jpg"):
        pass


def test_an_unchanged_original_is_given_from_its_beginning(photo: Path) -> None:
    with open_unchanged(received(photo)) as file:
        assert file.tell() == 0
        assert file.read() == photo.read_bytes()


def other_bytes(path: Path) -> None:
    path.write_bytes(b"A PHOTOGRAPH" * 1000)


def other_bytes_of_the_same_time(path: Path) -> None:
    before = path.stat()
    other_bytes(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def longer(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def shorter(path: Path) -> None:
    os.truncate(path, 17)


def another_file(path: Path) -> None:
    path.with_name("new").write_bytes(b"A PHOTOGRAPH" * 1000)
    path.with_name("new").replace(path)


CHANGES = [other_bytes, other_bytes_of_the_same_time, longer, shorter, another_file]


@pytest.mark.parametrize("change", CHANGES)
def test_an_original_that_was_changed_since_it_was_received_is_replaced(
    photo: Path, change: Callable[[Path], None]
) -> None:
    original = received(photo)
    change(photo)
    with refused(Reason.REPLACED), open_unchanged(original):
        pytest.fail("it must not be worked on")


@pytest.mark.parametrize("change", [other_bytes, longer, shorter])
@pytest.mark.parametrize("verdict", [None, Reason.TRUNCATED])
def test_an_original_that_is_changed_while_it_is_worked_on_is_replaced_whatever_was_found(
    photo: Path, change: Callable[[Path], None], verdict: Reason | None
) -> None:
    with refused(Reason.REPLACED), open_unchanged(received(photo)):
        change(photo)
        if verdict is not None:
            raise PhotoRefused(verdict, "it is cut off")


def test_a_verdict_on_an_unchanged_original_stands(photo: Path) -> None:
    with pytest.raises(PhotoRefused) as refusal, open_unchanged(received(photo)):
        raise PhotoRefused(Reason.TRUNCATED, "it is cut off")
    assert refusal.value.reason is Reason.TRUNCATED


def test_the_file_that_was_opened_is_read_whatever_its_name_means_by_now(photo: Path) -> None:
    content = photo.read_bytes()
    with open_unchanged(received(photo)) as file:
        another_file(photo)
        assert file.read() == content


def test_an_original_is_never_written_moved_or_deleted(photo: Path) -> None:
    before = photo.stat()
    with open_unchanged(received(photo)) as file:
        file.read()
    after = photo.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_size, after.st_nlink) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_size,
        before.st_nlink,
    )


def test_a_pipe_with_nobody_at_its_end_holds_up_nobody(tmp_path: Path) -> None:
    posix.mkfifo(tmp_path / "pipe.jpg")
    ended = threading.Event()

    def opening() -> None:
        with suppress(PhotoRefused), open_regular(tmp_path / "pipe.jpg"):
            pass
        ended.set()

    threading.Thread(target=opening, daemon=True).start()
    assert ended.wait(5)


def test_a_file_that_another_process_opened_is_read_as_often_as_it_is_asked_for(
    photo: Path,
) -> None:
    original = received(photo)
    handle = os.open(photo, os.O_RDONLY)
    photo.unlink()
    with lent(original, handle):
        for _ in range(2):
            with open_unchanged(original) as file:
                assert file.read() == b"a photograph" * 1000
    with refused(Reason.VANISHED), open_regular(photo):
        pass
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(handle)
