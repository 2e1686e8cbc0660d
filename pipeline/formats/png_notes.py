"""What a PNG says beside its picture: whether a decoder stumbles over it, and how much it is."""

from __future__ import annotations

import zlib
from typing import Final

from PIL import PngImagePlugin

__all__ = ["MOST_TEXT", "TEXTS", "is_malformed", "text_bytes", "unpacked"]

TEXTS: Final = (b"tEXt", b"zTXt", b"iTXt")
_FEWEST_BYTES: Final = {b"sRGB": 1, b"gAMA": 4, b"cHRM": 32, b"pHYs": 9}
"""Bytes of chunks that decoders do not measure themselves."""

_MOST_UNPACKED: Final = 16 << 20
"""Bytes to which a compressed note is unpacked; a note of more is counted as unreadable."""

MOST_TEXT: Final = 1 << 20
"""Bytes of text, unpacked, that a decoder is shown: nothing of the picture stands in it."""

# Pillow refuses a picture whose profile unpacks to more than this, 1 MiB of its own accord.
PngImagePlugin.MAX_TEXT_CHUNK = _MOST_UNPACKED


def is_malformed(kind: bytes, content: bytes) -> bool:
    """Whether a decoder would stumble over a chunk's content."""
    if kind in _FEWEST_BYTES:
        return len(content) < _FEWEST_BYTES[kind]
    if kind in (b"iCCP", b"zTXt"):
        _, mark, packed = content.partition(b"\0")
        if not mark or packed[:1] != b"\0":
            return True
        return kind == b"iCCP" and unpacked(packed[1:]) is None
    return False


def text_bytes(kind: bytes, content: bytes) -> int:
    """Return how many bytes one of the `TEXTS` holds, unpacked; more than fits is too many."""
    _, _, rest = content.partition(b"\0")
    packed = b""
    if kind == b"zTXt":
        packed = rest[1:]
    elif kind == b"iTXt" and rest[:1] == b"\1":
        packed = rest[2:].split(b"\0", 2)[-1]
    try:
        text = zlib.decompressobj().decompress(packed, MOST_TEXT + 1) if packed else b""
    except zlib.error:
        text = b""
    return len(content) + len(text)


def unpacked(packed: bytes) -> bytes | None:
    """Unpack a zlib stream, None where it is broken, cut or too large."""
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, _MOST_UNPACKED)
    except zlib.error:
        return None
    return content if unpacker.eof else None
