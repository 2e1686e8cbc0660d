"""The group of all commands, loaded when they are called, and the one place of exit statuses."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import click
import pytest

from pipeline.cli.main import ASKING, COMMANDS, commands
from tests.cli.conftest import Studio
from tests.stories.commands import photograph


def test_every_command_of_the_group_can_be_loaded_and_says_what_it_does() -> None:
    context = click.Context(commands)
    names = commands.list_commands(context)
    assert {"run", "watch", "hook", "table", "retry", "verify", "ledger"} <= set(names)
    for name in names:
        command = commands.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help
    assert commands.get_command(context, "nonsense") is None


def test_the_table_of_commands_says_of_each_what_the_command_says_of_itself() -> None:
    context = click.Context(commands)
    for name, (_, about) in COMMANDS.items():
        command = commands.get_command(context, name)
        assert command is not None
        assert (command.help or "").partition("\n\n")[0].replace("\n", " ") == about
        assert not command.hidden
    assert set(COMMANDS) >= ASKING


def test_a_command_that_is_loaded_has_its_garbage_collected() -> None:
    try:
        for name in COMMANDS:
            gc.disable()
            commands.get_command(click.Context(commands), name)
            assert gc.isenabled(), name
    finally:
        gc.enable()


def test_version_and_help(studio: Studio) -> None:
    assert studio.pipeline("--version").well().out.startswith("pipeline, version ")
    shown = studio.pipeline("--help").well().out
    for command in ("run", "status", "list", "history", "images", "store", "doctor", "config"):
        assert command in shown
        assert studio.pipeline(command, "--help").well().out.startswith("Usage: ")


def test_a_command_that_is_not_there_is_a_wrong_call(studio: Studio) -> None:
    run = studio.pipeline("nonsense")
    assert run.status == 2
    assert "there is no command 'nonsense'" in run.err


def test_a_fault_point_that_is_not_there_is_told_before_anything_begins(studio: Studio) -> None:
    run = studio.pipeline("status", environment={"PIPELINE_FAULT_POINTS": "nonsense"})
    assert run.status == 2
    assert run.err.startswith("pipeline: ")


@pytest.mark.skipif(os.name == "nt", reason="no such pipe there")
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("list",), 0),
        (("list", "--json"), 0),
        (("status",), 0),
        (("history", "nonsense.jpg"), 1),
    ],
)
def test_whoever_reads_no_further_gets_no_complaint(
    studio: Studio, words: tuple[str, ...], status: int
) -> None:
    process = studio.pipeline.start(*words)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process, process.stderr:
        said = process.stderr.read()
    assert process.returncode == status
    assert said == "" or (status and said.startswith("pipeline: "))


@pytest.mark.skipif(os.name == "nt", reason="no such pipe there")
def test_a_run_whose_words_nobody_reads_any_more_goes_on(studio: Studio, tmp_path: Path) -> None:
    for number in range(3):
        photograph(tmp_path / "158" / f"{number}.jpg", number)
    photograph(tmp_path / "158" / "broken.jpg").write_bytes(b"")
    process = studio.pipeline.start("run", tmp_path / "158")
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
    assert process.wait(60) == 1, "one is refused, as ever"
    assert studio.pipeline("status", "--json").document["counts"]["stored"] == 3
