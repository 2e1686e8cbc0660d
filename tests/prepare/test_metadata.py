"""What is kept of a photograph's metadata."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from pipeline.prepare.metadata import kept_exif
from pipeline.values import EncodeSettings
from tests.formats.samples import segment
from tests.prepare.rendering import photo, rendered


def test_copyright_and_artist_stay_and_nothing_else(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8298] = "© Ann".encode()
    exif[0x013B] = "Ann"
    exif[0x010F] = "Camera maker"
    exif[0x0112] = 3
    exif.get_ifd(0x8769)[0xA431] = "serial 12345"
    exif.get_ifd(0x8769)[0xA430] = "Owner"
    exif.get_ifd(0x8825)[1] = "N"
    for number, format_ in enumerate(("JPEG", "PNG", "WEBP")):
        path = tmp_path / f"{number}"
        photo().save(path, format_, exif=exif)
        kept = rendered(path).image.getexif()
        assert dict(kept) == {0x8298: "© Ann".encode().decode("latin-1"), 0x013B: "Ann"}
        assert not kept.get_ifd(0x8825)
        assert not kept.get_ifd(0x8769)
    bare = rendered(tmp_path / "0", encoding=EncodeSettings(keep_copyright=False))
    assert not bare.image.getexif()
    assert b"serial" not in bare.content


def test_a_long_notice_is_cut_and_an_empty_one_is_none() -> None:
    image = photo(8, 8)
    image.getexif()[0x8298] = "x" * 2000
    kept = Image.Exif()
    kept.load(kept_exif(image, keep_copyright=True))
    assert len(str(kept[0x8298])) == 500
    image.getexif()[0x8298] = " \0\n"
    assert kept_exif(image, keep_copyright=True) == b""


NOTICE, MAKER = "© 2026 Nørth", "Ana & Bo"


def dataset(number: int, text: bytes) -> bytes:
    return bytes((0x1C, 2, number)) + len(text).to_bytes(2, "big") + text


def iptc(encoding: str) -> bytes:
    said = dataset(116, NOTICE.encode(encoding)) + dataset(80, MAKER.encode(encoding))
    said += dataset(90, b"Oslo")  # a place is private, so the whole block goes
    said += b"\0" * (len(said) % 2)
    block = b"8BIM\4\4\0\0" + len(said).to_bytes(4, "big") + said
    return segment(0xED, b"Photoshop 3.0\0" + block)


XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description photoshop:City="Oslo">
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{NOTICE}</rdf:li></rdf:Alt></dc:rights>
<dc:creator><rdf:Seq><rdf:li>Ana &amp; Bo</rdf:li></rdf:Seq></dc:creator>
</rdf:Description></rdf:RDF></x:xmpmeta>""".encode()


@pytest.mark.parametrize("longest_side", [2048, 300])
@pytest.mark.parametrize("where", ["IPTC", "IPTC in Latin-1", "XMP", "XMP of a PNG", "PNG text"])
def test_who_made_it_is_found_wherever_it_stands(
    tmp_path: Path, where: str, longest_side: int
) -> None:
    path = tmp_path / "a"
    if where.startswith("IPTC"):
        photo().save(path, "JPEG")
        content = path.read_bytes()
        block = iptc("latin-1" if where.endswith("Latin-1") else "utf-8")
        path.write_bytes(content[:20] + block + content[20:])
    elif where == "XMP":
        photo().save(path, "JPEG", xmp=XMP)
    else:
        texts = PngImagePlugin.PngInfo()
        if where == "PNG text":
            texts.add_text("Copyright", NOTICE)
            texts.add_text("Author", MAKER)
            texts.add_text("Location", "Oslo")
        else:
            texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        photo().save(path, "PNG", pnginfo=texts)
    result = rendered(path, longest_side=longest_side)
    kept = result.image.getexif()
    assert dict(kept) == {
        0x8298: NOTICE.encode().decode("latin-1"),
        0x013B: MAKER.encode().decode("latin-1"),
    }
    assert b"Oslo" not in result.content
