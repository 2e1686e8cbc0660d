"""`pipeline service`: have the platform's own service manager run the watcher."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from pipeline.cli.groups import Group
from pipeline.cli.logs import MOST_LINES, print_lines
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import (
    agreed_to,
    json_document,
    loaded,
    print_json,
    say_aside,
    shop_options,
)
from pipeline.cli.shell_settings import ShellSettings
from pipeline.cli.terminal import say, say_text
from pipeline.errors import ConfigError
from pipeline.home import LOG_FOLDER
from pipeline.hook.scripts import command_words
from pipeline.opening import reader_for
from pipeline.report.schemas import Document
from pipeline.service.heartbeat import watch_state
from pipeline.service.log_reader import Logs
from pipeline.service.logs import log_file
from pipeline.service.units import (
    install_service,
    installed_command,
    remove_service,
    service_file,
    service_is_installed,
    service_text,
)
from pipeline.settings import Loaded

__all__ = ["service"]


NOT_INSTALLED: Final = (
    "the service is not installed: `pipeline service install FOLDER` sets it up, and "
    "`pipeline watch FOLDER` watches as long as that command runs"
)

HOW_TO_START: Final = (
    "`pipeline service logs` says what it did last; `pipeline service install` with its folders "
    "starts it again"
)


@click.group(cls=Group)
def service() -> None:
    """Have folders watched always: the watcher starts by itself with your computer."""


@service.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--polling",
    is_flag=True,
    help="Look into the folders every few seconds (see `pipeline watch`).",
)
@click.option(
    "--add", is_flag=True, help="Watch these folders, and those that the present service watches."
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a present service is replaced.")
@click.option("--print", "only_print", is_flag=True, help="Only show what would be installed.")
@click.option(
    "--write-settings",
    is_flag=True,
    help="Write what is set in this terminal alone into the settings file, for you alone.",
)
@shop_options
@common_options
def install(
    folders: Sequence[Path],
    polling: bool,
    add: bool,
    yes: bool,
    only_print: bool,
    write_settings: bool,
    **flags: object,
) -> int:
    """Have FOLDERS watched always, also after your computer was started again.

    The system starts the watcher, and starts it again if it ends by a fault: on Linux systemd, on
    macOS launchd, on Windows the Task Scheduler. What is set in this terminal alone (variables) it
    does not see: where it would find no shop or no access token, nothing is installed, and you are
    told what is missing; `pipeline login` puts both where it finds them. There is one service. If
    one is there already, you are told what it watches, and asked before it is replaced; with --add
    it goes on with its folders, and watches FOLDERS too.
    """
    force = loaded(flags)
    logs = force.settings.home / LOG_FOLDER
    present = installed_command()
    command = _command(force, folders, polling, flags)
    command = _with_present(command, present) if add else command
    text = service_text(command, logs)
    if only_print:
        say_text(text)
        return EXIT_OK
    _agree_to_replace(command, present, yes=yes)
    shell = _shell_settings(flags)
    if (trouble := shell.trouble()) is not None and not (shell.values and write_settings):
        if not (shell.has_the_shop and sys.stdin.isatty()):
            raise ConfigError(trouble)
        say(trouble, err=True)
        write_settings = click.confirm(f"Write {shell.names} into {shell.file}?", err=True)
        if not write_settings:
            return EXIT_TROUBLE
    if write_settings and shell.values:
        shell.write()
        say(f"Written: {shell.names} into {shell.file}, which only you can read")
        shell = _shell_settings(flags)
        if (trouble := shell.trouble()) is not None:
            raise ConfigError(trouble)
    install_service(text, logs)
    if (file := service_file()) is not None:
        say(f"Written: {file}")
    if sys.platform == "linux":
        say("To have it run while nobody is logged on: loginctl enable-linger")
    if shell.values:
        say(
            f"The service does not see {shell.names} of this shell: --write-settings writes what "
            f"is set here into {shell.file}",
            err=True,
        )
    return EXIT_OK


@service.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def remove(yes: bool, **flags: object) -> int:
    """Stop the watcher, and remove the service; photographs, records and logs stay."""
    file = service_file()
    if file is not None and not file.exists():
        say(f"pipeline: there is no {file}", err=True)
        return EXIT_TROUBLE
    present = installed_command()
    watched = _options_and_folders(present)[1] if present is not None else ()
    what = f"the service that watches {_listed(watched)}" if watched else "the service"
    agreed_to(
        f"Stop and remove {what}? New photographs there are not found any more; photographs, "
        "records and logs stay.",
        yes=yes,
    )
    remove_service()
    if file is not None:
        say(f"Removed: {file}")
    return EXIT_OK


@service.command()
@json_document
@common_options
def status(as_json: bool, **flags: object) -> int:
    """Say whether the service is installed, and what the watcher does."""
    settings = loaded(flags).settings
    installed = service_is_installed()
    with reader_for(settings, None, say_aside) as reader:
        watch = watch_state(settings.home, reader, reader.tally())
    status = EXIT_OK if installed and watch.at_work else EXIT_TROUBLE
    if as_json:
        watcher = watch.document()["watcher"]
        facts = {"installed": installed, "at_work": watch.at_work, "watcher": watcher}
        print_json(Document.SERVICE, facts)
        return status
    say("the service is installed" if installed else NOT_INSTALLED)
    for sentence in list(watch.sentences()) or ["no watcher runs"]:
        say(sentence)
    if installed and not watch.alive:
        say(HOW_TO_START)
    return status


@service.command()
@click.option(
    "--lines",
    "-n",
    type=click.IntRange(min=1, max=MOST_LINES),
    default=50,
    help="So many of the last.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@common_options
def logs(lines: int, as_json: bool, **flags: object) -> int:
    """Print the end of the watcher's log: what it did last. `pipeline logs` has the logs of all."""
    home = loaded(flags).settings.home
    watcher = Logs(home, "watch")
    if not watcher:
        say(f"pipeline: there is no log yet ({log_file(home, 'watch')})", err=True)
        return EXIT_TROUBLE
    print_lines(watcher.last(lines), as_json=as_json)
    return EXIT_OK


def _command(
    force: Loaded, folders: Sequence[Path], polling: bool, flags: Mapping[str, object]
) -> list[str]:
    config = flags.get("config")
    return [
        *command_words(),
        "watch",
        "--home",
        str(force.settings.home),
        *(["--config", os.path.abspath(str(config))] if config is not None else []),  # noqa: PTH100
        *(["--polling"] if polling else []),
        *(["--test-shop"] if flags.get("test_shop") else []),
        *_shop_of(force),
        "--",
        *(os.path.abspath(folder) for folder in folders),  # noqa: PTH100
    ]


def _with_present(command: list[str], present: Sequence[str] | None) -> list[str]:
    """Return a command that watches what the present service does, and its own folders.

    Raises:
        ConfigError: the present service is not called with the same options.
    """
    if present is None:
        return command
    options, folders = _options_and_folders(command)
    there, watched = _options_and_folders(present)
    if options != there:
        raise ConfigError(
            f"the present service is called otherwise: `watch {' '.join(there)}`, and not `watch "
            f"{' '.join(options)}`. Give the same options, or leave --add out: then it is replaced"
        )
    before = command[: len(command) - len(folders)]
    return [*before, *watched, *(folder for folder in folders if folder not in watched)]


def _agree_to_replace(command: Sequence[str], present: Sequence[str] | None, *, yes: bool) -> None:
    """Say what the present service watches, and ask whether it may go, where something would."""
    if present is None:
        if service_is_installed():
            agreed_to(
                "A service is installed that this program has not written: it would be replaced. "
                "Replace it?",
                yes=yes,
            )
        return
    options, folders = _options_and_folders(command)
    there, watched = _options_and_folders(present)
    gone = [folder for folder in watched if folder not in folders]
    if not gone and options == there:
        return
    watches = f"A service is installed that watches {_listed(watched)}"
    if gone:
        question = (
            f"{watches}. It is replaced by one that watches {_listed(folders)} (--add watches "
            "them all). Replace it?"
        )
    else:
        question = (
            f"{watches}, called as `watch {' '.join(there)}`. It is replaced by one that is called "
            f"as `watch {' '.join(options)}`. Replace it?"
        )
    agreed_to(question, yes=yes)
    say(f"Replaced: the service that watched {_listed(watched)}")


def _options_and_folders(command: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what stands between `watch` and `--`, and the folders behind that."""
    words = list(command)
    end = words.index("--") if "--" in words else len(words)
    begin = words.index("watch") + 1 if "watch" in words[:end] else 0
    return words[begin:end], words[end + 1 :]


def _listed(folders: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(folders[:-1]), *folders[-1:]))) or "no folder"


def _shop_of(force: Loaded) -> list[str]:
    """Return the option with which the watcher stays at the shop that has a name.

    Whichever is in use later: what lies in its folders is not sent to another shop by that.
    """
    shop = force.settings.shop
    return [] if shop is None or force.settings.test_shop else ["--shop", shop]


def _shell_settings(flags: Mapping[str, object]) -> ShellSettings:
    """Return what the service would not see of this shell."""
    config = flags.get("config")
    return ShellSettings.of(
        loaded(flags),
        config if isinstance(config, Path) else None,
        test_shop=bool(flags.get("test_shop")),
    )
