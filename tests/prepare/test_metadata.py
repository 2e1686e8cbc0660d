"""What is kept of a photograph's metadata."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pipeline.prepare.metadata import kept_exif
from pipeline.values import EncodeSettings
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
