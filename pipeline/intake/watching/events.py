"""What the operating system tells of a folder: hints, gathered until somebody takes them.

Events only make a watcher quick; the scan is the truth. The queue of the kernel overflows without
a word but in watchdog's log, a folder that went and came back is watched by nobody, and an observer
may say that it lives while the threads below it are dead: measured, and answered here.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from pipeline.home import INBOX_FOLDER
from pipeline.hook.inbox import entries
from pipeline.intake.inbox import Submit, take_in_inbox

__all__ = ["Hints", "InboxWatch", "Observation", "Sign", "Taken", "overflows_noted"]

MOST_HINTS: Final = 20_000
"""Paths kept until they are taken; what is beyond is found by a scan."""

STOP_SECONDS: Final = 5.0

AGAIN_SECONDS: Final = 30.0
"""Seconds between two tries to observe an inbox that cannot be observed."""

_KINDS: Final[list[type[FileSystemEvent]]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirMovedEvent,
]
"""The fewer are asked for, the later the kernel's queue overflows."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What was told of a file.

    Attributes:
        closed: whoever wrote it has closed it.
        written: when it was first and last closed or renamed into place, in monotonic seconds.
    """

    closed: bool = False
    written: tuple[float, ...] = ()

    def and_then(self, later: Sign) -> Sign:
        """Return both in one."""
        written = (*self.written[:1], *(later.written or self.written[1:]))
        return Sign(self.closed or later.closed, written)


@dataclass(frozen=True, slots=True)
class Taken:
    """Hints taken.

    Attributes:
        files: what was told of each.
        renamed: names that files had before.
        folders: to be scanned.
        everything: all is to be scanned.
    """

    files: dict[Path, Sign]
    renamed: frozenset[Path]
    folders: frozenset[Path]
    everything: bool


class Hints:
    """What the observers' threads leave and the watcher takes; bounded."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._files: dict[Path, Sign] = {}
        self._renamed: set[Path] = set()
        self._folders: set[Path] = set()
        self._everything = False
        self._woken = False

    def file(self, path: Path, *, closed: bool = False, renamed_from: Path | None = None) -> None:
        """Note a file that came, was closed, or was renamed to this path."""
        written = (time.monotonic(),) if closed or renamed_from else ()
        with self._changed:
            if path not in self._files and len(self._files) >= MOST_HINTS:
                self._everything = True
            else:
                self._files[path] = self._files.get(path, Sign()).and_then(Sign(closed, written))
                if renamed_from is not None:
                    self._renamed.add(renamed_from)
            self._changed.notify()

    def folder(self, path: Path) -> None:
        """Note a folder that came in as a whole: nothing is told of what was in it."""
        with self._changed:
            if len(self._folders) >= MOST_HINTS:
                self._everything = True
            else:
                self._folders.add(path)
            self._changed.notify()

    def everything(self) -> None:
        """Note that events were lost."""
        with self._changed:
            self._everything = True
            self._changed.notify()

    def wake(self) -> None:
        """End the wait of whoever waits for hints, now or next: there is something else."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def wait(self, seconds: float) -> None:
        """Wait for a hint, or until somebody wakes, or so long."""
        with self._changed:
            if not (self._files or self._folders or self._everything or self._woken):
                self._changed.wait(seconds)
            self._woken = False

    def take(self) -> Taken:
        """Return all hints, and start anew."""
        with self._changed:
            folders, renamed = frozenset(self._folders), frozenset(self._renamed)
            taken = Taken(self._files, renamed, folders, self._everything)
            self._files, self._renamed, self._folders, self._everything = {}, set(), set(), False
            return taken


class Observation:
    """One folder under observation, natively or by polling."""

    def __init__(self, folder: Path, hints: Hints, *, poll_seconds: float | None) -> None:
        """Begin.

        Args:
            folder: with all that is below it.
            hints: where the events go.
            poll_seconds: compare listings so often, instead of asking the system to tell.

        Raises:
            OSError: the folder is not there, or the system does not watch any more folders.
        """
        status = folder.stat()
        self._identity = (status.st_dev, status.st_ino)
        self._folder = folder
        kinds = list(_KINDS)
        if poll_seconds is not None or sys.platform != "linux":
            # Nobody tells there that a file was closed.
            kinds.append(FileModifiedEvent)
        self._observer: BaseObserver = (
            Observer() if poll_seconds is None else PollingObserver(timeout=poll_seconds)
        )
        self._observer.daemon = True
        # A folder that comes in with folders in it may be met twice, by its event and by the walk
        # through its parent; the second watch is the first one.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        try:
            self._observer.schedule(
                _Handler(hints), str(folder), recursive=True, event_filter=kinds
            )
            self._observer.start()
        except BaseException:
            self.end()
            raise

    def trouble(self) -> str | None:
        """Prove that it lives: return what is wrong in a few words, None where nothing is."""
        try:
            status = self._folder.stat()
        except OSError:
            return "the folder is gone"
        if (status.st_dev, status.st_ino) != self._identity:
            return "the folder is another one now"
        if not self._observer.is_alive():
            return "its observer has ended"
        emitters = self._observer.emitters
        if not emitters or not all(emitter.is_alive() for emitter in emitters):
            return "its observer has gone blind"
        return None

    def end(self) -> None:
        """Watch no longer."""
        with suppress(RuntimeError, KeyError):
            self._observer.stop()
        with suppress(RuntimeError):
            self._observer.join(STOP_SECONDS)


class InboxWatch:
    """The inbox, and whether the system tells of what a hook notes down: nobody need look then.

    A hint that comes of the inbox names no photograph, and only wakes whoever waits for one.
    """

    def __init__(self, home: Path, hints: Hints, shops: frozenset[str] | None = None) -> None:
        """Watch nothing yet.

        Args:
            home: the home folder.
            hints: where the events go.
            shops: only shots of these shops are taken in; all where None.
        """
        self._home = home
        self._shops = shops
        self._folder = home / INBOX_FOLDER
        self._hints = hints
        self._observation: Observation | None = None
        self._try_at = 0.0

    @property
    def is_watched(self) -> bool:
        """Whether the system tells of it."""
        return self._observation is not None

    @property
    def is_empty(self) -> bool:
        """Whether there is no shot to be taken in."""
        return not entries(str(self._home), self._shops)

    def take_in(self, submit: Submit, over: Callable[[], bool]) -> None:
        """Hand what lies there to the engine, as `take_in_inbox` does."""
        take_in_inbox(self._home, submit, over, self._shops)

    def attend(self, now: float) -> None:
        """See that it is observed, where the system can; try again now and then where not."""
        if self._observation is not None and self._observation.trouble() is not None:
            self.end()
        if self._observation is None and now >= self._try_at:
            self._try_at = now + AGAIN_SECONDS
            with suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                self._observation = Observation(self._folder, self._hints, poll_seconds=None)

    def end(self) -> None:
        """Watch no longer."""
        if self._observation is not None:
            self._observation.end()
            self._observation = None


@contextmanager
def overflows_noted(hints: Hints) -> Iterator[None]:
    """Have what watchdog only writes into its log, that events were lost, bring about a scan."""
    log, handler = logging.getLogger("watchdog.observers.inotify_c"), _Overflow(hints)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _Overflow(logging.Handler):
    def __init__(self, hints: Hints) -> None:
        super().__init__(logging.WARNING)
        self._hints = hints

    def emit(self, record: logging.LogRecord) -> None:
        self._hints.everything()


class _Handler(FileSystemEventHandler):
    """Leaves hints. What a handler raises ends watchdog's thread: nothing may."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints

    def on_any_event(self, event: FileSystemEvent) -> None:
        try:
            moved = isinstance(event, FileMovedEvent | DirMovedEvent)
            before = Path(os.fsdecode(event.src_path))
            path = Path(os.fsdecode(event.dest_path)) if moved else before
            if event.is_directory:
                self._hints.folder(path)
            else:
                closed = isinstance(event, FileClosedEvent)
                self._hints.file(path, closed=closed, renamed_from=before if moved else None)
        except Exception:
            self._hints.everything()
