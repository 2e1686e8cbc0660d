"""Encodes a PNG without loss, where that fits within the limit."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from pipeline.formats.decoding import writing
from pipeline.formats.notice import Notice
from pipeline.prepare.encode.quality import sample_of
from pipeline.prepare.encode.result import DidNotFit, Encoded, Target, too_many_bytes
from pipeline.values import EncodeReport, ImageFormat

__all__ = ["encode_png"]

LEVEL: Final = 7
"""zlib's effort: the highest takes four times as long for 3 % fewer bytes (0.48 and 1.9 s)."""

HARDEST: Final = 9

GAIN: Final = 1.05
"""What the hardest level can still gain: it is tried only where that decides."""

HOPELESS: Final = 1.15
"""A sample this much over the limit is believed."""

MOST_COLOURS: Final = 256
"""Colours that a palette holds."""


def encode_png(image: Image.Image, target: Target) -> Encoded | DidNotFit:
    """Encode losslessly: with a palette where there are at most 256 colours, else in full.

    Args:
        image: mode `1`, `L`, `LA`, `RGB` or `RGBA`.
        target: the most bytes, and what metadata to keep.

    Raises:
        PhotoRefused: `no_memory`, `defect`.
    """
    max_bytes, notice = target.max_bytes, target.notice
    with writing("a PNG"):
        few = _exact_palette(image) if image.mode in ("RGB", "RGBA") else None
        said = "PNG, lossless"
        alpha = b""
        if few is not None:
            image, alpha = few
            said = "PNG, lossless, with a palette"
        foretold = _foretold(image, alpha)
        content = b"" if foretold > max_bytes * HOPELESS else _encode(image, alpha, notice, LEVEL)
        if max_bytes < len(content) <= max_bytes * GAIN:
            content = _encode(image, alpha, notice, HARDEST)
    size = len(content) or foretold
    if size > max_bytes:
        return too_many_bytes(image, "as a lossless PNG", size, max_bytes)
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


def _encode(image: Image.Image, alpha: bytes, notice: Notice, level: int) -> bytes:
    file = io.BytesIO()
    options: dict[str, object] = {"compress_level": level}
    if alpha:
        options["transparency"] = alpha
    if notice.exif:
        options["exif"] = notice.exif
    if notice.xmp:
        texts = options["pnginfo"] = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", notice.xmp.decode())
    image.save(file, "PNG", **options)
    return file.getvalue()


def _exact_palette(image: Image.Image) -> tuple[Image.Image, bytes] | None:
    """Return the same picture in mode `P` and the palette's alpha; None where it has more colours.

    Args:
        image: mode `RGB` or `RGBA`.

    Returns:
        The picture, and one byte of alpha a colour for PNG's tRNS chunk (empty where all are
        opaque); colours that are not opaque come first, so that the chunk stays short.
    """
    found = image.getcolors(MOST_COLOURS)
    if found is None:
        return None
    colours = sorted((_four(colour) for _, colour in found), key=lambda four: (four[3], four))
    # As 32-bit numbers, of which numpy finds each pixel's place in a sorted list.
    table = np.array(colours, np.uint8).reshape(-1, 4)
    numbers = _numbers(table)
    order = np.argsort(numbers)
    places = np.empty((image.height, image.width), np.uint8)
    rows = max(1, 1_000_000 // image.width)
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(image.height, top + rows)))
        shown = _numbers(np.asarray(band.convert("RGBA")))
        places[top : top + rows] = order[np.searchsorted(numbers[order], shown)]
    result = Image.fromarray(places, "L")
    result.putpalette(table[:, :3].tobytes(), "RGB")
    clear = int((table[:, 3] < 255).sum())
    return result, table[:clear, 3].tobytes()


def _numbers(colours: NDArray[np.uint8]) -> NDArray[np.uint32]:
    return np.ascontiguousarray(colours).view(np.uint32)[..., 0]


def _four(colour: object) -> tuple[int, int, int, int]:
    if not isinstance(colour, tuple):
        raise TypeError(f"a colour of {colour!r}")
    red, green, blue, *alpha = colour
    return red, green, blue, alpha[0] if alpha else 255
