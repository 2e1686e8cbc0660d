"""Encodes a JPEG with the highest quality that the limit affords.

Chroma is kept at full resolution (4:4:4): halving it costs up to 40 points of SSIMULACRA2 on
saturated edges, which product photographs are full of, while the bytes it saves are worth a few
steps of quality. Qualities are fractions, so the limit can be met closely. Progressive with
optimised Huffman tables is 6 % smaller at the same pixels and takes 0.1 s for 2.8 megapixels;
baseline with the usual tables takes 0.02 s.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from PIL import Image

from pipeline.formats.decoding import writing
from pipeline.prepare.encode.jpeg_tables import tables
from pipeline.prepare.encode.quality import best_setting, sample_of
from pipeline.prepare.encode.result import Encoded, Miss
from pipeline.values import EncodeReport, EncodeSettings, ImageFormat, Preset
from pipeline.wording import data_size, pixels

__all__ = ["fit_jpeg"]

LONGEST: Final = 65_500
"""Pixels a side that libjpeg encodes at most (JPEG_MAX_DIMENSION in jmorecfg.h)."""

HEADERS: Final = 700
"""Bytes of a progressive JPEG's tables, some; ten times that would be 1 % of the limit."""


def fit_jpeg(
    image: Image.Image,
    max_bytes: int,
    recipe: EncodeSettings,
    exif: bytes,
    *,
    full_chroma: bool = True,
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
        sample = sample_of(image, 8 if full_chroma else 16)
        best = best_setting(
            image=image,
            sample=sample,
            encode=_encoder(exif, full_chroma=full_chroma, small=recipe.preset is Preset.BEST),
            most=max_bytes,
            low=recipe.quality_floor,
            high=recipe.quality_best,
            overhead=HEADERS + len(exif),
        )
    if best.content is None:
        return Miss(
            tried=f"{pixels(image.size)} at JPEG quality {recipe.quality_floor}, {chroma} "
            f"({data_size(best.size, digits=1)})",
            scale=(max_bytes / best.size) ** 0.5,
        )
    return Encoded(
        content=best.content,
        format=ImageFormat.JPEG,
        width=image.width,
        height=image.height,
        work=(f"JPEG quality {best.setting:.0f}, {chroma}",),
        encode_report=EncodeReport(
            chroma=chroma, quality=round(best.setting, 1), encodes=best.encodes
        ),
    )


def _encoder(
    exif: bytes, *, full_chroma: bool, small: bool
) -> Callable[[Image.Image, float], bytes]:
    def saved(image: Image.Image, quality: float, *, small: bool) -> bytes:
        file = io.BytesIO()
        image.save(
            file,
            "JPEG",
            qtables=tables(quality),
            subsampling=0 if full_chroma else 2,
            optimize=small,
            progressive=small,
            exif=exif,
        )
        return file.getvalue()

    def encode(image: Image.Image, quality: float) -> bytes:
        try:
            return saved(image, quality, small=small)
        except OSError:
            if not small:
                raise
            # Pillow's buffer for a progressive file has a byte a pixel, which noise at a high
            # quality exceeds; a baseline one is written piece by piece.
            return saved(image, quality, small=False)

    return encode
