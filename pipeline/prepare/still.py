"""Chooses the format by what a still shows, and gives up pixels last of all.

    transparent               PNG without loss, WebP without loss, WebP
    opaque, from a PNG        PNG without loss, JPEG
    opaque, from a JPEG       JPEG
    opaque, else: graphics    PNG without loss, JPEG
    photographs               JPEG

No palette with lost colours: what is drawn and does not fit without loss comes out closer as a JPEG
that uses the limit. Two drawings of 1600 × 1200, without loss 160 and 245 kB, SSIM of luminance:

    256 colours, median cut               0.997  0.984    48 kB   65 kB
    256 colours, octree                   0.995  0.979    51 kB   65 kB
    256 colours, libimagequant, dithered  0.996  0.843    58 kB  385 kB
    JPEG quality 95                       1.000  0.999   255 kB  353 kB

(libimagequant would be an extra of its own, under the GPL: it does not earn that.)

Where the floor of quality is still too large, the picture is made smaller and everything is tried
again, down to `SMALLEST_SIDE`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.prepare.encode.jpeg import fit_jpeg
from pipeline.prepare.encode.png import fit_png
from pipeline.prepare.encode.result import Encoded, Miss, told
from pipeline.prepare.encode.webp import fit_webp, fit_webp_lossless
from pipeline.prepare.geometry import scaled
from pipeline.prepare.resize import reduced
from pipeline.values import EncodeSettings, ImageFormat, Limits

__all__ = ["SMALLEST_SIDE", "fit_still", "is_graphic"]

SMALLEST_SIDE: Final = 512
"""Longest side in pixels below which no picture is made: the store's own standard view is larger,
so less would show as a blur on every product page."""

FLAT_SHARE: Final = 0.5
SOFT_SHARE: Final = 0.5
SOFT: Final = 16
"""When a picture counts as drawn: at least half of its pixels equal their right neighbour, and of
the others less than half differ by 16 levels or less.

Photographs of products on pure white are flat too (0.66 to 0.91 of the pixels), but their changes
are soft (0.79 to 0.99 of them); diagrams and text have 0.14 or less.
"""


def fit_still(
    image: Image.Image, source: ImageFormat, limits: Limits, recipe: EncodeSettings, exif: bytes
) -> Encoded:
    """Encode a still within the limits.

    Args:
        image: upright, sRGB, mode `1`, `L`, `LA`, `RGB` or `RGBA`, within the longest side.
        source: the original's format.
        limits: the most bytes.
        recipe: qualities.
        exif: what metadata to keep, may be empty.

    Raises:
        PhotoRefused: `cannot_fit` with what was tried; `no_memory`, `defect`.
    """
    tried: list[str] = []
    full = image
    while True:
        scales: list[float] = []
        for attempt in _attempts(image, source, limits.max_bytes, recipe, exif):
            if isinstance(attempt, Encoded):
                why = _why(image, source, attempt)
                return replace(attempt, encode_report=replace(attempt.encode_report, why=why))
            tried.append(attempt.tried)
            scales.append(attempt.next_scale)
        longest = max(image.size)
        smaller = max(max(scales) * longest, min(SMALLEST_SIDE, longest))
        if int(smaller) >= longest:
            raise PhotoRefused(
                Reason.CANNOT_FIT,
                f"it cannot be brought under {limits.max_bytes:,} bytes: tried {told(tried)}",
            )
        # From the largest one each time: reducing a reduced picture would blur it.
        image = reduced(full, scaled(full.size, int(smaller) / max(full.size)))


def _why(image: Image.Image, source: ImageFormat, made: Encoded) -> str:
    """Say in a phrase why the format was chosen."""
    if made.format is ImageFormat.WEBP:
        return "it is transparent, and larger than the limit as a PNG"
    if made.format is ImageFormat.JPEG:
        if source is ImageFormat.JPEG:
            return "it was a JPEG"
        if source is ImageFormat.PNG or is_graphic(image):
            return "larger than the limit without loss"
        return "photographed, not drawn"
    if image.mode in ("LA", "RGBA"):
        return "it is transparent, and fits without loss"
    return "it fits without loss" if source is ImageFormat.PNG else "drawn, not photographed"


def is_graphic(image: Image.Image) -> bool:
    """Tell whether a picture is drawn rather than photographed: few colours, or flat and hard."""
    if image.mode == "1" or image.width < 2:
        return True
    if image.mode != "L" and image.getcolors(256) is not None:
        return True
    flat = soft = total = 0
    # Every sixteenth row says enough.
    for top in range(0, image.height, 16):
        row = np.asarray(image.crop((0, top, image.width, top + 1)))[0].astype(np.int16)
        step = np.abs(np.diff(row.reshape(image.width, -1), axis=0)).max(axis=1)
        flat += int((step == 0).sum())
        soft += int(((step > 0) & (step <= SOFT)).sum())
        total += step.size
    return flat >= total * FLAT_SHARE and soft < (total - flat) * SOFT_SHARE


def _attempts(
    image: Image.Image, source: ImageFormat, most: int, recipe: EncodeSettings, exif: bytes
) -> Iterator[Encoded | Miss]:
    """Yield one attempt after another, best first; the caller stops at the first that fits."""
    if image.mode in ("LA", "RGBA"):
        yield fit_png(image, most, exif)
        yield fit_webp_lossless(image, most, exif)
        yield fit_webp(image, most, recipe, exif)
        return
    if source is ImageFormat.PNG or (source is not ImageFormat.JPEG and is_graphic(image)):
        yield fit_png(image, most, exif)
    yield fit_jpeg(image, most, recipe, exif)
    if image.mode == "RGB":
        yield fit_jpeg(image, most, recipe, exif, full_chroma=False)
