"""Names of pictures, and their bytes as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.localstore.quirks import Quirks
from pipeline.localstore.storage.files import (
    BOXES,
    PictureFiles,
    name_in_url,
    rendition_name,
    stored_name,
)
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess


@pytest.mark.parametrize(
    ("name", "stem", "extension"),
    [
        ("product-image.png", "product-image", "png"),
        ("A_b-9.JPG", "A_b-9", "JPG"),
        ("sm 13 (2).jpg", "sm_13__2_", "jpg"),
        ("a.b.c.jpeg", "a_b_c", "jpeg"),
        ("ünï.gif", "_n_", "gif"),
        ("noextension", "noextension", "png"),
        ("../../etc/passwd.png", "passwd", "png"),
        ("C:\\photos\\one.png", "one", "png"),
        (".png", "_png", "png"),
        ("x.weird-ending", "x", "png"),
        ("a" * 150 + ".png", "a" * 150, "png"),
    ],
)
def test_the_stem_survives_but_for_unusual_characters(
    store: StoreProcess, product: int, name: str, stem: str, extension: str
) -> None:
    answer = store.upload(product, picture(), name)
    stored = answer.json()["data"]["image_file"].rpartition("/")[2]
    kept, _, ending = stored.rpartition("__")
    assert (kept, ending[5:]) == (stem, f".{extension}")


def test_uploaded_bytes_are_kept_exactly_until_they_are_forgotten(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    key = files.keep(b"exactly these")
    files.keep_rendition(key, "url_tiny", b"small")
    assert files.original(key) == b"exactly these"
    assert files.rendition(key, "url_tiny") == b"small"
    assert files.rendition(key, "url_zoom") is None
    files.forget(key)
    assert files.original(key) is None
    assert files.rendition(key, "url_tiny") is None


def test_what_no_image_shows_is_swept_away(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    shown, stray = files.keep(b"shown"), files.keep(b"stray")
    half = tmp_path / "pictures" / shown[:2] / f"{shown}.original.0a0b.part"
    half.write_bytes(b"sho")
    files.sweep([shown])
    assert (files.original(shown), files.original(stray)) == (b"shown", None)
    assert not half.exists()


def test_the_folder_beneath_is_read_and_never_changed(tmp_path: Path) -> None:
    key = PictureFiles(tmp_path / "beneath").keep(b"old")
    files = PictureFiles(tmp_path / "above", tmp_path / "beneath")
    assert files.original(key) == b"old"
    files.forget(key)
    assert files.original(key) == b"old"
    new = files.keep(b"new")
    assert PictureFiles(tmp_path / "beneath").original(new) is None


def test_a_name_is_cut_so_that_a_file_system_takes_it() -> None:
    name = stored_name("a" * 300 + ".png", "png", Quirks())
    assert name.stem.startswith("a" * 180 + "__")
    assert len(rendition_name(name.image_file, 2_000_000_000, BOXES["url_zoom"])) < 255


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://a/b/front%20view.jpg?x=1#y", "front view.jpg"),
        ("http://a/b/", ""),
        ("http://a", ""),
    ],
)
def test_a_picture_behind_an_address_is_called_as_its_path_ends(url: str, name: str) -> None:
    assert name_in_url(url) == name
