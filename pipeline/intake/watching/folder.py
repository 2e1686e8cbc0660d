"""The folders that are watched: there or gone, observed how, and when each is scanned again."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final

from pipeline.beneath import status_beneath
from pipeline.intake.choice import Choice
from pipeline.intake.stamps import FileStamp, stamp_of
from pipeline.intake.watching.events import Hints, Observation
from pipeline.intake.watching.outline import Outline
from pipeline.intake.watching.stability import Waits

__all__ = ["Schedule", "WatchedFolder", "timed"]

EVENT_SECONDS: Final = 5.0
"""Events are on their way for so long at most."""

ATTEND_AGAIN: Final = 1.0

PATTERN_SECONDS: Final = 1.0

SCAN_SHARE: Final = 1000.0
LOOK_SHARE: Final = 1000.0
"""Where the system tells what comes, scanning all for what it did not tell, and looking at the
folders alone, each take at most one part of a processor's time in so many."""

REPLACE_PAUSE: Final = 30.0
"""Seconds between two tries to observe a folder that cannot be observed; it is scanned anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often what is looked at, in seconds.

    Attributes:
        rescan: a folder, whatever events said: its folders, and as often as is cheap every file.
        poll: where a folder is observed by comparing listings.
    """

    rescan: float
    poll: float


class WatchedFolder:
    """One watched folder."""

    def __init__(
        self,
        folder: Path,
        waits: Waits,
        schedule: Schedule,
        *,
        polled: bool,
        on_network: bool,
        say: Callable[[str], None],
        warn: Callable[[str], None],
        choice: Choice | None = None,
    ) -> None:
        """Look at nothing yet.

        Args:
            folder: an absolute path.
            waits: how long its files are waited for.
            schedule: how often it is scanned and polled.
            polled: do not rely on the system to tell of changes.
            on_network: it lies on a network disk: what was written there is proven more carefully.
            say: gets a sentence when it comes and about how it is watched.
            warn: gets a sentence when it goes.
            choice: which files are taken; all where None.
        """
        self.folder = folder
        self.waits = waits
        self.polled = polled
        self.on_network = on_network
        self._schedule = schedule
        self._say = say
        self._warn = warn
        self._observation: Observation | None = None
        self._observe_at = 0.0
        self._gone = self._was_there = False
        self._scan_at: float | None = 0.0
        self._look_at = math.inf
        self.outline = Outline(folder, choice)
        self._watched_since = 0.0
        # Files may be wanted from now on that nobody needed to tell of.
        self._anew = self._anew_now = False

    @property
    def gone(self) -> bool:
        """Whether it is not there now."""
        return self._gone

    def attend(self, hints: Hints, now: float) -> None:
        """See that it is there and observed; replace an observer that is dead or blind."""
        if not _is_there(self.folder):
            if not self._gone:
                self._gone = True
                self.end()
                self._warn(
                    f"{self.folder} is gone: its photographs are taken when it is back"
                    if self._was_there
                    else f"{self.folder} is not there: is it written right, is its disk connected? "
                    "Its photographs are taken as soon as it is there"
                )
            return
        before, self._was_there = self._was_there, True
        if self._gone:
            self._gone = False
            self._observe_at = 0.0
            self._say(f"{self.folder} is {'back' if before else 'there now'}: it is scanned")
            self.scan_soon(now)
        if self._observation is not None:
            trouble = self._observation.trouble()
            if trouble is None:
                return
            self._warn(f"{self.folder} is watched anew: {trouble}")
            self.end()
            self.scan_soon(now)
        if now >= self._observe_at:
            self._observe(hints, now)

    def should_have_been_seen(self, modified: int) -> bool:
        """Whether an observer that sees would have reported a file.

        Args:
            modified: when it was last written, in nanoseconds of wall clock time. One written
                before we observed says nothing, nor does one that events may be on their way for.
        """
        if self._observation is None or self.polled or self._anew or self._anew_now:
            return False
        return self._watched_since + 1 < modified / 1e9 < time.time() - EVENT_SECONDS

    def missed(self, now: float) -> None:
        """A scan found what no event reported: events were lost, or the observer is blind."""
        if self._observation is not None:
            self._warn(f"{self.folder} is watched anew: a new file was not told of")
            self.end()
            self._observe_at = now + ATTEND_AGAIN

    def scan_soon(self, now: float) -> None:
        """Have it scanned next."""
        self._scan_at = now

    def judge_anew(self, now: float) -> None:
        """Have it scanned in a moment, as if nothing were known: others may be left out now."""
        self.outline.forget()
        self._anew = True
        # Whoever writes a file with patterns may write it in pieces.
        self.scan_soon(now + PATTERN_SECONDS)

    def scan_is_due(self, now: float) -> bool:
        """Whether it is to be scanned now."""
        return not self._gone and self._scan_at is not None and now >= self._scan_at

    @property
    def next_scan(self) -> float:
        """When the next scan is due, in monotonic seconds; none may be while it is gone."""
        if self._gone:
            return math.inf
        return min(math.inf if self._scan_at is None else self._scan_at, self._look_at)

    def scan_began(self) -> None:
        """A scan is under way: none is due until it is over or another is wanted."""
        self._scan_at = None
        self._anew_now, self._anew = self._anew, False

    def scan_ended(self, began: float, now: float, spent: float) -> None:
        """Set when the next is due: never so often that scanning takes a tenth of the time.

        Where the system tells what comes, a scan of very many files is rarer, and the folders alone
        are looked at in between.

        Args:
            began: in monotonic seconds.
            now: the same.
            spent: the processor's seconds.
        """
        pause = max(self._schedule.rescan, 10 * (now - began))
        if self._observation is not None and not self.polled:
            pause = max(self._schedule.rescan, SCAN_SHARE * spent)
        self._scan_at = min(now + pause, math.inf if self._scan_at is None else self._scan_at)
        self._look_at = now + self._schedule.rescan if pause > self._schedule.rescan else math.inf

    def look_is_due(self, now: float) -> bool:
        """Whether its folders are to be looked at now."""
        return not self._gone and self._scan_at is not None and now >= self._look_at

    def look_began(self) -> None:
        """A look is under way: none is due until it is over."""
        self._look_at = math.inf

    def look_ended(self, now: float, spent: float) -> None:
        """Set when the next is due, if no scan comes before."""
        self._look_at = now + max(self._schedule.rescan, LOOK_SHARE * spent)

    def stamp(self, path: Path) -> FileStamp | None:
        """Return a regular file's stamp; None where there is none, or where it is a link."""
        try:
            status = status_beneath(self.folder, path)
        except OSError:
            return None
        return stamp_of(status, path.parent) if S_ISREG(status.st_mode) else None

    def end(self) -> None:
        """Observe it no longer."""
        if self._observation is not None:
            self._observation.end()
            self._observation = None

    def _observe(self, hints: Hints, now: float) -> None:
        poll = self._schedule.poll if self.polled else None
        try:
            self._observation = Observation(self.folder, hints, poll_seconds=poll)
        except OSError as error:
            self._observe_at = now + REPLACE_PAUSE
            self._warn(
                f"{self.folder} cannot be observed ({error.strerror}): it is scanned every "
                f"{self._schedule.rescan:g} seconds"
            )
            return
        self._watched_since = time.time()
        self.scan_soon(now)


def timed(steps: Iterator[None]) -> Generator[None, None, float]:
    """Go on with it step by step, and return the processor's seconds that it took."""
    spent, going = 0.0, True
    while going:
        began, going = time.thread_time(), False
        for _ in steps:
            going = True
            break
        spent += time.thread_time() - began
        if going:
            yield
    return spent


def _is_there(folder: Path) -> bool:
    try:
        with os.scandir(folder):
            return True
    except OSError:
        return False
