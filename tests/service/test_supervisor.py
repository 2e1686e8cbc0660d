"""Round after round of a watcher: what ends one, and what follows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.assembly import choice_for
from pipeline.engine import WorkResult
from pipeline.errors import ConfigError, LedgerError
from pipeline.service import supervisor as module
from pipeline.service.clock import SystemClock
from pipeline.service.logs import LogObserver
from pipeline.service.supervisor import (
    LiveSettings,
    RoundClock,
    Supervisor,
    settings_wanted_again,
    watch_always,
)
from pipeline.settings import Settings, load
from tests import posix

FULL = LedgerError("the ledger cannot grow: the disk is full")


class Rounds:
    """Rounds that end as a test has it; after the last the program is asked to stop."""

    def __init__(self, home: Path, *ends: Exception | WorkResult | None) -> None:
        self.ends = list(ends)
        self.seen: list[Settings] = []
        self.clock, self.observer = SystemClock(), LogObserver()
        self.live = live(home, observer=self.observer)

    def go(self, settings: Settings, begun: Callable[[], None]) -> WorkResult:
        self.seen.append(settings)
        end = self.ends.pop(0)
        if not isinstance(end, ConfigError):
            begun()
        if not self.ends:
            self.clock.stop()
        if isinstance(end, Exception):
            raise end
        return end or WorkResult(stopped=True, error=None)

    def go_on(self) -> None:
        Supervisor(self.live, self.go, self.clock, self.observer).go_on()


def live(
    home: Path, *, asked: Callable[[], bool] = lambda: False, observer: LogObserver | None = None
) -> LiveSettings:
    return LiveSettings(
        lambda: load({"home": home}, {}, None).settings, None, asked, observer or LogObserver()
    )


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)


@pytest.mark.parametrize("end", [FULL, WorkResult(stopped=False, error=FULL)])
def test_a_ledger_that_cannot_be_used_is_tried_again(
    tmp_path: Path, end: Exception | WorkResult
) -> None:
    rounds = Rounds(tmp_path, end, end, None)
    rounds.go_on()
    assert len(rounds.seen) == 3
    assert rounds.observer.last_error is not None
    assert "the disk is full; trying again in 0.1 seconds" in rounds.observer.last_error[1]


def test_a_defect_is_outlived_and_told_with_where_it_happened(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = Rounds(tmp_path, RuntimeError("a defect"), None)
    rounds.go_on()
    assert len(rounds.seen) == 2
    assert "RuntimeError: a defect" in caplog.text


def test_what_is_wrong_before_the_first_round_begins_ends_the_program(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such store"):
        Rounds(tmp_path, ConfigError("no such store"), None).go_on()


def test_new_settings_count_also_while_a_ledger_is_waited_for(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path, FULL, None)
    (tmp_path / "pipeline.toml").write_text("uploads = 7\n")
    rounds.go_on()
    assert [one.uploads for one in rounds.seen] == [Settings().uploads, 7]


def test_settings_that_are_wrong_stay_as_they_were(tmp_path: Path) -> None:
    settings = live(tmp_path)
    before = settings.current
    (tmp_path / "pipeline.toml").write_text("uploads = 'many'\n")
    assert not settings.renewed()
    assert settings.current is before
    assert not settings.renewed(), "it is told once"
    (tmp_path / "pipeline.toml").write_text("uploads = 3\n")
    assert settings.renewed()
    assert settings.current.uploads == 3


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal here")
def test_a_hangup_asks_once_for_the_settings(tmp_path: Path) -> None:
    with settings_wanted_again() as asked:
        settings = live(tmp_path, asked=asked)
        assert not settings.renewed()
        os.kill(os.getpid(), posix.SIGHUP)
        assert settings.renewed()
        assert not settings.renewed()


def test_the_home_of_the_program_is_not_watched(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="lies in the home folder of this program"):
        watch_always(
            [tmp_path / "in"],
            lambda: load({"home": tmp_path}, {}, None).settings,
            None,
            choice_for=choice_for,
            polling=False,
        )


def test_a_rounds_clock_ends_waits_when_the_round_or_the_program_is_to_end() -> None:
    program = SystemClock()
    one, other = RoundClock(program), RoundClock(program)
    told: list[str] = []
    one.tell(lambda: told.append("one"))
    other.tell(lambda: told.append("other"))
    threading.Timer(0.2, one.end).start()
    began = time.monotonic()
    with other.going():
        assert one.wait(20)
        assert not other.stopping()
        assert told == ["one"]
        threading.Timer(0.2, program.stop).start()
        assert other.wait(20)
        assert told == ["one", "other"]
    assert time.monotonic() - began < 5
    assert other.stopping()


@pytest.mark.skipif(os.name == "nt", reason="no signals like these there")
def test_the_program_leaves_in_time_whatever_is_in_hand(tmp_path: Path) -> None:
    code = (
        "import time\n"
        "from pipeline.service import supervisor\n"
        "from pipeline.service.clock import SystemClock\n"
        "supervisor.STOP_SECONDS = 0.2\n"
        "clock = SystemClock()\n"
        "with supervisor.leaving_in_time(clock, print, lambda: print('at last')):\n"
        "    clock.stop()\n"
        "    time.sleep(60)\n"
    )
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-uc", code], capture_output=True, text=True, timeout=50, check=False
    )
    assert time.monotonic() - began < 40
    assert run.returncode == 0, run.stderr
    assert "something is still in hand" in run.stdout
    assert run.stdout.endswith("at last\n")
