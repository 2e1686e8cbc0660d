"""What is kept of a photograph's metadata: who made it and whose it is, and nothing else.

Everything else may say where and when a picture was taken, with which camera and by which owner,
or show it uncropped in a thumbnail. Orientation is applied to the pixels, colours are sRGB.
"""

from __future__ import annotations

import contextlib
from typing import Final

from PIL import ExifTags, Image

__all__ = ["kept_exif"]

LONGEST_TEXT: Final = 500
"""Bytes kept of each text; a notice is a line, not a file."""


def kept_exif(image: Image.Image, *, keep_copyright: bool) -> bytes:
    """Return a minimal EXIF block with copyright and artist, empty where there is neither.

    Args:
        image: the opened original; a broken EXIF block counts as none.
        keep_copyright: false to keep nothing at all.
    """
    if not keep_copyright:
        return b""
    kept = Image.Exif()
    # Its metadata may be broken in any way without the picture being so.
    with contextlib.suppress(Exception):
        found = image.getexif()
        for tag in (ExifTags.Base.Copyright, ExifTags.Base.Artist):
            text = found.get(tag)
            if isinstance(text, str):
                # Pillow reads bytes as Latin-1 and would write ASCII, with "?" for a "©".
                text = text.encode("latin-1", "replace")
            if isinstance(text, bytes) and (said := text.strip(b"\0 \t\r\n")):
                kept[tag] = said[:LONGEST_TEXT]
        return kept.tobytes() if len(kept) else b""
    return b""
