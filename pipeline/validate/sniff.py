"""Decides by its first bytes what a file is, never by its name, and names what else it may be.

The name only tells whether what is no picture was meant as one: `clip.mov` is a film that lies
beside photographs, and a film called `front.jpg` is a mistake that somebody has to hear of.
"""

from __future__ import annotations

import re
from typing import Final

from pipeline.errors import PhotoRefused
from pipeline.formats.exif import first_tags
from pipeline.formats.foreign import FOREIGN_TEXTS, MAGICS, PICTURES_IN_FTYP
from pipeline.formats.wbmp import HEADER_BYTES, wbmp_header
from pipeline.formats.xbm import begins_as_xbm
from pipeline.refusals import (
    another_format,
    begins_with_zeros,
    no_photograph,
    no_picture_meant,
    nothing_but_zeros,
    raw_alone,
    truncated,
    unknown_kind,
    working_file,
)
from pipeline.suffixes import Says, what_suffix_says
from pipeline.values import ImageFormat

__all__ = ["HEAD_BYTES", "identify"]

HEAD_BYTES: Final = 64 << 10
"""Bytes of a file that are looked at."""

_TAKEN: Final = (
    (b"\xff\xd8\xff", ImageFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", ImageFormat.PNG),
    (b"GIF87a", ImageFormat.GIF),
    (b"GIF89a", ImageFormat.GIF),
)
_TAKEN_SUFFIXES: Final = frozenset(
    [".bmp", ".dib", ".gif", ".jpe", ".jpeg", ".jpg", ".jfif", ".png", ".wbmp", ".webp", ".xbm"]
)
_TEXT: Final = re.compile(rb"[^\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]+")
_BMP_HEADERS: Final = range(12, 129)
_RAW_MAKERS: Final = (b"NIKON", b"SONY", b"PENTAX", b"SAMSUNG", b"Hasselblad", b"Phase One")
_DNG_VERSION, _KIND, _MAKER = 0xC612, 0x00FE, 0x010F


def identify(head: bytes, size: int, suffix: str) -> ImageFormat:
    """Return the format of a file, one of those that the store takes.

    Args:
        head: the file's first `HEAD_BYTES` bytes, or all it has.
        size: the whole file's size in bytes.
        suffix: the suffix of its name: whether somebody meant it as a picture.

    Raises:
        PhotoRefused: `not_for_upload` where neither the name nor the content is a picture's, else
            `not_an_image`, `format_not_taken`, or `truncated` where so little is left that only
            the first bytes of a format's mark are there.
    """
    says = what_suffix_says(suffix)
    for magic, taken in _TAKEN:
        if head.startswith(magic):
            return taken
        if 2 <= size < len(magic) and magic.startswith(head) and says is not Says.NO_PICTURE:
            raise truncated()
    if head[:4] == b"RIFF" and (head[8:12] == b"WEBP" or size < 12):
        if size < 12:
            raise truncated()
        return ImageFormat.WEBP
    if _is_bmp(head):
        return ImageFormat.BMP
    foreign = _foreign(head)
    if foreign is not None:
        raise _refused(*foreign, says, suffix)
    if begins_as_xbm(head):
        return ImageFormat.XBM
    # Two bytes that are zero and two small numbers: much that is no picture begins like that.
    if says is not Says.NO_PICTURE and wbmp_header(head) is not None:
        return ImageFormat.WBMP
    raise _unknown(head, size, says, suffix)


def _is_bmp(head: bytes) -> bool:
    if head[:2] != b"BM":
        return False
    # A text may begin with these two letters as well.
    length = int.from_bytes(head[14:18], "little")
    return length in _BMP_HEADERS or _TEXT.fullmatch(head[:64]) is None


def _foreign(head: bytes) -> tuple[str, bool] | None:
    """Return a file's kind for people, and whether a picture can be exported from it."""
    if head[:4] in (b"II*\0", b"MM\0*"):
        return _raw_or_tiff(head), True
    if head[4:8] == b"ftyp":
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), 64), 4))]
        for brand, name in PICTURES_IN_FTYP:
            if brand in brands:
                return name, True
        return "a film", False
    for place, magic, name, picture in MAGICS:
        if head.startswith(magic, place):
            return name, picture
    text = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for pattern, name, picture in FOREIGN_TEXTS:
        if re.match(pattern, text, re.DOTALL):
            return name, picture
    return None


def _raw_or_tiff(head: bytes) -> str:
    """Tell a camera's raw file from a TIFF: it is one, and says so in its own ways."""
    tags = first_tags(head)
    maker = tags.get(_MAKER, b"")
    if head[8:10] == b"CR":
        return "a Canon raw file (CR2)"
    if _DNG_VERSION in tags:
        return "a raw file (DNG)"
    # The first picture of a raw file is only a preview (NewSubfileType 1).
    if any(tags.get(_KIND, b"")) and maker.startswith(_RAW_MAKERS):
        return "a camera's raw file"
    return "a TIFF"


def _refused(kind: str, picture: bool, says: Says, suffix: str) -> PhotoRefused:
    if says is Says.RAW:
        return raw_alone()
    if says is Says.WORKING:
        return working_file()
    if not picture and says is not Says.PICTURE:
        return no_picture_meant(kind)
    said = ", whatever its name says" if suffix.lower() in _TAKEN_SUFFIXES else ""
    if not picture:
        return no_photograph(f"{kind}{said}")
    return another_format(f"{kind}{said}")


def _unknown(head: bytes, size: int, says: Says, suffix: str) -> PhotoRefused:
    utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if head.strip(b"\0") and (utf16 or _TEXT.fullmatch(head[:4096])):
        return _refused("a text", False, says, suffix)
    if says in (Says.RAW, Says.WORKING, Says.NO_PICTURE):
        return _refused("another kind of file", False, says, suffix)
    if not head.strip(b"\0"):
        return nothing_but_zeros()
    if head[:2] == b"\0\0" and size < HEADER_BYTES:
        return truncated()
    if not head[:16].strip(b"\0"):
        return begins_with_zeros()
    return unknown_kind()
