"""Files and folders that are named on the command line, and what is meant where they are not."""

from __future__ import annotations

import os
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

from pipeline.wording import plain

__all__ = ["ThereAlready"]

_QUOTES: Final = "\"'“”„‘’«» "
"""What stands around a path that was copied from somewhere."""

_LOOKED_THROUGH: Final = 2_000
"""Names of a folder that a slip is compared with, at most."""

_NEAR: Final = 0.75
"""How alike two names must be, of 1, for the one to be a slip of the other."""


class ThereAlready(click.Path):
    """A path to something that is there; where nothing is, the sentence says what may be meant."""

    def __init__(self, **how: Any) -> None:
        # Whether it can be read is told for each file.
        super().__init__(exists=True, readable=False, path_type=Path, **how)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises:
            click.UsageError: nothing is there, or not what is asked for.
        """
        given = os.fspath(value)
        if not os.path.lexists(given):
            raise click.UsageError(plain(_not_there(given)), ctx)
        return super().convert(value, param, ctx)


def _not_there(given: str) -> str:
    bare = given.strip(_QUOTES)
    if bare != given and bare and os.path.lexists(bare):
        return f"{given} is not there: quotation marks are part of the name; leave them out"
    folder, name = os.path.split(given.rstrip(os.sep))
    if folder and not Path(folder).is_dir():
        return f"{given} is not there, and its folder {folder} is not, either"
    names = _names_in(folder or os.curdir)
    longer = sorted(one for one in names if name and one.startswith(f"{name} "))
    if longer:
        return (
            f"{given} is not there: is {os.path.join(folder, longer[0])!r} meant? A name with "  # noqa: PTH118
            "spaces is put between quotation marks"
        )
    near = get_close_matches(name, names, n=1, cutoff=_NEAR)
    if near:
        return f"{given} is not there: is {os.path.join(folder, near[0])!r} meant?"  # noqa: PTH118
    return f"{given} is not there (looked in {os.path.abspath(folder or os.curdir)})"  # noqa: PTH100


def _names_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as there:
            return [one.name for one in islice(there, _LOOKED_THROUGH)]
    except OSError:
        return []
