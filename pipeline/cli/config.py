"""`pipeline config`: what is in force and from where, and the settings file changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from pipeline.cli.groups import Group
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import json_document, loaded, print_json, say_aside, shop_options
from pipeline.cli.pager import pages
from pipeline.cli.terminal import say, say_styled
from pipeline.errors import ConfigError
from pipeline.report.schemas import Document
from pipeline.setting_kinds import Secret, WrongValue, texts
from pipeline.setting_sources import Source, SourceKind
from pipeline.setting_words import unknown_name, written
from pipeline.settings import ENVIRONMENT, SETTINGS, judge_file, settings_file
from pipeline.settings_file import (
    begin_draft,
    change_settings,
    parsed_settings,
    read_settings,
    replace_settings,
    settings_text,
)

__all__ = ["config"]

_TOKEN: Final = "access_token"  # noqa: S105 - its name

_IN_THE_FILE: Final = Source(SourceKind.FILE)


@click.group(cls=Group)
def config() -> None:
    """Look at the settings, and change them."""


@config.command()
@json_document
@shop_options
@common_options
@pages
def show(as_json: bool, **flags: object) -> int:
    """Show every setting, its value and where it came from; the token is masked."""
    force = loaded(flags)
    values = {name: _masked(getattr(force.settings, name)) for name in SETTINGS}
    if as_json:
        document = {
            name: {"value": value, "source": str(force.sources[name])}
            for name, value in values.items()
        }
        print_json(Document.SETTINGS, document)
        return EXIT_OK
    widest = max(len(name) for name in values)
    for name, value in values.items():
        source = force.sources[name]
        hint = f"{source}; {ENVIRONMENT[name]}" if source.kind is SourceKind.DEFAULT else source
        shown = _shown(value)
        about = f"  ({hint})  {SETTINGS[name].description}"
        row = f"{name:<{widest}}  {shown:<12}"
        say_styled((row, "plain"), (about, "faint"), indent=widest + 2, cut=True)
    return EXIT_OK


@config.command()
@common_options
def path(**flags: object) -> int:
    """Print where the settings file is, or would be."""
    say(str(_file(flags)))
    return EXIT_OK


@config.command()
@click.argument("name")
@shop_options
@common_options
def get(name: str, **flags: object) -> int:
    """Print the value of one setting.

    It is the one in force, wherever it comes from; of a list a line each. One that is not set
    prints nothing, and ends with 1. The token is masked.
    """
    _refuse_unknown(name)
    value = _masked(getattr(loaded(flags).settings, name))
    if value is None:
        say_aside(f"pipeline: {name} is not set")
        return EXIT_TROUBLE
    if isinstance(value, bool):
        value = str(value).lower()
    for one in value if isinstance(value, list) else [value]:
        say(str(one))
    return EXIT_OK


@config.command("set")
@click.argument("name")
@click.argument("values", metavar="VALUE...", nargs=-1, required=True)
@common_options
def set_(name: str, values: Sequence[str], **flags: object) -> int:
    """Write one setting into the settings file.

    A list may have several VALUEs. What else stands in the file stays as it is, comments too. A
    value that is wrong is not written.
    """
    _refuse_unknown(name)
    if name == _TOKEN:
        raise click.UsageError(
            "a token on a command line stays in the shell's history, and other users of this "
            "machine see it: `pipeline login` asks for it"
        )
    if name == "home":
        raise click.UsageError(
            "the home folder cannot stand in the file that lies in it: give --home, or set "
            "PIPELINE_HOME"
        )
    about = SETTINGS[name]
    example = f"For example: pipeline config set {name} {_as_words(about.example)}"
    if len(values) > 1 and about.kind is not texts:
        raise click.UsageError(f"{name} has one value, and here are {len(values)}. {example}")
    try:
        value = about.kind(list(values) if len(values) > 1 else values[0])
    except WrongValue as error:
        raise ConfigError(
            f"{name} is not changed: {error} ({about.description}). {example}"
        ) from None
    # A path that begins with ~ is for whoever reads it.
    kept = values[0] if isinstance(value, Path) and values[0].startswith("~") else value
    file = _file(flags)
    values_now = read_settings(file)
    _refuse_to_break(values_now, {**values_now, name: kept}, file)
    change_settings(file, {name: kept})
    line = written(name, kept, _IN_THE_FILE)
    say(f"{line}  (written into {file})")
    if os.environ.get(ENVIRONMENT[name]):
        say_aside(
            f"pipeline: in this shell {ENVIRONMENT[name]} is set, which is over the settings file"
        )
    return EXIT_OK


@config.command()
@click.argument("name")
@common_options
def unset(name: str, **flags: object) -> int:
    """Take one setting out of the settings file.

    From then on its default holds.
    """
    file = _file(flags)
    values = read_settings(file)
    if not _stands_in(values, name):
        if name.partition(".")[0] not in SETTINGS:
            raise click.UsageError(unknown_name(name, SETTINGS))
        say_aside(f"pipeline: {name} does not stand in {file}")
        return EXIT_OK
    _refuse_to_break(values, {one: values[one] for one in values if one != name}, file)
    change_settings(file, {name: None})
    say(f"{name} is taken out of {file}")
    return EXIT_OK


@config.command()
@common_options
def edit(**flags: object) -> int:
    """Open the settings file in your editor.

    It is a copy that is opened, by $VISUAL or $EDITOR, and taken over if it is right. Where
    something in it is wrong, that is said, the settings stay as they were, and the copy is there
    the next time.
    """
    file = _file(flags)
    before = settings_text(file)
    draft = file.with_name(f"{file.stem}.draft{file.suffix}")
    if draft.exists():
        say_aside(f"pipeline: this goes on with {draft}; delete it to begin anew")
    else:
        begin_draft(draft, _all_as_comments() if before is None else before)
    while True:
        _open(draft)
        text = settings_text(draft)
        if text is None:
            raise ConfigError(f"{draft} is gone: {file} is as it was")
        try:
            judge_file(parsed_settings(text, draft), draft)
            break
        except ConfigError as error:
            if not sys.stdin.isatty():
                raise ConfigError(f"{error}. {_kept_as_it_was(file, draft)}") from error
            say(f"pipeline: {error}", err=True)
            if not click.confirm("Change it?", default=True, err=True):
                say(_kept_as_it_was(file, draft), err=True)
                return EXIT_TROUBLE
    if text == before or (before is None and text == _all_as_comments()):
        say("Nothing was changed")
    else:
        replace_settings(file, text, before=before)
        say(f"Written: {file}")
    draft.unlink(missing_ok=True)
    return EXIT_OK


def _open(draft: Path) -> None:
    try:
        click.edit(filename=str(draft))
    except click.ClickException as error:
        raise ConfigError(
            f"the editor did not end well ({error.message}): the settings are as they were, and "
            f"{draft} is kept. VISUAL or EDITOR names the editor"
        ) from error


def _kept_as_it_was(file: Path, draft: Path) -> str:
    return (
        f"{file} is as it was; {draft} is kept: `pipeline config edit` goes on with it, and "
        "deleting it begins anew"
    )


def _all_as_comments() -> str:
    """Return a settings file in which nothing is set, and all that may be stands in comments."""
    lines = ["# What is set here holds for all commands. Take the # away from a line to set it.\n"]
    for name, setting in SETTINGS.items():
        if name not in ("home", _TOKEN):
            line = written(name, setting.example, _IN_THE_FILE)
            lines.append(f"\n# {setting.description}\n# {line}\n")
    lines.append("\n# The access token: `pipeline login` asks for it.\n")
    return "".join(lines)


def _as_words(example: object) -> str:
    if isinstance(example, tuple):
        return " ".join(f"'{one}'" for one in example)
    return str(example).lower() if isinstance(example, bool) else str(example)


def _file(flags: Mapping[str, object]) -> Path:
    given = flags.get("config")
    return settings_file(flags, os.environ, given if isinstance(given, Path) else None)


def _refuse_unknown(name: str) -> None:
    if name not in SETTINGS:
        raise click.UsageError(unknown_name(name, SETTINGS))


def _stands_in(values: Mapping[str, object], name: str) -> bool:
    first, dot, rest = name.partition(".")
    if first not in values:
        return False
    inner = values[first]
    return not dot or (isinstance(inner, Mapping) and _stands_in(inner, rest))


def _refuse_to_break(now: Mapping[str, object], then: Mapping[str, object], file: Path) -> None:
    """See that a settings file that is right stays right as a whole; one that is not is mended.

    Raises:
        ConfigError: it is right now, and would not be.
    """
    try:
        judge_file(now, file)
    except ConfigError:
        return
    judge_file(then, file)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "not set" if value is None else str(value)


def _masked(value: object) -> object:
    if isinstance(value, Secret):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)
