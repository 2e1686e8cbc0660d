"""Options that say which of the files that lie there are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

__all__ = ["pattern_options"]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_PATTERN: Final = "PATTERN"


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
