"""The platform's own service manager: what it is given to run the watcher, and how it is called.

No secret is in what it is given.

Sources: systemd.service(5) and systemd.syntax(7), launchd.plist(5), and the Task Scheduler schema
(`http://schemas.microsoft.com/windows/2004/02/mit/task`).
"""

from __future__ import annotations

import getpass
import os
import plistlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from platformdirs import user_config_path

from pipeline.errors import ConfigError

__all__ = [
    "command_of",
    "install_service",
    "installed_command",
    "launch_agent",
    "remove_service",
    "scheduled_task",
    "service_file",
    "service_is_installed",
    "service_text",
    "systemd_unit",
]

LABEL: Final = "photo-pipeline"

CALL_SECONDS: Final = 60.0

_UNIT_NAME: Final = f"{LABEL}.service"

_UNIT: Final = """\
[Unit]
Description=Product photographs to the shop (photo-pipeline)

[Service]
Type=exec
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=15
# The watcher lets go of what is in hand within ten seconds.
KillMode=mixed
TimeoutStopSec=30
Nice=5
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""

_TASK: Final = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def service_text(command: Sequence[str], logs: Path) -> str:
    """Return what this platform's service manager is given so that it runs a command.

    Args:
        command: the words of the command.
        logs: folder of the logs, where the manager wants a file for what is printed.
    """
    if sys.platform == "win32":
        domain = os.environ.get("USERDOMAIN")
        user = getpass.getuser()
        return scheduled_task(command, f"{domain}\\{user}" if domain else user)
    if sys.platform == "darwin":
        return launch_agent(command, logs).decode("utf-8")
    return systemd_unit(command)


def service_file() -> Path | None:
    """Return where the service's file belongs; None where the manager keeps it itself."""
    if sys.platform == "win32":
        return None
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    return user_config_path() / "systemd" / "user" / _UNIT_NAME


def service_is_installed() -> bool:
    """Whether the service manager has the service, running or not."""
    file = service_file()
    return _succeeds("schtasks", "/Query", "/TN", LABEL) if file is None else file.exists()


def installed_command() -> list[str] | None:
    """Return the words of the command that the present service runs.

    Returns:
        None where there is no service, or somebody has made another one of it than ours.
    """
    file = service_file()
    try:
        if file is None:
            return command_of(_told("schtasks", "/Query", "/TN", LABEL, "/XML"))
        return command_of(file.read_text("utf-8"))
    except (OSError, ValueError, ConfigError):
        return None


def command_of(text: str) -> list[str] | None:
    """Return the words of the command in what a service manager was given; None: there is none.

    Args:
        text: as `systemd_unit`, `launch_agent` or `scheduled_task` wrote it.
    """
    if "<plist" in text:
        return _command_of_agent(text)
    if "<Task" in text:
        return _command_of_task(text)
    found = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)
    if found is None:
        return None
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', found[1])
    return [_read_systemd_word(quoted or bare) for quoted, bare in words] or None


def install_service(text: str, logs: Path) -> None:
    """Have the service manager run the service from now on; what goes wrong leaves what was there.

    Args:
        text: what it is given.
        logs: folder of the logs, made where it is missing.

    Raises:
        ConfigError: the service manager is missing or does not want it.
    """
    file = service_file()
    if file is None:
        with tempfile.TemporaryDirectory() as folder:
            task = Path(folder) / "task.xml"
            task.write_text(text, "utf-16")
            _call("schtasks", "/Create", "/F", "/TN", LABEL, "/XML", str(task))
        _call("schtasks", "/Run", "/TN", LABEL)
        return
    logs.mkdir(parents=True, exist_ok=True)
    before = file.read_bytes() if file.exists() else None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    try:
        _start(file)
    except ConfigError:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)
        raise


def remove_service() -> None:
    """Stop the service, and take it away.

    Raises:
        ConfigError: the service manager keeps it itself, and does not let go of it.
    """
    file = service_file()
    if file is None:
        _succeeds("schtasks", "/End", "/TN", LABEL)
        _call("schtasks", "/Delete", "/F", "/TN", LABEL)
    elif sys.platform == "darwin":
        _succeeds("launchctl", "bootout", _domain(), str(file))
        file.unlink()
    else:
        _succeeds("systemctl", "--user", "disable", "--now", _UNIT_NAME)
        file.unlink()
        _succeeds("systemctl", "--user", "daemon-reload")


def systemd_unit(command: Sequence[str]) -> str:
    """Return a systemd user unit for Linux."""
    return _UNIT.format(command=" ".join(_systemd_word(word) for word in command))


def launch_agent(command: Sequence[str], logs: Path) -> bytes:
    """Return a launchd agent's property list for macOS; what it prints goes into `logs`."""
    said = str(logs / "launchd.out")
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            # Started again unless it ended well, and not in haste.
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 15,
            "ExitTimeOut": 30,
            "ProcessType": "Background",
            "StandardOutPath": said,
            "StandardErrorPath": said,
        }
    )


def scheduled_task(command: Sequence[str], user: str) -> str:
    """Return a scheduled task's XML for Windows, started when the user logs on."""
    ElementTree.register_namespace("", _TASK)
    task = ElementTree.Element(f"{{{_TASK}}}Task", {"version": "1.3"})
    about = _below(task, "RegistrationInfo")
    _below(about, "Description", "Product photographs to the shop (photo-pipeline)")
    logon = _below(_below(task, "Triggers"), "LogonTrigger")
    _below(logon, "Enabled", "true")
    _below(logon, "UserId", user)
    principal = _below(_below(task, "Principals"), "Principal")
    principal.set("id", "Author")
    _below(principal, "UserId", user)
    _below(principal, "LogonType", "InteractiveToken")
    _below(principal, "RunLevel", "LeastPrivilege")
    settings = _below(task, "Settings")
    for name, value in (
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("DisallowStartIfOnBatteries", "false"),
        ("StopIfGoingOnBatteries", "false"),
        ("StartWhenAvailable", "true"),
    ):
        _below(settings, name, value)
    again = _below(settings, "RestartOnFailure")
    _below(again, "Interval", "PT1M")
    _below(again, "Count", "255")
    # It runs for months: no limit.
    _below(settings, "ExecutionTimeLimit", "PT0S")
    actions = _below(task, "Actions")
    actions.set("Context", "Author")
    execute = _below(actions, "Exec")
    _below(execute, "Command", command[0])
    _below(execute, "Arguments", " ".join(_windows_word(word) for word in command[1:]))
    ElementTree.indent(task)
    body = ElementTree.tostring(task, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{body}\n'


def _below(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{_TASK}}}{name}")
    element.text = text
    return element


def _systemd_word(word: str) -> str:
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$"), ("\n", "\\n")):
        word = word.replace(sign, written)
    return f'"{word}"'


def _read_systemd_word(word: str) -> str:
    word = re.sub(r"\\(.)", lambda sign: "\n" if sign[1] == "n" else sign[1], word)
    return word.replace("%%", "%").replace("$$", "$")


def _command_of_agent(text: str) -> list[str] | None:
    try:
        agent = plistlib.loads(text.encode())
    except Exception:  # it may be anything by now, and what the parser raises is not said
        return None
    words = agent.get("ProgramArguments") if isinstance(agent, dict) else None
    return [str(word) for word in words] if isinstance(words, list) else None


def _command_of_task(text: str) -> list[str] | None:
    try:
        # What it begins with says how the file is written, and this is a text already.
        task = ElementTree.fromstring(re.sub(r"^\s*<\?xml.*?\?>", "", text))  # noqa: S314 - ours
    except ElementTree.ParseError:
        return None
    execute = task.find(f"{{{_TASK}}}Actions/{{{_TASK}}}Exec")
    if execute is None or not (command := execute.findtext(f"{{{_TASK}}}Command")):
        return None
    words = re.findall(r'"([^"]*)"|(\S+)', execute.findtext(f"{{{_TASK}}}Arguments") or "")
    # The last backslash is there twice (`_windows_word`).
    return [command, *((q[:-1] if q.endswith("\\\\") else q) or bare for q, bare in words)]


def _windows_word(word: str) -> str:
    # A backslash before the closing quotation mark would take its meaning away.
    return f'"{word}\\"' if word.endswith("\\") else f'"{word}"'


def _start(file: Path) -> None:
    if sys.platform == "darwin":
        _succeeds("launchctl", "bootout", _domain(), str(file))
        _call("launchctl", "bootstrap", _domain(), str(file))
    else:
        _call("systemctl", "--user", "daemon-reload")
        _call("systemctl", "--user", "enable", "--now", _UNIT_NAME)
        _call("systemctl", "--user", "restart", _UNIT_NAME)


def _domain() -> str:
    if sys.platform == "win32":
        return ""
    return f"gui/{os.getuid()}"


def _call(*command: str) -> None:
    _told(*command)


def _told(*command: str) -> str:
    """Call a program of the system; return what it says."""
    try:
        run = subprocess.run(  # noqa: S603 - our own words, no shell
            command, capture_output=True, text=True, check=False, timeout=CALL_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(
            f"{command[0]} cannot be called: --print shows what it would be given"
        ) from error
    if run.returncode != 0:
        said = (run.stderr or run.stdout).strip()
        raise ConfigError(f"{' '.join(command)} went wrong: {said}")
    return run.stdout


def _succeeds(*command: str) -> bool:
    try:
        _call(*command)
    except ConfigError:
        return False
    return True
