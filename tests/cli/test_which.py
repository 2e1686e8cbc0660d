"""Which files a command takes, as its options say: handed on as they were given."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
from click.testing import CliRunner

from pipeline.cli.which import pattern_options


@click.command()
@pattern_options
def chosen(include: Sequence[str], exclude: Sequence[str]) -> None:
    click.echo(json.dumps([include, exclude]))


def test_patterns_are_given_one_by_one_and_as_often_as_wanted() -> None:
    called = CliRunner().invoke(chosen, ["--exclude", "a", "--include", "*.jpg", "--exclude", "!b"])
    assert json.loads(called.output) == [["*.jpg"], ["a", "!b"]]
    assert json.loads(CliRunner().invoke(chosen).output) == [[], []]
