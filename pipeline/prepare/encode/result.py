"""What an encoder of stills is given, what comes of it, and the proof of what comes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

from pipeline.formats.decoding import writing
from pipeline.formats.notice import Notice
from pipeline.refusals import defect
from pipeline.values import EncodeReport, EncodeSettings, ImageFormat, Limits
from pipeline.wording import data_size, pixels

__all__ = ["DidNotFit", "Encoded", "Target", "check_encoded", "too_long", "too_many_bytes"]

HEADROOM: Final = 0.93
"""How much smaller than estimated the next try is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an encoder of stills has to keep to.

    Attributes:
        max_bytes: the most bytes the file may have.
        encoding: the best quality and the floor, and how much time may be spent.
        notice: who made it and whose it is, may be empty.
    """

    max_bytes: int
    encoding: EncodeSettings
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A picture within the limits: its bytes, format and pixels, and how it came to be.

    `work` and `encode_report` are those of `Picture`.
    """

    content: bytes
    format: ImageFormat
    width: int
    height: int
    work: tuple[str, ...]
    encode_report: EncodeReport


@dataclass(frozen=True, slots=True, kw_only=True)
class DidNotFit:
    """An attempt that did not fit.

    Attributes:
        tried: what was tried and how large it came out, for the sentence of a refusal.
        scale: the factor by which the sides would have to shrink for it to fit, below 1.
        exact: the factor is the format's own limit on a side, no estimate.
    """

    tried: str
    scale: float
    exact: bool = False

    @property
    def next_scale(self) -> float:
        """The factor for the next try, with room for a quality above its floor."""
        return self.scale if self.exact else min(0.9, self.scale * HEADROOM)


def too_many_bytes(image: Image.Image, how: str, size: float, max_bytes: int) -> DidNotFit:
    """Return what is said of a picture whose file came out too large.

    Args:
        image: what was encoded.
        how: as what, and with which settings.
        size: bytes of the file, or what it would come to.
        max_bytes: the most it may have.
    """
    return DidNotFit(
        tried=f"{pixels(image.size)} {how} ({data_size(size, digits=1)})",
        scale=(max_bytes / size) ** 0.5,
    )


def too_long(image: Image.Image, what: str, most: int) -> DidNotFit:
    """Return what is said of a picture with a side of more pixels than its format can have."""
    return DidNotFit(
        tried=f"{pixels(image.size)} (a {what} has at most {most:,} px a side)",
        scale=most / max(image.size),
        exact=True,
    )


def check_encoded(made: Encoded, limits: Limits, frames: int = 1) -> None:
    """Prove a finished picture from its bytes alone: decode all of it, hold it to the limits.

    Args:
        made: the picture as it would go up.
        limits: bytes and longest side.
        frames: pictures that it must hold; libwebp makes one of equal neighbours, so an animated
            WebP may have fewer.

    Raises:
        PhotoRefused: `defect` where anything is not as it should be; `no_memory`.
    """
    with writing(f"a {made.format.value}"):
        with Image.open(io.BytesIO(made.content), formats=[made.format.value]) as image:
            size = image.size
            shown = found = int(getattr(image, "n_frames", 1))
            if found > 1 and image.info.get("default_image"):
                shown -= 1  # the still of an animation that begins without it
            if made.format is ImageFormat.JPEG:
                # An eighth decodes every bit of the data, and leaves out most of the arithmetic.
                image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
            image.load()
            for frame in range(1, found):
                image.seek(frame)
                image.load()
        fewest = 1 if made.format is ImageFormat.WEBP else frames
        within = len(made.content) <= limits.max_bytes and max(size) <= limits.longest_side
        right = size == (made.width, made.height) and fewest <= shown <= frames
    if not right or not within:
        raise defect(
            f"the picture made of it is not as it should be ({pixels(size)} in {shown} pictures "
            f"and {len(made.content):,} bytes, instead of {pixels((made.width, made.height))} in "
            f"{frames})"
        )
