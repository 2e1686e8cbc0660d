"""Prepares: makes of a photograph the best picture that the store takes.

    render(original, inspection, limits, encoding, spool) -> Picture
        the picture in the spool, or `PhotoRefused` with its reason and a sentence
    prove_pixels(original, inspection, limits)
        nothing where every pixel can be decoded, else `PhotoRefused`
    pixel_digest(original, inspection, limits) -> str
        the SHA-256 of what it shows, whatever the file is like
    codes_in(original, inspection, limits) -> tuple[Code, ...]
        the bar codes and QR codes in it, where the extra that reads them is installed
    allow_pixels(most_pixels)
        once, when the program starts: how many pixels Pillow decodes without a warning

Only worker processes import this room: Pillow and NumPy take a third of a second and thirty
megabytes.
"""

from __future__ import annotations

from pipeline.prepare.codes import codes_in, load_reader
from pipeline.prepare.decode import allow_pixels, pixel_digest, prove_pixels
from pipeline.prepare.render import render

__all__ = ["allow_pixels", "codes_in", "load_reader", "pixel_digest", "prove_pixels", "render"]
