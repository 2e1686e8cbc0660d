"""`pipeline service`: have the platform's own service manager run the watcher."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from pipeline.assembly import reader_for
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import loaded
from pipeline.errors import ConfigError
from pipeline.home import LOG_FOLDER
from pipeline.hook.scripts import command_words
from pipeline.service.logs import log_file
from pipeline.service.units import LABEL, launch_agent, scheduled_task, systemd_unit
from pipeline.service.watching import watch_state
from pipeline.settings import Loaded, SourceKind
from pipeline.wording import moment, plain

__all__ = ["service"]

_UNIT: Final = f"{LABEL}.service"


@click.group()
def service() -> None:
    """Run the watcher always, from log-on or start of the machine."""


@service.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--polling", is_flag=True, help="As of `pipeline watch`.")
@click.option("--print", "only_print", is_flag=True, help="Print what would be installed.")
@common_options
def install(folders: Sequence[Path], polling: bool, only_print: bool, **flags: object) -> int:
    """Have FOLDERS watched always: a systemd user unit, a launchd agent or a scheduled task.

    It is started again when it fails. The token is not written into it: it belongs into the
    settings file of the home folder, which only its owner may read.
    """
    force = loaded(flags)
    command = _command(force, folders, polling, flags)
    if only_print:
        click.echo(_text(command, force), nl=False)
        return EXIT_OK
    if sys.platform == "win32":
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "task.xml"
            file.write_text(_text(command, force), "utf-16")
            _call("schtasks", "/Create", "/F", "/TN", LABEL, "/XML", str(file))
        _call("schtasks", "/Run", "/TN", LABEL)
    else:
        (force.settings.home / LOG_FOLDER).mkdir(parents=True, exist_ok=True)
        _put_in_place(_file(), _text(command, force))
    for sentence in _left_out(force):
        click.echo(sentence, err=True)
    return EXIT_OK


@service.command()
@common_options
def remove(**flags: object) -> int:
    """Stop it, and take it away; photographs, ledger and logs stay."""
    if sys.platform == "win32":
        _call("schtasks", "/End", "/TN", LABEL, must=False)
        _call("schtasks", "/Delete", "/F", "/TN", LABEL)
        return EXIT_OK
    file = _file()
    if not file.exists():
        click.echo(f"pipeline: there is no {file}", err=True)
        return EXIT_TROUBLE
    if sys.platform == "darwin":
        _call("launchctl", "bootout", _domain(), str(file), must=False)
    else:
        _call("systemctl", "--user", "disable", "--now", _UNIT, must=False)
    file.unlink()
    if sys.platform == "linux":
        _call("systemctl", "--user", "daemon-reload", must=False)
    click.echo(f"Removed: {file}")
    return EXIT_OK


@service.command()
@common_options
def status(**flags: object) -> int:
    """Tell whether it is installed, and how the watcher does."""
    settings = loaded(flags).settings
    if sys.platform == "win32":
        installed = _call("schtasks", "/Query", "/TN", LABEL, must=False)
    else:
        installed = _file().exists()
    click.echo("the service is installed" if installed else "the service is not installed")
    with reader_for(settings, None) as reader:
        watch = watch_state(settings.home, reader, reader.tally())
    for sentence in list(watch.sentences()) or ["no watcher runs"]:
        click.echo(sentence)
    return EXIT_OK if installed and watch.at_work else EXIT_TROUBLE


@service.command()
@click.option("--lines", "-n", type=click.IntRange(min=1), default=50, help="So many of the last.")
@click.option("--json", "as_json", is_flag=True, help="The lines as they stand in the file.")
@common_options
def logs(lines: int, as_json: bool, **flags: object) -> int:
    """Print the end of the watcher's log."""
    file = log_file(loaded(flags).settings.home, "watch")
    try:
        last = file.read_text("utf-8").splitlines()[-lines:]
    except FileNotFoundError:
        click.echo(f"pipeline: there is no log yet ({file})", err=True)
        return EXIT_TROUBLE
    except OSError as error:
        raise ConfigError(f"the log {file} cannot be read: {error.strerror}") from error
    for line in last:
        click.echo(line if as_json else _readable(line))
    return EXIT_OK


def _put_in_place(file: Path, text: str) -> None:
    """Write the service's file and have it started; what goes wrong leaves what was there."""
    before = file.read_bytes() if file.exists() else None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    try:
        if sys.platform == "darwin":
            _call("launchctl", "bootout", _domain(), str(file), must=False)
            _call("launchctl", "bootstrap", _domain(), str(file))
        else:
            _call("systemctl", "--user", "daemon-reload")
            _call("systemctl", "--user", "enable", "--now", _UNIT)
            _call("systemctl", "--user", "restart", _UNIT)
    except ConfigError:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)
        raise
    click.echo(f"Written: {file}")
    if sys.platform == "linux":
        click.echo("To have it run while nobody is logged on: loginctl enable-linger")


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
        "--",
        *(os.path.abspath(folder) for folder in folders),  # noqa: PTH100
    ]


def _text(command: Sequence[str], force: Loaded) -> str:
    if sys.platform == "win32":
        domain = os.environ.get("USERDOMAIN")
        user = getpass.getuser()
        return scheduled_task(command, f"{domain}\\{user}" if domain else user)
    if sys.platform == "darwin":
        return launch_agent(command, force.settings.home / LOG_FOLDER).decode("utf-8")
    return systemd_unit(command)


def _file() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "systemd" / "user" / _UNIT


def _domain() -> str:
    return f"gui/{os.getuid()}" if sys.platform != "win32" else ""


def _call(*command: str, must: bool = True) -> bool:
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        if must:
            raise ConfigError(
                f"{command[0]} cannot be called: --print shows what it would be given"
            ) from error
        return False
    if must and run.returncode != 0:
        said = (run.stderr or run.stdout).strip()
        raise ConfigError(f"{' '.join(command)} went wrong: {said}")
    return run.returncode == 0


def _left_out(force: Loaded) -> list[str]:
    """Say which settings come from this shell's environment, which the service does not see."""
    names = [
        source.detail
        for name, source in force.sources.items()
        if source.kind is SourceKind.ENVIRONMENT and name != "home"
    ]
    if not names:
        return []
    file = force.settings.home / "pipeline.toml"
    return [
        f"The service does not see {', '.join(sorted(names))} of this shell: "
        f"write them into {file} (chmod 600), as `pipeline config show` names them"
    ]


def _readable(line: str) -> str:
    try:
        facts = json.loads(line)
        return f"{moment(datetime.fromisoformat(facts['at']))}  {plain(facts['message'])}"
    except (ValueError, KeyError, TypeError):
        return line
