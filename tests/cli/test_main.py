"""The group of all commands, loaded when they are called, and the one place of exit statuses."""

from __future__ import annotations

import os

import click
import pytest

from pipeline.cli.main import commands
from tests.cli.conftest import Studio


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


def test_version_and_help(studio: Studio) -> None:
    assert studio.pipeline("--version").well().out.startswith("pipeline, version ")
    shown = studio.pipeline("--help").well().out
    for command in ("run", "status", "list", "history", "images", "store", "doctor", "config"):
        assert command in shown
        assert studio.pipeline(command, "--help").well().out.startswith("Usage: ")


def test_a_command_that_is_not_there_is_a_wrong_call(studio: Studio) -> None:
    run = studio.pipeline("nonsense")
    assert run.status == 2
    assert "No such command" in run.err


def test_a_fault_point_that_is_not_there_is_told_before_anything_begins(studio: Studio) -> None:
    run = studio.pipeline("status", environment={"PIPELINE_FAULT_POINTS": "nonsense"})
    assert run.status == 2
    assert run.err.startswith("pipeline: ")


@pytest.mark.skipif(os.name == "nt", reason="no such pipe there")
def test_whoever_reads_no_further_gets_no_complaint(studio: Studio) -> None:
    process = studio.pipeline.start("list", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process, process.stderr:
        assert process.stderr.read() == ""
