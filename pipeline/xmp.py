"""Reads the few words that matter here out of an XMP packet, in a picture or beside it.

By the standard library's expat, and only as XMP may be: a packet that declares a document type or
an entity is none (XMP Specification, part 1, 7.1), so nothing in it can grow. What cannot be read
says nothing; nothing here raises for it.
"""

from __future__ import annotations

from typing import Final
from xml.parsers import expat

from pipeline.captions import MOST_KEYWORDS, MOST_SIGNS, NO_CAPTIONS, Captions, captions

__all__ = ["LARGEST_PACKET", "captions_in_xmp"]

LARGEST_PACKET: Final = 8 << 20
"""Bytes. Masks that a raw converter keeps reach some megabytes."""

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_PHOTOSHOP: Final = "http://ns.adobe.com/photoshop/1.0/"
_IPTC: Final = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_LANGUAGE: Final = "http://www.w3.org/XML/1998/namespace lang"

_TITLE, _CAPTION, _KEYWORDS = f"{_DC} title", f"{_DC} description", f"{_DC} subject"
_HEADLINE, _ALT = f"{_PHOTOSHOP} Headline", f"{_IPTC} AltTextAccessibility"
_WANTED: Final = frozenset({_TITLE, _CAPTION, _KEYWORDS, _HEADLINE, _ALT})

_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins."""

DEEPEST: Final = 200
"""Elements in one another; what programs write is some twenty deep."""


class _NoXmp(Exception):
    pass


class _Reader:
    """Keeps the texts of the wanted properties of the packet's own description."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.usual: dict[str, str] = {}
        """Of a text in several languages, the one that is the default."""
        self._within: list[str] = []
        self._property = ""
        self._is_usual = False
        self._text = ""

    def began(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._within) >= DEEPEST:
            raise _NoXmp
        if name == f"{_RDF} Description" and self._within[-1:] == [f"{_RDF} RDF"]:
            for attribute, value in attributes.items():
                if attribute in _WANTED:
                    self._said(attribute, value)
        own = self._within[-2:] == [f"{_RDF} RDF", f"{_RDF} Description"]
        if own and name in _WANTED:
            self._property = name
        if self._property:
            self._text = ""
            self._is_usual = attributes.get(_LANGUAGE, "").casefold() == "x-default"
        self._within.append(name)

    def ended(self, name: str) -> None:
        self._within.pop()
        if not self._property:
            return
        if self._text.strip():
            if self._is_usual:
                self.usual.setdefault(self._property, self._text[:MOST_SIGNS])
            self._said(self._property, self._text)
        self._text = ""
        if name == self._property:
            self._property = ""

    def heard(self, text: str) -> None:
        if self._property and len(self._text) < MOST_SIGNS:
            self._text += text

    def _said(self, name: str, text: str) -> None:
        texts = self.texts.setdefault(name, [])
        if len(texts) < MOST_KEYWORDS:
            texts.append(text[:MOST_SIGNS])

    def first(self, name: str) -> str:
        return self.usual.get(name) or next(iter(self.texts.get(name, ())), "")


def captions_in_xmp(packet: bytes) -> Captions:
    """Return what a packet says in words; nothing where it is none, or is too large."""
    if not packet or len(packet) > LARGEST_PACKET:
        return NO_CAPTIONS
    reader = _Reader()
    wide = packet[:2] in _WIDE
    # Whatever it declares: a codec would have to be loaded, and a worker may open no file.
    parser = expat.ParserCreate("utf-16" if wide else "utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.began
    parser.EndElementHandler = reader.ended
    parser.CharacterDataHandler = reader.heard
    parser.StartDoctypeDeclHandler = _refused
    parser.EntityDeclHandler = _refused
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(packet if wide else packet.strip(b"\0 \t\r\n"), True)
    except (expat.ExpatError, _NoXmp, ValueError):
        return NO_CAPTIONS
    return captions(
        title=reader.first(_TITLE),
        headline=reader.first(_HEADLINE),
        caption=reader.first(_ALT) or reader.first(_CAPTION),
        keywords=tuple(reader.texts.get(_KEYWORDS, ())),
    )


def _refused(*about: object) -> None:
    raise _NoXmp
