"""The group of all commands, loaded when they are called, and the one place of exit statuses."""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from pipeline import __version__, faultpoints
from pipeline.cli.groups import Group, write_commands
from pipeline.cli.pager import no_pager_option
from pipeline.cli.terminal import say
from pipeline.errors import PipelineError
from pipeline.streams import lost

__all__ = [
    "ASKING",
    "COMMANDS",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_TROUBLE",
    "EXIT_WRONG",
    "common_options",
    "log_to_terminal",
    "main",
]

EXIT_OK: Final = 0
EXIT_TROUBLE: Final = 1
EXIT_WRONG: Final = 2
EXIT_INTERRUPTED: Final = 130

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "run": (
        "pipeline.cli.run:run",
        "Bring photographs from files and folders into the shop, once.",
    ),
    "plan": (
        "pipeline.cli.plan:plan",
        "Show what `pipeline run` would do with PATHS, product by product, and do nothing.",
    ),
    "watch": (
        "pipeline.cli.watch:watch",
        "Watch folders, and bring every photograph that is put there into the shop.",
    ),
    "service": (
        "pipeline.cli.service:service",
        "Have folders watched always: the watcher starts by itself with your computer.",
    ),
    "hook": (
        "pipeline.cli.hook:hook",
        "Note down photographs that were just shot, and see to it that they are taken in.",
    ),
    "table": (
        "pipeline.cli.hook:table",
        "Say what is on the table: the shots that the hook notes down from now on belong to it.",
    ),
    "names": (
        "pipeline.cli.names:names",
        "Say which product each file would go to, by its name and its folders.",
    ),
    "status": (
        "pipeline.cli.status:status",
        "Say how many photographs there are in each state, and what the watcher does.",
    ),
    "list": ("pipeline.cli.listing:list_photos", "List the photographs, one a row."),
    "history": (
        "pipeline.cli.history:history",
        "Find photographs by name, SKU, product or image, and tell every step of one.",
    ),
    "report": (
        "pipeline.cli.account:report",
        "Give the account of a day, any time or a batch: what was found, and what came of it.",
    ),
    "logs": (
        "pipeline.cli.logs:logs",
        "Print what all commands at work have written down, the oldest line first.",
    ),
    "completion": (
        "pipeline.cli.completion:completion",
        "Print what makes SHELL complete commands, options, SKUs, products and states.",
    ),
    "manual": (
        "pipeline.cli.manual:manual",
        "Show the manual: every command with all its options.",
    ),
    "assign": (
        "pipeline.cli.assign:assign",
        "Say by hand whose photographs FILES are: they go to that product, whatever their names "
        "say.",
    ),
    "retry": (
        "pipeline.cli.retry:retry",
        "Try again photographs that were refused, failed, wait or were removed.",
    ),
    "resume": (
        "pipeline.cli.pending:resume",
        "Go on with photographs that an earlier command left unfinished.",
    ),
    "drop": (
        "pipeline.cli.pending:drop",
        "Forget photographs that are not finished: nothing of them goes to the shop.",
    ),
    "arrange": (
        "pipeline.cli.arrange:arrange",
        "Put products in the shoot's order in the shop, also where somebody moved pictures there.",
    ),
    "batches": (
        "pipeline.cli.batches:batches",
        "Say what was changed in the shop: when, by what, and whether it can be undone.",
    ),
    "undo": (
        "pipeline.cli.undo:undo",
        "Take back what BATCH did to the shop; without BATCH what the last one did.",
    ),
    "redo": ("pipeline.cli.undo:redo", "Take back the undo BATCH; without BATCH the last one."),
    "remove": (
        "pipeline.cli.remove:remove",
        "Take photographs out of the shop: those of FILES, of --batch or of --product.",
    ),
    "shop": ("pipeline.cli.shop:shop", "Name shops, and say which is in use."),
    "verify": (
        "pipeline.cli.verify:verify",
        "Compare our records with the shop, and say every difference.",
    ),
    "missing": (
        "pipeline.cli.missing:missing",
        "Say which products of the shop lack pictures, a main picture, alt text, or a view.",
    ),
    "ledger": (
        "pipeline.cli.ledger:ledger",
        "Look after our records: what this program knows of every photograph.",
    ),
    "images": (
        "pipeline.cli.images:images",
        "List, get, create, update and delete product images by hand.",
    ),
    "store": (
        "pipeline.cli.store:store",
        "Run the test shop until Ctrl-C; a browser shows its products and pictures.",
    ),
    "doctor": (
        "pipeline.cli.doctor:doctor",
        "Check that all is there: the home folder, our records, the shop, the token and the clock.",
    ),
    "login": (
        "pipeline.cli.login:login",
        "Put in the shop and its access token once, tried and kept for you alone.",
    ),
    "logout": ("pipeline.cli.login:logout", "Forget the shop's access token."),
    "config": ("pipeline.cli.config:config", "Look at the settings, and change them."),
    "schema": (
        "pipeline.cli.schema:schema",
        "Print the JSON Schema of what a command prints with --json.",
    ),
}
"""Where each command is, and the first sentence of its help, for which it need not be loaded."""

ASKING: Final = frozenset(
    {
        "table",
        "status",
        "list",
        "history",
        "report",
        "shop",
        "config",
        "schema",
        "logs",
        "batches",
        "completion",
    }
)
"""Commands that work on nothing, so that nothing they load has a log to write."""

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class _Commands(Group):
    """Loads a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in ASKING:
            log_to_terminal()
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        gc.enable()  # `__main__.py` did without it until now
        assert isinstance(command, click.Command)  # noqa: S101 - our own table
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_commands(formatter, [(name, about) for name, (_, about) in COMMANDS.items()])


def log_to_terminal() -> None:
    """Have what libraries log about trouble shown on standard error, and nothing less."""
    import logging

    from pipeline.plain_line import PlainLine

    to_terminal = logging.StreamHandler()
    to_terminal.setFormatter(PlainLine("%(levelname)s %(name)s: %(message)s", stream=sys.stderr))
    logging.basicConfig(handlers=[to_terminal], level=logging.ERROR)
    # Where nobody reads the log any more, that is no news for a terminal.
    logging.raiseExceptions = False


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
            help="Folder of our records, the test shop and the logs.",
        ),
    ):
        command = option(command)
    return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@no_pager_option
@click.version_option(__version__, prog_name="pipeline")
def commands() -> None:
    """Product photographs, checked, made to fit, and uploaded to the shop exactly once.

    Begin with `pipeline names FOLDER`: it shows which product each file would go to, and changes
    nothing. `pipeline help COMMAND` tells more of a command.
    """


def main() -> None:
    """Run the command line and exit with its status."""
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
        _tell_wrong_call(error)
        status = EXIT_WRONG
    except PipelineError as error:
        _tell_error(error)
        status = EXIT_WRONG
    except KeyboardInterrupt as error:
        _tell_error(error, "interrupted")
        status = EXIT_INTERRUPTED
    if (why := lost()) is not None:
        say(
            f"pipeline: the answer could not be written as a whole ({why.strerror or why}): what "
            "is there of it is not complete",
            err=True,
        )
        status = EXIT_WRONG
    sys.exit(status if isinstance(status, int) else EXIT_OK)


def _tell_wrong_call(error: click.ClickException) -> None:
    from pipeline.cli.failing import tell_failure
    from pipeline.report.failures import Code

    shown = io.StringIO()
    error.show(shown)
    lines = shown.getvalue().rstrip("\n").split("\n")
    tell_failure(lines, error.format_message(), Code.WRONG_CALL)


def _tell_error(error: BaseException, sentence: str | None = None) -> None:
    from pipeline.cli.failing import tell_error  # only what goes wrong needs it

    tell_error(error, sentence)
