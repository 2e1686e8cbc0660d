"""What a run shows while it works."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from pipeline.cli.display import LiveProgress, PlainProgress, progress_for, reading_shown
from pipeline.values import Photo
from tests.report.photos import photo


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


def test_a_live_display_counts_what_is_done_sent_and_in_hand(refused: Photo) -> None:
    console = Console(file=io.StringIO())
    progress = Progress(TextColumn("{task.fields[sent]}"), console=console)
    task = progress.add_task("photographs", total=None, sent="", hand="")
    shows = LiveProgress(console, progress, task)
    shows.found(2)
    shows.began(Path("/in/a.jpg"), "checking")
    shows.began(refused.path, "checking")
    shows.progress(Path("/in/a.jpg"), 1_500_000, 3_000_000)
    shows.ended(refused)
    (state,) = progress.tasks
    assert (state.total, state.completed) == (2, 1)
    assert state.fields == {"sent": "1.50 MB sent, 1 refused", "hand": "a.jpg sending 50 %"}


def test_the_bytes_and_the_trouble_of_many_photographs_are_summed_up_as_they_come() -> None:
    console = Console(file=io.StringIO())
    progress = Progress(TextColumn("{task.fields[sent]}"), console=console)
    shows = LiveProgress(console, progress, progress.add_task("", total=None, sent="", hand=""))
    for number in range(1_000):
        path = f"/in/{number}.jpg"
        for state in ("refused", "failed"):
            shows.progress(Path(path), 500, 1_000)
            shows.progress(Path(path), 1_000, 1_000)
            shows.ended(photo(path, state, "no"))
    (task,) = progress.tasks
    assert task.fields["sent"] == "1.00 MB sent, 1000 failed"


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
        assert ("250/10000" in err) == (not quiet)
