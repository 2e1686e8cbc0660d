"""The machine's time, and a wish to stop that ends every wait."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from pipeline.service.clock import Latch, SystemClock, stopping_on_signals
from tests import posix


def test_a_wait_ends_early_when_the_program_is_to_stop() -> None:
    clock = SystemClock()
    assert not clock.wait(0.01)
    threading.Timer(0.1, clock.stop).start()
    began = time.monotonic()
    assert clock.wait(20)
    assert clock.stopping()
    assert time.monotonic() - began < 10


def test_a_latch_lets_through_all_who_wait_and_all_who_come_later() -> None:
    latch = Latch()
    assert not latch.wait(0)
    through: list[bool] = []
    waiting = [threading.Thread(target=lambda: through.append(latch.wait(20))) for _ in range(20)]
    for thread in waiting:
        thread.start()
    latch.open()
    latch.open()
    for thread in waiting:
        thread.join(10)
    assert through == [True] * 20
    assert latch.is_open
    assert latch.wait(math.inf)


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_a_signal_may_come_at_any_moment_of_a_wait() -> None:
    clock = SystemClock()
    for _ in range(200):
        one = SystemClock()
        with stopping_on_signals(one, lambda sentence: None):
            threading.Timer(0.0005, os.kill, (os.getpid(), signal.SIGTERM)).start()
            while not one.wait(0.0001):
                pass
    assert not clock.stopping()


def test_whoever_asked_for_it_is_told_of_a_wish_to_stop_once_also_after_it() -> None:
    clock, told = SystemClock(), list[str]()
    with clock.telling(lambda: told.append("early")):
        clock.stop()
    with clock.telling(lambda: told.append("late")):
        assert told == ["early", "late"]
    clock.stop()
    assert told == ["early", "late"]


def test_times_are_aware_and_in_utc() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    assert 0 <= clock.random() < 1
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, posix.SIGHUP])
def test_a_first_signal_asks_to_stop_and_the_handlers_are_put_back(number: signal.Signals) -> None:
    clock, told, before = SystemClock(), list[str](), signal.getsignal(number)
    with stopping_on_signals(clock, told.append):
        os.kill(os.getpid(), number)
        assert clock.wait(10)
    assert told == ["stopping: what is in hand is finished first (Ctrl-C again stops at once)"]
    assert signal.getsignal(number) == before


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
@pytest.mark.parametrize("hangup", [True, False])
def test_the_end_of_the_terminal_is_none_where_it_is_ignored_or_means_something_else(
    hangup: bool,
) -> None:
    before = signal.signal(posix.SIGHUP, signal.SIG_IGN if hangup else lambda *_: None)
    try:
        clock = SystemClock()
        with stopping_on_signals(clock, lambda sentence: None, hangup=hangup):
            os.kill(os.getpid(), posix.SIGHUP)
            assert not clock.stopping()
    finally:
        signal.signal(posix.SIGHUP, before)


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_a_second_signal_ends_at_once() -> None:
    program = (
        "import os, signal, time\n"
        "from pipeline.service.clock import SystemClock, stopping_on_signals\n"
        "with stopping_on_signals(SystemClock(), lambda sentence: None):\n"
        "    for _ in range(2):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(0.1)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 130
