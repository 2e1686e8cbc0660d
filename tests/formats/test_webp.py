"""WebP: every kind passes, what is not whole does not, metadata comes out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.samples import (
    SAMPLES,
    encoded,
    inspect,
    noise,
    pixels,
    reason,
    srgb_icc,
    stripped,
)
from tests.prepare.rendering import rendered

WEBP = SAMPLES[ImageFormat.WEBP]


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"quality": 1}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_kind_of_webp_passes(tmp_path: Path, mode: str, options: dict[str, Any]) -> None:
    found = inspect(tmp_path, encoded(noise(mode=mode), "WEBP", **options))
    assert (found.mode, found.trailing) == (mode, False)


def test_a_plain_webp_of_any_size_is_not_taken_for_an_unfinished_one(tmp_path: Path) -> None:
    for colour in ("black", "white", "#3c64c8"):
        for options in ({"quality": 80}, {"lossless": True}):
            plain = Image.new("RGB", (1500, 1500), colour)
            assert inspect(tmp_path, encoded(plain, "WEBP", method=0, **options)).width == 1500


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\0\0\0\0WEBP" + bytes(100),
        WEBP[:16] + b"\xff\xff\xff\x7f" + WEBP[20:],
        WEBP[:20] + b"\1" + WEBP[21:],
        WEBP[:23] + b"\0\0\0" + WEBP[26:],
        WEBP[:20] + b"\xf0\xff\xff" + WEBP[23:],
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0" + bytes(6),
    ],
)
def test_a_webp_that_contradicts_itself_is_refused(tmp_path: Path, content: bytes) -> None:
    assert reason(tmp_path, content) in (Reason.DAMAGED, Reason.TRUNCATED)


def test_a_webp_that_lacks_only_its_last_pages_never_passes(tmp_path: Path) -> None:
    for options in ({"quality": 90}, {"lossless": True}):
        whole = encoded(noise(600, 500), "WEBP", **options)
        kept = (len(whole) - 1) // 4096 * 4096
        for pages in (1, 3):
            end = whole[: kept - 4096 * (pages - 1)].ljust(len(whole), b"\0")
            if len(whole) - len(end.rstrip(b"\0")) > 1100:
                assert reason(tmp_path, end) is Reason.TRUNCATED


def test_an_animation_with_one_transparent_picture_passes(tmp_path: Path) -> None:
    more = [noise(mode="RGBA", seed=3)]
    content = encoded(noise(), "WEBP", save_all=True, append_images=more)
    assert inspect(tmp_path, content).frames == 2


def test_only_what_says_what_is_shown_and_how_is_kept(tmp_path: Path) -> None:
    icc = srgb_icc()
    bare = encoded(noise(), "WEBP", icc_profile=icc)
    noted = encoded(noise(), "WEBP", icc_profile=icc, exif=b"Exif\0\0II*\0" + bytes(9), xmp=b"<x/>")
    assert stripped(noted + b"behind", ImageFormat.WEBP) == bare
    assert stripped(bare, ImageFormat.WEBP) == bare
    assert not inspect(tmp_path, stripped(noted, ImageFormat.WEBP)).private


def test_a_program_s_own_chunk_is_private_and_left_out(tmp_path: Path) -> None:
    body = WEBP[8:] + b"abcd\3\0\0\0xyz\0"
    content = b"RIFF" + len(body).to_bytes(4, "little") + body
    assert inspect(tmp_path, content).private
    assert stripped(content, ImageFormat.WEBP) == WEBP


def test_a_minimal_exif_is_put_in_and_a_place_for_it_is_made() -> None:
    exif = Image.Exif()
    exif[0x8298] = "Ada"
    for content in (encoded(noise(mode="RGBA"), "WEBP"), WEBP):
        extended = stripped(content, ImageFormat.WEBP, exif.tobytes())
        with Image.open(io.BytesIO(extended)) as image:
            assert dict(image.getexif()) == {0x8298: "Ada"}
        assert pixels(extended) == pixels(content)
        assert stripped(extended, ImageFormat.WEBP, exif.tobytes()) == extended
    assert stripped(WEBP, ImageFormat.WEBP) == WEBP


def riff(content: bytes, behind: bytes) -> bytes:
    """Put bytes behind a file's chunks, within the size that its header names."""
    whole = content + behind
    return whole[:4] + (len(whole) - 8).to_bytes(4, "little") + whole[8:]


def chunk(kind: bytes, length: int, content: bytes) -> bytes:
    return kind + length.to_bytes(4, "little") + content


STRAY = {
    "EXIF that is longer than the rest": chunk(b"EXIF", 900, b"II*\0\x08\0\0\0\0\0"),
    "XMP of four gigabytes": chunk(b"XMP ", 0xFFFFFFFF, b"<x:xmpmeta/>"),
    "a profile that is cut": chunk(b"ICCP", 500, b"some"),
    "an unknown one that is cut": chunk(b"NOTE", 77, b"some"),
    "a rest that is no chunk": b"rest",
    "one without its padding": chunk(b"EXIF", 15, b"II*\0\x08\0\0\0\0\0\0\0\0\0x"),
    "a whole one, then a cut one": chunk(b"NOTE", 4, b"some") + chunk(b"XMP ", 99, b"<"),
}
STILLS: dict[str, dict[str, Any]] = {
    "VP8": {"quality": 90},
    "VP8L": {"lossless": True},
    "VP8X": {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"},
}


@pytest.mark.parametrize("stray", STRAY)
@pytest.mark.parametrize("kind", STILLS)
def test_what_is_cut_behind_a_still_is_left_out(tmp_path: Path, kind: str, stray: str) -> None:
    plain = encoded(noise(), "WEBP", **STILLS[kind])
    path = tmp_path / "a.webp"
    path.write_bytes(riff(plain, STRAY[stray]))
    result = rendered(path)
    assert result.picture.work == (
        "damaged or very long notes beside the picture left out",
        "metadata removed, pixels as they were",
    )
    assert pixels(result.content) == pixels(plain)


def test_of_an_animation_only_notes_may_be_cut(tmp_path: Path) -> None:
    pictures = [noise(32, 32, seed=seed) for seed in range(3)]
    plain = encoded(pictures[0], "WEBP", save_all=True, append_images=pictures[1:], duration=70)
    path = tmp_path / "a.webp"
    path.write_bytes(riff(plain, chunk(b"XMP ", 99, b"<x/>")))
    result = rendered(path)
    assert result.inspection.frames == 3
    assert "damaged or very long notes beside the picture left out" in result.picture.work
    assert pixels(result.content) == pixels(plain)
    for lost in (chunk(b"ANMF", 99, b"some"), chunk(b"NOTE", 99, b"some"), b"rest"):
        assert reason(tmp_path, riff(plain, lost)) is Reason.DAMAGED


@pytest.mark.parametrize("kind", STILLS)
def test_a_picture_that_is_cut_or_comes_late_is_damage(tmp_path: Path, kind: str) -> None:
    plain = encoded(noise(), "WEBP", **STILLS[kind])
    cut = plain[: len(plain) // 2]
    assert reason(tmp_path, riff(cut, b"")) in (Reason.DAMAGED, Reason.TRUNCATED)
    stray = chunk(b"NOTE", 9999, b"some")
    assert reason(tmp_path, riff(plain[:12] + stray, plain[12:])) is Reason.DAMAGED
    assert reason(tmp_path, riff(plain, chunk(b"VP8 ", 999, b"some"))) is Reason.DAMAGED
    # A file that goes on by its header, and ends: it may be on its way still.
    assert reason(tmp_path, riff(plain, STRAY["a profile that is cut"])[:-2]) is Reason.TRUNCATED
