"""What lies beside a photograph and speaks of it: `NAME.txt` with its words, `NAME.xmp`.

A name may stand before the suffix of the picture (`front.txt`) or behind it (`front.jpg.txt`,
which is of that very file, and goes first). What cannot be read says nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from pipeline.captions import NO_CAPTIONS, Captions
from pipeline.errors import PhotoRefused
from pipeline.originals import open_regular
from pipeline.values import Original
from pipeline.xmp import LARGEST_PACKET, captions_in_xmp

__all__ = ["captions_beside", "text_beside"]

_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, which Windows' own editor writes."""

LARGEST_TEXT: Final = 16_000
"""Bytes: what is longer is no alt text, and is not read."""


def text_beside(original: Original) -> str:
    """Return what `NAME.txt` says; empty where there is none."""
    content = _beside(original, ".txt", LARGEST_TEXT)
    for encoding in ("utf-16" if content[:2] in _WIDE else "utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding).strip()
    return ""


def captions_beside(original: Original) -> Captions:
    """Return what the sidecar `NAME.xmp` says in words, as editors write it."""
    packet = _beside(original, ".xmp", LARGEST_PACKET)
    return captions_in_xmp(packet) if packet else NO_CAPTIONS


def _beside(original: Original, suffix: str, most: int) -> bytes:
    path = original.path
    for beside in (f"{path}{suffix}", path.with_suffix(suffix)):
        # Mostly there is none, which the system says much sooner than it opens one.
        if not os.path.lexists(beside):
            continue
        with (
            suppress(PhotoRefused, OSError, ValueError),
            open_regular(Path(beside), original.root) as file,
        ):
            content = file.read(most + 1)
            if len(content) <= most:
                return content
    return b""
