"""What a platform's own service manager is given so that it runs the watcher; no secret in it.

Sources: systemd.service(5) and systemd.syntax(7), launchd.plist(5), and the Task Scheduler schema
(`http://schemas.microsoft.com/windows/2004/02/mit/task`).
"""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

__all__ = ["LABEL", "launch_agent", "scheduled_task", "systemd_unit"]

LABEL: Final = "photo-pipeline"

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


def systemd_unit(command: Sequence[str]) -> str:
    """Give a systemd user unit for Linux."""
    return _UNIT.format(command=" ".join(_systemd_word(word) for word in command))


def launch_agent(command: Sequence[str], logs: Path) -> bytes:
    """Give a launchd agent's property list for macOS; what it prints goes into `logs`."""
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
    """Give a scheduled task's XML for Windows, started when the user logs on."""
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


def _windows_word(word: str) -> str:
    # A backslash before the closing quotation mark would take its meaning away.
    return f'"{word}\\"' if word.endswith("\\") else f'"{word}"'
