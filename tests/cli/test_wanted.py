"""The options by which photographs are chosen, as one value."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pipeline.cli.wanted import absolute, wanted_options
from pipeline.lifecycle import Reason, State
from pipeline.wanted import ALL, Wanted


@click.command()
@wanted_options
def asked(wanted: Wanted) -> Wanted:
    return wanted


def wanted_of(*words: str) -> object:
    return CliRunner().invoke(asked, words, standalone_mode=False).return_value


def test_no_option_means_all() -> None:
    assert wanted_of() == ALL


def test_each_option_is_a_condition() -> None:
    words = ("--state", "failed", "--reason", "defect", "--since", "2026-11-01T00:00Z")
    assert wanted_of(*words, "--sku", "SM-13", "--path", "/in/../a") == Wanted(
        states=frozenset({State.FAILED}),
        reason=Reason.DEFECT,
        since=datetime(2026, 11, 1, tzinfo=UTC),
        within=absolute(Path("/a")),
        sku="SM-13",
    )


@pytest.mark.parametrize("words", [("--since", "soon"), ("--product", "0"), ("--state", "new")])
def test_what_makes_no_sense_is_refused(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(asked, words).exit_code == 2
