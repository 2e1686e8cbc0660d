"""What is kept of a photograph's metadata: who made it and whose it is, and nothing else.

Everything else may say where and when a picture was taken, with which camera and by which owner,
or show it uncropped in a thumbnail. Orientation is applied to the pixels, colours are sRGB.
"""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Mapping
from typing import BinaryIO, Final

from PIL import ExifTags, Image, PngImagePlugin

from pipeline.formats import unseen_notes
from pipeline.formats.notice import NO_NOTICE, Notice
from pipeline.values import ImageFormat

__all__ = ["kept_notice"]

_NAMES: Final[Mapping[int, tuple[int, str, str]]] = {
    ExifTags.Base.Copyright: (116, "dc:rights", "Copyright"),
    ExifTags.Base.Artist: (80, "dc:creator", "Author"),
}
"""For each tag the dataset of IPTC's record 2, the property of XMP (IPTC Photo Metadata Standard,
mapping to EXIF), and the keyword of a PNG's text (third edition, 11.3.3.1)."""

_IPTC: Final = 0x0404
"""Number of Photoshop's resource block in which IPTC stands."""

_LISTED: Final = re.compile(r"<rdf:li\b[^<>]*>([^<>]*)</rdf:li>")

_DUBLIN_CORE: Final = re.compile(
    r"""xmlns:([\w.-]+)\s*=\s*["']http://purl\.org/dc/elements/1\.1/["']"""
)

_PROPERTIES: Final[Mapping[int, str]] = {
    ExifTags.Base.Copyright: '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li>'
    "</rdf:Alt></dc:rights>",
    ExifTags.Base.Artist: "<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>",
}
"""For each tag the same in XMP (XMP Specification, part 1, Dublin Core)."""

_PACKET: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">{}</rdf:Description>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)

_NOT_XML: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML does not have, not even escaped."""

LONGEST_TEXT: Final = 500
"""Bytes kept of each text; a notice is a line, not a file."""


def kept_notice(
    image: Image.Image,
    file: BinaryIO,
    format: ImageFormat,  # noqa: A002
    *,
    keep_copyright: bool,
) -> Notice:
    """Return copyright and artist, to be put into what is made of a picture; else `NO_NOTICE`.

    What EXIF does not say is taken from IPTC, then XMP, then the texts of a PNG. What is longer
    than a line is cut.

    Args:
        image: the opened original; a broken EXIF block counts as none.
        file: the same, open for reading; its place is not kept.
        format: its format.
        keep_copyright: false to keep nothing at all.
    """
    if not keep_copyright:
        return NO_NOTICE
    said: dict[int, str] = {}
    # Its metadata may be broken in any way without the picture being so.
    with contextlib.suppress(Exception):
        for name, block in unseen_notes(file, format).items():
            image.info.setdefault(name, block)
        found = image.getexif()
        for tag, names in _NAMES.items():
            text = found.get(tag) or _elsewhere(image, names)
            if isinstance(text, str):
                # Pillow reads bytes as Latin-1.
                text = text.encode("latin-1", "replace")
            if isinstance(text, bytes) and (line := _line(text)):
                said[tag] = line
        return _notice(said)
    return NO_NOTICE


def _line(text: bytes) -> str:
    """Return a text as far as it is kept; it is not cut within a letter."""
    plain = _decoded(text.strip(b"\0 \t\r\n")).encode()
    return plain[:LONGEST_TEXT].decode("utf-8", "ignore")


def _notice(said: Mapping[int, str]) -> Notice:
    """Return the blocks for what is said; nothing where that is nothing."""
    if not said:
        return NO_NOTICE
    exif = Image.Exif()
    packet = ""
    for tag, text in said.items():
        # Bytes, as Pillow would write ASCII, with "?" for a "©".
        exif[tag] = text.encode()
        packet += _PROPERTIES[tag].format(html.escape(_NOT_XML.sub(" ", text), quote=False))
    return Notice(exif=exif.tobytes(), xmp=_PACKET.format(packet).encode())


def _elsewhere(image: Image.Image, names: tuple[int, str, str]) -> bytes:
    """Return in UTF-8 what the metadata other than EXIF says; empty where it says nothing."""
    dataset, property_, keyword = names
    blocks = image.info.get("photoshop")
    iptc = blocks.get(_IPTC) if isinstance(blocks, dict) else None
    packet = image.info.get("xmp")
    text = image.info.get(keyword)
    if isinstance(text, str) and not isinstance(text, PngImagePlugin.iTXt):
        # Pillow reads it as Latin-1, as it should be; many programs write UTF-8 there.
        text = _decoded(text.encode("latin-1", "replace"))
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
    # A packet may call Dublin Core by another prefix.
    prefix = _DUBLIN_CORE.search(text)
    called = property_.replace("dc:", f"{prefix[1]}:" if prefix else "dc:")
    name = re.escape(called)
    if element := re.search(rf"<{name}\b[^<>]*>", text):
        inside = text[element.end() : text.find(f"</{called}", element.end())]
        listed = _LISTED.findall(inside) if "<" in inside else [inside.strip()]
        # The default language of a notice comes first, and is the same notice.
        return html.unescape("; ".join(listed[:1] if property_ == "dc:rights" else listed))
    attribute = re.search(rf"""\s{name}\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""", text)
    return html.unescape(attribute[1] or attribute[2] or "") if attribute else ""


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
