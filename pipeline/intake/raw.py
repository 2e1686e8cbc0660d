"""Raw files: what a camera writes beside the picture that is for the shop."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.values import Door

__all__ = ["is_aside", "is_raw"]

# fmt: off
_RAW: Final = frozenset((
    ".3fr", ".ari", ".arw", ".bay", ".braw", ".cap", ".cr2", ".cr3", ".crw", ".dcr", ".dcs",
    ".dng", ".eip", ".erf", ".fff", ".gpr", ".iiq", ".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef",
    ".nrw", ".orf", ".pef", ".ptx", ".r3d", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw",
    ".x3f",
))
# fmt: on
"""Suffixes of the camera makers' raw files, in lower case (source: LibRaw's list of cameras)."""

_PICTURES: Final = (".jpg", ".JPG", ".jpeg", ".JPEG")


def is_raw(path: Path) -> bool:
    """Tell by its suffix whether a file is a camera's raw file."""
    return path.suffix.casefold() in _RAW


def is_aside(path: Path, door: Door) -> bool:
    """Tell whether a file is a raw file that is there beside a JPEG, and so not for upload.

    A camera that is being shot with writes either of the two first: a raw file that comes in by
    the watcher or the hook is not asked for a JPEG that may be a second away. In a folder that is
    taken in by `pipeline run` the JPEG is there, or the raw file is all there is of that shot: it
    is then refused like any other that the store does not take, for nobody would notice else.
    """
    if not is_raw(path):
        return False
    if door is not Door.RUN:
        return True
    try:
        return any(path.with_suffix(suffix).exists() for suffix in _PICTURES)
    except OSError:
        return False
