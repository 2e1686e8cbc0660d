"""The watcher: files that come to rest in folders become arrivals, as long as it is let.

The scan is the truth, and events only make it quick. What was taken is remembered by the ledger,
by the file's status (size, times, inode): a later scan passes it by without reading it, and a new
content under a known path is seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import Final

from pipeline.errors import NotReady, PhotoRefused
from pipeline.intake.inbox import take_in_inbox
from pipeline.intake.scan import is_left_about, scan
from pipeline.intake.sidecars import is_raw
from pipeline.intake.watching.events import Hints, overflows_told
from pipeline.intake.watching.folder import Root
from pipeline.intake.watching.platforms import is_being_written
from pipeline.intake.watching.stability import Candidate, FileStamp, Settling
from pipeline.lifecycle import Reason
from pipeline.values import Arrival, Door, Photo

__all__ = ["Memory", "Watcher"]

TICK_SECONDS: Final = 0.05
"""How often files are looked at and the inbox is: a part of the shortest wait."""

ATTEND_SECONDS: Final = 1.0
"""How often it is proven that every folder is there and observed."""

SLICE_SECONDS: Final = 0.25
"""How long a scan goes on before files that came to rest are looked at again."""

MOST_A_TURN: Final = 50
"""Files looked into before those that are whole are handed on."""

PIECE: Final = 200
"""Files of a scan that the ledger is asked about at once."""

_FINAL: Final = frozenset(
    {
        Reason.FORMAT_NOT_TAKEN,
        Reason.FILE_TOO_LARGE,
        Reason.TOO_MANY_PIXELS,
        Reason.TOO_MANY_FRAMES,
        Reason.NO_MEMORY,
        Reason.NOT_A_FILE,
        Reason.NOT_FOR_UPLOAD,
    }
)
"""Refusals that no further byte would change: they are not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the watcher asks the ledger, and tells it."""

    changed_files: Callable[[Mapping[Path, str]], Sequence[Path]]
    remember: Callable[[Mapping[Path, str]], None]


class Watcher:
    """Watches folders and the inbox; all of it in the one thread that calls `feed`."""

    def __init__(
        self,
        home: Path,
        roots: Sequence[Root],
        memory: Memory,
        prove: Callable[[Path, bool], None],
        now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        """Take what it needs.

        Args:
            home: the home folder, whose inbox is emptied as well.
            roots: the folders.
            memory: what was taken before.
            prove: raises `PhotoRefused` or `NotReady` where a picture is not whole; decodes it as
                well where the second argument is true.
            now: gives aware UTC.
            say: is told, in a sentence, of a file that does not come to rest.
        """
        self._home = home
        self._roots = roots
        self._memory = memory
        self._prove = prove
        self._now = now
        self._say = say
        self._hints = Hints()
        self._settling = Settling()
        self._scans: list[Iterator[None]] = []
        self._attend_at = 0.0

    @property
    def folders_gone(self) -> list[Path]:
        """The watched folders that are not there now."""
        return [root.folder for root in self._roots if root.gone]

    @property
    def unsettled(self) -> int:
        """How many files are being watched over until they come to rest."""
        return len(self._settling)

    def feed(self, submit: Callable[[Arrival], Photo | None], over: Callable[[], bool]) -> None:
        """Hand on every photograph that comes to rest, until it is over.

        Raises:
            LedgerError: the ledger cannot be read or written.
        """
        with ExitStack() as stack:
            stack.enter_context(overflows_told(self._hints))
            for root in self._roots:
                stack.callback(root.end)
            while not over():
                self._turn(submit, over)
                self._hints.wait(TICK_SECONDS)

    def _turn(self, submit: Callable[[Arrival], Photo | None], over: Callable[[], bool]) -> None:
        now = time.monotonic()
        if now >= self._attend_at:
            self._attend_at = now + ATTEND_SECONDS
            for root in self._roots:
                root.attend(self._hints, now)
            for path in self._settling.restless(now):
                self._say(f"{path} does not come to rest: it is still waited for")
        take_in_inbox(self._home, submit, over)
        self._heed_hints(now)
        self._go_on_scanning(now)
        self._take_what_rests(submit, over)

    def _heed_hints(self, now: float) -> None:
        taken = self._hints.take()
        for path, closed in taken.files.items():
            root = self._root_of(path)
            if root is None or not self._is_wanted(path, root):
                continue
            if not self._settling.noticed(path, root.folder, now, closed=closed):
                root.scan_soon(now)
        for folder in taken.folders:
            root = self._root_of(folder)
            if root is not None and self._is_wanted(folder, root):
                self._scans.append(self._scan(root, folder, whole=False))
        if taken.everything:
            for root in self._roots:
                root.scan_soon(now)

    def _go_on_scanning(self, now: float) -> None:
        for root in self._roots:
            if root.scan_is_due(now):
                root.scan_began()
                self._scans.append(self._scan_whole(root, now))
        until = now + SLICE_SECONDS
        while self._scans and not self._settling.full and time.monotonic() < until:
            try:
                next(self._scans[0])
            except StopIteration:
                self._scans.pop(0)

    def _scan_whole(self, root: Root, began: float) -> Iterator[None]:
        yield from self._scan(root, root.folder, whole=True)
        root.scan_ended(began, time.monotonic())

    def _scan(self, root: Root, folder: Path, *, whole: bool) -> Iterator[None]:
        arrivals = scan([folder], door=Door.WATCH, now=self._now())
        while piece := [arrival.path for arrival in islice(arrivals, PIECE)]:
            piece = [path for path in piece if not path.is_relative_to(self._home)]
            stamps = {path: stamp for path in piece if (stamp := _mark_of(path, root))}
            changed_files = self._memory.changed_files(
                {path: str(stamp) for path, stamp in stamps.items()}
            )
            now = time.monotonic()
            if whole and any(
                path not in self._settling and root.was_to_be_told_of(stamps[path].modified)
                for path in changed_files
            ):
                root.missed(now)
            for path in changed_files:
                while not self._settling.noticed(path, root.folder, now, closed=False):
                    yield
            yield

    def _take_what_rests(
        self, submit: Callable[[Arrival], Photo | None], over: Callable[[], bool]
    ) -> None:
        rested: list[tuple[Path, Candidate, FileStamp]] = []
        for path, one in self._settling.due(time.monotonic(), MOST_A_TURN):
            root = self._root_of(path)
            stamp = None if root is None or root.gone else _mark_of(path, root)
            if root is None or stamp is None:
                self._settling.drop(path)
            elif self._has_come_to_rest(path, one, stamp, root):
                rested.append((path, one, stamp))
        if not rested:
            return
        changed_files = set(
            self._memory.changed_files({path: str(stamp) for path, _, stamp in rested})
        )
        taken: dict[Path, str] = {}
        for path, one, stamp in rested:
            if over():
                break
            if path in changed_files:
                arrival = Arrival(path=path, root=one.root, door=Door.WATCH, seen_at=self._now())
                if submit(arrival) is None:
                    continue
                taken[path] = str(stamp)
            self._settling.drop(path)
        if taken:
            self._memory.remember(taken)

    def _has_come_to_rest(self, path: Path, one: Candidate, stamp: FileStamp, root: Root) -> bool:
        if not self._settling.rested(one, stamp, root.waits, time.monotonic()):
            return False
        written = is_being_written(path)
        if written:
            self._settling.busy(one, root.waits, time.monotonic())
            return False
        if is_raw(path):
            return True
        try:
            # Where the system proves that nobody writes, the engine's own decode is soon enough.
            self._prove(path, root.shared or written is None)
        except PhotoRefused as error:
            if error.reason in _FINAL:
                return True
            return self._settling.unfinished(one, root.waits, time.monotonic())
        except NotReady:
            self._settling.busy(one, root.waits, time.monotonic())
            return False
        return True

    def _root_of(self, path: Path) -> Root | None:
        owners = (root for root in self._roots if path.is_relative_to(root.folder))
        return max(owners, key=lambda root: len(root.folder.parts), default=None)

    def _is_wanted(self, path: Path, root: Root) -> bool:
        if path.is_relative_to(self._home):
            return False
        below = path.relative_to(root.folder)
        return not any(is_left_about(part) for part in below.parts)


def _mark_of(path: Path, root: Root) -> FileStamp | None:
    """Return a regular file's mark; None where there is none, or where it is a link."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return FileStamp.of(status, shared=root.shared) if S_ISREG(status.st_mode) else None
