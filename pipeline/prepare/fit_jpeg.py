"""Encodes a JPEG with the highest quality that the limit affords.

Chroma is kept at full resolution (4:4:4): halving it costs up to 40 points of SSIMULACRA2 on
saturated edges, which product photographs are full of, while the bytes it saves are worth a few
steps of quality. Qualities are fractions, by scaled quantisation tables, so the limit can be met
closely. Progressive with optimised Huffman tables: some 5 % smaller at the same pixels.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from PIL import Image

from pipeline.prepare.encoded import Encoded, Miss, megabytes, pixels
from pipeline.prepare.search import best_setting, sample_of
from pipeline.prepare.stations import writing
from pipeline.values import ImageFormat, Recipe

__all__ = ["fit_jpeg"]

LONGEST: Final = 65_500
"""Pixels a side that libjpeg encodes at most (JPEG_MAX_DIMENSION in jmorecfg.h)."""

HEADERS: Final = 700
"""Bytes of a progressive JPEG's tables, some; ten times that would be 1 % of the limit."""

_LUMINANCE: Final = (
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMINANCE: Final = (
    17, 18, 24, 47, 99, 99, 99, 99,
    18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99,
    *(99,) * 32,
)  # fmt: skip
# Tables K.1 and K.2 of ITU-T T.81, which libjpeg scales for its qualities too.


def fit_jpeg(
    image: Image.Image, max_bytes: int, recipe: Recipe, exif: bytes, *, full_chroma: bool = True
) -> Encoded | Miss:
    """Encode an opaque picture within the limit.

    Args:
        image: mode `L` or `RGB` (`1` becomes `L`).
        max_bytes: the most bytes the file may have.
        recipe: the best quality and the floor.
        exif: what metadata to keep, may be empty.
        full_chroma: true for 4:4:4, false for 4:2:0.

    Raises:
        PhotoRefused: `no_memory`, `defect`.
    """
    if max(image.size) > LONGEST:
        return Miss(
            tried=f"{pixels(image.size)} (a JPEG has at most {LONGEST:,} px a side)",
            scale=LONGEST / max(image.size),
            exact=True,
        )
    with writing("a JPEG"):
        if image.mode == "1":
            image = image.convert("L")
        chroma = "grey" if image.mode == "L" else "4:4:4" if full_chroma else "4:2:0"
        best = best_setting(
            image=image,
            sample=sample_of(image, 8 if full_chroma else 16),
            encode=_encoder(exif, full_chroma=full_chroma),
            most=max_bytes,
            low=recipe.quality_floor,
            high=recipe.quality_best,
            overhead=HEADERS + len(exif),
        )
    if best.content is None:
        return Miss(
            tried=f"{pixels(image.size)} at JPEG quality {recipe.quality_floor}, {chroma} "
            f"({megabytes(best.size)})",
            scale=(max_bytes / best.size) ** 0.5,
        )
    return Encoded(
        content=best.content,
        format=ImageFormat.JPEG,
        width=image.width,
        height=image.height,
        work=(f"JPEG quality {best.setting:.0f}, {chroma}",),
    )


def _encoder(exif: bytes, *, full_chroma: bool) -> Callable[[Image.Image, float], bytes]:
    def encode(image: Image.Image, quality: float) -> bytes:
        file = io.BytesIO()
        image.save(
            file,
            "JPEG",
            qtables=_tables(quality),
            subsampling=0 if full_chroma else 2,
            optimize=True,
            progressive=True,
            exif=exif,
        )
        return file.getvalue()

    return encode


def _tables(quality: float) -> list[list[int]]:
    """Scale the tables as libjpeg's `jpeg_quality_scaling` does, for fractions of a step too."""
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    return [
        [min(255, max(1, int((step * percent + 50) / 100))) for step in table]
        for table in (_LUMINANCE, _CHROMINANCE)
    ]
