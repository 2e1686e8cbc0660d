"""What every command takes, read off Click's commands: as a table, and as pages for people.

`commands.json` is the table, from which a shell's questions are answered without loading any
command; a test holds it to what is said here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import click

from pipeline.cli.main import commands
from pipeline.report.schemas import Document, commands_of
from pipeline.settings import SETTINGS

__all__ = ["all_commands", "described"]

_BY_NAME: Final = {
    "sku": "sku",
    "--sku": "sku",
    "--product": "product",
    "product": "product",
    "--shop": "shop",
    "--since": "moment",
    "--newer-than": "moment",
}
"""What an option or an argument of this name takes, where its type does not say."""


def all_commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Return the program and all its commands, each with the words that call it, as in the help."""
    yield from _below((), commands)


def described() -> dict[str, Any]:
    """Return the table of all commands, by the words that call them."""
    return {" ".join(words): _described(words, command) for words, command in all_commands()}


def _below(
    words: tuple[str, ...], command: click.Command
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                yield from _below((*words, name), found)


def _described(words: tuple[str, ...], command: click.Command) -> dict[str, Any]:
    context = click.Context(command, info_name="pipeline", help_option_names=["-h", "--help"])
    parameters = command.get_params(context)
    return {
        "about": command.get_short_help_str(70),
        "commands": command.list_commands(context) if isinstance(command, click.Group) else [],
        "options": [
            {
                "names": [*one.opts, *one.secondary_opts],
                "value": None if one.is_flag or one.count else _value(words, one, one.opts[-1]),
                "about": (one.help or "").partition(". ")[0].rstrip("."),
            }
            for one in parameters
            if isinstance(one, click.Option) and not one.hidden
        ],
        "arguments": [
            {"value": _value(words, one, str(one.name)), "many": one.nargs == -1}
            for one in parameters
            if isinstance(one, click.Argument)
        ],
    }


def _value(words: tuple[str, ...], parameter: click.Parameter, name: str) -> dict[str, Any]:
    """Return what completes the value of an option or an argument."""
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return {"kind": "choice", "of": [str(one) for one in kind.choices]}
    if isinstance(kind, click.Path):
        return {"kind": "file" if kind.file_okay else "folder"}
    if isinstance(kind, click.File):
        return {"kind": "file"}
    if words[:1] == ("config",) and name in ("name", "names", "setting"):
        return {"kind": "choice", "of": list(SETTINGS)}
    if words[:1] in (("shop",), ("login",), ("logout",)) and name == "name":
        return {"kind": "shop"}
    if words == ("schema",):
        named = {*Document, *(words for one in Document for words in commands_of(one))}
        return {"kind": "choice", "of": sorted(one for one in named if " " not in one)}
    if words == ("history",):
        return {"kind": "name"}
    return {"kind": _BY_NAME.get(name, "text")}
