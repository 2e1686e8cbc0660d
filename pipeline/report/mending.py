"""What would mend a photograph that is not in the shop: the command that goes on with it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.lifecycle import UNFINISHED_STATES, Reason, State
from pipeline.values import Photo
from pipeline.wording import encodable, shown

__all__ = ["mend_of", "mended_by", "mended_together"]

_MENDS: Final[Mapping[State, tuple[str, str]]] = MappingProxyType(
    {
        State.WAITING: ("To say whose it is", "run --sku SKU"),
        State.REFUSED: ("Once the file is mended", "run"),
        State.FAILED: ("To try it again", "retry"),
        State.REMOVED: ("To send it again", "retry"),
        **dict.fromkeys(UNFINISHED_STATES, ("To go on", "resume")),
    }
)


def mend_of(photo: Photo) -> str | None:
    """Return the command that goes on with a photograph, with its whole path; None: none is needed.

    Of one that was refused: once its file is mended. SKU stands for the product's.
    """
    return _command(photo, encodable(photo.path))


def mended_by(photo: Photo) -> str | None:
    """Return the same for people, and when it helps."""
    command = _command(photo, shown(photo.path))
    return None if command is None else f"{_MENDS[photo.state][0]}: {command}"


def mended_together(photo: Photo) -> str | None:
    """Return what would mend all photographs of a folder of which the same is said as of one."""
    folder = shlex.quote(shown(photo.path.parent))
    if photo.state is State.WAITING:
        return f"To say whose they are: pipeline assign --waiting {folder} --sku SKU"
    if photo.state is State.REFUSED and photo.reason is not Reason.NOT_FOR_UPLOAD:
        return f"Once the files are mended: pipeline run {folder}"
    if photo.state is State.FAILED:
        return f"To try them again: pipeline retry {folder}"
    return None


def _command(photo: Photo, path: str) -> str | None:
    if photo.reason is Reason.NOT_FOR_UPLOAD or photo.state not in _MENDS:
        return None
    return f"pipeline {_MENDS[photo.state][1]} {shlex.quote(path)}"
