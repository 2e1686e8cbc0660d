"""Thousands of ways in which a product's files may be written, on a clock that is a number."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.intake.stamps import FileStamp
from pipeline.intake.watching.stability import STALLED, Candidates, Waits

ROOT = Path("/in")
WAITS = Waits(quiet=2.0, quiet_closed=0.1, whole=40.0, turn=12.0)
TICK = 0.05
LAST = 60.0


@dataclass
class Writing:
    """A file that is begun at a moment, and goes on for so long; it may never become whole."""

    path: Path
    begins: float
    seconds: float
    becomes_whole: bool
    is_told_closed: bool
    pieces: float
    taken_at: float | None = field(default=None, init=False)

    @property
    def ends(self) -> float:
        return self.begins + self.seconds

    def stamp(self, now: float) -> FileStamp:
        written = int((min(now, self.ends) - self.begins) / self.pieces)
        return FileStamp(written, written, written, 7)

    def changed_at(self, now: float) -> float:
        return self.begins + self.stamp(now).size * self.pieces


def plan(seed: int) -> list[Writing]:
    chance = random.Random(seed)
    writings = []
    for product in range(chance.randint(1, 3)):
        for shot in range(chance.randint(1, 5)):
            writings.append(
                Writing(
                    path=ROOT / f"SM-{product}" / f"{shot}.jpg",
                    begins=round(chance.uniform(0, 3), 2),
                    seconds=chance.choice((0.0, 0.0, 0.3, 1.0, 5.0, LAST)),
                    becomes_whole=chance.random() < 0.85,
                    is_told_closed=chance.random() < 0.7,
                    pieces=chance.choice((0.2, 0.9)),
                )
            )
    return writings


def take_all(writings: list[Writing]) -> None:
    """Do as the watcher does until long after the last was begun."""
    candidates, by_path, now = Candidates(), {one.path: one for one in writings}, 0.0
    while now < LAST:
        for one in writings:
            if one.begins <= now < one.begins + TICK:
                candidates.noticed(one.path, ROOT, now, closed=False)
            if one.is_told_closed and one.taken_at is None and one.ends <= now < one.ends + TICK:
                candidates.noticed(one.path, ROOT, now, closed=True)
        look = candidates.look_over(now, 50)
        for path, candidate in look.due:
            one = by_path[path]
            is_open = now < one.ends
            rests = candidates.rested(candidate, one.stamp(now), WAITS, now)
            if rests and not look.holds_back(path, candidate):
                if is_open:
                    candidates.busy(candidate, WAITS, now)
                elif one.becomes_whole or candidates.unfinished(candidate, WAITS, now):
                    one.taken_at = now
                    candidates.drop(path)
                    continue
            look.wait_for(path, candidate, now)
        now += TICK


@pytest.mark.parametrize(
    "seeds",
    [range(60), pytest.param(range(60, 1000), marks=pytest.mark.long)],
    ids=lambda seeds: f"{len(seeds)}-seeds",
)
def test_earlier_ones_go_first_while_they_may_become_whole_and_none_waits_for_ever(
    seeds: range,
) -> None:
    for seed in seeds:
        writings = plan(seed)
        take_all(writings)
        for one in writings:
            before = [
                other
                for other in writings
                if other.path.parent == one.path.parent and other.path < one.path
            ]
            if one.becomes_whole and one.ends < LAST / 3:
                assert one.taken_at is not None, (seed, one)
                longest = max([one.ends, *(other.begins + WAITS.turn for other in before)])
                assert one.taken_at <= longest + 2 * WAITS.quiet, (seed, one)
            for other in before if one.taken_at is not None else ():
                assert one.taken_at is not None
                if other.begins > one.taken_at - TICK or (other.taken_at or LAST) <= one.taken_at:
                    continue
                # It went past one that had begun: that one had had its time.
                had_its_time = one.taken_at - other.begins >= WAITS.turn
                stalled_for = one.taken_at - other.changed_at(one.taken_at)
                assert had_its_time or stalled_for >= WAITS.turn / STALLED, (seed, one, other)
