"""Long answers page, on a terminal alone; a pager that is left early is no error."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.screens import Terminal, on_a_screen
from tests.stories.commands import Command, photograph

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")

needs_less = pytest.mark.skipif(shutil.which("less") is None, reason="there is no less")

NUMBER = 40


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A command whose ledger holds more photographs than a screen has lines."""
    folder = tmp_path_factory.mktemp("long")
    for number in range(NUMBER):
        photograph(folder / "nobody" / f"{number:02}.jpg", number, (32, 32))
    with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
        command = Command(folder / "home", store, plain_ids=False)
        command.environment.pop("PAGER", None)
        command.environment.pop("LESS", None)
        command("run", folder / "nobody").well()
        yield command


def noting(file: Path) -> Mapping[str, str]:
    """Have a pager that writes down that it was called, and with what."""
    return {"PIPELINE_PAGER": f"sh -c 'cat >{file}'"}


def test_a_long_answer_pages_and_is_whole(pipeline: Command, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    for arguments, least in ((("list",), NUMBER), (("config", "show"), 30)):
        terminal = on_a_screen(pipeline, *arguments, environment=noting(seen))
        assert terminal.process.returncode == 0
        assert terminal.raw == b"", "the pager has the terminal"
        assert len(seen.read_text("utf-8").splitlines()) > least
        seen.unlink()


def test_a_short_one_does_not(pipeline: Command, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    for arguments in (("status",), ("history", "07.jpg"), ("list", "--state", "failed")):
        assert len(on_a_screen(pipeline, *arguments, environment=noting(seen)).lines) > 0
    whole = on_a_screen(pipeline, "list", lines=200, environment=noting(seen))
    assert sum("waiting" in line for line in whole.lines) == NUMBER
    assert not seen.exists()


@pytest.mark.parametrize(
    "how",
    [
        ("list", "--no-pager"),
        ("--no-pager", "list"),
        {"PIPELINE_PAGER": ""},
        {"PAGER": "cat"},
        {"PIPELINE_PAGER": "there-is-no-such-pager"},
        {"PIPELINE_PAGER": "an 'open quote"},
        {"TERM": "dumb"},
    ],
)
def test_who_wants_none_gets_none(pipeline: Command, how: tuple[str, ...] | dict[str, str]) -> None:
    arguments, environment = (how, {}) if isinstance(how, tuple) else (("list",), how)
    terminal = on_a_screen(pipeline, *arguments, environment=environment)
    assert terminal.process.returncode == 0
    assert sum("waiting" in line for line in terminal.lines) == NUMBER


def test_a_pipe_is_not_paged(pipeline: Command, tmp_path: Path) -> None:
    listed = pipeline("list", environment=noting(tmp_path / "seen")).well()
    assert len(listed.out.splitlines()) == NUMBER + 2
    assert not (tmp_path / "seen").exists()


def test_the_own_variable_goes_before_the_common_one(pipeline: Command, tmp_path: Path) -> None:
    both = {"PAGER": "false", **noting(tmp_path / "seen")}
    on_a_screen(pipeline, "list", environment=both)
    assert (tmp_path / "seen").exists()


@needs_less
def test_less_shows_the_first_screen_and_may_be_left_early(pipeline: Command) -> None:
    with Terminal(pipeline, "list") as terminal:
        terminal.until(lambda: terminal.shown.splitlines()[-1:] == [":"])
        assert terminal.shown.splitlines()[1].startswith("state")
        assert terminal.process.poll() is None
        terminal.type("q")
        assert terminal.end() == 0
    assert b"\x1b[1mstate" in terminal.raw, "styles are kept"
    assert b"Error" not in terminal.raw


def test_a_pager_that_reads_nothing_is_no_error(pipeline: Command) -> None:
    for arguments in (("list",), ("list", "--json"), ("config", "show")):
        terminal = on_a_screen(pipeline, *arguments, environment={"PAGER": "true"})
        assert terminal.process.returncode == 0
        assert terminal.raw == b""


@needs_less
def test_ctrl_c_is_the_pagers(pipeline: Command) -> None:
    """What the command had not said by then is left out, as git does; the pager stays."""
    with Terminal(pipeline, "list") as terminal:
        terminal.until(lambda: terminal.shown.splitlines()[-1:] == [":"])
        terminal.type("\x03")

        def at_the_end() -> bool:
            # What is typed before `less` has seen the Ctrl-C, it throws away.
            terminal.type("G")
            return "(END)" in terminal.shown

        terminal.until(at_the_end)
        terminal.type("q")
        terminal.end()
    assert b"Traceback" not in terminal.raw
