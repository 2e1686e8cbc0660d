"""Which file that comes to rest in a watched folder is a next shot."""

from __future__ import annotations

import time

from pipeline.intake.stamps import FileStamp
from pipeline.intake.watching.next_shot import MANY, NextShots

HOUR = 3_600_000_000_000


def stamp(*, modified: int, changed: int) -> FileStamp:
    now = time.time_ns()
    return FileStamp(size=1, modified=now + modified, changed=now + changed, inode=1)


def test_what_lay_there_before_is_none() -> None:
    assert not NextShots().has(stamp(modified=-HOUR, changed=-HOUR), waiting=1)


def test_what_was_put_there_since_is_one_however_old_the_photograph_is() -> None:
    assert NextShots().has(stamp(modified=-HOUR, changed=1), waiting=1)


def test_one_of_many_that_wait_is_none() -> None:
    assert not NextShots().has(stamp(modified=1, changed=1), waiting=MANY + 1)


def test_after_many_that_came_at_once_there_is_none_for_a_while() -> None:
    shots = NextShots()
    shown = [shots.has(stamp(modified=1, changed=1), waiting=1) for _ in range(MANY + 20)]
    assert shown == [True] * (MANY - 1) + [False] * 21


def test_however_much_lay_there_the_next_that_comes_is_one() -> None:
    shots = NextShots()
    for _ in range(2 * MANY):
        shots.has(stamp(modified=-HOUR, changed=-HOUR), waiting=1)
    assert shots.has(stamp(modified=1, changed=1), waiting=1)
