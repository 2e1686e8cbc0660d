"""Lets a picture go up with its pixels as they are, where nothing about them has to change.

Byte for byte where nothing private and nothing superfluous is in the file; otherwise only that is
taken out, which costs no quality and hardly any time.
"""

from __future__ import annotations

from typing import BinaryIO, Final

from pipeline.formats import shown, strip_metadata
from pipeline.formats.reader import MOST_METADATA_BYTES
from pipeline.memory import Budget
from pipeline.prepare.animation import animation_memory, survey
from pipeline.prepare.decode import open_picture, open_still
from pipeline.prepare.encode.gif import GIF_FRAMES, GIF_SIDE
from pipeline.prepare.encode.result import Encoded, check_encoded
from pipeline.prepare.metadata import kept_notice
from pipeline.values import EncodeReport, EncodeSettings, ImageFormat, Inspection, Limits, Profile

__all__ = ["AS_IT_WAS", "passed_through"]

AS_IT_WAS: Final = ("as it was",)

PASSING: Final = frozenset({ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.GIF, ImageFormat.WEBP})
"""Formats that every browser shows; the store takes BMP, WBMP and XBM, but shoppers see nothing."""

PASSING_MODES: Final = frozenset(
    {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "I;16", "I;16B", "I;16L", "I"}
)
"""What browsers take for sRGB; CMYK and Lab look different in each of them."""

SURELY_READ: Final = 4
"""Times the limit up to which a file is read into memory without a look at what is large in it."""


def passed_through(
    file: BinaryIO,
    size: int,
    inspection: Inspection,
    limits: Limits,
    encoding: EncodeSettings,
    budget: Budget,
) -> Encoded | None:
    """Return the picture with its pixels as they are, None where they have to change.

    Every frame is decoded once, which proves that the original is whole.

    Args:
        file: the original, open for reading.
        size: its bytes.
        inspection: what its header and structure say.
        limits: the longest side and the bytes.
        encoding: what metadata to keep.
        budget: the memory for pictures in hand.

    Raises:
        PhotoRefused: what decoding raises; `defect`.
    """
    clean = not inspection.private and not inspection.trailing
    most = limits.max_bytes + (0 if clean else MOST_METADATA_BYTES)
    if size > most or not _suits(inspection, limits):
        return None
    content: bytes | None = None
    if not clean:
        if size > limits.max_bytes * SURELY_READ and _is_large(file, inspection, limits):
            return None
        image = open_picture(file, inspection, limits)
        notice = kept_notice(image, file, inspection.format, keep_copyright=encoding.keep_copyright)
        content = strip_metadata(file, inspection.format, notice)
        if content is None or len(content) > limits.max_bytes:
            return None
    width, height = _proved(file, inspection, limits, budget)
    if content is None:
        file.seek(0)
        content = file.read()
    made = Encoded(
        content=content,
        format=inspection.format,
        width=width,
        height=height,
        work=AS_IT_WAS if clean else ("metadata removed, pixels as they were",),
        encode_report=EncodeReport(why="nothing about its pixels had to change"),
    )
    if not clean:
        check_encoded(made, limits, inspection.frames)
    return made


def _is_large(file: BinaryIO, inspection: Inspection, limits: Limits) -> bool:
    """Whether the picture alone, without what stands beside it, is over the limit."""
    total = 0
    for piece in shown(file, inspection.format) or ():
        total += len(piece)
        if total > limits.max_bytes:
            return True
    return False


def _suits(inspection: Inspection, limits: Limits) -> bool:
    longest = max(inspection.width, inspection.height)
    if inspection.format is ImageFormat.GIF and (
        inspection.frames > GIF_FRAMES or longest > GIF_SIDE
    ):
        return False
    return (
        inspection.format in PASSING
        and longest <= limits.longest_side
        and inspection.profile in (Profile.UNTAGGED, Profile.SRGB)
        and inspection.orientation == 1
        and inspection.mode in PASSING_MODES
    )


def _proved(
    file: BinaryIO, inspection: Inspection, limits: Limits, budget: Budget
) -> tuple[int, int]:
    """Decode all of it and give width × height in pixels."""
    if inspection.frames > 1:
        with budget.reserve(animation_memory(inspection)):
            return survey(file, inspection, limits).size
    still = open_still(file, inspection, limits)
    with budget.reserve(still.memory):
        return still.decode().size
