"""Whether the shop shows the same of two images, by the pixels of what it gives out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import PhotoRefused, StoreError
from pipeline.values import StoredImage

__all__ = ["shown_alike"]


def shown_alike(
    rendition: Callable[[StoredImage], bytes],
    pixel_digest: Callable[[Path], str],
    one: StoredImage,
    another: StoredImage,
) -> bool | None:
    """Whether the shop shows the same of two images; None where it shows none, or not whole.

    Args:
        rendition: gives the bytes that the shop shows of an image.
        pixel_digest: digests the pixels of a file.
        one: of the two.
        another: the other.
    """
    shown = []
    with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
        for image in (one, another):
            file = Path(folder) / str(image.id)
            try:
                file.write_bytes(rendition(image))
                shown.append(pixel_digest(file))
            except (StoreError, PhotoRefused):
                return None
    return shown[0] == shown[1]
