"""What every command takes, read off Click's commands."""

from __future__ import annotations

import click

from pipeline.cli.description import all_commands, described


def test_every_command_is_there_with_the_words_that_call_it() -> None:
    found = {" ".join(words): command for words, command in all_commands()}
    assert isinstance(found[""], click.Group)
    assert {"run", "ledger check", "images list", "config show"} <= set(found)


def test_what_is_hidden_is_not_told() -> None:
    names = {name for one in described()["hook"]["options"] for name in one["names"]}
    assert "--wait" in names
    assert not {"--background", "--lock"} & names
