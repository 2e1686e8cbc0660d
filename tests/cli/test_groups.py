"""Whoever mistypes a command, or asks for help in another way, is told what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.main import COMMANDS
from tests.stories.commands import Command


@pytest.fixture
def pipeline(tmp_path: Path) -> Command:
    return Command(tmp_path / "home")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("runn", "photos"), "`pipeline run`"),
        (("Status",), "`pipeline status`"),
        (("hisotry", "SM-13"), "`pipeline history`"),
        (("shop", "lst"), "`pipeline shop list`"),
        (("service", "instal"), "`pipeline service install`"),
    ],
)
def test_a_slip_in_a_command_is_told_with_the_one_that_is_meant(
    pipeline: Command, typed: tuple[str, ...], meant: str
) -> None:
    run = pipeline(*typed)
    assert (run.status, run.out) == (2, "")
    assert f"is {meant} meant?" in run.err


def test_what_is_like_no_command_is_told_where_they_stand(pipeline: Command) -> None:
    run = pipeline("upload-everything")
    assert run.status == 2
    assert "`pipeline --help` lists them" in run.err


def test_a_folder_in_the_place_of_a_command_is_told_which_two_take_it(
    pipeline: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "Fotos 2026-11"
    folder.mkdir()
    run = pipeline(folder, "run")
    assert run.status == 2
    assert f"`pipeline names '{folder}'`" in run.err
    assert f"`pipeline run '{folder}'`" in run.err


@pytest.mark.parametrize("words", [(), ("run",), ("shop", "add")])
def test_help_before_a_command_is_the_help_of_that_command(
    pipeline: Command, words: tuple[str, ...]
) -> None:
    assert pipeline("help", *words).well().out == pipeline(*words, "--help").well().out


def test_the_list_of_commands_says_whole_sentences(pipeline: Command) -> None:
    for words in ((), ("shop",), ("images",), ("ledger",)):
        listed = pipeline(*words, "--help").well().out.partition("Commands:")[2]
        assert listed
        assert "..." not in listed
    shown = " ".join(pipeline("--help").well().out.split())
    for _, about in COMMANDS.values():
        assert about in shown
