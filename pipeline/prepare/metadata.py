"""What is kept of a photograph's metadata: who made it and whose it is, and nothing else.

Everything else may say where and when a picture was taken, with which camera and by which owner,
or show it uncropped in a thumbnail. Orientation is applied to the pixels, colours are sRGB.
"""

from __future__ import annotations

import contextlib
import html
import re
from typing import Final

from PIL import ExifTags, Image

__all__ = ["kept_exif"]

_NAMES: Final = {
    ExifTags.Base.Copyright: (116, "dc:rights", "Copyright"),
    ExifTags.Base.Artist: (80, "dc:creator", "Author"),
}
"""For each tag the dataset of IPTC's record 2, the property of XMP (IPTC Photo Metadata Standard,
mapping to EXIF), and the keyword of a PNG's text (third edition, 11.3.3.1)."""

_IPTC: Final = 0x0404
"""Number of Photoshop's resource block in which IPTC stands."""

_LISTED: Final = re.compile(r"<rdf:li\b[^<>]*>([^<>]*)</rdf:li>")

LONGEST_TEXT: Final = 500
"""Bytes kept of each text; a notice is a line, not a file."""


def kept_exif(image: Image.Image, *, keep_copyright: bool) -> bytes:
    """Return a minimal EXIF block with copyright and artist, empty where there is neither.

    What EXIF does not say is taken from IPTC, then XMP, then the texts of a PNG.

    Args:
        image: the opened original; a broken EXIF block counts as none.
        keep_copyright: false to keep nothing at all.
    """
    if not keep_copyright:
        return b""
    kept = Image.Exif()
    # Its metadata may be broken in any way without the picture being so.
    with contextlib.suppress(Exception):
        found = image.getexif()
        for tag in (ExifTags.Base.Copyright, ExifTags.Base.Artist):
            text = found.get(tag) or _elsewhere(image, _NAMES[tag])
            if isinstance(text, str):
                # Pillow reads bytes as Latin-1 and would write ASCII, with "?" for a "©".
                text = text.encode("latin-1", "replace")
            if isinstance(text, bytes) and (said := text.strip(b"\0 \t\r\n")):
                kept[tag] = said[:LONGEST_TEXT]
        return kept.tobytes() if len(kept) else b""
    return b""


def _elsewhere(image: Image.Image, names: tuple[int, str, str]) -> bytes:
    """Return in UTF-8 what the metadata other than EXIF says; empty where it says nothing."""
    dataset, property_, keyword = names
    blocks = image.info.get("photoshop")
    iptc = blocks.get(_IPTC) if isinstance(blocks, dict) else None
    packet = image.info.get("xmp")
    text = image.info.get(keyword)
    said = (
        _in_iptc(iptc, dataset) if isinstance(iptc, bytes) else "",
        _in_xmp(packet, property_) if isinstance(packet, bytes) else "",
        text if isinstance(text, str) else "",
    )
    return next((one for one in said if one.strip("\0 \t\r\n")), "").encode("utf-8", "replace")


def _in_iptc(block: bytes, dataset: int) -> str:
    """Join the values of a dataset of record 2 (IPTC-IIM 4.2: mark, record, number, length)."""
    values = []
    place = 0
    while place + 5 <= len(block) and block[place] == 0x1C:
        length = int.from_bytes(block[place + 3 : place + 5], "big")
        if length & 0x8000:  # an extended dataset: nothing in use needs one
            break
        if block[place + 1 : place + 3] == bytes((2, dataset)):
            values.append(_decoded(block[place + 5 : place + 5 + length]))
        place += 5 + length
    return "; ".join(values)


def _in_xmp(packet: bytes, property_: str) -> str:
    """Join what a property lists, or what stands in its attribute."""
    wide = packet.count(b"\0") > len(packet) // 4
    # UTF-16 in either order: without its zeros ASCII is the same.
    text = _decoded(packet.replace(b"\0", b"") if wide else packet)
    start = text.find(f"<{property_}")
    if start >= 0:
        listed = _LISTED.findall(text[start : text.find(f"</{property_}>", start)])
        # The default language of a notice comes first, and is the same notice.
        return html.unescape("; ".join(listed[:1] if property_ == "dc:rights" else listed))
    _, _, rest = text.partition(f'{property_}="')
    return html.unescape(rest.partition('"')[0])


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
