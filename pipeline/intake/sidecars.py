"""Raw files and sidecars: what lies beside the picture that is for the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline.intake.leftovers import is_leftover
from pipeline.suffixes import RAW
from pipeline.values import Door

__all__ = ["has_picture_beside", "is_raw", "is_raw_name", "is_sidecar"]

_SIDECARS: Final = frozenset(
    (".xmp", ".thm", ".wav", ".aae", ".pp3", ".dop", ".cos", ".cof", ".cot", ".comask")
)
"""Suffixes of what cameras and raw converters note down beside a picture, in lower case."""

_THUMBNAIL: Final = "thumb_"
"""How the name of a thumbnail begins that gphoto2 took along (it calls the hook for these, too)."""

_PICTURES: Final = (".jpg", ".JPG", ".jpeg", ".JPEG")


def is_raw(path: Path) -> bool:
    """Whether a file is a camera's raw file or a picture's sidecar, by its suffix."""
    return is_raw_name(path.name)


def is_raw_name(name: str) -> bool:
    """Whether that is so of a file of that name."""
    # A scan asks it of every file, and paths take long to tell.
    stem, dot, end = name.rpartition(".")
    suffix = f"{dot}{end.casefold()}"
    return stem != "" and (suffix in RAW or suffix in _SIDECARS)


def is_sidecar(path: Path, door: Door) -> bool:
    """Whether a file is there beside a JPEG (a raw file, a sidecar), not for upload.

    A hook is called by a program for every file that it sees, a thumbnail or a backup included: a
    file that a person names is meant.

    A camera that is being shot with writes either of the two first: a raw file that comes in by
    the watcher or the hook is not asked for a JPEG that may be a second away. In a folder that is
    taken in by `pipeline run` the JPEG is there, or the file is all there is of that shot: it is
    then looked into, so that it is said what it is and that the JPEG is missing.
    """
    if door is Door.HOOK and _came_along(path):
        return True
    if not is_raw(path):
        return False
    if door is not Door.RUN:
        return True
    try:
        return has_picture_beside(path, lambda name: path.with_name(name).exists())
    except OSError:
        return False


def has_picture_beside(path: Path, beside: Callable[[str], bool]) -> bool:
    """Whether a raw file's or a sidecar's picture is there, too.

    Args:
        path: the file's.
        beside: whether a file of that name lies in the same folder.
    """
    # Some programs write a sidecar's suffix behind the whole name: `a.jpg.xmp`.
    return any(beside(path.with_suffix(suffix).name) for suffix in _PICTURES) or (
        path.with_suffix("").suffix != "" and beside(path.stem)
    )


def _came_along(path: Path) -> bool:
    return path.name.startswith(_THUMBNAIL) or is_leftover(
        path.name, lambda name: path.with_name(name).exists()
    )
