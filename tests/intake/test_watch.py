"""The watcher on a real disk with real observers; what it hands on is only counted."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from watchdog.observers.api import BaseObserver

from pipeline.errors import PhotoRefused
from pipeline.intake import roots as roots_module
from pipeline.intake.roots import Root, Schedule
from pipeline.intake.settle import Waits
from pipeline.intake.shares import share_of
from pipeline.intake.watch import Memory, Watcher
from pipeline.intake.writers import is_being_written
from pipeline.lifecycle import Reason
from pipeline.values import Arrival, Photo

WAITS = Waits(quiet=0.4, quiet_closed=0.1, whole=3.0)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of this")


class Taker:
    """Takes what the watcher hands on, and remembers marks as the ledger does."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.marks: dict[Path, str] = {}

    def submit(self, arrival: Arrival) -> Photo | None:
        self.taken.append((arrival.path.name, arrival.path.read_bytes()))
        return object()  # type: ignore[return-value]  # only whether it is None counts

    def unseen(self, marks: Mapping[Path, str]) -> Sequence[Path]:
        return [path for path, mark in marks.items() if self.marks.get(path) != mark]

    def remember(self, marks: Mapping[Path, str]) -> None:
        self.marks.update(marks)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.taken]


class World:
    """A watched folder, a watcher in a thread of its own, and what it said."""

    def __init__(self, tmp_path: Path, *, rescan: float = 60.0, polled: bool = False) -> None:
        self.folder = tmp_path / "in"
        self.folder.mkdir()
        self.taker = Taker()
        self.said: list[str] = []
        self.warned: list[str] = []
        self.whole: Callable[[bytes], bool] = lambda content: content.endswith(b"END")
        self.root = Root(
            self.folder,
            WAITS,
            Schedule(rescan=rescan, poll=0.3),
            polled=polled,
            shared=False,
            say=self.said.append,
            warn=self.warned.append,
        )
        memory = Memory(unseen=self.taker.unseen, remember=self.taker.remember)
        self.watcher = Watcher(
            tmp_path / "home",
            [self.root],
            memory,
            self._prove,
            lambda: datetime.now(UTC),
            self.said.append,
        )

    def _prove(self, path: Path, thoroughly: bool) -> None:
        if not self.whole(path.read_bytes()):
            raise PhotoRefused(Reason.TRUNCATED, "it stops in the middle")

    @contextmanager
    def watching(self) -> Iterator[None]:
        over = threading.Event()
        failed: list[BaseException] = []

        def run() -> None:
            try:
                self.watcher.feed(self.taker.submit, over.is_set)
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            time.sleep(0.3)
            yield
        finally:
            over.set()
            thread.join(20)
        assert failed == []

    def until(self, happens: Callable[[], bool], seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while not happens():
            assert time.monotonic() < deadline, (self.taker.names, self.said, self.warned)
            time.sleep(0.02)

    def observer(self) -> BaseObserver:
        observation = self.root._observation
        assert observation is not None
        return observation._observer


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_was_there_and_what_comes_is_taken_once(world: World) -> None:
    (world.folder / "old.jpg").write_bytes(b"old END")
    with world.watching():
        (world.folder / "new.jpg").write_bytes(b"new END")
        world.until(lambda: len(world.taker.taken) == 2)
        time.sleep(1)
    assert sorted(world.taker.taken) == [("new.jpg", b"new END"), ("old.jpg", b"old END")]


def test_a_growing_file_is_taken_when_it_is_whole(world: World) -> None:
    with world.watching(), (world.folder / "slow.jpg").open("wb", buffering=0) as file:
        for piece in (b"1", b"2", b"3", b"4", b" END"):
            file.write(piece)
            time.sleep(0.25)
        file.close()
        world.until(lambda: world.taker.names == ["slow.jpg"])
    assert world.taker.taken == [("slow.jpg", b"1234 END")]


@LINUX
def test_a_file_that_is_held_open_is_not_taken_however_quiet_it_is(world: World) -> None:
    path = world.folder / "held.jpg"
    with world.watching():
        with path.open("wb", buffering=0) as file:
            file.write(b"half END")
            time.sleep(1.5)
            assert world.taker.taken == []
            file.write(b" and more END")
        world.until(lambda: world.taker.names == ["held.jpg"])
    assert world.taker.taken == [("held.jpg", b"half END and more END")]


def test_a_file_with_its_final_size_from_the_start_is_waited_for(world: World) -> None:
    path = world.folder / "allocated.jpg"
    with world.watching():
        path.write_bytes(bytes(100))
        time.sleep(1.2)
        assert world.taker.taken == []
        with path.open("r+b") as file:
            file.write(b"x" * 97 + b"END")
        world.until(lambda: world.taker.names == ["allocated.jpg"])
    assert world.taker.taken[0][1].endswith(b"END")


def test_one_that_never_becomes_whole_is_handed_on_in_the_end(world: World) -> None:
    with world.watching():
        (world.folder / "cut.jpg").write_bytes(b"stops in the mid")
        time.sleep(WAITS.whole - 0.5)
        assert world.taker.taken == []
        world.until(lambda: world.taker.names == ["cut.jpg"])


def test_what_is_renamed_into_place_is_taken_under_its_final_name_alone(world: World) -> None:
    with world.watching():
        for number, name in enumerate(("tmpfileAb3dEf", "b.jpg.part", ".c.jpg.X1yZ2w")):
            temporary = world.folder / name
            temporary.write_bytes(b"whole END")
            time.sleep(0.3)
            temporary.rename(world.folder / f"{number}.jpg")
        world.until(lambda: len(world.taker.taken) == 3)
        time.sleep(0.5)
    assert sorted(world.taker.names) == ["0.jpg", "1.jpg", "2.jpg"]


def test_folders_that_come_in_as_a_whole_are_seen(world: World, tmp_path: Path) -> None:
    ready = tmp_path / "ready" / "deep"
    ready.mkdir(parents=True)
    for number in range(20):
        (ready / f"{number}.jpg").write_bytes(b"%d END" % number)
    with world.watching():
        shutil.copytree(tmp_path / "ready", world.folder / "copied")
        (tmp_path / "ready").rename(world.folder / "moved")
        fresh = world.folder / "a" / "b" / "c"
        fresh.mkdir(parents=True)
        (fresh / "quick.jpg").write_bytes(b"quick END")
        world.until(lambda: len(world.taker.taken) == 41)


def test_new_content_under_a_known_name_is_taken_again_and_the_same_is_not(world: World) -> None:
    path = world.folder / "a.jpg"
    with world.watching():
        path.write_bytes(b"first END")
        world.until(lambda: len(world.taker.taken) == 1)
        path.write_bytes(b"other END")
        world.until(lambda: len(world.taker.taken) == 2)
    with world.watching():
        time.sleep(1.5)
    assert world.taker.taken == [("a.jpg", b"first END"), ("a.jpg", b"other END")]


def test_a_folder_that_goes_and_comes_back_is_watched_again(world: World, tmp_path: Path) -> None:
    (world.folder / "a.jpg").write_bytes(b"a END")
    with world.watching():
        world.until(lambda: world.taker.names == ["a.jpg"])
        world.folder.rename(tmp_path / "unplugged")
        world.until(lambda: bool(world.warned))
        assert "is gone" in world.warned[0]
        (tmp_path / "unplugged" / "meanwhile.jpg").write_bytes(b"m END")
        (tmp_path / "unplugged").rename(world.folder)
        world.until(lambda: "meanwhile.jpg" in world.taker.names)
        (world.folder / "after.jpg").write_bytes(b"after END")
        world.until(lambda: "after.jpg" in world.taker.names, 3)
    assert sorted(world.taker.names) == ["a.jpg", "after.jpg", "meanwhile.jpg"]
    assert any("is back" in sentence for sentence in world.said)


def test_a_folder_that_is_not_there_at_the_start_is_waited_for(world: World) -> None:
    world.folder.rmdir()
    with world.watching():
        world.until(lambda: bool(world.warned))
        world.folder.mkdir()
        (world.folder / "a.jpg").write_bytes(b"a END")
        world.until(lambda: world.taker.names == ["a.jpg"])


def test_an_observer_whose_threads_have_died_is_replaced(world: World) -> None:
    with world.watching():
        first = world.observer()
        for emitter in first.emitters:
            emitter.stop()
        world.until(lambda: any("gone blind" in sentence for sentence in world.warned))
        world.until(lambda: world.root._observation is not None and world.observer() is not first)
        (world.folder / "a.jpg").write_bytes(b"a END")
        world.until(lambda: world.taker.names == ["a.jpg"], 4)


def test_an_observer_that_lives_and_sees_nothing_is_found_out_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots_module, "TOLD_SECONDS", 0.5)
    world = World(tmp_path, rescan=1.0)
    with world.watching():
        time.sleep(1.2)
        first = world.observer()
        first.unschedule_all()
        for watch_handlers in first._handlers.values():
            watch_handlers.clear()
        first._emitters.add(_Deaf())  # type: ignore[arg-type]
        (world.folder / "a.jpg").write_bytes(b"a END")
        world.until(lambda: any("was not told of" in sentence for sentence in world.warned))
        world.until(lambda: world.taker.names == ["a.jpg"])
        world.until(lambda: world.root._observation is not None and world.observer() is not first)


class _Deaf(threading.Thread):
    """An emitter that lives and tells nothing."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        self._over.wait()

    def stop(self) -> None:
        self._over.set()


def test_an_overflow_that_watchdog_only_logs_brings_about_a_scan(world: World) -> None:
    with world.watching():
        world.until(lambda: not world.root.scan_is_due(time.monotonic()))
        world.observer().unschedule_all()
        (world.folder / "a.jpg").write_bytes(b"a END")
        logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed")
        world.until(lambda: world.taker.names == ["a.jpg"], 5)


def test_polling_sees_what_comes_and_what_changes(tmp_path: Path) -> None:
    world = World(tmp_path, polled=True)
    with world.watching():
        (world.folder / "a.jpg").write_bytes(b"a END")
        world.until(lambda: world.taker.names == ["a.jpg"], 5)
        (world.folder / "a.jpg").write_bytes(b"another END")
        world.until(lambda: len(world.taker.taken) == 2, 5)


def test_two_thousand_files_at_once_are_all_taken(world: World) -> None:
    with world.watching():
        for number in range(2000):
            (world.folder / f"{number}.jpg").write_bytes(b"%d END" % number)
        world.until(lambda: len(world.taker.taken) == 2000, 60)
    assert len(set(world.taker.names)) == 2000


def test_what_lies_in_the_programs_own_home_is_nobodys_photograph(tmp_path: Path) -> None:
    world = World(tmp_path)
    home = tmp_path / "home"
    world.root.folder = tmp_path
    (home / "spool").mkdir(parents=True)
    (home / "spool" / "a.jpg").write_bytes(b"a END")
    with world.watching():
        (home / "b.jpg").write_bytes(b"b END")
        (tmp_path / "c.jpg").write_bytes(b"c END")
        world.until(lambda: world.taker.names == ["c.jpg"])
        time.sleep(1)
    assert world.taker.names == ["c.jpg"]


@LINUX
def test_the_system_tells_whether_somebody_may_still_write(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a")
    assert is_being_written(path) is False
    with path.open("rb"):
        assert is_being_written(path) is False
    with path.open("ab"):
        assert is_being_written(path) is True
    assert is_being_written(path) is False
    assert is_being_written(tmp_path / "none.jpg") is None


@LINUX
def test_asking_who_writes_harms_nobody_who_begins_to_write_just_then(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a")
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            with path.open("ab"):
                pass

    thread = threading.Thread(target=write)
    thread.start()
    answers = {is_being_written(path) for _ in range(3000)}
    over.set()
    thread.join()
    assert answers <= {True, False}


MOUNTS = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
90 22 0:45 / /mnt/studio\\040disk rw,relatime shared:50 - cifs //nas/studio rw,vers=3.1.1
91 90 0:46 / /mnt/studio\\040disk/local rw - ext4 /dev/sdb1 rw
92 22 0:47 / /home/ann/sftp rw,nosuid - fuse.sshfs ann@host: rw
93 22 0:48 / /mnt/cache rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("folder", "shared"),
    [
        ("/mnt/studio disk/in", True),
        ("/mnt/studio disk", True),
        ("/mnt/studio disk/local/in", False),
        ("/mnt/studio diskette", False),
        ("/home/ann/sftp/x", True),
        ("/mnt/cache", False),
        ("/srv", False),
    ],
)
def test_a_network_disk_is_told_by_the_mount_that_a_folder_lies_below(
    folder: str, shared: bool
) -> None:
    assert share_of(Path(folder), MOUNTS) is shared


def test_a_name_that_is_no_text_is_taken_like_any_other(world: World) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        (world.folder / "probe").with_name(name).write_bytes(b"x END")
    except OSError:
        pytest.skip("this file system takes only text")
    with world.watching():
        world.until(lambda: world.taker.names == [name])
        other = os.fsdecode(b"caf\xe8.jpg")
        (world.folder / other).write_bytes(b"y END")
        world.until(lambda: world.taker.names == [name, other], 4)
