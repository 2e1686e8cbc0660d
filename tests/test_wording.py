"""Words and numbers for people, and text that can be written whatever a name holds."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.wording import data_size, encodable, moment, pixels, plain, shown, since


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (820_400, "820 kB"),
        (1_000_000, "1.00 MB"),
        (1_254_000, "1.25 MB"),
        (2_000_000_000, "2.0 GB"),
    ],
)
def test_a_size_has_the_unit_that_people_would_take(count: int, text: str) -> None:
    assert data_size(count) == text


def test_a_size_is_as_exact_as_it_is_wanted_and_in_a_unit_that_compares() -> None:
    assert data_size(1_254_000, digits=1) == "1.3 MB"
    assert data_size(820_400.5, digits=1) == "820 kB"
    assert data_size(1_234_567_890, digits=1, largest="MB") == "1234.6 MB"


def test_pixels_are_width_by_height() -> None:
    assert pixels((320, 240)) == "320 × 240"


def test_a_time_is_this_machines() -> None:
    at = datetime(2026, 11, 25, 20, 10, 52, tzinfo=UTC)
    assert moment(at) == at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def test_a_time_of_the_last_days_is_given_as_people_say_it() -> None:
    now = datetime.now(UTC)
    long_ago = now - timedelta(days=30)
    assert since(now) == now.astimezone().strftime("%A %H:%M")
    assert since(long_ago) == long_ago.astimezone().strftime("%Y-%m-%d %H:%M")


def test_a_path_below_the_working_folder_is_shown_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "in" / "a.jpg") == str(Path("in", "a.jpg"))
    assert shown(tmp_path.parent / "a.jpg") == str(tmp_path.parent / "a.jpg")


def test_where_a_service_works_nothing_is_left_out_of_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path.anchor)
    assert shown(tmp_path / "a.jpg") == str(tmp_path / "a.jpg")


def test_signs_that_do_something_to_a_terminal_are_written_out() -> None:
    assert plain("a\x1b[2Jb\n\u202ec.jpg") == "a\\x1b[2Jb\\n\\u202ec.jpg"
    assert plain("Größe 平") == "Größe 平"


def test_a_name_of_any_bytes_can_be_written() -> None:
    path = Path(os.fsdecode(b"gr\xfc\xdfe\n.jpg"))
    assert encodable(path).encode("utf-8") == b"gr\\udcfc\\udcdfe\n.jpg"
    assert shown(path) == "gr\\udcfc\\udcdfe\\n.jpg"
    assert encodable(Path("größe.jpg")) == "größe.jpg"
