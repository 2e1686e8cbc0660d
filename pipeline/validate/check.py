"""Checks one photograph: its kind, its structure to the end, and the facts of its header."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.formats.bmp import walk_bmp
from pipeline.formats.exif import read_exif
from pipeline.formats.gif import walk_gif
from pipeline.formats.jpeg import walk_jpeg
from pipeline.formats.png import walk_png
from pipeline.formats.reader import Source
from pipeline.formats.structure import Structure
from pipeline.formats.wbmp import walk_wbmp
from pipeline.formats.webp import walk_webp
from pipeline.formats.xbm import walk_xbm
from pipeline.lifecycle import Reason
from pipeline.originals import digest, open_regular
from pipeline.refusals import checked_size, damaged, no_memory, unreadable
from pipeline.validate.colour import colour_profile
from pipeline.validate.privacy import is_private
from pipeline.validate.sniff import HEAD_BYTES, identify
from pipeline.values import ImageFormat, Inspection, Limits, Original

__all__ = ["check"]

_WALKS: Final[dict[ImageFormat, Callable[[Source, Limits], Structure]]] = {
    ImageFormat.BMP: walk_bmp,
    ImageFormat.GIF: walk_gif,
    ImageFormat.JPEG: walk_jpeg,
    ImageFormat.PNG: walk_png,
    ImageFormat.WBMP: walk_wbmp,
    ImageFormat.WEBP: walk_webp,
    ImageFormat.XBM: walk_xbm,
}

_QUIETLY: Final = threading.Lock()
"""Python's list of warning filters belongs to the whole process."""


def check(original: Original, limits: Limits) -> Inspection:
    """Look at a photograph without decoding it.

    Raises:
        PhotoRefused: with the reason and a sentence; `replaced` where what lies on the disk is
            no longer what was received, whatever else is wrong with it.
    """
    with _stations(), open_regular(original.path) as file:
        try:
            with _stations():
                return _inspected(Source(file), file, original, limits)
        except PhotoRefused:
            # A verdict is recorded with the digest: it must be about those very bytes.
            if _is_another(file, original):
                raise _replaced() from None
            raise


def _inspected(source: Source, file: BinaryIO, original: Original, limits: Limits) -> Inspection:
    if source.size != original.size:
        raise _replaced()
    if source.size == 0:
        raise PhotoRefused(Reason.EMPTY, "it is empty (0 bytes): copy or export it again")
    if source.size > limits.most_original_bytes:
        raise PhotoRefused(
            Reason.FILE_TOO_LARGE,
            f"it has {source.size / 1e6:.0f} MB, and at most "
            f"{limits.most_original_bytes / 1e6:g} MB are taken: export it smaller",
        )
    format_ = identify(source.some(0, HEAD_BYTES), source.size, original.path.suffix)
    structure = _WALKS[format_](source, limits)
    mode, (width, height) = _opened(file, format_)
    if (structure.width, structure.height) != (width, height):
        # The limits were kept by one reading, and the other one decodes.
        raise damaged("its parts do not agree on its size")
    checked_size(width, height, limits)
    exif = tuple(read_exif(block) for block in structure.notes.exif)
    return Inspection(
        format=format_,
        width=width,
        height=height,
        orientation=exif[0].orientation if exif else 1,
        mode=mode,
        bit_depth=structure.bit_depth,
        profile=colour_profile(structure.notes, exif, mode),
        frames=structure.frames,
        private=is_private(structure.notes, exif),
        trailing=structure.trailing,
    )


def _opened(file: BinaryIO, format_: ImageFormat) -> tuple[str, tuple[int, int]]:
    """Give mode and size as Pillow sees them by the header: it is what decodes later.

    A camera's JPEG with a preview behind it is an MPO for Pillow; it has no opener of that name.
    """
    with _QUIETLY, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on EXIF and animations that matter to nobody here
        file.seek(0)
        image = Image.open(file, formats=[format_.value])
        return image.mode, image.size


@contextmanager
def _stations() -> Iterator[None]:
    """Turn whatever goes wrong on foreign bytes into a refusal: Pillow raises nearly anything."""
    try:
        yield
    except PhotoRefused:
        raise
    except MemoryError as error:
        raise no_memory() from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused(
            Reason.TOO_MANY_PIXELS,
            "it has more pixels than the program decodes: export it smaller, or raise the limit",
        ) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise unreadable(error) from error
        raise damaged("its header cannot be understood") from error


def _is_another(file: BinaryIO, original: Original) -> bool:
    try:
        file.seek(0)
    except OSError as error:
        raise unreadable(error) from error
    return digest(file) != original.sha256


def _replaced() -> PhotoRefused:
    return PhotoRefused(
        Reason.REPLACED, "it was changed while it was being worked on: run again for the new one"
    )
