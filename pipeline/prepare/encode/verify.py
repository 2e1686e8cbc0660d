"""Proves of a finished picture that it is what it should be, from its bytes alone."""

from __future__ import annotations

import io

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.formats.decoding import writing
from pipeline.lifecycle import Reason
from pipeline.prepare.encode.result import Encoded
from pipeline.values import ImageFormat, Limits
from pipeline.wording import pixels

__all__ = ["verify"]


def verify(made: Encoded, limits: Limits, frames: int = 1) -> None:
    """Decode the encoded bytes whole and hold them to the limits.

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
            found = int(getattr(image, "n_frames", 1))
            if made.format is ImageFormat.JPEG:
                # An eighth decodes every bit of the data, and leaves out most of the arithmetic.
                image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
            image.load()
            for frame in range(1, found):
                image.seek(frame)
                image.load()
        fewest = 1 if made.format is ImageFormat.WEBP else frames
        within = len(made.content) <= limits.max_bytes and max(size) <= limits.longest_side
        right = size == (made.width, made.height) and fewest <= found <= frames
    if not right or not within:
        raise PhotoRefused(
            Reason.DEFECT,
            f"the picture made of it is not as it should be ({pixels(size)} in {found} frames and "
            f"{len(made.content):,} bytes, instead of {pixels((made.width, made.height))} in "
            f"{frames}): this is a fault of the program; please report it",
        )
