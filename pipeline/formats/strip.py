"""Takes metadata and trailing bytes out of a file without touching its pixels.

Only what is known to be needed for showing the picture is copied; comments, EXIF, XMP, IPTC,
maker notes, thumbnails, further pictures (MPO) and anything unknown stay behind.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final

from pipeline.values import ImageFormat

__all__ = ["stripped"]


def stripped(content: bytes, format: ImageFormat, exif: bytes) -> bytes | None:  # noqa: A002
    """Give the file with nothing but its picture; None where its structure is not as usual.

    Args:
        content: the whole file, JPEG, PNG, GIF or WebP.
        format: which of them.
        exif: a minimal EXIF block (`Exif` header first) to put in, may be empty; a GIF has none.
    """
    try:
        match format:
            case ImageFormat.JPEG:
                return _jpeg(content, exif)
            case ImageFormat.PNG:
                return _png(content, exif.removeprefix(_EXIF_HEAD))
            case ImageFormat.WEBP:
                return _webp(content, exif.removeprefix(_EXIF_HEAD))
            case ImageFormat.GIF:
                return _gif(content)
            case _:
                return None
    except (ValueError, IndexError, struct.error):
        return None


_EXIF_HEAD: Final = b"Exif\0\0"

_JPEG_KEPT: Final = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
"""Application segments that say how the pixels are meant; all others are left out."""

_NEXT_MARKER: Final = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
"""The end of entropy-coded data: a marker that is neither a stuffed zero nor a restart."""


def _jpeg(content: bytes, exif: bytes) -> bytes:
    parts = [b"\xff\xd8"]
    at = 2
    while True:
        while content[at : at + 2] == b"\xff\xff":
            at += 1
        if content[at] != 0xFF:
            raise ValueError("no marker where one must be")
        marker = content[at + 1]
        if marker == 0xD9:
            break
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        segment = content[at : at + 2 + length]
        if length < 2 or len(segment) != 2 + length:
            raise ValueError("a segment without its end")
        at += 2 + length
        if marker == 0xDA:
            found = _NEXT_MARKER.search(content, at)
            if found is None:
                raise ValueError("no end of the picture")
            parts += [segment, content[at : found.start()]]
            at = found.start()
        elif not (0xE0 <= marker <= 0xEF or marker == 0xFE) or any(
            marker == kept and segment[4:].startswith(head) for kept, head in _JPEG_KEPT
        ):
            parts.append(segment)
    if exif:
        # Behind JFIF's segment, which has to be the first.
        place = 2 if parts[1][:2] == b"\xff\xe0" else 1
        parts.insert(place, b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif)
    return b"".join([*parts, b"\xff\xd9"])


_PNG_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYS acTL fcTL fdAT".split()
)


def _png(content: bytes, exif: bytes) -> bytes:
    parts = [content[:8]]
    at = 8
    name = b""
    while name != b"IEND":
        length = int.from_bytes(content[at : at + 4], "big")
        name = content[at + 4 : at + 8]
        chunk = content[at : at + 12 + length]
        if len(chunk) != 12 + length:
            raise ValueError("a chunk without its end")
        at += len(chunk)
        if name in _PNG_KEPT:
            parts.append(chunk)
        if name == b"IHDR" and exif:
            body = b"eXIf" + exif
            parts.append(struct.pack(">I", len(exif)) + body + struct.pack(">I", zlib.crc32(body)))
    return b"".join(parts)


_WEBP_KEPT: Final = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_WEBP_EXIF: Final = 0x08
_WEBP_XMP: Final = 0x04


def _webp(content: bytes, exif: bytes) -> bytes:
    end = 8 + int.from_bytes(content[4:8], "little")
    parts: list[bytes] = []
    at = 12
    extended = False
    while at + 8 <= end:
        name = content[at : at + 4]
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        chunk = content[at : at + 8 + length]
        if len(chunk) != 8 + length:
            raise ValueError("a chunk without its end")
        at += 8 + length + length % 2
        if name == b"VP8X":
            extended = True
            flags = chunk[8] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if exif else 0)
            chunk = chunk[:8] + bytes([flags]) + chunk[9:]
        if name in _WEBP_KEPT:
            parts.append(chunk + b"\0" * (length % 2))
    if exif and extended:
        padding = b"\0" * (len(exif) % 2)
        parts.append(b"EXIF" + struct.pack("<I", len(exif)) + exif + padding)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


_GIF_LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def _gif(content: bytes) -> bytes:
    at = 13 + _gif_table(content[10])
    parts = [content[:at]]
    while content[at] != 0x3B:
        start = at
        if content[at] == 0x2C:
            at = _gif_blocks(content, at + 11 + _gif_table(content[at + 9]))
            parts.append(content[start:at])
        elif content[at] == 0x21:
            at = _gif_blocks(content, at + 2)
            control = content[start + 1] == 0xF9
            loop = content[start + 1] == 0xFF and content[start + 3 : start + 14] in _GIF_LOOPS
            if control or loop:
                parts.append(content[start:at])
        else:
            raise ValueError("an unknown block")
    return b"".join([*parts, b";"])


def _gif_table(flags: int) -> int:
    return 3 * 2 ** ((flags & 0x07) + 1) if flags & 0x80 else 0


def _gif_blocks(content: bytes, at: int) -> int:
    while content[at]:
        at += 1 + content[at]
    return at + 1
