"""WBMP, and WBMP for Pillow (WAP-237-WAESpec, appendix A).

A WBMP of type 0 is a zero (the type), a zero (a fixed header without extensions), width and
height as multi-byte integers, and rows of one bit a pixel, padded to bytes, 1 for white. Pillow
neither reads nor writes it; importing this module teaches it to, as its own plug-ins do.
"""

from __future__ import annotations

from typing import IO, Final

from PIL import Image, ImageFile

from pipeline.formats.reader import Reader, Structure
from pipeline.formats.zero_tail import refuse_zero_tail
from pipeline.refusals import Damage, checked_size, damaged, truncated
from pipeline.values import Limits

__all__ = ["HEADER_BYTES", "WbmpImageFile", "register_wbmp", "walk", "wbmp_header"]

FORMAT: Final = "WBMP"
MOST_INTEGER_BYTES: Final = 5
"""Bytes of a multi-byte integer: 7 bits in each, so 5 hold more than any picture measures."""
HEADER_BYTES: Final = 2 + 2 * MOST_INTEGER_BYTES
MOST_SIDE: Final = 0x7FFFFFFF
"""Pixels of a side that Pillow can hold."""


def wbmp_header(head: bytes) -> tuple[int, int, int] | None:
    """Return width, height and the length of the header in bytes, None where it is no WBMP.

    Args:
        head: the first bytes of the file, 12 or more where there are so many.
    """
    if head[:2] != b"\0\0":
        return None
    sides: list[int] = []
    place = 2
    for _ in range(2):
        value = 0
        for count in range(MOST_INTEGER_BYTES + 1):
            if count == MOST_INTEGER_BYTES or place >= len(head):
                return None
            value = value << 7 | head[place] & 0x7F
            place += 1
            if head[place - 1] < 0x80:
                break
        if not 1 <= value <= MOST_SIDE:
            return None
        sides.append(value)
    return sides[0], sides[1], place


def walk(reader: Reader, limits: Limits) -> Structure:
    """Compare the length of the file with what its header promises.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`.
    """
    header = wbmp_header(reader.some(0, HEADER_BYTES))
    if header is None:
        raise (truncated() if reader.size < HEADER_BYTES else damaged(Damage.DESCRIPTION_SENSELESS))
    width, height = checked_size(header[0], header[1], limits)
    stride = (width + 7) // 8
    end = header[2] + stride * height
    if end > reader.size:
        raise truncated()
    refuse_zero_tail(reader, header[2], stride, height, stride)
    return Structure(width=width, height=height, bit_depth=1, trailing=reader.size > end)


class WbmpImageFile(ImageFile.ImageFile):
    """A WBMP of type 0, opened by Pillow in mode `1`."""

    format = FORMAT
    format_description = "Wireless Application Protocol Bitmap"

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - Pillow sets it before it calls
        header = wbmp_header(self.fp.read(HEADER_BYTES))
        if header is None:
            msg = "not a WBMP file"
            raise SyntaxError(msg)  # Pillow's way to say that another plug-in may try
        width, height, offset = header
        self._mode = "1"
        self._size = width, height
        self.tile = [ImageFile._Tile("raw", (0, 0, width, height), offset, ("1", 0, 1))]


def _accept(prefix: bytes) -> bool:
    return wbmp_header(prefix) is not None


def _multi_byte(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))


def _save(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    if image.mode != "1":
        msg = f"cannot write mode {image.mode} as WBMP"
        raise OSError(msg)
    file.write(b"\0\0" + _multi_byte(image.width) + _multi_byte(image.height))
    ImageFile._save(image, file, [ImageFile._Tile("raw", (0, 0, *image.size), 0, ("1", 0, 1))])


def register_wbmp() -> None:
    """Teach Pillow to open and save WBMP; doing so again changes nothing."""
    if FORMAT in Image.OPEN and FORMAT in Image.SAVE:
        return
    Image.register_open(FORMAT, WbmpImageFile, _accept)
    Image.register_save(FORMAT, _save)
    Image.register_extension(FORMAT, ".wbmp")
    Image.register_mime(FORMAT, "image/vnd.wap.wbmp")


register_wbmp()
