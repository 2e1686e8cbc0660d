"""Raw files and sidecars: what lies beside the picture that is for the store."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.values import Door

__all__ = ["is_raw", "is_sidecar"]

# fmt: off
_RAW: Final = frozenset((
    ".3fr", ".ari", ".arw", ".bay", ".braw", ".cap", ".cr2", ".cr3", ".crw", ".dcr", ".dcs",
    ".dng", ".eip", ".erf", ".fff", ".gpr", ".iiq", ".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef",
    ".nrw", ".orf", ".pef", ".ptx", ".r3d", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw",
    ".x3f",
))
# fmt: on
"""Suffixes of the camera makers' raw files, in lower case (source: LibRaw's list of cameras)."""

_SIDECARS: Final = frozenset(
    (".xmp", ".thm", ".wav", ".aae", ".pp3", ".dop", ".cos", ".cof", ".cot", ".comask")
)
"""Suffixes of what cameras and raw converters note down beside a picture, in lower case."""

_THUMBNAIL: Final = "thumb_"
"""How the name of a thumbnail begins that gphoto2 took along (it calls the hook for these, too)."""

_PICTURES: Final = (".jpg", ".JPG", ".jpeg", ".JPEG")


def is_raw(path: Path) -> bool:
    """Whether a file is a camera's raw file or a picture's sidecar, by its suffix."""
    suffix = path.suffix.casefold()
    return suffix in _RAW or suffix in _SIDECARS


def is_sidecar(path: Path, door: Door) -> bool:
    """Whether a file is there beside a JPEG (a raw file, a sidecar), not for upload.

    A camera that is being shot with writes either of the two first: a raw file that comes in by
    the watcher or the hook is not asked for a JPEG that may be a second away. In a folder that is
    taken in by `pipeline run` the JPEG is there, or the raw file is all there is of that shot: it
    is then refused like any other that the store does not take, for nobody would notice else.
    """
    if door is Door.HOOK and path.name.startswith(_THUMBNAIL):
        return True
    if not is_raw(path):
        return False
    if door is not Door.RUN:
        return True
    try:
        # Some programs write a sidecar's suffix behind the whole name: `a.jpg.xmp`.
        beside = any(path.with_suffix(suffix).exists() for suffix in _PICTURES)
        return beside or (path.with_suffix("").suffix != "" and path.with_suffix("").exists())
    except OSError:
        return False
