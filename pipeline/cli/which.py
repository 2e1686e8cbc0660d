"""Options that say which of the files that lie there are taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import Enum, auto
from functools import wraps
from pathlib import Path
from typing import IO, Any, Final, TypeVar, cast

import click

from pipeline.cli.options import moment_given
from pipeline.intake.choice import NewerThan
from pipeline.intake.patterns import text_of
from pipeline.moments import moves_on

__all__ = [
    "LastRun",
    "list_options",
    "newer_date_option",
    "newer_option",
    "newer_run_option",
    "paths_in",
    "pattern_options",
]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_PATTERN: Final = "PATTERN"


class LastRun(Enum):
    """What `--newer-than` may name besides a moment."""

    LAST_RUN = auto()


def pattern_options(command: _Decorated) -> _Decorated:
    """Add --include and --exclude, each of which may be given several times."""
    for option in (
        click.option(
            "--exclude",
            multiple=True,
            metavar=_PATTERN,
            help="Leave out files and folders like this, as in .gitignore; may be given again.",
        ),
        click.option(
            "--include",
            multiple=True,
            metavar=_PATTERN,
            help="Take only files like this, as in .gitignore; may be given again.",
        ),
    ):
        command = option(command)
    return command


def newer_option(command: _Decorated) -> _Decorated:
    """Add --newer-than, as the moment that it means."""
    return _newer_option(_moment, "2026-11-01, '2026-11-01 14:30', 2h, 3d, today")(command)


def newer_run_option(command: _Decorated) -> _Decorated:
    """Add --newer-than, as the moment that it means, or as the last run of these files."""
    return click.option(
        "--newer-than",
        metavar="WHEN",
        callback=lambda context, option, text: None if text is None else _moment_or_run(text),
        help=(
            "Take only files written since then: 2026-11-01, '2026-11-01 14:30', 2h, 3d, today; or "
            "last-run: only files that are new or changed since a run took them in, by size and "
            "times, and those that wait, failed or are not finished."
        ),
    )(command)


def newer_date_option(command: _Decorated) -> _Decorated:
    """Add --newer-than for what goes on for months: a moment that is the same at every start."""
    return _newer_option(_fixed, "2026-11-01, '2026-11-01 14:30'")(command)


def _newer_option(
    moment: Callable[[str], NewerThan], examples: str
) -> Callable[[_Decorated], _Decorated]:
    return click.option(
        "--newer-than",
        metavar="WHEN",
        callback=lambda context, option, text: None if text is None else moment(text),
        help=f"Take only files written since then: {examples}.",
    )


def list_options(command: _Decorated) -> _Decorated:
    """Add --files-from and --null, as the list of paths `listed`: None where none was given."""

    @wraps(command)
    def called(*args: object, files_from: IO[bytes] | None, null: bool, **others: object) -> object:
        listed = None if files_from is None else paths_in(files_from.read(), null=null)
        return command(*args, listed=listed, **others)

    for option in (
        click.option(
            "--null", "-0", is_flag=True, help="The list of --files-from has a NUL behind each."
        ),
        click.option(
            "--files-from",
            type=click.File("rb"),
            metavar="FILE",
            help="Take what this list names, a file or folder a line; - for standard input.",
        ),
    ):
        called = option(called)
    return cast(_Decorated, called)


def paths_in(content: bytes, *, null: bool = False) -> list[Path]:
    """Return the paths that a list names: one a line, or with a NUL between them.

    Args:
        content: the list; which of both it is tells the first NUL in it.
        null: it has NULs, also where there is but one name, without any.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") and not null:
        return [Path(line) for line in text_of(content).splitlines() if line]
    if null or b"\0" in content:
        names = content.split(b"\0")
    else:
        lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        names = [line.removesuffix(b"\r") for line in lines]
    return [Path(os.fsdecode(name)) for name in names if name]


def _moment_or_run(text: str) -> NewerThan | LastRun:
    if text.strip().lower().replace("_", "-").replace(" ", "-") == "last-run":
        return LastRun.LAST_RUN
    return _moment(text)


def _fixed(text: str) -> NewerThan:
    if moves_on(text):
        raise click.BadParameter(
            f"{text!r} would be another moment at every start of the watcher, and what came "
            "between two would be left out: write a date (2026-11-01)"
        )
    return _moment(text)


def _moment(text: str) -> NewerThan:
    moment = moment_given(text)
    at = int(moment.timestamp()) * 10**9
    return NewerThan(at=at, said=f"{moment.astimezone():%Y-%m-%d %H:%M}")
