"""Round after round of a watcher: what ends one, and what follows."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from pipeline.cli import watch as module
from pipeline.cli.watch import _Watch
from pipeline.engine import WorkResult
from pipeline.errors import ConfigError, LedgerError
from pipeline.service.clock import SystemClock
from pipeline.service.logs import LogObserver
from pipeline.service.rounds import RoundClock, SettingsFile
from pipeline.settings import Settings

FULL = LedgerError("the ledger cannot grow: the disk is full")


class Rounds(_Watch):
    """Rounds that end as a test has it; after the last the program is asked to stop."""

    def __init__(self, home: Path, *ends: Exception | LedgerError | None) -> None:
        super().__init__(
            flags={"home": home},
            folders=(),
            polling=False,
            clock=SystemClock(),
            observer=LogObserver(),
            asked=lambda: False,
            file=SettingsFile(home / "pipeline.toml"),
        )
        self.ends = list(ends)
        self.seen: list[Settings] = []
        self.outcomes = False

    def _round(self, settings: Settings) -> WorkResult:
        self.seen.append(settings)
        end = self.ends.pop(0)
        self._begun = self._begun or not isinstance(end, ConfigError)
        if not self.ends:
            self.clock.stop()
        if end is not None and not (self.outcomes and isinstance(end, LedgerError)):
            raise end
        return WorkResult(stopped=end is None, error=end if isinstance(end, LedgerError) else None)


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)


@pytest.mark.parametrize("as_outcome", [True, False])
def test_a_ledger_that_cannot_be_used_is_tried_again(tmp_path: Path, as_outcome: bool) -> None:
    rounds = Rounds(tmp_path, FULL, FULL, None)
    rounds.outcomes = as_outcome
    rounds.go_on(Settings.model_validate({"home": tmp_path}))
    assert len(rounds.seen) == 3
    assert rounds.observer.last_error is not None
    assert "the disk is full; trying again in 0.1 seconds" in rounds.observer.last_error[1]


def test_a_defect_is_outlived_and_told_with_where_it_happened(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = Rounds(tmp_path, RuntimeError("a defect"), None)
    rounds.go_on(Settings.model_validate({"home": tmp_path}))
    assert len(rounds.seen) == 2
    assert "RuntimeError: a defect" in caplog.text


def test_what_is_wrong_before_the_first_round_begins_ends_the_program(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such store"):
        Rounds(tmp_path, ConfigError("no such store"), None).go_on(
            Settings.model_validate({"home": tmp_path})
        )


def test_new_settings_count_also_while_a_ledger_is_waited_for(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path, FULL, None)
    (tmp_path / "pipeline.toml").write_text("uploads = 7\n")
    rounds.go_on(Settings.model_validate({"home": tmp_path}))
    assert [one.uploads for one in rounds.seen] == [4, 7]


def test_a_rounds_clock_ends_waits_when_the_round_or_the_program_is_to_end() -> None:
    program = SystemClock()
    one, other = RoundClock(program), RoundClock(program)
    threading.Timer(0.2, one.end).start()
    began = time.monotonic()
    assert one.wait(20)
    assert not other.stopping()
    threading.Timer(0.2, program.stop).start()
    assert other.wait(20)
    assert time.monotonic() - began < 5
    assert other.stopping()
