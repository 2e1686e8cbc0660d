"""Small pictures for tests, as bytes."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

from tests.localstore.process import StoreProcess


def picture(
    kind: str = "PNG", size: tuple[int, int] = (12, 8), color: str = "teal", **options: Any
) -> bytes:
    """A picture of one colour; as WBMP and XBM it is black."""
    if kind == "WBMP":
        width, height = size
        return bytes([0, 0, *_integer(width), *_integer(height)]) + bytes((width + 7) // 8 * height)
    written = io.BytesIO()
    mode = {"XBM": "1", "GIF": "P"}.get(kind, "RGB")
    Image.new("RGB", size, color).convert(mode).save(written, format=kind, **options)
    return written.getvalue()


def animation(frames: int, size: tuple[int, int] = (4, 4)) -> bytes:
    """A GIF of so many frames, each another grey."""
    written = io.BytesIO()
    first, *rest = (Image.new("L", size, place % 256) for place in range(frames))
    first.save(written, format="GIF", save_all=True, append_images=rest, duration=20)
    return written.getvalue()


def bomb(side: int) -> bytes:
    """A small PNG of very many black pixels, one bit each."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def padded(size: int) -> bytes:
    """A JPEG of exactly so many bytes: a decoder stops at its end marker."""
    return picture("JPEG").ljust(size, b"\0")


def opened(content: bytes) -> Image.Image:
    """A picture, decoded."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def rendition(store: StoreProcess, url: str) -> Image.Image:
    """A rendition that the store serves, asked for as a browser does: no token, no Accept."""
    answer = store.control("GET", url.removeprefix(store.page))
    assert answer.status_code == 200
    image = opened(answer.content)
    assert answer.headers["Content-Type"] == f"image/{(image.format or '').lower()}"
    return image


def _integer(value: int) -> list[int]:
    return [value] if value < 128 else [0x80 | value >> 7, value & 0x7F]
