"""Bar codes and QR codes in a photograph, read by zxing-cpp (the extra `barcode`).

Looked for in 6 megapixels, as they lie and upside down, and once more in a quarter of them, turned:
what stands upright in a photograph is large. How long that takes: `tests.benchmarks.labels`.
"""

from __future__ import annotations

from itertools import pairwise
from types import ModuleType
from typing import Any, Final

import numpy as np
from PIL import Image

from pipeline.formats.decoding import reading
from pipeline.labels import LONGEST_CODE, MOST_CODES, Code
from pipeline.originals import open_unchanged
from pipeline.prepare.decode import open_picture
from pipeline.values import ImageFormat, Inspection, Limits, Original

__all__ = ["PIXELS", "codes_in", "load_reader", "read_codes"]

PIXELS: Final = 6_000_000
"""In which codes are looked for; in fewer, small ones are not found."""

_RETAIL: Final = ("EAN13", "EAN8", "UPCA", "UPCE")

_OWN: Final = ("QRCode", "MicroQRCode", "DataMatrix", "Code128", "Code39", "ITF")


def load_reader() -> ModuleType | None:
    """Return what reads codes; None where it is not installed."""
    try:
        import zxingcpp
    except ImportError:
        return None
    module: ModuleType = zxingcpp
    return module


def codes_in(original: Original, inspection: Inspection, limits: Limits) -> tuple[Code, ...]:
    """Return the codes in a picture (an animation's first); none where nothing reads them.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels` or `no_memory`; `replaced` where
            the content is no longer the one that was digested.
    """
    if load_reader() is None:
        return ()
    with open_unchanged(original) as file:
        image = open_picture(file, inspection, limits)
        with reading():
            grey = _grey(image, inspection)
    return read_codes(grey)


def read_codes(grey: Image.Image) -> tuple[Code, ...]:
    """Return the codes in a grey picture; none where nothing reads them."""
    reader = load_reader()
    if reader is None:
        return ()
    upright = Image.Transpose.ROTATE_90
    codes = _read(reader, grey) or _read(reader, grey.reduce(2).transpose(upright))
    return codes[:MOST_CODES]


def _grey(image: Image.Image, inspection: Inspection) -> Image.Image:
    share = (PIXELS / (image.width * image.height)) ** 0.5
    if inspection.format is ImageFormat.JPEG and share < 1:
        # The luminance alone, at a fraction that leaves as many pixels at least.
        image.draft("L", (round(image.width * share), round(image.height * share)))
        share = (PIXELS / (image.width * image.height)) ** 0.5
    grey = image.convert("RGBA").convert("L") if image.mode in ("P", "PA") else image.convert("L")
    if share >= 1:
        return grey
    size = max(1, round(grey.width * share)), max(1, round(grey.height * share))
    return grey.resize(size, Image.Resampling.BOX)


def _read(reader: ModuleType, grey: Image.Image) -> tuple[Code, ...]:
    formats = reader.BarcodeFormats([getattr(reader, name) for name in (*_RETAIL, *_OWN)])
    retail = {getattr(reader, name) for name in _RETAIL}
    codes = reader.read_barcodes(
        np.asarray(grey), formats=formats, try_rotate=False, try_downscale=True, try_invert=False
    )
    longer = max(grey.size)
    return tuple(
        Code(
            text=code.text,
            retail=code.format in retail,
            share=min(1.0, _longer_side(code.position) / longer),
        )
        for code in codes
        if 0 < len(code.text) <= LONGEST_CODE and code.text.isprintable()
    )


def _longer_side(position: Any) -> float:
    corners = [position.top_left, position.top_right, position.bottom_right, position.bottom_left]
    return float(
        max(
            ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
            for one, other in pairwise(corners)
        )
    )
