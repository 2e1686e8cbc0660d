"""Checks one photograph: its kind, its structure to the end, and the facts of its header."""

from __future__ import annotations

import threading
import warnings
from typing import BinaryIO, Final

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.formats import FORMATS, as_decoded
from pipeline.formats.decoding import reading_header
from pipeline.formats.exif import read_exif
from pipeline.formats.reader import Reader, Structure
from pipeline.originals import digest, open_original
from pipeline.refusals import checked_size, damaged, empty, replaced, too_large, unreadable
from pipeline.validate.captioned import captions_of
from pipeline.validate.colour import colour_profile
from pipeline.validate.privacy import is_private
from pipeline.validate.sniff import HEAD_BYTES, identify
from pipeline.values import ImageFormat, Inspection, Limits, Original

__all__ = ["check"]

_QUIETLY: Final = threading.Lock()
"""Python's list of warning filters belongs to the whole process."""


def check(original: Original, limits: Limits) -> Inspection:
    """Look at a photograph without decoding it.

    Raises:
        PhotoRefused: with the reason and a sentence; `replaced` where what lies on the disk is
            no longer what was received, whatever else is wrong with it.
    """
    with reading_header(), open_original(original) as file:
        try:
            with reading_header():
                return _inspected(Reader(file), file, original, limits)
        except PhotoRefused:
            # A verdict is recorded with the digest: it must be about those very bytes.
            if _is_another(file, original):
                raise replaced() from None
            raise


def _inspected(reader: Reader, file: BinaryIO, original: Original, limits: Limits) -> Inspection:
    if reader.size != original.size:
        raise replaced()
    if reader.size == 0:
        raise empty()
    if reader.size > limits.most_original_bytes:
        raise too_large(reader.size, limits.most_original_bytes)
    format_ = identify(reader.some(0, HEAD_BYTES), reader.size, original.path.suffix)
    structure = FORMATS[format_].walk(reader, limits)
    mode, (width, height) = _opened(file, format_, structure)
    if (structure.width, structure.height) != (width, height):
        # The limits were kept by one reading, and the other one decodes.
        raise damaged("its parts do not agree on its size")
    checked_size(width, height, limits)
    exif = tuple(read_exif(block) for block in structure.metadata.exif)
    return Inspection(
        format=format_,
        width=width,
        height=height,
        orientation=exif[0].orientation if exif else 1,
        mode=mode,
        bit_depth=structure.bit_depth,
        profile=colour_profile(structure.metadata, exif, mode),
        frames=structure.frames,
        private=is_private(structure.metadata, exif),
        trailing=structure.trailing,
        oddities=structure.oddities,
        captions=captions_of(structure.metadata, exif),
    )


def _opened(
    file: BinaryIO, format_: ImageFormat, structure: Structure
) -> tuple[str, tuple[int, int]]:
    """Return mode and size as Pillow sees them by the header: it is what decodes later.

    A camera's JPEG with a preview behind it is an MPO for Pillow; it has no opener of that name.
    """
    with _QUIETLY, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on EXIF and animations that matter to nobody here
        shown = as_decoded(file, format_, structure.oddities)
        image = Image.open(shown, formats=[format_.value])
        return image.mode, image.size


def _is_another(file: BinaryIO, original: Original) -> bool:
    try:
        file.seek(0)
    except OSError as error:
        raise unreadable(error) from error
    return digest(file) != original.sha256
