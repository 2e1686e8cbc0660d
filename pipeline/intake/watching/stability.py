"""Which files have come to rest: the rule by which a watcher takes one, without a disk or a clock.

A file is taken when all of this holds:

1. Its size, its times and its inode have not changed for a while, on our own clock: never "its
   time is old", for gphoto2 and copying programs set the time back.
2. Nobody holds it open for writing, where the platform can tell.
3. The picture is whole. One that stops in the middle is waited for, since a network disk can show
   the final size long before the data is there; after a set time it is taken all the same, and
   refused with its reason.

That somebody closed the file (told by Linux only) shortens the wait and proves nothing, least of
all where files were seen to be written again after they were closed (`habits`). And a file waits
for the earlier ones of its product, as long as those may still become whole (`turns`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.intake.stamps import FileStamp
from pipeline.intake.watching.turns import (
    Standing,
    Turns,
    finished_name,
    is_in_the_making,
    standing_of,
)

__all__ = ["Candidate", "Candidates", "Pass", "Waits"]

MOST_CANDIDATES: Final = 10_000
"""Files watched over at once; what is beyond waits for a later scan."""

RESTLESS_SECONDS: Final = 300.0
"""After so long a file that does not come to rest is reported, once; it is waited for all the
same."""

STALLED: Final = 3
"""A file that has not changed for this part of the time that it is waited for has stalled: others
go before it."""

LISTED_SECONDS: Final = 5.0
"""How long a file waits, at most, until what lay in its folder before it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a file is waited for, in seconds.

    Attributes:
        quiet: without any change, before it is looked into.
        quiet_closed: the same, once whoever wrote it has closed it.
        whole: without any change, until one that is not whole is taken (and refused) all the same.
        turn: how long later files of its product wait for one that does not become whole.
    """

    quiet: float
    quiet_closed: float
    whole: float
    turn: float


@dataclass(slots=True)
class Candidate:
    """A file that may be a photograph, with what is known of its rest (seconds, monotonic).

    Attributes:
        in_the_making: it is a copy under a passing name: others wait for it, and it is not taken.
        becomes: the file that it is renamed to, where its name tells.
        looked_at: when it was first looked at.
        needed: how long it had to rest, at its last look.
        turn: how long others wait for it.
        gone_at: when it was first missed.
        looked_beside: what another program left beside it was looked for.
    """

    root: Path
    standing: Standing
    first_seen: float
    changed_at: float
    look_at: float
    in_the_making: bool = False
    becomes: Path | None = None
    stamp: FileStamp | None = None
    closed: bool = False
    pause: float = 0.0
    looked_at: float | None = None
    needed: float = 0.0
    turn: float = 0.0
    gone_at: float | None = None
    looked_beside: bool = False
    reported: bool = False

    def has_lost_its_turn(self, now: float) -> bool:
        """Whether it has been waited for long enough: it grows for ever, or has stalled."""
        if self.looked_at is None:
            return False
        return (
            now - self.looked_at >= self.turn + self.needed
            or now - self.changed_at >= self.turn / STALLED + self.needed
        )


@dataclass(slots=True)
class Pass:
    """One look over all candidates: which are due, and which wait for which.

    Attributes:
        due: the first of those whose turn it is, in shot order.
        turns: whom the others wait for.
        waiting: how many wait for which file.
        waited: how many did at the look before.
        passed: files whose turn is over while others waited for them.
    """

    waited: Counter[Path]
    due: list[tuple[Path, Candidate]] = field(default_factory=list)
    turns: Turns = field(default_factory=Turns)
    waiting: Counter[Path] = field(default_factory=Counter)
    passed: list[Path] = field(default_factory=list)

    def holds_back(self, path: Path, one: Candidate) -> bool:
        """Whether a file still has to wait for one before it."""
        before = self.turns.before(path, one.standing, one.first_seen)
        if before is not None:
            self.waiting[before] += 1
        return before is not None

    def wait_for(self, path: Path, one: Candidate, now: float) -> None:
        """Have others wait for a file, as long as it has not lost its turn."""
        if one.has_lost_its_turn(now):
            if path in self.waited and path not in self.passed:
                self.passed.append(path)
        elif one.in_the_making and one.becomes is None:
            self.turns.add_nameless(path, one.standing, one.first_seen)
        else:
            self.turns.add(path, one.standing)
            if one.becomes is not None:
                self.turns.add_remade(one.becomes, path)


class Candidates:
    """The files that may be photographs, each watched over until it has come to rest."""

    def __init__(self, *, plain_ids: bool = False) -> None:
        """Watch over none yet.

        Args:
            plain_ids: bare numbers are product ids.
        """
        self._plain_ids = plain_ids
        self._files: dict[Path, Candidate] = {}
        self._in_the_making = 0
        self._waiting: Counter[Path] = Counter()

    def __len__(self) -> int:
        """Return how many there are; copies under a passing name are none."""
        return len(self._files) - self._in_the_making

    @property
    def full(self) -> bool:
        """Whether no more are taken."""
        return len(self._files) >= MOST_CANDIDATES

    def __contains__(self, path: Path) -> bool:
        """Whether a file is being watched over."""
        return path in self._files

    def noticed(self, path: Path, root: Path, now: float, *, closed: bool) -> bool:
        """Watch over a file that was written, closed or found; return whether there is room."""
        one = self._files.get(path)
        if one is None:
            if self.full:
                return False
            one = self._files[path] = self._new(path, root, now)
            self._in_the_making += one.in_the_making
        if closed:
            # What it is like now is what was closed, so the next look is a first one.
            one.closed, one.stamp, one.look_at = True, None, now
        return True

    def look_over(self, now: float, most: int, unlisted: Container[Path] = ()) -> Pass:
        """Return the first (in shot order) that are to be looked at now.

        One that was looked at before is held back by those of its product that come before it and
        may still become whole, and while nobody knows yet what lay in its folder before it.

        Args:
            now: monotonic seconds.
            most: so many at once.
            unlisted: folders that are being listed.
        """
        result = Pass(self._waiting)
        due = [item for item in self._files.items() if item[1].look_at <= now]
        if due:
            self._add_those_that_rest(result, now)
        for path, one in sorted(due, key=lambda item: item[1].standing.order):
            known = path.parent not in unlisted or now - one.first_seen > LISTED_SECONDS
            first = one.stamp is None or one.in_the_making
            if first or (known and not result.holds_back(path, one)):
                result.due.append((path, one))
                if len(result.due) == most:
                    break
            else:
                result.wait_for(path, one, now)
        self._waiting = result.waiting
        return result

    def rested(
        self, one: Candidate, stamp: FileStamp, waits: Waits, now: float, habit: float | None = None
    ) -> bool:
        """Compare a file with what it was; return whether it has been quiet for long enough.

        Args:
            one: the file.
            stamp: what it is now.
            waits: of the folder that is watched.
            now: monotonic seconds.
            habit: what files of its folder were seen to need that are written again after they
                were closed; None where nothing was seen.
        """
        if one.looked_at is None:
            one.looked_at = now
        if one.stamp != stamp:
            # A first look begins the wait; a change after a close makes the close void.
            one.closed = one.closed and one.stamp is None
            one.stamp, one.changed_at, one.pause = stamp, now, 0.0
        one.turn = waits.turn
        one.needed = waits.quiet_closed if one.closed and habit is None else waits.quiet
        if habit is not None:
            one.needed = max(one.needed, habit)
        one.look_at = one.changed_at + one.needed
        return now >= one.look_at

    def busy(self, one: Candidate, waits: Waits, now: float) -> None:
        """Look again later: somebody holds the file open for writing."""
        one.look_at = now + waits.quiet / 4
        one.closed = False

    def unfinished(self, one: Candidate, waits: Waits, now: float) -> bool:
        """Look again later: the picture is not whole; return whether the wait for it is over."""
        if now - one.changed_at >= waits.whole:
            return True
        # Data may arrive without any sign of it: proven anew, but not all the time.
        one.pause = min(max(2 * one.pause, waits.quiet / 2, 0.5), 10.0)
        one.look_at = min(now + one.pause, one.changed_at + waits.whole)
        return False

    def drop(self, path: Path) -> None:
        """Watch over it no longer."""
        one = self._files.pop(path, None)
        if one is not None:
            self._in_the_making -= one.in_the_making

    def drop_copies(self, renamed: Iterable[Path]) -> None:
        """Watch no longer over those of the names that were passing ones of copies."""
        for path in renamed:
            one = self._files.get(path)
            if one is not None and one.in_the_making:
                self.drop(path)

    def restless(self, now: float) -> list[Path]:
        """Return the files that do not come to rest, each once."""
        found: list[Path] = []
        for path, one in self._files.items():
            late = now - one.first_seen > RESTLESS_SECONDS
            if late and not one.reported and not one.in_the_making:
                one.reported = True
                found.append(path)
        return found

    def _new(self, path: Path, root: Path, now: float) -> Candidate:
        in_the_making, becomes = is_in_the_making(path.name), None
        if in_the_making and (name := finished_name(path.name)):
            becomes = path.with_name(name)
        standing = standing_of(becomes or path, root, plain_ids=self._plain_ids)
        return Candidate(root, standing, now, now, now, in_the_making, becomes)

    def _add_those_that_rest(self, result: Pass, now: float) -> None:
        """Have others wait for those whose next look is still to come, and for copies."""
        for path, one in self._files.items():
            if one.look_at > now or one.in_the_making:
                result.wait_for(path, one, now)
