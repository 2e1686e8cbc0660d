"""What lies below a folder is opened through no link, also where links are put there meanwhile."""

from __future__ import annotations

import errno
import os
import random
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import beneath
from pipeline.beneath import entries_beneath, open_beneath, status_beneath
from pipeline.errors import PhotoRefused
from pipeline.intake import accept, scan
from pipeline.originals import open_original
from pipeline.values import Arrival, Door

pytestmark = pytest.mark.skipif(
    os.open not in os.supports_dir_fd, reason="nothing is opened from a folder here"
)

HERE, ELSEWHERE = b"\xff\xd8 ours", b"\xff\xd8 somebody's"


@pytest.fixture(params=["by the kernel", "step by step"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "step by step":
        monkeypatch.setattr(beneath, "HAS_OPENAT2", False)
    elif not beneath.HAS_OPENAT2:
        pytest.skip("this kernel has no such call")
    return str(request.param)


def content_of(root: Path, path: Path) -> bytes:
    handle = open_beneath(root, path, os.O_RDONLY)
    with os.fdopen(handle, "rb") as file:
        return file.read()


NAMES = st.sampled_from(["a", "b", " ", "ä", "\udcff", "..a", "a\n"])
KINDS = st.sampled_from(["folder", "folder", "folder", "link", "link within", "file"])


@given(st.lists(st.tuples(NAMES, KINDS), max_size=5), st.sampled_from(["file", "link", "nothing"]))
def test_a_file_is_opened_where_there_is_no_link_on_the_way_and_only_there(
    tmp_path_factory: pytest.TempPathFactory, way: list[tuple[str, str]], last: str
) -> None:
    base = tmp_path_factory.mktemp("tree")
    real, place = base / "real", base / "real"
    real.mkdir()
    (base / "root").symlink_to(real)
    for name, kind in way:
        place /= name
        make(place, kind)
    with suppress(OSError):
        if last == "link":
            (place / "x").symlink_to(base / "elsewhere")
        elif last == "file":
            (place / "x").write_bytes(HERE)
    path = base / "root" / place.relative_to(real) / "x"
    stops_at = next((kind for _, kind in way if kind != "folder"), last)
    expected = {"file": errno.ENOTDIR, "nothing": errno.ENOENT}.get(stops_at, errno.ELOOP)
    is_there = stops_at == last == "file" and "file" not in [kind for _, kind in way]
    for by_kernel in {beneath.HAS_OPENAT2, False}:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(beneath, "HAS_OPENAT2", by_kernel)
            if is_there:
                assert content_of(base / "root", path) == HERE
                assert status_beneath(base / "root", path).st_size == len(HERE)
                continue
            with pytest.raises(OSError) as refused:  # noqa: PT011 - what it says is the system's
                content_of(base / "root", path)
            assert refused.value.errno == expected


def make(place: Path, kind: str) -> None:
    with suppress(OSError):
        if kind == "folder":
            place.mkdir()
        elif kind == "file":
            place.write_bytes(HERE)
        else:
            target = place.with_name("target of " + place.name)
            target.mkdir()
            # A link to what lies below the folder as well is a link.
            place.symlink_to(target if kind == "link" else target.name)


@pytest.mark.usefixtures("way")
def test_what_lies_outside_is_not_reached_by_going_up(tmp_path: Path) -> None:
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "outside").write_bytes(ELSEWHERE)
    root = tmp_path / "root"
    for path in (root / ".." / "outside", root / "a" / ".." / ".." / "outside"):
        with pytest.raises(OSError, match="does not lie below"):
            open_beneath(root, path, os.O_RDONLY)
    with pytest.raises(ValueError, match="null byte"):
        open_beneath(root, root / "a" / "b\0c", os.O_RDONLY)


@pytest.mark.usefixtures("way")
def test_a_folder_is_listed_and_a_link_to_one_is_not(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "1.jpg").touch()
    (root / "link").symlink_to(root / "a")
    (root / "file").touch()
    for folder, names in ((root, {"a", "link", "file"}), (root / "a" / "b", {"1.jpg"})):
        with entries_beneath(root, folder) as entries:
            assert {entry.name for entry in entries} == names
    for folder, number in (
        (root / "link", errno.ELOOP),
        (root / "link" / "b", errno.ELOOP),
        (root / "file", errno.ENOTDIR),
        (root / "gone", errno.ENOENT),
    ):
        with pytest.raises(OSError) as refused, entries_beneath(root, folder):  # noqa: PT011
            pass
        assert refused.value.errno == number
    assert stat.S_ISLNK(status_beneath(root, root / "link").st_mode)
    with pytest.raises(OSError, match=r"symbolic links|directory"):
        status_beneath(root, root / "link" / "b")


@pytest.mark.usefixtures("way")
def test_no_handle_stays_open_whatever_is_in_the_way(tmp_path: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("there is no /proc here")
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "link").symlink_to("b")
    (tmp_path / "a" / "b" / "1.jpg").touch()
    paths = [tmp_path / "a" / name / "1.jpg" for name in ("b", "link", "gone")]
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for path in paths * 10:
        with suppress(OSError):
            os.close(open_beneath(tmp_path, path, os.O_RDONLY))
        with suppress(OSError):
            status_beneath(tmp_path, path)
        with suppress(OSError), entries_beneath(tmp_path, path.parent):
            pass
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with photographs, and another one elsewhere with files of the same names."""
    for folder, content in (("shop/inner/158", HERE), ("elsewhere/158", ELSEWHERE)):
        (tmp_path / folder).mkdir(parents=True)
        for number in range(3):
            (tmp_path / folder / f"{number}.jpg").write_bytes(content)
    (tmp_path / "elsewhere" / "158" / "secret.jpg").write_bytes(ELSEWHERE)
    return tmp_path


def to_link_and_back(tree: Path) -> None:
    """Put a link in the folder's place, and the folder back."""
    folder, aside = tree / "shop" / "inner", tree / "aside"
    (tree / "link").symlink_to(tree / "elsewhere")
    time.sleep(random.random() / 500)
    folder.rename(aside)
    (tree / "link").rename(folder)
    time.sleep(random.random() / 500)
    folder.unlink()
    aside.rename(folder)


@pytest.fixture
def flipped(tree: Path) -> Iterator[list[int]]:
    """A folder that somebody flips to a link and back all the while; how often, as it grows."""
    over, flips = threading.Event(), [0]

    def flip() -> None:
        while not over.is_set():
            to_link_and_back(tree)
            flips[0] += 1

    thread = threading.Thread(target=flip)
    thread.start()
    yield flips
    over.set()
    thread.join()


def as_scanned(root: Path) -> Iterator[bytes]:
    """Yield what is read of what a scan finds, as the engine and its workers read it."""
    yield from taken_in(root, scan([root], door=Door.WATCH, now=datetime.now(UTC)))


def as_scanned_in_part(root: Path) -> Iterator[bytes]:
    """Yield what is read of a part of which the system told that something changed there."""
    parts = [root / "inner", root / "inner" / "158"]
    for part in parts:
        found = scan([part], door=Door.WATCH, now=datetime.now(UTC), within=root)
        yield from taken_in(root, found)


def taken_in(root: Path, arrivals: Iterator[Arrival]) -> Iterator[bytes]:
    for arrival in arrivals:
        assert arrival.root == root
        assert arrival.path.is_relative_to(root)
        assert arrival.path.name != "secret.jpg"
        with suppress(PhotoRefused):
            original = accept(arrival, most_bytes=1000)
            yield b"%d" % original.size
            with open_original(original) as file:
                yield file.read()


def as_watched(root: Path) -> Iterator[bytes]:
    """Yield what is read of a path that is known, by its size, too."""
    for number in range(3):
        path = root / "inner" / "158" / f"{number}.jpg"
        with suppress(OSError):
            yield b"%d" % status_beneath(root, path).st_size
        with suppress(OSError):
            yield content_of(root, path)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("read", [as_scanned, as_scanned_in_part, as_watched])
@pytest.mark.parametrize(
    "seconds", [pytest.param(0.5, id="short"), pytest.param(20, marks=pytest.mark.long, id="long")]
)
def test_no_byte_comes_in_from_elsewhere_while_a_folder_is_flipped_to_a_link_and_back(
    tree: Path, flipped: list[int], read: Callable[[Path], Iterator[bytes]], seconds: float
) -> None:
    until = time.monotonic() + seconds
    seen: set[bytes] = set()
    while time.monotonic() < until:
        seen.update(read(tree / "shop"))
    assert seen == {HERE, b"%d" % len(HERE)}, "what is there is read, and nothing else"
    assert flipped[0] > 10


@pytest.mark.usefixtures("way")
def test_nothing_is_refused_where_nothing_is_flipped(tree: Path) -> None:
    root = tree / "a link to it"
    root.symlink_to(tree / "shop")
    arrivals = list(scan([root], door=Door.RUN, now=datetime.now(UTC)))
    assert [arrival.path.name for arrival in arrivals] == ["0.jpg", "1.jpg", "2.jpg"]
    for arrival in arrivals:
        with open_original(accept(arrival, most_bytes=1000)) as file:
            assert file.read() == HERE
