"""A watched folder on a real disk, with real observers; what is handed on is only counted."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from watchdog.observers.api import BaseObserver

from pipeline.errors import PhotoRefused
from pipeline.home import INBOX_FOLDER
from pipeline.intake.watching.folder import Schedule, WatchedFolder
from pipeline.intake.watching.stability import Waits
from pipeline.intake.watching.watcher import Memory, Watcher
from pipeline.lifecycle import Reason
from pipeline.values import Arrival, Photo

WAITS = Waits(quiet=0.4, quiet_closed=0.1, whole=3.0, turn=6.0)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of this")


class Taker:
    """Takes what the watcher hands on, and remembers stamps as the ledger does."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.paths: list[Path] = []
        self.in_haste: dict[str, bool] = {}
        self.stamps: dict[Path, str] = {}
        self.questions = 0

    def submit(self, arrivals: Iterable[Arrival]) -> Sequence[Photo | None]:
        number = len(self.taken)
        for arrival in arrivals:
            self.taken.append((arrival.path.name, arrival.path.read_bytes()))
            self.paths.append(arrival.path)
            self.in_haste[arrival.path.name] = arrival.in_haste
        # Only whether it is None counts.
        return [object() for _ in self.taken[number:]]  # type: ignore[misc]

    def changed_files(self, stamps: Mapping[Path, str]) -> Sequence[Path]:
        self.questions += 1
        return [path for path, stamp in stamps.items() if self.stamps.get(path) != stamp]

    def remember(self, stamps: Mapping[Path, str]) -> None:
        self.stamps.update(stamps)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.taken]


class World:
    """A watched folder, a watcher in a thread of its own, and what it said."""

    def __init__(
        self,
        tmp_path: Path,
        *,
        rescan: float = 60.0,
        polled: bool = False,
        waits: Waits = WAITS,
    ) -> None:
        self.folder = tmp_path / "in"
        self.folder.mkdir()
        self.taker = Taker()
        self.said: list[str] = []
        self.warned: list[str] = []
        self.whole: Callable[[bytes], bool] = lambda content: content.endswith(b"END")
        self.watched = WatchedFolder(
            self.folder,
            waits,
            Schedule(rescan=rescan, poll=0.3),
            polled=polled,
            on_network=False,
            say=self.said.append,
            warn=self.warned.append,
        )
        memory = Memory(changed_files=self.taker.changed_files, remember=self.taker.remember)
        self.watcher = Watcher(
            tmp_path / "home",
            [self.watched],
            memory,
            self._prove,
            lambda: datetime.now(UTC),
            self.said.append,
        )

    def _prove(self, path: Path, root: Path, thoroughly: bool) -> None:
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
            self.watcher.wake()
            thread.join(20)
        assert failed == []

    def until(self, happens: Callable[[], bool], seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while not happens():
            assert time.monotonic() < deadline, (self.taker.names, self.said, self.warned)
            time.sleep(0.02)

    def observer(self) -> BaseObserver | None:
        """Return the observer that lives; there is one for the one folder, beside the inbox's."""
        alive = [
            one
            for one in threading.enumerate()
            if isinstance(one, BaseObserver)
            and not any(INBOX_FOLDER in str(getattr(it, "watch", "")) for it in one.emitters)
        ]
        return alive[-1] if alive else None


class Deaf(threading.Thread):
    """An emitter that lives and tells nothing."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        self._over.wait()

    def stop(self) -> None:
        self._over.set()
