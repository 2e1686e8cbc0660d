"""Prepares: makes of a photograph the best picture that the store takes.

    render(original, inspection, limits, recipe, spool) -> Picture
        the picture in the spool, or `PhotoRefused` with its reason and a sentence
    upload_name(path, sha256, format) -> str
        the name it goes up under
    Budget(total)
        the bytes that all pictures in hand may take together, for `render` in several threads
    allow_pixels(most_pixels)
        once, when the program starts: how many pixels Pillow decodes without a warning

Each part is a file: `untouched` with `strip` (pixels as they were), `decode` (once, at a fraction
where enough is left), `budget`, `modes`, `resize` (in linear light), `colour` (to sRGB),
`geometry` (upright), `fit_still` with `fit_jpeg`, `fit_png` and `fit_webp` (under the limit),
`search`, `animate` with `film`, `fit_gif` and `fit_reel`, `metadata`, `verify`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pipeline.prepare.budget import Budget
    from pipeline.prepare.decode import allow_pixels
    from pipeline.prepare.name import upload_name
    from pipeline.prepare.proof import prove_pixels
    from pipeline.prepare.rendering import render

__all__ = ["Budget", "allow_pixels", "prove_pixels", "render", "upload_name"]

_FILES: Final = {
    "Budget": "budget",
    "allow_pixels": "decode",
    "prove_pixels": "proof",
    "render": "rendering",
    "upload_name": "name",
}
"""Loaded when they are first asked for: only the worker processes need Pillow and NumPy, which
take a third of a second and thirty megabytes."""


def __getattr__(name: str) -> Any:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES[name]}"), name)
