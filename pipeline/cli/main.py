"""The group of all commands, loaded when they are called, and the one place of exit statuses."""

from __future__ import annotations

import importlib
import io
import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from pipeline import __version__, faultpoints
from pipeline.cli.terminal import say
from pipeline.errors import PipelineError
from pipeline.wording import PlainLine

__all__ = [
    "COMMANDS",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_TROUBLE",
    "EXIT_WRONG",
    "common_options",
    "main",
]

EXIT_OK: Final = 0
EXIT_TROUBLE: Final = 1
EXIT_WRONG: Final = 2
EXIT_INTERRUPTED: Final = 130

COMMANDS: Final[Mapping[str, str]] = {
    "run": "pipeline.cli.run:run",
    "watch": "pipeline.cli.watch:watch",
    "service": "pipeline.cli.service:service",
    "hook": "pipeline.cli.hook:hook",
    "table": "pipeline.cli.hook:table",
    "status": "pipeline.cli.status:status",
    "list": "pipeline.cli.status:list_photos",
    "history": "pipeline.cli.status:history",
    "retry": "pipeline.cli.status:retry",
    "verify": "pipeline.cli.ledger:verify",
    "ledger": "pipeline.cli.ledger:ledger",
    "images": "pipeline.cli.images:images",
    "store": "pipeline.cli.store:store",
    "doctor": "pipeline.cli.doctor:doctor",
    "config": "pipeline.cli.config:config",
}

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class _Commands(click.Group):
    """Loads a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - our own table
        return command


def common_options(command: _Decorated) -> _Decorated:
    """Add the options that every command has: where the home and the settings file are."""
    for option in (
        click.option(
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Settings file (default: pipeline.toml in the home folder).",
        ),
        click.option(
            "--home",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder of ledger, local store and logs.",
        ),
    ):
        command = option(command)
    return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@click.version_option(__version__, prog_name="pipeline")
def commands() -> None:
    """Product photographs, checked, made to fit, and uploaded to the shop exactly once."""


def main() -> None:
    """Run the command line and exit with its status."""
    to_terminal = logging.StreamHandler()
    to_terminal.setFormatter(PlainLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[to_terminal], level=logging.ERROR)
    # Where nobody reads the log any more, that is no news for a terminal.
    logging.raiseExceptions = False
    try:
        faultpoints.arm(os.environ.get(faultpoints.VARIABLE))
    except ValueError as error:
        say(f"pipeline: {error}", err=True)
        sys.exit(EXIT_WRONG)
    try:
        status = commands.main(standalone_mode=False)
    except click.exceptions.Abort:
        status = EXIT_INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        for line in shown.getvalue().rstrip("\n").split("\n"):
            say(line, err=True)
        status = EXIT_WRONG
    except PipelineError as error:
        say(f"pipeline: {error}", err=True)
        status = EXIT_WRONG
    except KeyboardInterrupt:
        say("pipeline: interrupted", err=True)
        status = EXIT_INTERRUPTED
    sys.exit(status if isinstance(status, int) else EXIT_OK)
