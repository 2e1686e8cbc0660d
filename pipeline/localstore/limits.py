"""What the store takes at most, by profile, and how many requests a plan allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["PLANS", "PROFILES", "Limits"]

MEGABYTE: Final = 2**20
"""The reference does not say whether its megabyte is 10^6 or 2^20 bytes: the laxer one here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The catalogue's limits.

    Attributes:
        upload_bytes: the largest `image_file`, in bytes.
        fetched_bytes: the largest picture behind an `image_url`, in bytes.
        images: the most images of one product.
        gif_frames: the most frames of a GIF.
        gif_side: the longest side of a GIF, in pixels.
        pixels: the most pixels that are decoded; above it a picture is taken for a bomb.
        url_characters: the longest `image_url`.
        page_size: the largest `limit` of a listing.
    """

    upload_bytes: int
    fetched_bytes: int = 8 * MEGABYTE
    images: int = 1000
    gif_frames: int = 150
    gif_side: int = 5120
    # 100 megapixels decode into 300 MB: more than that at once would be felt on a laptop.
    pixels: int = 100_000_000
    url_characters: int = 255
    page_size: int = 250


PROFILES: Final[Mapping[str, Limits]] = MappingProxyType(
    {
        "reference": Limits(upload_bytes=MEGABYTE),
        "current": Limits(upload_bytes=8 * MEGABYTE),
    }
)

PLANS: Final[Mapping[str, int | None]] = MappingProxyType(
    {"standard": 150, "plus": 150, "pro": 450, "unlimited": None}
)
"""Requests a window; None: as many as one likes."""
