"""What is kept of a photograph's metadata."""

from __future__ import annotations

import html
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image, PngImagePlugin

from pipeline.formats.notice import NO_NOTICE
from pipeline.prepare.metadata import kept_notice
from pipeline.values import EncodeSettings, ImageFormat
from tests.formats.samples import segment
from tests.prepare.animations import balls, saved
from tests.prepare.rendering import Rendered, photo, rendered, worst

RDF, DC = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}", "{http://purl.org/dc/elements/1.1/}"


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
    kept.load(kept_notice(image, io.BytesIO(), ImageFormat.JPEG, keep_copyright=True).exif)
    assert len(str(kept[0x8298])) == 500
    image.getexif()[0x8298] = " \0\n"
    assert kept_notice(image, io.BytesIO(), ImageFormat.JPEG, keep_copyright=True) == NO_NOTICE


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


def packet_of(result: Rendered) -> str:
    """The XMP packet that Pillow finds, but in a GIF, where it does not look."""
    if result.picture.format is ImageFormat.GIF:
        return result.content.partition(b"XMP DataXMP")[2].partition(b"\1\xff\xfe")[0].decode()
    found: bytes = result.image.info["xmp"]
    return found.decode()


def assert_kept(result: Rendered) -> None:
    """Notice and maker stand in EXIF, unless it is a GIF, and in XMP, for each who reads."""
    image = result.image
    if image.format != "GIF":
        assert dict(image.getexif()) == {
            0x8298: NOTICE.encode().decode("latin-1"),
            0x013B: MAKER.encode().decode("latin-1"),
        }
    described = ElementTree.fromstring(packet_of(result))
    listed = [item.text for item in described.iter(f"{RDF}li")]
    assert listed == [NOTICE, MAKER]
    names = [one.tag for one in described.iter() if one.tag.startswith(DC)]
    assert names == [f"{DC}rights", f"{DC}creator"]


def exiftool(*options: str) -> bytes:
    run = subprocess.run(["exiftool", *options], capture_output=True, check=True)
    return run.stdout


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="there is no exiftool")
def test_exiftool_writes_it_and_reads_it_again(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.jpg", "a.png", "a.webp", "a.gif")]
    for path in paths:
        photo().save(path)
    paths += [
        saved(tmp_path / name, balls(3), duration=70, loop=0) for name in ("film.gif", "film.webp")
    ]
    said = [f"-XMP-dc:Rights={NOTICE}", f"-XMP-dc:Creator={MAKER}", "-XMP-photoshop:City=Oslo"]
    exiftool("-q", "-overwrite_original", *said, *map(str, paths))
    made: list[Path] = []
    for path in paths:
        for longest_side in (2048, 100):
            result = rendered(path, longest_side=longest_side)
            assert_kept(result)
            assert b"Oslo" not in result.content
            made.append(tmp_path / f"{path.stem}-{len(made)}{result.picture.format.suffix}")
            made[-1].write_bytes(result.content)
    read = exiftool("-j", "-G1", "-a", "-charset", "exif=UTF8", *map(str, made))
    for path, found in zip(made, json.loads(read), strict=True):
        assert (found["XMP-dc:Rights"], found["XMP-dc:Creator"]) == (NOTICE, MAKER)
        assert "ExifTool:Warning" not in found
        if path.suffix != ".gif":
            assert (found["IFD0:Copyright"], found["IFD0:Artist"]) == (NOTICE, MAKER)


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L"])
@pytest.mark.parametrize("announced", [True, False])
def test_a_webp_has_a_place_for_it_made(tmp_path: Path, kind: bytes, announced: bool) -> None:
    path = tmp_path / "a.webp"
    picture = photo().convert("RGBA")
    picture.putalpha(200)
    shown = picture if kind == b"VP8L" else photo()
    shown.save(path, lossless=kind == b"VP8L", xmp=XMP if announced else b"")
    if not announced:
        # Of the simple kind, and all the same with what other programs find behind the picture.
        content = path.read_bytes()
        assert content[12:16] == kind
        content += b"XMP " + len(XMP).to_bytes(4, "little") + XMP + b"\0" * (len(XMP) % 2)
        path.write_bytes(content[:4] + (len(content) - 8).to_bytes(4, "little") + content[8:])
    result = rendered(path)
    assert result.picture.work == ("metadata removed, pixels as they were",)
    assert result.content[12:16] == b"VP8X"
    assert result.image.mode == shown.mode
    with Image.open(path) as before:
        assert worst(result.image, before) == 0
    assert_kept(result)


def test_the_size_of_a_notice_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x8298], exif[0x013B] = "©".encode() * 250, "&" * 500
    photo(noise=30).save(path, quality=95, exif=exif)
    for most in (45_000, 60_000, 80_000):
        result = rendered(path, max_bytes=most)
        assert len(result.content) <= most
        assert ">" + "©" * 250 + "<" in packet_of(result)
        assert "&amp;" * 500 in packet_of(result)


def test_a_cut_leaves_whole_letters_and_what_xml_does_not_have_is_a_blank(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Copyright", "x" + "€" * 300)
    texts.add_text("Author", "A\x07<nn>\x00")
    texts.add_text("Location", "Oslo")
    photo(64, 64).save(path, pnginfo=texts)
    result = rendered(path)
    described = ElementTree.fromstring(packet_of(result))
    assert [item.text for item in described.iter(f"{RDF}li")] == ["x" + "€" * 166, "A <nn>"]
    assert result.image.getexif()[0x8298].encode("latin-1").decode() == "x" + "€" * 166


COMMENTS = [b"Ann was here, 59.9 N 10.7 E", b"\xff\x07\xfe was here", b"Lavc58.134.100"]


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize("format_", ["JPEG", "GIF", "PNG"])
def test_a_comment_goes_and_the_pixels_stay(tmp_path: Path, format_: str, comment: bytes) -> None:
    path = tmp_path / "a"
    options: dict[str, Any] = {"comment": comment}
    if format_ == "PNG":
        options = {"pnginfo": (texts := PngImagePlugin.PngInfo())}
        texts.add_text("Comment", comment.decode("latin-1"))
    photo().save(path, format_, **options)
    assert comment in path.read_bytes()
    result = rendered(path)
    assert result.picture.work == ("metadata removed, pixels as they were",)
    assert comment not in result.content
    with Image.open(path) as before:
        assert worst(result.image, before) == 0


@pytest.mark.parametrize("blank", [b"", b" \0", b"\r\n"])
def test_an_empty_comment_is_no_reason_to_touch_a_picture(tmp_path: Path, blank: bytes) -> None:
    path = tmp_path / "a.jpg"
    photo().save(path)
    content = path.read_bytes()
    path.write_bytes(content[:20] + segment(0xFE, blank) + content[20:])
    assert rendered(path).picture.passthrough


@pytest.mark.parametrize("format_", ["JPEG", "GIF"])
def test_comments_of_megabytes_cost_no_quality(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "a"
    photo().save(path, format_)
    content = path.read_bytes()
    if format_ == "JPEG":
        long = segment(0xFE, b"A" * 65_000) * 200
        path.write_bytes(content[:20] + long + content[20:])
    else:
        path.write_bytes(content[:-1] + b"!\xfe" + (b"\xff" + b"A" * 255) * 50_000 + b"\0;")
    assert path.stat().st_size > 12_000_000
    result = rendered(path)
    assert result.picture.work == ("metadata removed, pixels as they were",)
    assert len(result.content) <= len(content)
    with Image.open(path) as before:
        assert worst(result.image, before) == 0


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
    assert_kept(result)
    assert b"Oslo" not in result.content


@pytest.mark.parametrize("longest_side", [2048, 300])
@pytest.mark.parametrize(
    "said",
    [
        'xmlns:dc="{0}" dc:rights="{1}" dc:creator="{2}"/>',
        "xmlns:dc='{0}' dc:rights='{1}' dc:creator = '{2}'/>",
        'xmlns:q="{0}" q:rights="{1}" q:creator="{2}"/>',
        'xmlns:q="{0}"><q:rights>{1}</q:rights><q:creator>{2}</q:creator></rdf:Description>',
        "xmlns:dc='{0}'><dc:rights>\n{1}\n</dc:rights><dc:creator>{2}</dc:creator></rdf:Description>",
    ],
)
def test_a_notice_is_found_however_xmp_writes_it(
    tmp_path: Path, said: str, longest_side: int
) -> None:
    words = said.format("http://purl.org/dc/elements/1.1/", html.escape(NOTICE), html.escape(MAKER))
    packet = f'<rdf:RDF><rdf:Description photoshop:City="Oslo" {words}</rdf:RDF>'
    path = tmp_path / "a.jpg"
    photo().save(path, "JPEG", xmp=packet.encode())
    result = rendered(path, longest_side=longest_side)
    assert_kept(result)
    assert b"Oslo" not in result.content


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_a_plain_text_of_a_png_is_read_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    texts = PngImagePlugin.PngInfo()
    for key, said in (("Copyright", NOTICE), ("Author", MAKER)):
        texts.add(b"tEXt", f"{key}\0{said}".encode(encoding))
    path = tmp_path / "a.png"
    photo().save(path, "PNG", pnginfo=texts)
    assert_kept(rendered(path, longest_side=300))
