"""How pictures are made: the limits they keep, the recipe, and the record of what was done.

`pipeline.values` gives these on with the others. Pixels are width × height, sizes are bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["EncodeReport", "EncodeSettings", "Limits", "Preset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may come in and what may go up; each default's reason is at its setting.

    Bytes for sizes; pixels for `longest_side` and `most_pixels` (width × height × frames for one
    frame: a decode of more than this is refused as a decompression bomb).
    """

    max_bytes: int = 1_000_000
    longest_side: int = 2048
    most_pixels: int = 160_000_000
    most_frames: int = 5_000
    most_original_bytes: int = 1_000_000_000


class Preset(StrEnum):
    """What a picture is made for."""

    BEST = "best"
    """The best that fits."""
    FAST = "fast"
    """A backlog: half the processor's time, for a little less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeSettings:
    """How a picture is made.

    Attributes:
        pace: the best that fits, or nearly that in half the time.
        quality_best: the JPEG and WebP quality above which nothing visible is gained, 1–100.
        quality_floor: the quality below which a picture is refused rather than sent, 1–100.
        keep_copyright: keep copyright and creator when other metadata is removed.
    """

    preset: Preset = Preset.BEST
    quality_best: int = 97
    quality_floor: int = 60
    keep_copyright: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeReport:
    """How a picture came to be what it is.

    Attributes:
        scale: its longest side as a share of the original's, 1 where no pixel was given up.
        decoded: the share of the original's side that was decoded: 1, 1/2, 1/4 or 1/8.
        resampling: how it was reduced, empty where it was not.
        chroma: `4:4:4`, `4:2:0` or `grey` for a JPEG, else empty.
        quality: of the encoder, 1–100; None where nothing was lost.
        encodes: how often the whole was encoded, 0 where its bytes or pixels are the original's.
        why: why this format, in a phrase.
    """

    scale: float = 1.0
    decoded: float = 1.0
    resampling: str = ""
    chroma: str = ""
    quality: float | None = None
    encodes: int = 0
    why: str = ""
