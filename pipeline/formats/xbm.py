"""XBM, a picture written as C source (X11's XReadBitmapFile), and XBM for Pillow, black on white.

A set bit is the foreground, drawn black on white (X11's XReadBitmapFile, XCreateBitmapFromData;
ImageMagick, PHP's GD and netpbm agree). Pillow 13 gives white for it, when reading and when
writing, so that its own plug-in shows every XBM as its negative. Importing this module puts a
plug-in of ours in its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO, Any, Final

from PIL import Image, ImageChops, ImageFile, XbmImagePlugin

from pipeline.formats.reader import Reader, Structure
from pipeline.refusals import checked_size, damaged, not_taken, truncated, truncated_with_zeros
from pipeline.values import Limits

__all__ = [
    "UprightXbmImageFile",
    "begins_as_xbm",
    "register_xbm",
    "walk",
]

FORMAT: Final = "XBM"
_DECODER: Final = "xbm_black_on_white"
_LEFT_OUT: Final = b" \t\r\n\v\f,"
_INVERTED_LOWEST_FIRST: Final = "1;IR"
"""Pillow's name for one bit a pixel, the lowest first, 1 for black."""

_HEAD_BYTES: Final = 64 << 10
"""Bytes in which the list of numbers must begin; before it are a comment and a few lines."""

_SPACE: Final = re.compile(rb"(?:\s+|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*")
_DEFINE: Final = re.compile(rb"#define[ \t]+(\S+)[ \t]+(-?\d{1,10})[ \t]*(?=[\r\n]|$)")
_SIZE_DEFINE: Final = re.compile(rb"#define[ \t]+\S*(?:width|height)[ \t]")
_DECLARATION: Final = re.compile(
    rb"(?:(?:static|const|unsigned|char|short)\s+)+\w*bits\s*\[\s*\d*\s*\]\s*=\s*\{"
)
_NUMBERS: Final = re.compile(rb"(?:\s*0x[0-9A-Fa-f]{2}\s*,)*")
_NUMBERS_SAID: Final = "its list of numbers"
_LAST_NUMBERS: Final = re.compile(rb"(?:\s*0x[0-9A-Fa-f]{2}\s*,)*(?:\s*0x[0-9A-Fa-f]{2}\s*)?\s*\Z")
_BEHIND: Final = re.compile(rb"\s*;?\s*\Z")
_LONGEST_NUMBER: Final = 4096
"""Bytes without a comma: a number and the space around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What stands before the numbers of an XBM.

    Attributes:
        width: pixels.
        height: pixels.
        numbers_at: place behind the opening brace.
        old: its numbers are of 16 bits, as X10 wrote them.
    """

    width: int
    height: int
    numbers_at: int
    old: bool


def begins_as_xbm(head: bytes) -> bool:
    """Whether a text begins with the size of an XBM, after comments and empty lines."""
    match = _SPACE.match(head)
    return _SIZE_DEFINE.match(head, match.end() if match else 0) is not None


def walk(reader: Reader, limits: Limits) -> Structure:
    """Read the size, and see that every byte of every row is written out, up to the brace.

    Decoders disagree on what is not written as every program writes it (`0x`, two digits, a
    comma), and some show another picture without a word.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `format_not_taken`, `too_many_pixels`.
    """
    head = _read_header(reader, limits)
    wanted = (head.width + 7) // 8 * head.height
    count, end = _count_numbers(reader, head.numbers_at)
    if count < wanted:
        raise truncated(_NUMBERS_SAID)
    behind = reader.some(end, _LONGEST_NUMBER)
    return Structure(
        width=head.width,
        height=head.height,
        bit_depth=1,
        trailing=count > wanted or end + len(behind) < reader.size or _BEHIND.match(behind) is None,
    )


def _header(head: bytes) -> _Header | None:
    """Read comments, sizes and declaration, None where they are not those of an XBM.

    Args:
        head: the first `_HEAD_BYTES` bytes of the file, or all it has.
    """
    sides: dict[bytes, int] = {}
    place = _behind_space(head, 0)
    while match := _DEFINE.match(head, place):
        side = match[1].rpartition(b"_")[2]
        if side in (b"width", b"height"):
            sides[side] = int(match[2])
        place = _behind_space(head, match.end())
    declaration = _DECLARATION.match(head, place)
    if declaration is None or sides.keys() != {b"width", b"height"}:
        return None
    return _Header(
        width=sides[b"width"],
        height=sides[b"height"],
        numbers_at=declaration.end(),
        old=b"short" in declaration[0],
    )


def _read_header(reader: Reader, limits: Limits) -> _Header:
    head = reader.some(0, _HEAD_BYTES)
    header = _header(head)
    if header is None:
        if b"{" in head:
            raise damaged("it is not written as an XBM is")
        if head.endswith(b"\0"):
            raise truncated_with_zeros()
        raise truncated()
    if header.old:
        raise not_taken("an XBM of a very old kind", "save it again as PNG")
    checked_size(header.width, header.height, limits)
    return header


def _behind_space(text: bytes, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _count_numbers(reader: Reader, place: int) -> tuple[int, int]:
    """Return how many numbers there are up to the closing brace, and the place behind it."""
    count, carried, start = 0, b"", place
    for piece in reader.pieces(place, reader.size):
        text = carried + piece
        start += len(piece)
        brace = text.find(b"}")
        if brace >= 0:
            if _LAST_NUMBERS.match(text, 0, brace) is None:
                raise _odd(text)
            return count + text.count(b"0x", 0, brace), start - len(text) + brace + 1
        whole = text.rfind(b",") + 1
        if _NUMBERS.fullmatch(text, 0, whole) is None or len(text) - whole > _LONGEST_NUMBER:
            raise _odd(text)
        count += text.count(b"0x", 0, whole)
        carried = text[whole:]
    if carried.endswith(b"\0"):
        raise truncated_with_zeros()
    raise truncated(_NUMBERS_SAID)


def _odd(text: bytes) -> Exception:
    if b"\0" in text:
        return truncated_with_zeros()
    return damaged("its numbers are not written as an XBM's are")


class UprightXbmImageFile(ImageFile.ImageFile):
    """An XBM of X11, opened by Pillow in mode `1`."""

    format = FORMAT
    format_description = "X11 Bitmap"

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - Pillow sets it before it calls
        header = _header(self.fp.read(_HEAD_BYTES))
        if header is None or header.old or header.width < 1 or header.height < 1:
            msg = "not an XBM file"
            raise SyntaxError(msg)  # Pillow's way to say that another plug-in may try
        self._mode = "1"
        self._size = header.width, header.height
        self.tile = [ImageFile._Tile(_DECODER, (0, 0, *self._size), header.numbers_at)]


class _Decoder(ImageFile.PyDecoder):
    """Turns the list of numbers into bytes."""

    _pulls_fd = True

    def decode(self, buffer: Any) -> tuple[int, int]:
        assert self.fd is not None  # noqa: S101 - `_pulls_fd` asks for it
        # At most so many characters as every program writes: five a number, and the line ends.
        wanted = (self.state.xsize + 7) // 8 * self.state.ysize
        text = self.fd.read(16 * wanted + _HEAD_BYTES).partition(b"}")[0]
        digits = text.translate(None, _LEFT_OUT).replace(b"0x", b"")
        raw = bytes.fromhex(digits.decode("ascii"))[:wanted]
        if len(raw) < wanted:
            msg = "image file is truncated"
            raise OSError(msg)
        self.set_as_raw(raw, _INVERTED_LOWEST_FIRST)
        return -1, 0


def _accept(prefix: bytes) -> bool:
    return prefix.lstrip().startswith((b"#define", b"/*"))


def _save(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    negative = ImageChops.invert(image) if image.mode == "1" else image
    negative.encoderinfo = image.encoderinfo
    XbmImagePlugin._save(negative, file, filename)


def register_xbm() -> None:
    """Put our plug-in in the place of Pillow's; doing so again changes nothing."""
    # Pillow's has registered itself when it was imported above, and is not imported again.
    Image.register_decoder(_DECODER, _Decoder)
    Image.register_open(FORMAT, UprightXbmImageFile, _accept)
    Image.register_save(FORMAT, _save)


register_xbm()
