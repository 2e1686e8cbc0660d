"""What a run shows while it works."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from pipeline.cli.display import (
    LiveProgress,
    PlainProgress,
    progress_for,
    reading_shown,
    working_shown,
)
from pipeline.values import Photo
from tests.report.photos import photo
from tests.stories.commands import until


@pytest.fixture
def refused() -> Photo:
    return photo("/in/158_1.jpg", "refused", "the file is empty")


def test_a_line_is_written_once_however_often_it_is_tried(refused: Photo) -> None:
    with closing(io.StringIO()) as out:
        shows = PlainProgress(Console(file=out, width=40))
        for _ in range(3):
            shows.ended(refused)
        assert out.getvalue() == "refused  /in/158_1.jpg: the file is empty\n"


def test_a_sentence_does_nothing_to_a_terminal() -> None:
    with closing(io.StringIO()) as out:
        PlainProgress(Console(file=out)).said("[bold]a\x1b[2Jb")
        assert out.getvalue() == "[bold]a\\x1b[2Jb\n"


@pytest.fixture
def live() -> LiveProgress:
    console = Console(file=io.StringIO())
    return LiveProgress(console, Progress(TextColumn(""), console=console))


def test_a_live_line_counts_what_is_done_sent_and_in_hand(
    live: LiveProgress, refused: Photo
) -> None:
    assert live.line(79) == "0 done"
    live.found(2)
    assert live.line(79) == "0 of 2 found so far"
    live.found_all()
    live.began(Path("/in/a.jpg"), "checking")
    live.began(refused.path, "checking")
    live.progress(Path("/in/a.jpg"), 1_500_000, 3_000_000)
    live.ended(refused)
    assert live.line(79) == "1 of 2  1 refused  1.50 MB sent  a.jpg sending 50 %"


def test_files_with_which_nothing_is_to_be_done_count_as_done(live: LiveProgress) -> None:
    live.found(20)
    live.nothing_to_do(20)
    assert live.line(79) == "20 of 20 found so far"


def test_what_has_no_room_is_left_out_from_the_right_and_the_count_never(
    live: LiveProgress, refused: Photo
) -> None:
    live.found(1_234_567)
    live.found_all()
    live.ended(refused)
    live.progress(Path("/in/a_long_name_of_a_file.jpg"), 1_500_000, 3_000_000)
    lines = {width: live.line(width) for width in range(1, 100)}
    assert all(len(line) <= max(width, len("1 of 1,234,567")) for width, line in lines.items())
    assert all(line.startswith("1 of 1,234,567") for line in lines.values())
    assert lines[99].endswith("1.50 MB sent  a_long_name_of_a_file.jpg sending 50 %")
    assert lines[66].endswith("1.50 MB sent  a_lon…le.jpg sending 50 %")
    assert lines[50].endswith("1.50 MB sent")
    assert lines[30].endswith("1 refused")
    assert lines[20] == "1 of 1,234,567"


def test_the_bytes_and_the_trouble_of_many_photographs_are_summed_up_as_they_come(
    live: LiveProgress,
) -> None:
    for number in range(1_000):
        path = f"/in/{number}.jpg"
        for state in ("refused", "failed"):
            live.progress(Path(path), 500, 1_000)
            live.progress(Path(path), 1_000, 1_000)
            live.ended(photo(path, state, "no"))
    assert live.line(79) == "1,000 done  1,000 failed  2.00 MB sent"


def test_of_very_many_photographs_only_the_last_are_remembered(live: LiveProgress) -> None:
    for number in range(3_000):
        live.began(Path(f"/in/{number}.jpg"), "checking")
        live.progress(Path(f"/in/{number}.jpg"), 500, 1_000)
        live.ended(photo(f"/in/{number}.jpg", "refused", "no"))
    assert live.line(79) == "3,000 done  3,000 refused  1.50 MB sent"
    held = [len(what) for what in vars(live).values() if isinstance(what, dict)]
    assert max(held) <= 1_000


def test_what_the_end_tells_in_the_same_place_is_not_told_twice(refused: Photo) -> None:
    with closing(io.StringIO()) as out:
        shows = PlainProgress(Console(file=out, width=40), told_at_end=True)
        shows.ended(refused)
        shows.said("something happened")
        assert out.getvalue() == "something happened\n"


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str], refused: Photo) -> None:
    with progress_for(quiet=True) as shows:
        shows.found(1)
        shows.ended(refused)
        shows.said("something happened")
    assert capsys.readouterr() == ("", "")


def test_without_a_terminal_there_are_lines(
    capsys: pytest.CaptureFixture[str], refused: Photo
) -> None:
    with progress_for(quiet=False) as shows:
        shows.ended(refused)
    assert capsys.readouterr() == ("", "refused  /in/158_1.jpg: the file is empty\n")


def test_how_many_products_have_been_read_is_shown_on_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading_shown(quiet=False) as progress:
        progress(250, 10_000)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    for quiet in (True, False):
        with reading_shown(quiet=quiet) as progress:
            progress(250, 10_000)
        out, err = capsys.readouterr()
        assert out == ""
        assert ("250 of 10,000 products read" in err) == (not quiet)


def test_what_takes_long_shows_what_goes_on_on_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with working_shown("checking our records", after=0):
        pass
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with working_shown("checking our records", after=3600):
        pass
    assert capsys.readouterr() == ("", ""), "it was quick"
    shown: list[str] = []

    def is_shown() -> bool:
        shown.append(capsys.readouterr().err)
        return "checking our records, 0 s" in "".join(shown)

    with working_shown("checking our records", after=0):
        until(is_shown)
