"""The name a picture goes up under, and the digest tag that is read from it again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.upload_name import digest_tag, upload_name, uploaded_as
from pipeline.values import ImageFormat

DIGEST = "3F9A1C2B7D" + "0" * 54


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("SM-13 front.jpeg", "sm-13-front"),
        ("Blüten & Gräser (2).PNG", "bluten-graser-2"),
        ("Straße.jpg", "strasse"),
        ("ｗｉｄｅ.jpg", "wide"),
        ("写真.jpg", "photo"),
        ("---.gif", "photo"),
        ("a" * 39 + " b.jpg", "a" * 39),
        ("x.tar.gz", "x-tar"),
    ],
)
def test_the_stem_is_readable_and_plain(name: str, stem: str) -> None:
    assert upload_name(Path(name), DIGEST, ImageFormat.JPEG) == f"{stem}-3f9a1c2b7d.jpg"


def test_the_suffix_says_what_is_uploaded_not_what_the_file_was_called() -> None:
    assert upload_name(Path("a.bmp"), DIGEST, ImageFormat.PNG) == "a-3f9a1c2b7d.png"
    assert upload_name(Path("a.jpg"), DIGEST, ImageFormat.WEBP) == "a-3f9a1c2b7d.webp"


@given(st.text(min_size=1).filter(lambda name: "/" not in name and "\0" not in name))
def test_any_name_becomes_lower_case_letters_digits_and_hyphens(name: str) -> None:
    made = upload_name(Path("folder") / name, DIGEST, ImageFormat.JPEG)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*-3f9a1c2b7d\.jpg", made)
    assert len(made) - len(".jpg") <= 60


def test_a_name_that_is_no_text_at_all_is_taken_too() -> None:
    path = Path("caf\udce9.jpg")  # how Python shows bytes that are not UTF-8
    assert upload_name(path, DIGEST, ImageFormat.JPEG) == "caf-3f9a1c2b7d.jpg"


@pytest.mark.parametrize(
    ("image_file", "tag"),
    [
        ("o/381/sm-13-front-3f9a1c2b7d__98178.jpg", "3f9a1c2b7d"),
        ("o/381/SM-13-FRONT-3F9A1C2B7D__98178.JPG", "3f9a1c2b7d"),
        ("sm_13_front_3f9a1c2b7d__98178.jpg", "3f9a1c2b7d"),
        ("3f9a1c2b7d.jpg", "3f9a1c2b7d"),
        ("o/381/front-3f9a1c2b7d", "3f9a1c2b7d"),
        ("o/381/front-3f9a1c2b7__98178.jpg", None),
        ("o/381/front-3f9a1c2b7dd__98178.jpg", None),
        ("o/381/front3f9a1c2b7d__98178.jpg", None),
        ("o/381/3f9a1c2b7d-front__98178.jpg", None),
        ("", None),
    ],
)
def test_a_name_in_the_store_tells_its_digest_tag_and_nothing_else(
    image_file: str, tag: str | None
) -> None:
    assert digest_tag(image_file) == tag


@pytest.mark.parametrize(
    ("image_file", "name"),
    [
        ("o/381/product-image__98178.png", "product-image.png"),
        ("o/381/a__1__98178.png", "a__1.png"),
        ("product-image__98178", "product-image"),
        ("o/381/product__image.png", "product__image.png"),
        ("", ""),
    ],
)
def test_a_name_in_the_store_tells_the_name_that_was_uploaded(image_file: str, name: str) -> None:
    assert uploaded_as(image_file) == name


@given(st.text(min_size=1).filter(lambda name: "/" not in name and "\0" not in name))
def test_the_tag_that_is_written_into_a_name_is_read_from_it(name: str) -> None:
    made = upload_name(Path(name), DIGEST, ImageFormat.WEBP)
    assert digest_tag(made) == "3f9a1c2b7d"
    stem, _, suffix = made.rpartition(".")
    assert digest_tag(f"o/381/{stem}__12345.{suffix}") == "3f9a1c2b7d"
