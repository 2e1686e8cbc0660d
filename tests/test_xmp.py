"""The words in an XMP packet are read as programs write them; what would do harm says nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions import MOST_KEYWORDS, NO_CAPTIONS
from pipeline.xmp import DEEPEST, LARGEST_PACKET, captions_in_xmp

LIGHTROOM = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    photoshop:Headline="SM-13 &amp; more">
   <dc:title><rdf:Alt><rdf:li xml:lang="de">Tasse</rdf:li>
     <rdf:li xml:lang="x-default">SM-13</rdf:li></rdf:Alt></dc:title>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">A red mug,
     from above</rdf:li></rdf:Alt></dc:description>
   <dc:subject><rdf:Bag><rdf:li>SM-13</rdf:li><rdf:li>mug</rdf:li></rdf:Bag></dc:subject>
   <lr:hierarchicalSubject><rdf:Bag><rdf:li>Shop|Mugs</rdf:li></rdf:Bag></lr:hierarchicalSubject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""

CAPTURE_ONE = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">
<photoshop:Headline>SM-13</photoshop:Headline></rdf:Description>
<rdf:Description rdf:about="" xmlns:i="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:d="http://purl.org/dc/elements/1.1/">
<d:description><rdf:Alt><rdf:li xml:lang="x-default">For the client</rdf:li></rdf:Alt>
</d:description>
<i:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">A red mug</rdf:li></rdf:Alt>
</i:AltTextAccessibility></rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_title_headline_caption_and_keywords_are_read_as_lightroom_writes_them() -> None:
    found = captions_in_xmp(LIGHTROOM.encode())
    assert (found.title, found.headline) == ("SM-13", "SM-13 & more")
    assert found.caption == "A red mug, from above"
    assert found.keywords == ("SM-13", "mug")


def test_prefixes_are_as_a_program_likes_and_a_text_for_the_blind_goes_first() -> None:
    found = captions_in_xmp(CAPTURE_ONE.encode() + b"\n" + b" " * 2000 + b"\0")
    assert (found.headline, found.caption) == ("SM-13", "A red mug")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding: str) -> None:
    assert captions_in_xmp(CAPTURE_ONE.encode(encoding)).headline == "SM-13"


def test_what_stands_deeper_is_of_another_picture() -> None:
    inner = LIGHTROOM[LIGHTROOM.index("<rdf:Description") : LIGHTROOM.index("</rdf:RDF>")]
    text = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:m="http://ns.adobe.com/xap/1.0/mm/"><rdf:Description rdf:about="">'
        f"<m:Ingredients><rdf:Bag><rdf:li>{inner}</rdf:li></rdf:Bag></m:Ingredients>"
        "</rdf:Description></rdf:RDF>"
    )
    assert captions_in_xmp(text.encode()) == NO_CAPTIONS


def test_nothing_that_declares_entities_is_read() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + LIGHTROOM[56:]
    outside = '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + CAPTURE_ONE
    for packet in (laughs, outside):
        assert captions_in_xmp(packet.encode()) == NO_CAPTIONS


def test_what_is_broken_too_large_or_too_deep_says_nothing() -> None:
    deep = "<a>" * (DEEPEST + 1) + "</a>" * (DEEPEST + 1)
    for packet in (b"", b"\0\0", LIGHTROOM[:-60].encode(), deep.encode(), b"<a>&b;</a>"):
        assert captions_in_xmp(packet) == NO_CAPTIONS
    assert captions_in_xmp(CAPTURE_ONE.encode() + b" " * LARGEST_PACKET) == NO_CAPTIONS


def test_of_many_and_long_texts_only_so_much_is_kept() -> None:
    words = "".join(f"<rdf:li>w{number}</rdf:li>" for number in range(5_000))
    packet = LIGHTROOM.replace("<rdf:li>mug</rdf:li>", words).replace("A red mug", "a " * 100_000)
    found = captions_in_xmp(packet.encode())
    assert len(found.keywords) == MOST_KEYWORDS
    assert len(found.caption) <= 1_000


@given(st.binary(max_size=300))
def test_no_bytes_raise(packet: bytes) -> None:
    captions_in_xmp(packet)
    captions_in_xmp(b"<x>" + packet + b"</x>")
