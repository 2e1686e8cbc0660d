from __future__ import annotations

import threading

from pipeline.errors import StoreUnavailable
from pipeline.service.chores import Aside, Chore


def test_a_chore_is_done_when_its_time_has_come_and_then_again() -> None:
    done: list[float] = []
    chore = Chore(lambda: done.append(1), 10.0, 5.0)
    for now in (0.0, 5.0, 6.0, 14.0, 15.0, 16.0):
        chore.do(now)
    assert len(done) == 2


def test_what_is_done_aside_is_begun_once_until_it_has_ended_and_may_fail() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    times: list[int] = []

    def what() -> None:
        times.append(1)
        begun.set()
        assert go_on.wait(20)
        ended.set()
        raise StoreUnavailable("no answer")

    aside = Aside(what)
    aside.do()
    assert begun.wait(20)
    aside.do()
    assert len(times) == 1, "nobody waits for it, and it goes on"
    go_on.set()
    assert ended.wait(20)
    while len(times) < 2:
        aside.do()
