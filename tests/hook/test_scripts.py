from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from pipeline.hook.scripts import SCRIPTS, command_words, script_for


def test_the_command_is_named_by_a_path_that_holds_from_anywhere() -> None:
    assert Path(command_words()[0]).is_absolute()


@pytest.mark.parametrize("program", SCRIPTS)
def test_a_script_holds_the_command_with_its_options(program: str) -> None:
    script = script_for(program, ["--sku", "SM 13"])
    for word in (*command_words(), "hook", "--sku", "SM 13"):
        assert word in script


def test_a_shell_reads_the_words_as_they_are_meant() -> None:
    options = ["--sku", "it's $HOME", '--home="x"']
    (line,) = (
        line for line in script_for("gphoto2", options).splitlines() if line.startswith("exec ")
    )
    assert shlex.split(line) == ["exec", *command_words(), "hook", *options]


def test_the_script_for_windows_ends_its_lines_as_windows_does() -> None:
    script = script_for("digicamcontrol")
    assert script.count("\r\n") == script.count("\n") > 0
    assert "\r" not in script_for("gphoto2")
