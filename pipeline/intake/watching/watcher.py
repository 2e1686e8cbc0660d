"""The watcher: files that come to rest in folders become arrivals, as long as it is let.

The scan is the truth, and events only make it quick. What was taken is remembered by the ledger,
by the file's status (size, times, inode): a later scan passes it by without reading it, and a new
content under a known path is seen.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from pipeline.errors import NotReady, PhotoRefused
from pipeline.intake.choice import Choice
from pipeline.intake.inbox import Submit
from pipeline.intake.scan import scan
from pipeline.intake.sidecars import is_raw
from pipeline.intake.stamps import FileStamp
from pipeline.intake.watching.events import Hints, InboxWatch, overflows_noted
from pipeline.intake.watching.folder import WatchedFolder, timed
from pipeline.intake.watching.habits import keep_habits, kept_habits
from pipeline.intake.watching.next_shot import NextShots
from pipeline.intake.watching.platforms import is_open_for_writing
from pipeline.intake.watching.stability import Candidate, Candidates, Pass
from pipeline.intake.watching.turns import is_in_the_making
from pipeline.intake.watching.wanted import Wanted
from pipeline.left_out import LeftOut, LeftOutCount
from pipeline.lifecycle import Reason
from pipeline.values import Arrival, Door

__all__ = ["Memory", "Watcher"]

TICK_SECONDS: Final = 0.05
"""How often files are looked at and the inbox is: a part of the shortest wait."""

REST_SECONDS: Final = 3.0
"""The same where no file is waited for, nothing is scanned, and the system tells of the inbox."""

ATTEND_SECONDS: Final = 1.0
"""How often it is proven that every folder is there and observed."""

SLICE_SECONDS: Final = 0.25
"""How long a scan goes on before files that came to rest are looked at again."""

MOST_A_TURN: Final = 50
"""Files looked into before those that are whole are handed on."""

PIECE: Final = 200
"""Files of a scan that the ledger is asked about at once."""

MOST_LISTED: Final = 10_000
"""Folders of which it is kept that they were listed."""

COPY_SECONDS: Final = 0.1
"""How often a copy under a passing name is looked at."""

RENAME_SECONDS: Final = 1.0
"""How long the rename of such a copy may take to be told, once it is gone."""

HELD_SECONDS: Final = 5.0
"""After so long it is said that a file waits for an earlier one."""

REWRITTEN: Final = "{}_exiftool_tmp"
KEPT_FROM_BEFORE: Final = "{}_original"
"""What ExifTool writes beside a file, and what it leaves of it."""

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
        prove: Callable[[Path, Path, bool], None],
        now: Callable[[], datetime],
        say: Callable[[str], None],
        wanted: Wanted | None = None,
        *,
        shops: frozenset[str] | None = None,
        plain_ids: bool = False,
    ) -> None:
        """Look at nothing yet.

        Args:
            home: the home folder, whose inbox is emptied as well.
            folders: the folders.
            memory: what was taken before.
            prove: raises `PhotoRefused` or `NotReady` where a picture is not whole; gets the
                watched folder, too, and decodes it as well where the third argument is true.
            now: gives aware UTC.
            say: gets a sentence about a file that does not come to rest, or that others wait for.
            wanted: tells which files are; all where None.
            shops: of the inbox only shots of these; of all where None.
            plain_ids: bare numbers are product ids.
        """
        self._wanted = wanted or Wanted(home, Choice(), say)
        self._home = home
        self._folders = folders
        self._memory = memory
        self._prove = prove
        self._now = now
        self._say = say
        self._hints = Hints()
        self._inbox = InboxWatch(home, self._hints, shops)
        self._candidates = Candidates(plain_ids=plain_ids)
        self._habits = kept_habits(home)
        self._habits_kept = self._habits.known()
        self._scans: list[Iterator[None]] = []
        self._listed: set[Path] = set()
        self._being_listed: set[Path] = set()
        self._waiting: Mapping[Path, int] = {}
        self._held_back: Mapping[Path, int] = {}
        self._waiting_since: dict[Path, float] = {}
        self._attend_at = 0.0
        self._look_at = 0.0

    @property
    def folders_gone(self) -> list[Path]:
        """The watched folders that are not there now."""
        return [watched.folder for watched in self._folders if watched.gone]

    @property
    def not_at_rest(self) -> int:
        """How many files are being watched over until they come to rest."""
        return len(self._candidates)

    @property
    def held_back(self) -> Mapping[Path, int]:
        """Return the files that others have been waiting for long, each with how many do."""
        return self._held_back

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What lies in the folders and is not to be taken, by what leaves it out."""
        return self._wanted.left_out

    def feed(self, submit: Submit, over: Callable[[], bool]) -> None:
        """Hand on every photograph that comes to rest, until it is over.

        Raises:
            LedgerError: the ledger cannot be read or written.
        """
        self._next_shots = NextShots()
        with ExitStack() as stack:
            stack.enter_context(overflows_noted(self._hints))
            for watched in self._folders:
                stack.callback(watched.end)
            stack.callback(self._keep_habits)
            stack.callback(self._inbox.end)
            while not over():
                self._turn(submit, over)
                self._hints.wait(self._pause(time.monotonic()))

    def wake(self) -> None:
        """Have it look at once whether it is over."""
        self._hints.wake()

    def _pause(self, now: float) -> float:
        """Return the seconds until the next look where no hint comes."""
        busy = self._scans or len(self._candidates)
        if busy or not self._inbox.is_watched or not self._inbox.is_empty:
            return TICK_SECONDS
        soonest = min((watched.next_scan for watched in self._folders), default=math.inf)
        return max(TICK_SECONDS, min(REST_SECONDS, soonest - now))

    def _turn(self, submit: Submit, over: Callable[[], bool]) -> None:
        now = time.monotonic()
        if now >= self._attend_at:
            self._attend_at = now + ATTEND_SECONDS
            for watched in self._folders:
                watched.attend(self._hints, now)
            self._inbox.attend(now)
            for path in self._candidates.restless(now):
                self._say(f"{path} does not come to rest: it is still waited for")
            self._note_waiting(now)
            if not self._scans and self._wanted.has_changed():
                self._judge_anew(now)
        self._inbox.take_in(submit, over)
        self._heed_hints(now)
        self._go_on_scanning(now)
        self._take_what_rests(submit, over)

    def _heed_hints(self, now: float) -> None:
        taken = self._hints.take()
        if self._wanted.says_what_is_wanted((*taken.files, *taken.renamed)):
            self._judge_anew(now)
        self._candidates.drop_copies(taken.renamed)
        for path, sign in taken.files.items():
            watched = self._folder_of(path)
            if watched is None or not self._wanted.wants(path, watched.folder, in_the_making=True):
                continue
            for at in () if is_in_the_making(path.name) else sign.written:
                self._learned(path.parent, watched, new=self._habits.written(path, at))
            self._list_first(watched, path.parent)
            if not self._candidates.noticed(path, watched.folder, now, closed=sign.closed):
                watched.scan_soon(now)
        for folder in taken.folders:
            watched = self._folder_of(folder)
            if watched is not None and self._wanted.wants(folder, watched.folder, folder=True):
                self._scans.append(self._scan(watched, folder, whole=False))
        if taken.everything:
            for watched in self._folders:
                watched.scan_soon(now)

    def _judge_anew(self, now: float) -> None:
        """Scan all: what was left out may be wanted by now."""
        for watched in self._folders:
            watched.judge_anew(now)

    def _list_first(self, watched: WatchedFolder, folder: Path) -> None:
        """Have a folder listed of which only events told: an earlier file may lie there."""
        if folder in self._listed:
            return
        if len(self._listed) >= MOST_LISTED:
            self._listed.clear()
        self._listed.add(folder)
        self._being_listed.add(folder)
        self._scans.insert(0, self._list(watched, folder))

    def _list(self, watched: WatchedFolder, folder: Path) -> Iterator[None]:
        try:
            yield from self._scan(watched, folder, whole=False, below=False)
        finally:
            self._being_listed.discard(folder)

    def _go_on_scanning(self, now: float) -> None:
        for watched in self._folders:
            if watched.scan_is_due(now):
                watched.scan_began()
                self._scans.append(self._scan_whole(watched, now))
            elif watched.look_is_due(now):
                watched.look_began()
                self._scans.append(self._look_at_folders(watched))
        until = now + SLICE_SECONDS
        while self._scans and not self._candidates.full and time.monotonic() < until:
            try:
                next(self._scans[0])
            except StopIteration:
                self._scans.pop(0)

    def _scan_whole(self, watched: WatchedFolder, began: float) -> Iterator[None]:
        # Before, so that what changes meanwhile is found by this scan or by the next look.
        spent = yield from timed(None for _ in watched.outline.changed())
        spent += yield from timed(self._scan(watched, watched.folder, whole=True))
        watched.scan_ended(began, time.monotonic(), spent)

    def _look_at_folders(self, watched: WatchedFolder) -> Iterator[None]:
        self._wanted.choice.look()
        spent = yield from timed(self._scan_changed(watched))
        watched.look_ended(time.monotonic(), spent)

    def _scan_changed(self, watched: WatchedFolder) -> Iterator[None]:
        """Scan the folders in which something came or went, whatever events told."""
        for folder in watched.outline.changed():
            if folder is not None and self._wanted.wants(folder, watched.folder, folder=True):
                yield from self._scan(watched, folder, whole=False, below=False, hinted=False)
            yield

    def _scan(
        self,
        watched: WatchedFolder,
        folder: Path,
        *,
        whole: bool,
        below: bool = True,
        hinted: bool = True,
    ) -> Iterator[None]:
        copies: list[Path] = []
        left_out = LeftOutCount()
        arrivals = scan(
            [folder],
            door=Door.WATCH,
            now=self._now(),
            copy_skipped=copies.append,
            choice=self._wanted.choice,
            left_out=left_out,
            below=below,
            within=None if whole else watched.folder,
            stamps=True,
        )
        while piece := list(islice(arrivals, PIECE)):
            stamps = {arrival.path: arrival.stamp for arrival in piece if arrival.stamp}
            changed_files = [
                path
                for path in self._memory.changed_files(stamps)
                # What lies above a part of the watched folder may say that nothing in it is meant.
                if not path.is_relative_to(self._home)
                and (whole or self._wanted.wants(path, watched.folder))
            ]
            now = time.monotonic()
            if (whole or not hinted) and any(
                path not in self._candidates
                and watched.should_have_been_seen(FileStamp.read(stamps[path]).modified)
                for path in changed_files
            ):
                watched.missed(now)
            for path in changed_files:
                while not self._candidates.noticed(path, watched.folder, now, closed=False):
                    yield
            yield
        if whole:
            self._wanted.scanned(watched.folder, left_out, copies)

    def _take_what_rests(self, submit: Submit, over: Callable[[], bool]) -> None:
        began = time.monotonic()
        if began < self._look_at:
            return
        rested: list[tuple[Path, Candidate, FileStamp]] = []
        look = self._candidates.look_over(began, MOST_A_TURN, self._being_listed)
        # Thousands may wait for one: never so often that looking takes a tenth of the time.
        self._look_at = began + 10 * (time.monotonic() - began)
        for path, one in look.due:
            watched = self._folder_of(path)
            stamp = None if watched is None or watched.gone else watched.stamp(path)
            if watched is None or stamp is None:
                self._is_gone(path, one)
            elif one.in_the_making:
                self._look_at_copy(path, one, stamp, watched)
            elif self._has_come_to_rest(path, one, stamp, watched, look):
                rested.append((path, one, stamp))
            else:
                look.wait_for(path, one, time.monotonic())
        self._hand_on(rested, look, submit, over)
        self._waiting = look.waiting
        for path in look.passed:
            self._say(
                f"{path} has not become whole in time: the later photographs of its product no "
                "longer wait for it"
            )

    def _hand_on(
        self,
        rested: Sequence[tuple[Path, Candidate, FileStamp]],
        look: Pass,
        submit: Submit,
        over: Callable[[], bool],
    ) -> None:
        if not rested:
            return
        changed_files = set(
            self._memory.changed_files({path: str(stamp) for path, _, stamp in rested})
        )
        taken: dict[Path, str] = {}
        for path, one, stamp in rested:
            if over():
                break
            self._inbox.take_in(submit, over)  # a shot waits for no other file
            if path in changed_files:
                watched = self._folder_of(path)
                if watched is None or look.holds_back(path, one):
                    continue
                if self._wanted.leaves_out(path, watched.folder, modified=stamp.modified):
                    self._candidates.drop(path)  # what is wanted may be another since it was found
                    continue
                # Somebody may have begun to write while it was proven, and others were.
                is_as_proven = watched.stamp(path) == stamp and not is_open_for_writing(
                    path, watched.folder
                )
                haste = self._next_shots.has(stamp, len(self._candidates))
                arrival = Arrival(
                    path=path, root=one.root, door=Door.WATCH, seen_at=self._now(), in_haste=haste
                )
                if not is_as_proven or None in submit([arrival]):
                    self._candidates.busy(one, watched.waits, time.monotonic())
                    look.wait_for(path, one, time.monotonic())
                    continue
                taken[path] = str(stamp)
                new = self._habits.taken(path, one.first_seen, time.monotonic())
                self._learned(path.parent, watched, new=new)
            self._candidates.drop(path)
        if taken:
            self._memory.remember(taken)

    def _has_come_to_rest(
        self, path: Path, one: Candidate, stamp: FileStamp, watched: WatchedFolder, look: Pass
    ) -> bool:
        habit = self._habits.rest_needed(path.parent)
        if not self._candidates.rested(one, stamp, watched.waits, time.monotonic(), habit):
            return False
        if look.holds_back(path, one) or self._is_written_anew(path, one, watched):
            return False
        written = is_open_for_writing(path, watched.folder)
        if written:
            self._candidates.busy(one, watched.waits, time.monotonic())
            return False
        if is_raw(path):
            return True
        try:
            # Where the system proves that nobody writes, the engine's own decode is soon enough.
            self._prove(path, one.root, watched.on_network or written is None)
        except PhotoRefused as error:
            if error.reason in _FINAL:
                return True
            return self._candidates.unfinished(one, watched.waits, time.monotonic())
        except NotReady:
            self._candidates.busy(one, watched.waits, time.monotonic())
            return False
        return True

    def _is_written_anew(self, path: Path, one: Candidate, watched: WatchedFolder) -> bool:
        """Whether a program's traces beside a file say that it writes there anew; asked once."""
        if one.looked_beside:
            return False
        one.looked_beside = True
        copy = path.with_name(REWRITTEN.format(path.name))
        kept = path.with_name(KEPT_FROM_BEFORE.format(path.name))
        if os.path.lexists(copy):
            self._candidates.noticed(copy, watched.folder, time.monotonic(), closed=False)
        elif not os.path.lexists(kept):
            return False
        self._learned(path.parent, watched, new=self._habits.learn(path.parent, 0.0))
        return True

    def _look_at_copy(
        self, path: Path, one: Candidate, stamp: FileStamp, watched: WatchedFolder
    ) -> None:
        """Go on having others wait for a copy under a passing name, as long as it is written."""
        now = time.monotonic()
        one.closed = False  # it still has to be renamed
        rests = self._candidates.rested(one, stamp, watched.waits, now)
        if rests and not is_open_for_writing(path, watched.folder):
            self._candidates.drop(path)
        else:
            one.look_at = now + COPY_SECONDS

    def _is_gone(self, path: Path, one: Candidate) -> None:
        now = time.monotonic()
        if not one.in_the_making:
            self._candidates.drop(path)
        elif one.becomes is not None:
            self._candidates.drop(path)
            if os.path.lexists(one.becomes):
                self._candidates.noticed(one.becomes, one.root, now, closed=False)
        elif one.gone_at is not None and now - one.gone_at > RENAME_SECONDS:
            self._candidates.drop(path)
        else:
            one.gone_at = one.gone_at or now
            one.look_at = now + COPY_SECONDS

    def _keep_habits(self) -> None:
        """Keep what changed of them since the start."""
        if self._habits.known() != self._habits_kept:
            keep_habits(self._home, self._habits)

    def _learned(self, folder: Path, watched: WatchedFolder, *, new: bool) -> None:
        if new:
            keep_habits(self._home, self._habits)
            rest = max(watched.waits.quiet, self._habits.rest_needed(folder) or 0.0)
            self._say(
                f"in {folder} files are written again after they were closed: from now on each is "
                f"taken when it has rested for {rest:.1f} seconds"
            )

    def _note_waiting(self, now: float) -> None:
        """Keep which files others have been waiting for long, and say so once of each."""
        waiting = self._waiting
        self._waiting_since = {path: self._waiting_since.get(path, now) for path in waiting}
        long = [path for path, since in self._waiting_since.items() if now - since > HELD_SECONDS]
        for path in long:
            if path not in self._held_back:
                self._say(
                    f"later photographs wait for {path}, an earlier one of their product that is "
                    "not whole yet"
                )
        self._held_back = {path: waiting[path] for path in long}

    def _folder_of(self, path: Path) -> WatchedFolder | None:
        owners = (watched for watched in self._folders if path.is_relative_to(watched.folder))
        return max(owners, key=lambda watched: len(watched.folder.parts), default=None)
