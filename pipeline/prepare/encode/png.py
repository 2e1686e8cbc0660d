"""Encodes a PNG without loss, where that fits within the limit."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

from pipeline.formats.decoding import writing
from pipeline.prepare.encode.palette import exact_palette
from pipeline.prepare.encode.quality import sample_of
from pipeline.prepare.encode.result import Encoded, Miss
from pipeline.values import EncodeReport, ImageFormat
from pipeline.wording import data_size, pixels

__all__ = ["fit_png"]

LEVEL: Final = 7
"""zlib's effort: the highest takes four times as long for 3 % fewer bytes (0.48 and 1.9 s)."""

HARDEST: Final = 9

GAIN: Final = 1.05
"""What the hardest level can still gain: it is tried only where that decides."""

HOPELESS: Final = 1.15
"""A sample this much over the limit is believed."""


def fit_png(image: Image.Image, max_bytes: int, exif: bytes) -> Encoded | Miss:
    """Encode losslessly: with a palette where there are at most 256 colours, else in full.

    Args:
        image: mode `1`, `L`, `LA`, `RGB` or `RGBA`.
        max_bytes: the most bytes the file may have.
        exif: what metadata to keep, may be empty.

    Raises:
        PhotoRefused: `no_memory`, `defect`.
    """
    with writing("a PNG"):
        few = exact_palette(image) if image.mode in ("RGB", "RGBA") else None
        said = "PNG, lossless"
        alpha = b""
        if few is not None:
            image, alpha = few
            said = "PNG, lossless, with a palette"
        foretold = _foretold(image, alpha)
        content = b"" if foretold > max_bytes * HOPELESS else _encode(image, alpha, exif, LEVEL)
        if max_bytes < len(content) <= max_bytes * GAIN:
            content = _encode(image, alpha, exif, HARDEST)
    size = len(content) or foretold
    if size > max_bytes:
        return Miss(
            tried=f"{pixels(image.size)} as a lossless PNG ({data_size(size, digits=1)})",
            scale=(max_bytes / size) ** 0.5,
        )
    return Encoded(
        content=content,
        format=ImageFormat.PNG,
        width=image.width,
        height=image.height,
        work=(said,),
        encode_report=EncodeReport(encodes=1),
    )


def _foretold(image: Image.Image, alpha: bytes) -> float:
    """Foretell the size in bytes; 0 where the sample is the whole picture."""
    sample = sample_of(image, 16)
    if sample.times == 1.0:
        return 0.0
    file = io.BytesIO()
    if image.mode == "P":
        sample.image.putpalette(image.getpalette() or [], "RGB")
    sample.image.save(file, "PNG", compress_level=LEVEL)
    return len(file.getvalue()) * sample.times


def _encode(image: Image.Image, alpha: bytes, exif: bytes, level: int) -> bytes:
    file = io.BytesIO()
    options: dict[str, object] = {"compress_level": level}
    if alpha:
        options["transparency"] = alpha
    if exif:
        options["exif"] = exif
    image.save(file, "PNG", **options)
    return file.getvalue()
