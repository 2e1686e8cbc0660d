"""What is said of the watcher, and the exit status that programs read, are of one value."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.service import service
from pipeline.service.heartbeat import Heartbeat, one_watcher
from pipeline.service.watching import WatchState

NOW = datetime.now(UTC)
UNIT = Path("systemd") / "user" / "photo-pipeline.service"


def heartbeat(beat_at: datetime = NOW, **more: object) -> Heartbeat:
    facts: dict[str, object] = {
        "pid": 7,
        "started_at": NOW,
        "beat_at": beat_at,
        "folders": ("/in",),
        "gone": (),
        "settling": 2,
        "error_at": None,
        "error": None,
    }
    return Heartbeat(**{**facts, **more})  # type: ignore[arg-type]


def state(*, alive: bool, last: Heartbeat | None, late: bool = False, noted: int = 0) -> WatchState:
    return WatchState(
        alive=alive, last=last, late=late, stored_today=4, unfinished=3, noted_down=noted
    )


def test_a_watcher_at_work_tells_of_its_folders_and_what_is_on_the_way() -> None:
    last = heartbeat(folders=("/in", "/b"), gone=("/b",), error_at=NOW, error="the shop is away")
    told = state(alive=True, last=last)
    first, *others = told.sentences()
    assert told.at_work
    assert first.startswith("watching 2 folders since ")
    assert first.endswith(", 4 stored today, 5 waiting")
    assert others[0] == "/b is gone: watched again when it is back"
    assert others[1].endswith(": the shop is away")


def test_a_watcher_that_does_not_move_is_not_at_work() -> None:
    told = state(alive=True, last=heartbeat(), late=True)
    assert not told.at_work
    assert "has not moved since" in list(told.sentences())[1]


def test_a_watcher_that_has_said_nothing_is_starting() -> None:
    told = state(alive=True, last=None)
    assert (told.starting, told.at_work) == (True, False)
    assert list(told.sentences()) == ["a watcher is starting"]
    assert told.document()["watcher"] is None


def test_a_watcher_that_died_is_told_of_and_is_nobody_in_the_document() -> None:
    told = state(alive=False, last=heartbeat())
    assert not told.at_work
    assert next(told.sentences()).startswith("no watcher runs: the one that started ")
    assert told.document()["watcher"] is None


def test_shots_that_wait_are_told_of_though_nobody_watches() -> None:
    assert list(state(alive=False, last=None).sentences()) == []
    (one,) = state(alive=False, last=None, noted=1).sentences()
    (two,) = state(alive=False, last=None, noted=2).sentences()
    assert one.startswith("1 shot is noted down")
    assert two.startswith("2 shots are noted down")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose service is installed and whose watcher lives."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    unit = tmp_path / "config" / UNIT
    unit.parent.mkdir(parents=True)
    unit.touch()
    home = tmp_path / "home"
    with one_watcher(home):
        yield home


@pytest.mark.skipif(sys.platform != "linux", reason="systemd's part")
@pytest.mark.parametrize(
    ("silent", "status"),
    [(timedelta(seconds=1), 0), (timedelta(minutes=10), 1), (None, 1)],
    ids=["at work", "stuck", "starting"],
)
def test_the_exit_status_says_whether_photographs_are_being_taken_in(
    home: Path, silent: timedelta | None, status: int
) -> None:
    if silent is not None:
        heartbeat(datetime.now(UTC) - silent, pid=os.getpid()).write(home)
    told = CliRunner().invoke(service, ["status", "--home", str(home)], standalone_mode=False)
    assert told.return_value == status
    assert told.output.startswith("the service is installed\n")
