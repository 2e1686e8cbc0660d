"""Decodes a picture for nothing but the proof that it is whole."""

from __future__ import annotations

from pipeline.originals import open_unchanged
from pipeline.prepare.decode import open_still
from pipeline.values import Inspection, Limits, Original

__all__ = ["prove_pixels"]


def prove_pixels(original: Original, inspection: Inspection, limits: Limits) -> None:
    """Decode every pixel of a still, or of an animation's first picture, and keep nothing.

    Needed where a file's structure may reach its end before its data is there: a network disk
    may show zeros in the middle of a file that is being copied.

    Raises:
        PhotoRefused: `damaged`, `truncated`, `too_many_pixels` or `no_memory`; `replaced` where
            the content is no longer the one that was digested.
    """
    with open_unchanged(original) as file:
        open_still(file, inspection, limits).decode()
