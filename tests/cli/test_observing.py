"""What goes on in a run, shown to whoever started it and written into the run's log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli.display import RunObserver
from pipeline.cli.observing import observing
from pipeline.engine import Observer
from pipeline.errors import ConfigError
from pipeline.service.logs import LINES, Shown
from tests.report.photos import stored_photo


def messages(home: Path) -> list[str]:
    """Return what stands in the one log of a home."""
    (file,) = (home / "logs").iterdir()
    return [json.loads(line)["message"] for line in file.read_text("utf-8").splitlines()]


def test_what_is_shown_stands_in_the_log_too_and_what_is_noted_only_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with observing(tmp_path, "run") as observer:
        observer.found(1)
        observer.began(Path("/in/a.jpg"), "checking")
        observer.progress(Path("/in/a.jpg"), 1, 2)
        observer.ended(stored_photo("/in/a.jpg"))
        observer.said("a link")
        observer.warned("a warning")
        observer.noted("1 found")
    begun, stored, *others = messages(tmp_path)
    assert begun.startswith("begun: version ")
    assert others == ["a link", "a warning", "1 found", "ended"]
    assert capsys.readouterr().err.splitlines() == [stored, "a link", "a warning"]


@pytest.mark.parametrize("shown", [LINES, Shown(lines=True, as_json=True)])
def test_whoever_sees_the_log_has_no_other_display(
    shown: Shown, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with observing(tmp_path, "run", shown=shown, plain=True) as observer:
        observer.said("a link")
    assert capsys.readouterr().err.count("a link") == 1


def test_how_it_ended_is_the_last_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError), observing(tmp_path / "wrong", "run", quiet=True):
        raise ConfigError("no shop is set")
    assert messages(tmp_path / "wrong")[-1] == "ended: no shop is set"
    with pytest.raises(KeyboardInterrupt), observing(tmp_path / "stopped", "run", quiet=True):
        raise KeyboardInterrupt
    assert messages(tmp_path / "stopped")[-1] == "ended: interrupted"


def test_a_rehearsal_leaves_no_log(tmp_path: Path) -> None:
    with observing(None, "run", quiet=True) as observer:
        observer.said("a link")
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_a_display_is_told_is_lost_on_the_way(tmp_path: Path) -> None:
    told = {name for kind in (Observer, RunObserver) for name in vars(kind) if name[0] != "_"}
    with observing(tmp_path, "run", quiet=True) as observer:
        assert told == {name for name in vars(type(observer)) if name[0] != "_"}
