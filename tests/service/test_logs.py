"""Logs of what runs unattended: one line a photograph, JSON in a file, nothing that blocks."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.ledger.sqlite import open_ledger
from pipeline.lifecycle import Reason
from pipeline.service import logs
from pipeline.service.logs import LogObserver, logging_to
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
    with logging_to(tmp_path, "watch", terminal=False):
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
    with logging_to(tmp_path, "watch", terminal=False):
        observer.ended(replace(refused, reason=Reason.NOT_FOR_UPLOAD))
    assert lines(tmp_path) == []
    assert observer.last_error is None


def test_what_is_remembered_of_lines_is_bounded(
    tmp_path: Path, refused: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "REMEMBERED", 10)
    observer = LogObserver()
    with logging_to(tmp_path, "watch", terminal=False):
        for number in [*range(11), 10, 1, 0]:
            observer.ended(replace(refused, id=str(number)))
    told = [int(line["photograph"]) for line in lines(tmp_path)]
    assert told == [*range(11), 0], "only the first was forgotten, and is told of again"


def test_the_file_is_rotated_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2_000)
    with logging_to(tmp_path, "watch", terminal=False):
        for number in range(500):
            LogObserver().said(f"line {number}")
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) == 1 + logs.FILES_KEPT
    assert all(file.stat().st_size <= 2_000 for file in files)
    assert lines(tmp_path)[-1]["message"] == "line 499"


def test_a_traceback_goes_into_the_file_whole(tmp_path: Path) -> None:
    with logging_to(tmp_path, "watch", terminal=False):
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
    with logging_to(tmp_path, "watch", terminal=True):
        for number in range(1000):
            observer.said(f"line {number}")
        assert lines(tmp_path)[-1]["message"] == "line 999"
        held.set()
