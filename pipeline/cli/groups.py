"""Groups of commands: `help` before a command, and what is meant where there is none of a name."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import click

__all__ = ["Group", "write_commands"]

_ANY_LENGTH: Final = 1_000

_HELP: Final = "help"

_NEAR: Final = 0.6
"""How alike a word and a name must be, of 1, for the one to be a slip of the other."""


class Group(click.Group):
    """A group that helps where a word is not one of its commands.

    `help` before a command is what `--help` is behind it.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `help COMMAND` for `COMMAND --help`."""
        if args[:1] == [_HELP]:
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command.

        Raises:
            click.UsageError: there is none of that name; says which is meant.
        """
        word = args[0]
        names = self.list_commands(ctx)
        if word not in names and not word.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(_no_command(_called(ctx), word, names), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the first sentence of each command's help, whole."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        write_commands(
            formatter,
            [
                (name, one.get_short_help_str(_ANY_LENGTH))
                for name, one in commands.items()
                if one is not None and not one.hidden
            ],
        )


def write_commands(formatter: click.HelpFormatter, rows: Sequence[tuple[str, str]]) -> None:
    """Write commands and what they do, on two lines where one has no room.

    Half of a sentence says something else, or nothing.
    """
    with formatter.section("Commands"):
        formatter.write_dl(rows)


def _called(ctx: click.Context) -> str:
    """Return what a person calls the command, however this process was started."""
    if ctx.parent is None:
        return "pipeline"
    return f"{_called(ctx.parent)} {ctx.info_name}"


def _no_command(before: str, word: str, names: list[str]) -> str:
    near = get_close_matches(word.lower(), names, n=1, cutoff=_NEAR)
    if near:
        return f"there is no command {word!r}: is `{before} {near[0]}` meant?"
    if "run" in names and Path(word).exists():
        there = shlex.quote(word)
        return (
            f"{word!r} is a file or folder, not a command: `{before} names {there}` shows what "
            f"would become of it, `{before} run {there}` brings it into the shop"
        )
    return f"there is no command {word!r}: `{before} --help` lists them"
