"""Formats that Pillow does not write, byte by byte: WBMP, and PNG with 16 bits a channel."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["png_of_48_bits", "wbmp"]


def wbmp(picture: Image.Image) -> bytes:
    """Write a bilevel picture as a WBMP of type 0: rows padded to bytes, 1 for white."""
    bits = np.packbits(np.asarray(picture.convert("1")), axis=1)
    return b"\0\0" + _multi_byte(picture.width) + _multi_byte(picture.height) + bits.tobytes()


def _multi_byte(value: int) -> bytes:
    """Write an integer in groups of 7 bits, the highest first; all but the last have bit 8 set."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def png_of_48_bits(values: NDArray[np.uint16]) -> bytes:
    """Write rows of red, green and blue, 16 bits each, as a PNG tagged as sRGB."""
    height, width, _ = values.shape
    header = struct.pack(">2I5B", width, height, 16, 2, 0, 0, 0)
    rows = values.astype(">u2").view(np.uint8).reshape(height, width * 6)
    above = np.vstack([np.zeros((1, width * 6), np.uint8), rows[:-1]])
    up = np.full((height, 1), 2, np.uint8)
    filtered = np.hstack([up, rows - above])
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"sRGB", b"\0")
        + _chunk(b"pHYs", struct.pack(">2IB", 11811, 11811, 1))
        + _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
