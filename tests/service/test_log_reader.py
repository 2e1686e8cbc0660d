"""What stands in all logs of a home, the oldest line first, however many files it is in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service import log_reader, logs
from pipeline.service.log_reader import LogLine, Logs
from pipeline.service.logs import FILE_ALONE, LogObserver, logging_to

START = datetime(2026, 11, 28, 9, tzinfo=UTC)


def line(second: int, message: str, **more: object) -> str:
    at = (START + timedelta(seconds=second)).isoformat(timespec="milliseconds")
    return json.dumps({"at": at, "level": "info", "message": message, **more}) + "\n"


def write(home: Path, name: str, *seconds: int) -> None:
    file = home / "logs" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(line(second, f"{name} {second}") for second in seconds), "utf-8")


def seconds(lines: object) -> list[int]:
    assert isinstance(lines, list | tuple)
    return [int(one.facts["message"].split()[-1]) for one in lines if isinstance(one, LogLine)]


def test_files_of_several_logs_are_told_in_the_order_of_time(tmp_path: Path) -> None:
    write(tmp_path, "watch.jsonl.2", 1, 4)
    write(tmp_path, "watch.jsonl.1", 6, 9)
    write(tmp_path, "watch.jsonl", 12)
    write(tmp_path, "run-20261128-090000-7.jsonl", 2, 5, 11)
    write(tmp_path, "background.jsonl", 3, 10)
    (tmp_path / "logs" / "launchd.out").write_text("no log of ours\n")
    (tmp_path / "logs" / "watch.jsonl.tmp").write_text("no log of ours\n")
    everything = Logs(tmp_path)
    assert seconds(list(everything.since(START))) == [1, 2, 3, 4, 5, 6, 9, 10, 11, 12]
    assert seconds(list(everything.since(START + timedelta(seconds=9)))) == [9, 10, 11, 12]
    assert seconds(everything.last(4)) == [9, 10, 11, 12]
    assert seconds(everything.last(100)) == [1, 2, 3, 4, 5, 6, 9, 10, 11, 12]
    assert seconds(Logs(tmp_path, "watch").last(2)) == [9, 12]
    assert not Logs(tmp_path, "hook")


def test_a_line_says_its_version_and_who_wrote_it_also_of_an_earlier_program(
    tmp_path: Path,
) -> None:
    write(tmp_path, "run-20261128-090000-7.jsonl", 1)
    (one,) = Logs(tmp_path).last(1)
    assert (one.facts["version"], one.facts["command"]) == (1, "run")


def test_what_is_no_whole_line_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "watch.jsonl", 1, 2)
    with (tmp_path / "logs" / "watch.jsonl").open("ab") as file:
        file.write(b'\x00\x00\xff\n[]\n{"at": 3}\n{"at": "2026-11-28T09:00:03')
    assert seconds(Logs(tmp_path).last(10)) == [1, 2]
    assert seconds(list(Logs(tmp_path).since(START))) == [1, 2]


@given(
    logs_of=st.lists(st.lists(st.integers(0, 50), max_size=30).map(sorted), max_size=4),
    number=st.integers(1, 40),
    block=st.integers(1, 400),
)
def test_the_last_lines_are_the_end_of_all_lines(
    tmp_path_factory: pytest.TempPathFactory, logs_of: list[list[int]], number: int, block: int
) -> None:
    home = tmp_path_factory.mktemp("home")
    for at, times in enumerate(logs_of):
        write(home, f"run-20261128-09000{at}-7.jsonl", *times)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_reader, "BLOCK", block)
        last = seconds(Logs(home).last(number))
    assert last == seconds(list(Logs(home).since(START)))[-number:]


def test_what_is_added_later_is_told_once_also_where_files_are_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2_000)
    told: list[int] = []
    with logging_to(tmp_path, "watch", FILE_ALONE):
        LogObserver().said("before 0")
        following = Logs(tmp_path)
        for number in range(1, 60):
            LogObserver().said(f"line {number}")
            if number % 7 == 0:
                told += seconds(following.added())
    told += seconds(following.added())
    assert told == list(range(1, 60))
    assert following.added() == []
    with logging_to(tmp_path, "run", FILE_ALONE):
        LogObserver().said("line 60")
    assert seconds(following.added()) == [60]
