"""Which files a command takes, as its options say: handed on as they were given."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pipeline.cli.which import (
    newer_date_option,
    newer_option,
    paths_in,
    pattern_options,
)
from pipeline.intake import NewerThan


@click.command()
@pattern_options
def chosen(include: Sequence[str], exclude: Sequence[str]) -> None:
    click.echo(json.dumps([include, exclude]))


@click.command()
@newer_option
def newer(newer_than: NewerThan | None) -> None:
    click.echo("all" if newer_than is None else f"{newer_than.at} {newer_than.said}")


@click.command()
@newer_date_option
def newer_date(newer_than: NewerThan | None) -> None:
    click.echo("all" if newer_than is None else newer_than.said)


@pytest.mark.parametrize(
    "text", ["", "soon", "last week", "2026-13-01", "2", "-2h", "1e9h", "999999w", "last-run"]
)
def test_what_is_no_moment_is_told_with_what_would_be_right(text: str) -> None:
    called = CliRunner().invoke(newer, ["--newer-than", text])
    assert called.exit_code == 2
    assert "2026-11-01" in called.output


def test_the_moment_is_told_in_words() -> None:
    at = int(datetime(2026, 11, 1).astimezone().timestamp())
    called = CliRunner().invoke(newer, ["--newer-than", "2026-11-01"])
    assert called.output == f"{at}000000000 2026-11-01 00:00\n"
    assert CliRunner().invoke(newer).output == "all\n"


@pytest.mark.parametrize("text", ["2h", "today", "Yesterday", "3 d"])
def test_a_watcher_takes_only_a_moment_that_stays_the_same(text: str) -> None:
    called = CliRunner().invoke(newer_date, ["--newer-than", text])
    assert called.exit_code == 2
    assert "at every start" in called.output
    told = CliRunner().invoke(newer_date, ["--newer-than", "2026-11-01"])
    assert told.output == "2026-11-01 00:00\n"


@pytest.mark.parametrize(
    ("content", "null", "paths"),
    [
        (b"a.jpg\nb c.jpg\n", False, ["a.jpg", "b c.jpg"]),
        (b"a.jpg\r\n\r\nb.jpg", False, ["a.jpg", "b.jpg"]),
        (b"\xef\xbb\xbfa.jpg\n", False, ["a.jpg"]),
        ("SM-13\\x.jpg\r\nb.jpg\r\n".encode("utf-16"), False, ["SM-13\\x.jpg", "b.jpg"]),
        (b"a\nb.jpg\0c.jpg\0", False, ["a\nb.jpg", "c.jpg"]),
        (b"a\nb.jpg", True, ["a\nb.jpg"]),
        (b"", False, []),
        (b"caf\xe9.jpg\n", False, [os.fsdecode(b"caf\xe9.jpg")]),
    ],
)
def test_a_list_has_a_path_a_line_or_nuls_between(
    content: bytes, null: bool, paths: Sequence[str]
) -> None:
    assert paths_in(content, null=null) == [Path(path) for path in paths]


def test_patterns_are_given_one_by_one_and_as_often_as_wanted() -> None:
    called = CliRunner().invoke(chosen, ["--exclude", "a", "--include", "*.jpg", "--exclude", "!b"])
    assert json.loads(called.output) == [["*.jpg"], ["a", "!b"]]
    assert json.loads(CliRunner().invoke(chosen).output) == [[], []]
