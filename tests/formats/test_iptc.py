"""The words in IPTC datasets are read in the encodings in which programs wrote them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions import MOST_KEYWORDS, NO_CAPTIONS
from pipeline.formats.iptc import captions_in_iptc


def dataset(record: int, number: int, value: bytes) -> bytes:
    return bytes((0x1C, record, number)) + len(value).to_bytes(2, "big") + value


def block(content: bytes, number: int = 0x0404) -> bytes:
    padded = content + b"\0" * (len(content) & 1)
    return b"8BIM" + number.to_bytes(2, "big") + b"\0\0" + len(content).to_bytes(4, "big") + padded


SAID = (
    dataset(2, 5, b"SM-13") + dataset(2, 25, b"mug") + dataset(2, 25, "grün".encode())
    + dataset(2, 105, b"Mugs") + dataset(2, 120, b"A red mug")
)  # fmt: skip


def test_title_headline_caption_and_keywords_are_read() -> None:
    found = captions_in_iptc(block(b"x", 0x0425) + block(dataset(1, 90, b"\x1b%G") + SAID))
    assert (found.title, found.headline, found.caption) == ("SM-13", "Mugs", "A red mug")
    assert found.keywords == ("mug", "grün")


def test_what_is_no_utf_8_is_read_as_windows_wrote_it() -> None:
    assert captions_in_iptc(block(dataset(2, 120, "grün".encode("cp1252")))).caption == "grün"


def test_of_many_keywords_only_so_many_are_kept() -> None:
    many = b"".join(dataset(2, 25, b"w%d" % number) for number in range(500))
    assert len(captions_in_iptc(block(many)).keywords) == MOST_KEYWORDS


@given(st.binary(max_size=200))
def test_no_bytes_raise(content: bytes) -> None:
    captions_in_iptc(content)
    captions_in_iptc(block(content))
    captions_in_iptc(block(SAID)[: len(content)])
    assert captions_in_iptc(b"") == NO_CAPTIONS
