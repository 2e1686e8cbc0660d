"""What a file is, is decided by its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.samples import SAMPLES, inspect, refusal

NONE = Reason.NOT_AN_IMAGE


def test_noise_is_no_picture(tmp_path: Path) -> None:
    refused = refusal(tmp_path, bytes(range(1, 256)) * 40)
    assert refused.reason is NONE
    assert "no kind of picture that is known" in str(refused)


def test_a_file_without_its_beginning_is_named_as_such(tmp_path: Path) -> None:
    content = SAMPLES[ImageFormat.JPEG]
    refused = refusal(tmp_path, bytes(4096) + content[4096:] + content)
    assert refused.reason is NONE
    assert "its beginning is empty" in str(refused)


def test_a_file_of_zeros_is_named_as_such(tmp_path: Path) -> None:
    refused = refusal(tmp_path, bytes(10_000))
    assert refused.reason is Reason.NOT_AN_IMAGE
    assert "nothing but zeros" in str(refused)


TEXT = b"Front view, then the back. White balance 5500 K.\n"
FILM = b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + bytes(200)
TIFF = b"II*\0\x08\0\0\0\0\0" + bytes(100)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", TEXT),
        ("README", TEXT),
        ("prices.csv", b"sku;price\nSM-13;12,50\n"),
        ("list.CSV", "sku\u00a0preis".encode("utf-16")),
        ("clip.mp4", FILM),
        ("clip.mov", b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(50)),
        ("clip.avi", b"RIFF\x10\0\0\0AVI LIST" + bytes(100)),
        ("clip", FILM),
        ("sheet.pdf", b"%PDF-1.7\n"),
        ("prices.xlsx", b"PK\3\4" + bytes(50)),
        ("index.db", bytes(range(1, 256)) * 9),
        ("index.dat", b"\0\0\x20\x20" + bytes(128)),
        ("empty inside.txt", bytes(500)),
        ("two.txt", b"GI"),
        ("a.CR3", b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(50)),
        ("a.nef", TIFF),
        ("a.DNG", TIFF),
        ("a.arw", bytes(range(1, 256)) * 9),
    ],
)
def test_what_is_no_picture_by_name_and_content_is_not_for_upload(
    tmp_path: Path, name: str, content: bytes
) -> None:
    assert refusal(tmp_path, content, name=name).reason is Reason.NOT_FOR_UPLOAD


@pytest.mark.parametrize("format_", ImageFormat)
@pytest.mark.parametrize("name", ["notes.txt", "clip.mp4", "a.nef", "front", "front.5 side"])
def test_a_picture_is_one_whatever_its_name(
    tmp_path: Path, format_: ImageFormat, name: str
) -> None:
    if format_ is ImageFormat.WBMP and "." in name and " " not in name:
        pytest.skip("too little stands in its header to be believed against its name")
    assert inspect(tmp_path, SAMPLES[format_], name=name).format is format_


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("front.jpg", TEXT, NONE),
        ("front.jpg", FILM, NONE),
        ("front.png", b"PK\3\4" + bytes(50), NONE),
        ("front.heic", TEXT, NONE),
        ("front.jpg", TIFF, Reason.FORMAT_NOT_TAKEN),
        ("front.tif", TIFF, Reason.FORMAT_NOT_TAKEN),
        ("notes.txt", TIFF, Reason.FORMAT_NOT_TAKEN),
        ("front", bytes(500), NONE),
        ("front", bytes(range(1, 256)) * 9, NONE),
        ("front.5 side", bytes(500), NONE),
        ("notes.txt", SAMPLES[ImageFormat.JPEG][:-40], Reason.TRUNCATED),
    ],
)
def test_what_may_be_meant_as_a_picture_is_refused_aloud(
    tmp_path: Path, name: str, content: bytes, reason: Reason
) -> None:
    assert refusal(tmp_path, content, name=name).reason is reason
