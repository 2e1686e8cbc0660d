"""The pictures of an APNG one by one, to be put together as browsers do (third edition, 12.6)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.formats.png import chunks
from pipeline.formats.reader import Reader

__all__ = ["ApngPicture", "pictures"]

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApngPicture:
    """One picture, and how it is put upon the ones before.

    Attributes:
        content: a PNG of this picture alone, with what the file says of its transparent colour.
        left: pixels from the left of the canvas.
        top: pixels from the top of the canvas.
        disposal: what becomes of it before the next: 1 its area is cleared, 2 what was there
            before it comes back, else it stays.
        over: its transparent pixels show what was there; otherwise they are transparent.
        milliseconds: how long it is shown.
        shown: it is one of the animation's; false for a still that only stands for it.
    """

    content: bytes
    left: int
    top: int
    disposal: int
    over: bool
    milliseconds: int
    shown: bool


def pictures(reader: Reader) -> Iterator[ApngPicture]:
    """Yield the still, where it is none of the animation's, then the animation's pictures.

    Args:
        reader: a file whose animation is whole.

    Raises:
        PhotoRefused: `truncated`, `damaged`.
    """
    header = clear = control = b""
    data: list[bytes] = []
    for chunk in chunks(reader):
        if chunk.kind in (b"fcTL", b"IEND"):
            if data:
                yield _alone(header, clear, control, data)
            control, data = reader.exactly(chunk.start, chunk.length), []
        elif chunk.kind == b"IHDR":
            header = reader.exactly(chunk.start, chunk.length)
        elif chunk.kind == b"tRNS":
            clear = reader.exactly(chunk.start, chunk.length)
        elif chunk.kind == b"IDAT":
            data.append(reader.exactly(chunk.start, chunk.length))
        elif chunk.kind == b"fdAT":
            data.append(reader.exactly(chunk.start + 4, chunk.length - 4))


def _alone(header: bytes, clear: bytes, control: bytes, data: list[bytes]) -> ApngPicture:
    width_height, left, top = header[:8], 0, 0
    part, whole, disposal, blending = 0, 1, 0, 0
    if control:
        width_height = control[4:12]
        left, top, part, whole, disposal, blending = struct.unpack(">IIHHBB", control[12:26])
    kept = ((b"IHDR", width_height + header[8:]), (b"tRNS", clear), (b"IDAT", b"".join(data)))
    return ApngPicture(
        content=_SIGNATURE + b"".join(_written(*one) for one in (*kept, (b"IEND", b""))),
        left=left,
        top=top,
        disposal=disposal,
        over=blending == 1,
        # A denominator of 0 means hundredths (11.3.6.3).
        milliseconds=round(1000 * part / (whole or 100)),
        shown=bool(control),
    )


def _written(kind: bytes, content: bytes) -> bytes:
    total = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", total)
