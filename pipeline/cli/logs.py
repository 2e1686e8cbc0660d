"""`pipeline logs`: what everything at work in this home has written down, in the order of time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import click

from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import loaded, say_aside, when_given
from pipeline.cli.terminal import say_json, say_styled
from pipeline.home import LOG_FOLDER
from pipeline.report.schemas import Document, versioned
from pipeline.service.log_reader import LogLine, Logs
from pipeline.wording import moment, plain

__all__ = ["logs", "print_lines"]

MOST_LINES: Final = 10_000
"""They are held in memory; --since holds none."""

_LOOK_EVERY: Final = 0.3
"""Seconds."""


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@click.option(
    "--since",
    metavar="WHEN",
    callback=when_given,
    help="All lines since then: 2026-11-01, '2026-11-01 14:30', 2h, 3d, today.",
)
@click.option(
    "--lines",
    "-n",
    type=click.IntRange(min=1, max=MOST_LINES),
    help="So many of the last, where --since is not given.  [default: 50]",
)
@click.option(
    "--of", "command", metavar="COMMAND", help="Only of run, resume, watch, background or hook."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@common_options
def logs(
    follow: bool,
    since: datetime | None,
    lines: int | None,
    command: str | None,
    as_json: bool,
    **flags: object,
) -> int:
    """Print what all commands at work have written down, the oldest line first.

    Each run has a log of its own in the folder `logs` of the home, and so have the watcher and
    the engine that a hook starts (background). Without options these are the last 50 lines.
    """
    if since is not None and lines is not None:
        raise click.UsageError("give --since or --lines, not both")
    home = loaded(flags).settings.home
    all_logs = Logs(home, command)
    if not all_logs and not follow:
        say_aside(f"pipeline: there is no log yet ({home / LOG_FOLDER})")
        return EXIT_TROUBLE
    found = all_logs.last(lines or 50) if since is None else all_logs.since(since)
    try:
        read_on = print_lines(found, as_json=as_json)
        while follow and read_on:
            time.sleep(_LOOK_EVERY)
            read_on = print_lines(all_logs.added(), as_json=as_json)
    except KeyboardInterrupt:
        if not follow:
            raise
    return EXIT_OK


def print_lines(lines: Iterable[LogLine], *, as_json: bool) -> bool:
    """Print lines of logs, for programs or for people; whether somebody reads on."""
    for line in lines:
        if as_json:
            read_on = say_json(json.dumps(versioned(Document.LOG, line.facts), ensure_ascii=False))
        else:
            read_on = all(say_styled((text, "plain")) for text in _readable(line))
        if not read_on:
            return False
    return True


def _readable(line: LogLine) -> Iterable[str]:
    facts = line.facts
    try:
        at = moment(datetime.fromisoformat(line.at))
    except ValueError:
        at = plain(line.at)
    yield f"{at}  {facts['command']:<10}  {facts['message']}"
    for row in str(facts.get("traceback", "")).splitlines():
        yield f"    {row}"
