"""The machine's time, and a wish to stop that ends every wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from pipeline.service.clock import SystemClock, stopping_on_signals


def test_a_wait_ends_early_when_the_program_is_to_stop() -> None:
    clock = SystemClock()
    assert not clock.wait(0.01)
    threading.Timer(0.1, clock.stop).start()
    began = time.monotonic()
    assert clock.wait(20)
    assert clock.stopping()
    assert time.monotonic() - began < 10


def test_times_are_aware_and_in_utc() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    assert 0 <= clock.random() < 1
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_first_signal_asks_to_stop_and_the_handlers_are_put_back(number: signal.Signals) -> None:
    clock, told, before = SystemClock(), list[str](), signal.getsignal(number)
    with stopping_on_signals(clock, told.append):
        os.kill(os.getpid(), number)
        assert clock.wait(10)
    assert told == ["stopping: what is in hand is finished first (Ctrl-C again stops at once)"]
    assert signal.getsignal(number) == before


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
