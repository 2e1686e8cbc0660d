"""WBMP type 0: one bit a pixel, rows padded to bytes, sizes as multi-byte integers."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WirelessBitmap", "read_wbmp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WirelessBitmap:
    """A bitmap: width and height in pixels, and its rows, the highest bit leftmost, 1 is white."""

    width: int
    height: int
    rows: bytes


def read_wbmp(content: bytes) -> WirelessBitmap | None:
    """Read a WBMP; None when the bytes are not one, or end too early.

    Args:
        content: the whole file.
    """
    # The format has no signature: only a type of 0 and a header byte without extensions.
    if content[:2] != b"\x00\x00":
        return None
    width, at = _integer(content, 2)
    height, at = _integer(content, at)
    if not width or not height:
        return None
    length = (width + 7) // 8 * height
    rows = content[at : at + length]
    # Trailing bytes would make nearly any file that begins with zeros a WBMP.
    if len(rows) < length or len(content) - at - length > 1:
        return None
    return WirelessBitmap(width=width, height=height, rows=rows)


def _integer(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    # Four bytes hold 28 bits, more than any size that would be decoded.
    for offset in range(at, min(at + 4, len(content))):
        value = value << 7 | content[offset] & 0x7F
        if not content[offset] & 0x80:
            return value, offset + 1
    return 0, at
