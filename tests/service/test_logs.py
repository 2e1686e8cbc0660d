"""Logs of what runs unattended: one line a photograph, JSON in a file, nothing that blocks."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import Reason, State
from pipeline.service import logs
from pipeline.service.logs import FILE_ALONE, LINES, LogObserver, Shown, logging_to
from pipeline.values import Photo
from tests.makers import ManualClock, arrival


@pytest.fixture
def refused(tmp_path: Path) -> Photo:
    ledger = open_ledger(tmp_path / "ledger.sqlite3", "shop", "watch", ManualClock().now)
    photo = ledger.receive_refused(arrival("/in/158_1.jpg"), Reason.EMPTY, "the file is empty")
    ledger.close()
    return photo


def lines(home: Path) -> list[dict[str, str]]:
    text = (home / "logs" / "watch.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_one_line_a_photograph_however_often_it_is_tried(tmp_path: Path, refused: Photo) -> None:
    observer = LogObserver()
    with logging_to(tmp_path, "watch", FILE_ALONE):
        for _ in range(3):
            observer.ended(refused)
        observer.ended(replace(refused, sentence="the file is empty still"))
    assert [line["message"] for line in lines(tmp_path)] == [
        "refused  /in/158_1.jpg: the file is empty",
        "refused  /in/158_1.jpg: the file is empty still",
    ]
    assert lines(tmp_path)[0]["photograph"] == refused.id
    assert observer.last_error is not None
    assert "empty still" in observer.last_error[1]


def test_a_raw_file_beside_its_picture_is_no_line_and_no_error(
    tmp_path: Path, refused: Photo
) -> None:
    observer = LogObserver()
    with logging_to(tmp_path, "watch", FILE_ALONE):
        observer.ended(replace(refused, reason=Reason.NOT_FOR_UPLOAD))
    assert lines(tmp_path) == []
    assert observer.last_error is None


def test_what_is_remembered_of_lines_is_bounded(
    tmp_path: Path, refused: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "REMEMBERED", 10)
    observer = LogObserver()
    with logging_to(tmp_path, "watch", FILE_ALONE):
        for number in [*range(11), 10, 1, 0]:
            observer.ended(replace(refused, id=str(number)))
    told = [int(line["photograph"]) for line in lines(tmp_path)]
    assert told == [*range(11), 0], "only the first was forgotten, and is told of again"


def test_the_file_is_rotated_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2_000)
    with logging_to(tmp_path, "watch", FILE_ALONE):
        for number in range(500):
            LogObserver().said(f"line {number}")
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) == 1 + logs.FILES_KEPT
    assert all(file.stat().st_size <= 2_000 for file in files)
    assert [file.name for file in files][:2] == ["watch.jsonl", "watch.jsonl.1"]
    assert lines(tmp_path)[-1]["message"] == "line 499"


def test_a_traceback_goes_into_the_file_whole(tmp_path: Path) -> None:
    with logging_to(tmp_path, "watch", FILE_ALONE):
        try:
            raise RuntimeError("a defect")
        except RuntimeError:
            logging.getLogger("pipeline.engine").exception("defect")
    (line,) = lines(tmp_path)
    assert line["level"] == "error"
    assert "RuntimeError: a defect" in line["traceback"]


def test_a_terminal_that_stands_still_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()

    class Still(io.StringIO):
        def write(self, text: str) -> int:
            held.wait(20)
            return super().write(text)

    monkeypatch.setattr(sys, "stderr", Still())
    monkeypatch.setattr(logs, "LINES_WAITING", 100)
    observer = LogObserver()
    with logging_to(tmp_path, "watch", LINES):
        for number in range(1000):
            observer.said(f"line {number}")
        assert lines(tmp_path)[-1]["message"] == "line 999"
        held.set()


def test_the_logs_of_runs_that_ended_are_few_and_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LOGS_KEPT", 10)
    monkeypatch.setattr(logs, "LOGS_BYTES", 4_000)
    folder = tmp_path / "logs"
    folder.mkdir()
    for day in range(10, 30):
        old = folder / f"run-202511{day}-120000-{day}.jsonl"
        old.write_bytes(b"x" * (1_000 if day < 25 else 300))
        os.utime(old, (day * 1000, day * 1000))
    (folder / "watch.jsonl").write_bytes(b"x" * 9_000)
    with logging_to(tmp_path, "run", FILE_ALONE):
        LogObserver().said("here")
    kept = sorted(folder.glob("run-*"))
    assert sum(file.stat().st_size for file in kept) <= 4_000
    assert [file.name[4:12] for file in kept[:-1]] == [f"202511{day}" for day in range(23, 30)]
    assert "here" in kept[-1].read_text("utf-8")
    assert (folder / "watch.jsonl").exists()
    monkeypatch.setattr(logs, "LOGS_KEPT", 3)
    with logging_to(tmp_path, "run", FILE_ALONE):
        pass
    assert len(list(folder.glob("run-*"))) == 3


def test_a_level_that_is_off_costs_no_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def words(path: Path) -> str:
        raise AssertionError("nobody wants to know")

    monkeypatch.setattr(logs, "encodable", words)
    with logging_to(tmp_path, "run", FILE_ALONE):
        LogObserver().began(Path("a.jpg"), "checking")


def test_what_a_run_shows_in_its_own_way_is_no_line_on_the_terminal(
    tmp_path: Path, refused: Photo, capsys: pytest.CaptureFixture[str]
) -> None:
    to_terminal = logging.StreamHandler(sys.stderr)
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    root.handlers[:] = [to_terminal]
    try:
        with logging_to(tmp_path, "run", FILE_ALONE):
            observer = LogObserver()
            observer.warned("said by the display")
            observer.ended(replace(refused, state=State.FAILED))
            logging.getLogger("pipeline.engine").info("no alarm")
            logging.getLogger("pipeline.engine").error("a defect")
    finally:
        root.handlers[:] = before
    assert capsys.readouterr().err == "a defect\n"
    assert to_terminal.filters == []


def test_a_disk_that_takes_no_more_costs_lines_and_not_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 300)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "no space")

    monkeypatch.setattr(Path, "replace", full)
    with logging_to(tmp_path, "watch", FILE_ALONE):
        for number in range(10):
            LogObserver().said(f"line {number}")
    assert lines(tmp_path)[-1]["message"] == "line 9"


def test_the_log_on_a_terminal_can_be_lines_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_to(tmp_path, "watch", Shown(lines=True, steps=True, as_json=True)):
        LogObserver().began(Path("/in/a.jpg"), "checking")
    (shown,) = capsys.readouterr().err.splitlines()
    assert json.loads(shown) == lines(tmp_path)[0]
    assert lines(tmp_path)[0]["level"] == "debug"
