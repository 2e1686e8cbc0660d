"""One thread for all alarms: each rings in its time, and a cancelled one never."""

from __future__ import annotations

import threading
import time
from contextlib import closing

from pipeline.workers.alarms import Alarms


def test_each_rings_in_its_time_and_a_cancelled_one_never() -> None:
    rang: list[str] = []
    ended = threading.Event()

    def late() -> None:
        rang.append("late")
        ended.set()

    def early() -> None:
        rang.append("early")

    def cancelled() -> None:
        rang.append("cancelled")

    with closing(Alarms()) as alarms:
        alarms.set(0.3, late)
        alarms.set(0.1, early)
        alarms.set(0.05, cancelled)
        alarms.cancel(cancelled)
        assert ended.wait(10)
    assert rang == ["early", "late"]


def test_one_that_is_set_while_nothing_was_to_ring_rings_too() -> None:
    with closing(Alarms()) as alarms:
        for _ in range(2):
            rang = threading.Event()
            alarms.set(0.05, rang.set)
            assert rang.wait(10)
            time.sleep(0.05)


def test_a_thousand_take_one_thread() -> None:
    with closing(Alarms()) as alarms:
        before = threading.active_count()
        for _ in range(1000):
            ring = threading.Event().set
            alarms.set(60.0, ring)
            assert threading.active_count() <= before + 1
            alarms.cancel(ring)


def test_a_closed_one_rings_for_what_is_set_still_and_for_what_is_set_later() -> None:
    alarms = Alarms()
    for _ in range(2):
        rang = threading.Event()
        alarms.set(0.1, rang.set)
        alarms.close()
        assert rang.wait(10)
        time.sleep(0.05)


def test_a_closed_one_keeps_no_thread() -> None:
    before = threading.active_count()
    alarms, rang = Alarms(), threading.Event()
    alarms.set(60.0, rang.set)
    alarms.cancel(rang.set)
    alarms.close()
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before
