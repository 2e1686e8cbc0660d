from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotReady, PhotoRefused
from pipeline.intake import accept
from pipeline.lifecycle import Reason
from pipeline.values import Original, Placement
from tests import posix
from tests.makers import arrival
from tests.permissions import permissions_in_force

MOST = 1_000_000


@contextmanager
def refused(reason: Reason, sentence: str) -> Iterator[None]:
    with pytest.raises(PhotoRefused) as refusal:
        yield
    assert refusal.value.reason is reason
    assert sentence in str(refusal.value)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "158_2.jpg"
    path.write_bytes(b"a photograph")
    return path


def test_a_file_is_known_by_its_content(photo: Path) -> None:
    assert accept(arrival(photo), most_bytes=MOST) == Original(
        sha256=hashlib.sha256(b"a photograph").hexdigest(),
        size=12,
        path=photo,
        root=photo.parent,
    )


@given(st.binary(min_size=1, max_size=5000))
def test_size_and_digest_are_those_of_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("accept") / "a.jpg"
    path.write_bytes(content)
    original = accept(arrival(path), most_bytes=MOST)
    assert (original.size, original.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_what_the_caller_said_of_its_product_goes_along(photo: Path) -> None:
    told = accept(arrival(photo, product_id=158, sku="SM-13"), most_bytes=MOST)
    assert told.sku == "SM-13"
    assert told.placement == Placement(product_id=158, rule="the product was given")
    shot = replace(arrival(photo, product_id=7), from_current_product=True)
    assert accept(shot, most_bytes=MOST).placement == Placement(
        product_id=7, rule="the product was on the table"
    )


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with refused(Reason.EMPTY, "0 bytes"):
        accept(arrival(tmp_path / "a.jpg"), most_bytes=MOST)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with refused(Reason.VANISHED, "gone"):
        accept(arrival(tmp_path / "a.jpg"), most_bytes=MOST)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(1 << 40)
    with refused(Reason.FILE_TOO_LARGE, "1,099,511,627,776 bytes"):
        accept(arrival(tmp_path / "a.jpg"), most_bytes=MOST)


def test_a_file_of_just_the_most_bytes_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes(MOST))
    assert accept(arrival(path), most_bytes=MOST).size == MOST
    path.write_bytes(bytes(MOST + 1))
    with refused(Reason.FILE_TOO_LARGE, "export it smaller"):
        accept(arrival(path), most_bytes=MOST)


def test_a_file_that_may_not_be_read_is_refused(photo: Path) -> None:
    photo.chmod(0)
    with permissions_in_force(), refused(Reason.UNREADABLE, "check its permissions"):
        accept(arrival(photo), most_bytes=MOST)


def link(path: Path) -> None:
    path.symlink_to(__file__)


@pytest.mark.parametrize("make", [posix.mkfifo, link, Path.mkdir])
def test_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "a.jpg")
    with refused(Reason.NOT_A_FILE, "it only points to a file (a link), or is none (a device)"):
        accept(arrival(tmp_path / "a.jpg"), most_bytes=MOST)


def test_a_device_that_never_ends_is_refused_unread() -> None:
    with refused(Reason.NOT_A_FILE, "a device"):
        accept(arrival("/dev/zero"), most_bytes=MOST)


@contextmanager
def meanwhile(change: Callable[[], None]) -> Iterator[None]:
    """Do something to a file again and again while the block runs."""
    ended = threading.Event()
    begun = threading.Event()

    def changing() -> None:
        while not ended.is_set():
            change()
            begun.set()

    thread = threading.Thread(target=changing)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_file_that_is_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes(32 << 20))

    def writing() -> None:
        with path.open("ab") as file:
            file.write(b"more")

    with meanwhile(writing), pytest.raises(NotReady, match="being written"):
        accept(arrival(path), most_bytes=1 << 30)


def test_a_file_that_grows_faster_than_it_is_read_is_left_for_later(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes(1 << 20))

    def growing() -> None:
        # 8 GB a second, which no digest keeps up with; none of it takes room on the disk.
        os.truncate(path, path.stat().st_size + (8 << 20))
        time.sleep(0.001)

    with meanwhile(growing), pytest.raises(NotReady):
        accept(arrival(path), most_bytes=1 << 60)


def test_a_file_that_is_changed_in_place_while_it_is_read_is_left_for_later(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes(32 << 20))

    def changing() -> None:
        with path.open("r+b") as file:
            file.write(b"other bytes")

    with meanwhile(changing), pytest.raises(NotReady):
        accept(arrival(path), most_bytes=1 << 30)


def test_an_original_is_left_as_it_was(photo: Path) -> None:
    before = photo.stat()
    accept(arrival(photo), most_bytes=MOST)
    after = photo.stat()
    assert (after.st_mtime_ns, after.st_ino, photo.read_bytes()) == (
        before.st_mtime_ns,
        before.st_ino,
        b"a photograph",
    )


def a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


NEXT: dict[str, Callable[[Path], object]] = {
    "overwritten": lambda path: path.write_bytes(b"the next shot, which is longer"),
    "overwritten by a shorter one": lambda path: path.write_bytes(b"next"),
    "deleted": Path.unlink,
    "a link to another": a_link,
    "a folder": a_folder,
}


@pytest.mark.parametrize("become", NEXT.values(), ids=NEXT)
def test_a_copy_that_was_made_of_it_counts_whatever_lies_at_its_path(
    photo: Path, tmp_path: Path, become: Callable[[Path], object]
) -> None:
    copy, kept = tmp_path / ".copy", []
    copy.write_bytes(photo.read_bytes())
    become(photo)
    shot = replace(arrival(photo), copy=copy)
    taken = accept(shot, most_bytes=MOST, keep=lambda *what: kept.append(what))
    assert taken.sha256 == hashlib.sha256(b"a photograph").hexdigest()
    assert (taken.path, taken.size) == (photo, 12)
    assert kept == [(copy, taken.sha256)]


def test_a_file_that_has_only_grown_since_was_still_being_written_and_is_read_itself(
    photo: Path, tmp_path: Path
) -> None:
    copy = tmp_path / ".copy"
    copy.write_bytes(photo.read_bytes())
    photo.write_bytes(b"a photograph, whole by now")
    shot = replace(arrival(photo), copy=copy)

    def keep(*what: object) -> None:
        raise AssertionError(what)

    taken = accept(shot, most_bytes=MOST, keep=keep)
    assert taken.sha256 == hashlib.sha256(b"a photograph, whole by now").hexdigest()


def test_where_the_copy_is_gone_the_file_is_all_there_is(photo: Path, tmp_path: Path) -> None:
    shot = replace(arrival(photo), copy=tmp_path / ".copy")
    assert accept(shot, most_bytes=MOST).size == 12


@pytest.mark.parametrize("name", ["notes.txt", "clip.MP4", "IMG_1.CR3"])
@pytest.mark.parametrize("size", [0, MOST + 1])
def test_what_is_no_picture_by_name_is_not_for_upload_whatever_its_size(
    name: str, size: int, tmp_path: Path
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(size)
    with refused(Reason.NOT_FOR_UPLOAD, ""):
        accept(arrival(path), most_bytes=MOST)


@pytest.mark.parametrize("where", ["above", "the root", "below"])
def test_a_link_below_the_folder_that_was_named_leads_nowhere(tmp_path: Path, where: str) -> None:
    inner = tmp_path / "above" / "root" / "below"
    inner.mkdir(parents=True)
    (inner / "1.jpg").write_bytes(b"a photograph")
    place = {"above": inner.parent.parent, "the root": inner.parent, "below": inner}[where]
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    found = replace(arrival(inner / "1.jpg"), root=inner.parent)
    if where != "below":
        assert accept(found, most_bytes=MOST).size == 12
        return
    with refused(Reason.NOT_A_FILE, "a link"):
        accept(found, most_bytes=MOST)
