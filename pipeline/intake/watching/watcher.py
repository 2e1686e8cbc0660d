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
from pipeline.intake.scan import copies_left_out, is_wanted, scan
from pipeline.intake.sidecars import is_raw
from pipeline.intake.watching.events import Hints, overflows_noted
from pipeline.intake.watching.folder import WatchedFolder
from pipeline.intake.watching.platforms import is_open_for_writing
from pipeline.intake.watching.stability import Candidate, Candidates, FileStamp
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
        folders: Sequence[WatchedFolder],
        memory: Memory,
        prove: Callable[[Path, bool], None],
        now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        """Look at nothing yet.

        Args:
            home: the home folder, whose inbox is emptied as well.
            folders: the folders.
            memory: what was taken before.
            prove: raises `PhotoRefused` or `NotReady` where a picture is not whole; decodes it as
                well where the second argument is true.
            now: gives aware UTC.
            say: gets a sentence about a file that does not come to rest.
        """
        self._home = home
        self._folders = folders
        self._memory = memory
        self._prove = prove
        self._now = now
        self._say = say
        self._hints = Hints()
        self._candidates = Candidates()
        self._scans: list[Iterator[None]] = []
        self._attend_at = 0.0
        self._copies: dict[Path, int] = {}

    @property
    def folders_gone(self) -> list[Path]:
        """The watched folders that are not there now."""
        return [watched.folder for watched in self._folders if watched.gone]

    @property
    def not_at_rest(self) -> int:
        """How many files are being watched over until they come to rest."""
        return len(self._candidates)

    def feed(self, submit: Callable[[Arrival], Photo | None], over: Callable[[], bool]) -> None:
        """Hand on every photograph that comes to rest, until it is over.

        Raises:
            LedgerError: the ledger cannot be read or written.
        """
        with ExitStack() as stack:
            stack.enter_context(overflows_noted(self._hints))
            for watched in self._folders:
                stack.callback(watched.end)
            while not over():
                self._turn(submit, over)
                self._hints.wait(TICK_SECONDS)

    def _turn(self, submit: Callable[[Arrival], Photo | None], over: Callable[[], bool]) -> None:
        now = time.monotonic()
        if now >= self._attend_at:
            self._attend_at = now + ATTEND_SECONDS
            for watched in self._folders:
                watched.attend(self._hints, now)
            for path in self._candidates.restless(now):
                self._say(f"{path} does not come to rest: it is still waited for")
        take_in_inbox(self._home, submit, over)
        self._heed_hints(now)
        self._go_on_scanning(now)
        self._take_what_rests(submit, over)

    def _heed_hints(self, now: float) -> None:
        taken = self._hints.take()
        for path, closed in taken.files.items():
            watched = self._folder_of(path)
            if watched is None or not self._is_wanted(path, watched):
                continue
            if not self._candidates.noticed(path, watched.folder, now, closed=closed):
                watched.scan_soon(now)
        for folder in taken.folders:
            watched = self._folder_of(folder)
            if watched is not None and self._is_wanted(folder, watched):
                self._scans.append(self._scan(watched, folder, whole=False))
        if taken.everything:
            for watched in self._folders:
                watched.scan_soon(now)

    def _go_on_scanning(self, now: float) -> None:
        for watched in self._folders:
            if watched.scan_is_due(now):
                watched.scan_began()
                self._scans.append(self._scan_whole(watched, now))
        until = now + SLICE_SECONDS
        while self._scans and not self._candidates.full and time.monotonic() < until:
            try:
                next(self._scans[0])
            except StopIteration:
                self._scans.pop(0)

    def _scan_whole(self, watched: WatchedFolder, began: float) -> Iterator[None]:
        yield from self._scan(watched, watched.folder, whole=True)
        watched.scan_ended(began, time.monotonic())

    def _scan(self, watched: WatchedFolder, folder: Path, *, whole: bool) -> Iterator[None]:
        copies: list[Path] = []
        arrivals = scan([folder], door=Door.WATCH, now=self._now(), copy_skipped=copies.append)
        while piece := [arrival.path for arrival in islice(arrivals, PIECE)]:
            # What lies above a part of the watched folder may say that nothing in it is meant.
            piece = [path for path in piece if whole or self._is_wanted(path, watched)]
            piece = [path for path in piece if not path.is_relative_to(self._home)]
            stamps = {path: stamp for path in piece if (stamp := _stamp_of(path, watched))}
            changed_files = self._memory.changed_files(
                {path: str(stamp) for path, stamp in stamps.items()}
            )
            now = time.monotonic()
            if whole and any(
                path not in self._candidates
                and watched.should_have_been_seen(stamps[path].modified)
                for path in changed_files
            ):
                watched.missed(now)
            for path in changed_files:
                while not self._candidates.noticed(path, watched.folder, now, closed=False):
                    yield
            yield
        if whole:
            self._say_copies(watched, copies)

    def _say_copies(self, watched: WatchedFolder, copies: Sequence[Path]) -> None:
        """Say how many conflict copies are left out of a folder, once for each number."""
        if len(copies) != self._copies.get(watched.folder, 0):
            self._copies[watched.folder] = len(copies)
            if copies:
                self._say(copies_left_out(copies))

    def _take_what_rests(
        self, submit: Callable[[Arrival], Photo | None], over: Callable[[], bool]
    ) -> None:
        rested: list[tuple[Path, Candidate, FileStamp]] = []
        for path, one in self._candidates.due(time.monotonic(), MOST_A_TURN):
            watched = self._folder_of(path)
            stamp = None if watched is None or watched.gone else _stamp_of(path, watched)
            if watched is None or stamp is None:
                self._candidates.drop(path)
            elif self._has_come_to_rest(path, one, stamp, watched):
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
            self._candidates.drop(path)
        if taken:
            self._memory.remember(taken)

    def _has_come_to_rest(
        self, path: Path, one: Candidate, stamp: FileStamp, watched: WatchedFolder
    ) -> bool:
        if not self._candidates.rested(one, stamp, watched.waits, time.monotonic()):
            return False
        written = is_open_for_writing(path)
        if written:
            self._candidates.busy(one, watched.waits, time.monotonic())
            return False
        if is_raw(path):
            return True
        try:
            # Where the system proves that nobody writes, the engine's own decode is soon enough.
            self._prove(path, watched.on_network or written is None)
        except PhotoRefused as error:
            if error.reason in _FINAL:
                return True
            return self._candidates.unfinished(one, watched.waits, time.monotonic())
        except NotReady:
            self._candidates.busy(one, watched.waits, time.monotonic())
            return False
        return True

    def _folder_of(self, path: Path) -> WatchedFolder | None:
        owners = (watched for watched in self._folders if path.is_relative_to(watched.folder))
        return max(owners, key=lambda watched: len(watched.folder.parts), default=None)

    def _is_wanted(self, path: Path, watched: WatchedFolder) -> bool:
        if path.is_relative_to(self._home):
            return False
        return is_wanted(path, watched.folder)


def _stamp_of(path: Path, watched: WatchedFolder) -> FileStamp | None:
    """Return a regular file's stamp; None where there is none, or where it is a link."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return FileStamp.of(status, on_network=watched.on_network) if S_ISREG(status.st_mode) else None
