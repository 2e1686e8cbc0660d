"""Walks along an XBM, a picture written as C source (X11's XReadBitmapFile)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipeline.formats.reader import Source
from pipeline.formats.structure import Structure
from pipeline.refusals import checked_size, cut, cut_with_zeros, damaged, not_taken
from pipeline.values import Limits

__all__ = ["HEAD_BYTES", "XbmHeader", "begins_as_xbm", "walk_xbm", "xbm_header"]

HEAD_BYTES: Final = 64 << 10
"""Bytes in which the list of numbers must begin; before it are a comment and a few lines."""

_SPACE: Final = re.compile(rb"(?:\s+|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*")
_DEFINE: Final = re.compile(rb"#define[ \t]+(\S+)[ \t]+(-?\d{1,10})[ \t]*(?=[\r\n]|$)")
_SIZE_DEFINE: Final = re.compile(rb"#define[ \t]+\S*(?:width|height)[ \t]")
_DECLARATION: Final = re.compile(
    rb"(?:(?:static|const|unsigned|char|short)\s+)+\w*bits\s*\[\s*\d*\s*\]\s*=\s*\{"
)
_NUMBERS: Final = re.compile(rb"(?:\s*0x[0-9A-Fa-f]{2}\s*,)*")
_LAST_NUMBERS: Final = re.compile(rb"(?:\s*0x[0-9A-Fa-f]{2}\s*,)*(?:\s*0x[0-9A-Fa-f]{2}\s*)?\s*\Z")
_BEHIND: Final = re.compile(rb"\s*;?\s*\Z")
_LONGEST_NUMBER: Final = 4096
"""Bytes without a comma: a number and the space around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XbmHeader:
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
    """Tell whether a text begins with the size of an XBM, after comments and empty lines."""
    match = _SPACE.match(head)
    return _SIZE_DEFINE.match(head, match.end() if match else 0) is not None


def walk_xbm(source: Source, limits: Limits) -> Structure:
    """Read the size, and see that every byte of every row is written out, up to the brace.

    Decoders disagree on what is not written as every program writes it (`0x`, two digits, a
    comma), and some show another picture without a word.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `format_not_taken`, `too_many_pixels`.
    """
    head = _read_header(source, limits)
    wanted = (head.width + 7) // 8 * head.height
    count, end = _count_numbers(source, head.numbers_at)
    if count < wanted:
        raise cut("its list of numbers")
    behind = source.some(end, _LONGEST_NUMBER)
    return Structure(
        width=head.width,
        height=head.height,
        bit_depth=1,
        trailing=count > wanted or end + len(behind) < source.size or _BEHIND.match(behind) is None,
    )


def xbm_header(head: bytes) -> XbmHeader | None:
    """Read comments, sizes and declaration, None where they are not those of an XBM.

    Args:
        head: the first `HEAD_BYTES` bytes of the file, or all it has.
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
    return XbmHeader(
        width=sides[b"width"],
        height=sides[b"height"],
        numbers_at=declaration.end(),
        old=b"short" in declaration[0],
    )


def _read_header(source: Source, limits: Limits) -> XbmHeader:
    head = source.some(0, HEAD_BYTES)
    header = xbm_header(head)
    if header is None:
        if b"{" in head:
            raise damaged("it is not written as an XBM is")
        if head.endswith(b"\0"):
            raise cut_with_zeros()
        raise cut()
    if header.old:
        raise not_taken("an XBM of the old X10 kind", "save it again as PNG")
    checked_size(header.width, header.height, limits)
    return header


def _behind_space(text: bytes, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _count_numbers(source: Source, place: int) -> tuple[int, int]:
    """Count the numbers up to the closing brace; give the count and the place behind the brace."""
    count, carried, start = 0, b"", place
    for piece in source.pieces(place, source.size):
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
        raise cut_with_zeros()
    raise cut("its list of numbers")


def _odd(text: bytes) -> Exception:
    if b"\0" in text:
        return cut_with_zeros()
    return damaged("its numbers are not written as an XBM's are")
