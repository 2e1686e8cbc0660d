"""Chooses the format by what a still shows, and gives up pixels last of all.

`FORMATS` is the choice: its rows are tried in turn, and the first that fits goes up.

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

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial
from typing import Final

import numpy as np
from PIL import Image

from pipeline.formats.notice import Notice
from pipeline.prepare.encode.jpeg import encode_jpeg
from pipeline.prepare.encode.png import encode_png
from pipeline.prepare.encode.result import DidNotFit, Encoded, Target
from pipeline.prepare.encode.webp import encode_webp, encode_webp_lossless
from pipeline.prepare.pixels import scaled
from pipeline.prepare.resize import reduced
from pipeline.refusals import cannot_fit
from pipeline.values import EncodeSettings, ImageFormat, Limits

__all__ = ["encode_still"]

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


class Kind(Enum):
    """What a still is, as far as the choice of a format goes."""

    TRANSPARENT = auto()
    FROM_PNG = auto()
    FROM_JPEG = auto()
    DRAWN = auto()
    PHOTOGRAPHED = auto()


@dataclass(frozen=True, slots=True)
class Choice:
    """A format that may go up.

    Attributes:
        encode: encodes a still in it, or says by how much that missed the limit.
        why: the kinds of stills it is tried for, and why it is chosen for them, in a phrase.
        in_colour: it is tried for colours only, not for grey.
    """

    encode: Callable[[Image.Image, Target], Encoded | DidNotFit]
    why: Mapping[Kind, str]
    in_colour: bool = False


_WEBP: Final = {Kind.TRANSPARENT: "it is transparent, and larger than the limit as a PNG"}

_TOO_LARGE_LOSSLESS: Final = "larger than the limit without loss"

_JPEG: Final = {
    Kind.FROM_PNG: _TOO_LARGE_LOSSLESS,
    Kind.FROM_JPEG: "it was a JPEG",
    Kind.DRAWN: _TOO_LARGE_LOSSLESS,
    Kind.PHOTOGRAPHED: "photographed, not drawn",
}

FORMATS: Final = (
    Choice(
        encode_png,
        {
            Kind.TRANSPARENT: "it is transparent, and fits without loss",
            Kind.FROM_PNG: "it fits without loss",
            Kind.DRAWN: "drawn, not photographed",
        },
    ),
    Choice(encode_webp_lossless, _WEBP),
    Choice(encode_webp, _WEBP),
    Choice(encode_jpeg, _JPEG),
    Choice(partial(encode_jpeg, full_chroma=False), _JPEG, in_colour=True),
)
"""The choice of the format, best first."""


def encode_still(
    image: Image.Image,
    source: ImageFormat,
    limits: Limits,
    encoding: EncodeSettings,
    notice: Notice,
) -> Encoded:
    """Encode a still within the limits.

    Args:
        image: upright, sRGB, mode `1`, `L`, `LA`, `RGB` or `RGBA`, within the longest side.
        source: the original's format.
        limits: the most bytes.
        encoding: qualities.
        notice: who made it and whose it is, may be empty.

    Raises:
        PhotoRefused: `cannot_fit` with what was tried; `no_memory`, `defect`.
    """
    target = Target(max_bytes=limits.max_bytes, encoding=encoding, notice=notice)
    tried: list[str] = []
    full = image
    while True:
        scales: list[float] = []
        kind = _kind(image, source)
        for choice in _choices(image, kind):
            attempt = choice.encode(image, target)
            if isinstance(attempt, Encoded):
                report = replace(attempt.encode_report, why=choice.why[kind])
                return replace(attempt, encode_report=report)
            tried.append(attempt.tried)
            scales.append(attempt.next_scale)
        longest = max(image.size)
        smaller = max(max(scales) * longest, min(SMALLEST_SIDE, longest))
        if int(smaller) >= longest:
            raise cannot_fit("it", limits, tried)
        # From the largest one each time: reducing a reduced picture would blur it.
        image = reduced(full, scaled(full.size, int(smaller) / max(full.size)))


def _choices(image: Image.Image, kind: Kind) -> Iterator[Choice]:
    return (
        choice
        for choice in FORMATS
        if kind in choice.why and (image.mode == "RGB" or not choice.in_colour)
    )


def _kind(image: Image.Image, source: ImageFormat) -> Kind:
    if image.mode in ("LA", "RGBA"):
        return Kind.TRANSPARENT
    if source is ImageFormat.PNG:
        return Kind.FROM_PNG
    if source is ImageFormat.JPEG:
        return Kind.FROM_JPEG
    return Kind.DRAWN if _is_drawn(image) else Kind.PHOTOGRAPHED


def _is_drawn(image: Image.Image) -> bool:
    """Whether a picture is drawn rather than photographed: few colours, or flat and hard."""
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
