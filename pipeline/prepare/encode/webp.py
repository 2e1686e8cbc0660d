"""Encodes a WebP with its transparency: without loss where that fits, else as well as it can."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from PIL import Image

from pipeline.formats.decoding import writing
from pipeline.prepare.encode.quality import best_setting, sample_of
from pipeline.prepare.encode.result import Encoded, Miss
from pipeline.values import EncodeReport, EncodeSettings, ImageFormat
from pipeline.wording import data_size, pixels

__all__ = ["WEBP_LONGEST", "fit_webp", "fit_webp_lossless"]

WEBP_LONGEST: Final = 16_383
"""Pixels a side that WebP encodes at most (WEBP_MAX_DIMENSION)."""

METHOD: Final = 4
"""libwebp's effort, 0 to 6; its own default."""

HOPELESS: Final = 1.3
"""A sample this much over the limit is believed: strips compress worse than the whole."""


def fit_webp_lossless(image: Image.Image, max_bytes: int, exif: bytes) -> Encoded | Miss:
    """Encode every visible pixel as it is.

    Args:
        image: mode `LA` or `RGBA`.
        max_bytes: the most bytes the file may have.
        exif: what metadata to keep, may be empty.

    Raises:
        PhotoRefused: `no_memory`, `defect`.
    """
    if max(image.size) > WEBP_LONGEST:
        return _too_long(image)
    with writing("a WebP"):
        sample = sample_of(image, 16)
        content = b""
        size = 0.0
        if sample.times > 1.0:
            size = len(_lossless(sample.image, b"")) * sample.times
        if size <= max_bytes * HOPELESS:
            content = _lossless(image, exif)
            size = len(content)
    if not content or size > max_bytes:
        return Miss(
            tried=f"{pixels(image.size)} as a lossless WebP ({data_size(size, digits=1)})",
            scale=(max_bytes / size) ** 0.5,
        )
    return _encoded(image, content, "WebP, lossless", EncodeReport(encodes=1))


def fit_webp(
    image: Image.Image, max_bytes: int, recipe: EncodeSettings, exif: bytes
) -> Encoded | Miss:
    """Encode with the highest quality that the limit affords; alpha stays without loss.

    Args:
        image: mode `LA` or `RGBA`.
        max_bytes: the most bytes the file may have.
        recipe: the best quality and the floor.
        exif: what metadata to keep, may be empty.

    Raises:
        PhotoRefused: `no_memory`, `defect`.
    """
    if max(image.size) > WEBP_LONGEST:
        return _too_long(image)
    with writing("a WebP"):
        sample = sample_of(image, 32)
        best = best_setting(
            image=image,
            sample=sample,
            encode=_encoder(exif),
            most=max_bytes,
            low=recipe.quality_floor,
            high=recipe.quality_best,
        )
    if best.content is None:
        return Miss(
            tried=f"{pixels(image.size)} at WebP quality {recipe.quality_floor} "
            f"({data_size(best.size, digits=1)})",
            scale=(max_bytes / best.size) ** 0.5,
        )
    encode_report = EncodeReport(quality=round(best.setting, 1), encodes=best.encodes)
    return _encoded(image, best.content, f"WebP quality {best.setting:.0f}", encode_report)


def _encoder(exif: bytes) -> Callable[[Image.Image, float], bytes]:
    def encode(image: Image.Image, quality: float) -> bytes:
        file = io.BytesIO()
        image.save(file, "WEBP", quality=quality, alpha_quality=100, method=METHOD, exif=exif)
        return file.getvalue()

    return encode


def _lossless(image: Image.Image, exif: bytes) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, quality=50, method=METHOD, exif=exif)
    return file.getvalue()


def _encoded(image: Image.Image, content: bytes, said: str, encode_report: EncodeReport) -> Encoded:
    return Encoded(
        content=content,
        format=ImageFormat.WEBP,
        width=image.width,
        height=image.height,
        work=(said,),
        encode_report=encode_report,
    )


def _too_long(image: Image.Image) -> Miss:
    return Miss(
        tried=f"{pixels(image.size)} (a WebP has at most {WEBP_LONGEST:,} px a side)",
        scale=WEBP_LONGEST / max(image.size),
        exact=True,
    )
