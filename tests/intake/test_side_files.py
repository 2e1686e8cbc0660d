"""A text beside a photograph has its words, a sidecar what an editor wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.captions import NO_CAPTIONS
from pipeline.intake.side_files import LARGEST_TEXT, captions_beside, text_beside
from pipeline.values import Original

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Headline="SM-13"/>'
    "</rdf:RDF></x:xmpmeta>"
)


def photo(folder: Path, name: str = "front.jpg") -> Original:
    return Original(sha256="0" * 64, size=1, path=folder / name, root=folder)


def test_the_text_of_that_very_file_goes_before_that_of_the_name(tmp_path: Path) -> None:
    assert text_beside(photo(tmp_path)) == ""
    (tmp_path / "front.txt").write_text("A mug\n")
    assert text_beside(photo(tmp_path)) == "A mug"
    (tmp_path / "front.jpg.txt").write_text("A red mug")
    assert text_beside(photo(tmp_path)) == "A red mug"
    assert text_beside(photo(tmp_path, "front.png")) == "A mug"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_are_read_as_windows_and_others_write_them(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "front.txt").write_bytes("Tasse, grün\r\n".encode(encoding))
    assert text_beside(photo(tmp_path)) == "Tasse, grün"


def test_what_is_too_long_a_link_or_no_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "front.txt").write_text("x" * (LARGEST_TEXT + 1))
    (tmp_path / "secret").write_text("a secret")
    (tmp_path / "back.txt").symlink_to(tmp_path / "secret")
    (tmp_path / "top.txt").mkdir()
    for name in ("front.jpg", "back.jpg", "top.jpg", "none.jpg", "nul\0.jpg"):
        assert text_beside(photo(tmp_path, name)) == ""


def test_a_sidecar_is_read_under_either_name(tmp_path: Path) -> None:
    assert captions_beside(photo(tmp_path)) == NO_CAPTIONS
    (tmp_path / "front.xmp").write_text(XMP)
    assert captions_beside(photo(tmp_path)).headline == "SM-13"
    (tmp_path / "back.jpg.xmp").write_text(XMP)
    assert captions_beside(photo(tmp_path, "back.jpg")).headline == "SM-13"
