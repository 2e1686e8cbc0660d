"""The words for a picture: what is read aloud stays, what is too long ends with a whole word."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alt_text import (
    FIELDS,
    alt_text,
    filled_in,
    is_by_machine,
    spoken,
    unknown_fields,
)


def test_a_text_becomes_one_line_of_signs_that_are_read() -> None:
    assert spoken("  A mug,\r\n\tred\0 \u202egreen\u202c ") == "A mug, red green"
    assert spoken("Ke\u00adramik\u200btasse\ufeff") == "Keramiktasse"
    assert spoken("u\u0308ber") == "über"
    # What Persian words and a family are joined by is no sign to be taken away.
    assert spoken("می\u200cخواهم 👩\u200d👧") == "می\u200cخواهم 👩\u200d👧"


def test_what_is_too_long_ends_with_a_whole_word() -> None:
    assert alt_text("A red mug, seen from above", 255) == "A red mug, seen from above"
    assert alt_text("A red mug, seen from above", 14) == "A red mug"
    assert alt_text("A red mug, seen from above", 15) == "A red mug, seen"
    assert alt_text("A red mug, seen", 10) == "A red mug"


def test_without_blanks_it_ends_with_a_whole_sign() -> None:
    assert alt_text("赤いマグカップを上から見た写真", 8) == "赤いマグカップを"
    assert alt_text("ab👩\u200d👧", 4) == "ab"
    assert alt_text("ab👍🏽", 3) == "ab"
    assert alt_text("ab\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 5) == "ab\U0001f1e9\U0001f1ea"
    assert alt_text("abx\u0323\u0301\u0302", 3) in ("ab", "abx\u0323")


@pytest.mark.parametrize(
    "text",
    [
        "OLYMPUS DIGITAL CAMERA", "SONY DSC", "SAMSUNG CAMERA PICTURES", "DCIM", "MINOLTA DSC",
        "KONICA MINOLTA DIGITAL CAMERA", "Exif_JPEG_PICTURE", "Digital StillCamera", "cof", "rhdr",
        "Processed with VSCO with a6 preset", "Created with GIMP", "Default", "IMG_1234.JPG",
        "IMG_1234", "DSC01234", "_DSC0815", "PXL_20261127_101500", "20261127_101500", "Screenshot",
        "", " . ", "SM-13-front", "sm-13-FRONT", "untitled", "charset=Ascii",
    ],
)  # fmt: skip
def test_what_a_camera_wrote_is_no_caption(text: str) -> None:
    assert is_by_machine(text, "SM-13-front")


@pytest.mark.parametrize(
    "text",
    [
        "A red mug", "Red mug", "Rote Tasse von oben", "Digital camera bag, black", "Tasse grün",
        "Made of oak and brass", "A picture frame", "赤いマグ", "Camera strap in brown leather",
    ],
)  # fmt: skip
def test_what_somebody_wrote_is_one(text: str) -> None:
    assert not is_by_machine(text, "SM-13-front")


def test_a_form_is_filled_in_and_what_joins_an_empty_field_goes_with_it() -> None:
    form = "{product_name}, {view}"
    assert filled_in(form, {"product_name": "Mug", "view": "front"}) == "Mug, front"
    assert filled_in(form, {"product_name": "Mug", "view": ""}) == "Mug"
    assert filled_in(form, {"view": "front"}) == "front"
    assert filled_in(form, {}) == ""
    assert filled_in("{product_name} ({view}) – Shop", {"product_name": "Mug"}) == "Mug"
    assert filled_in("Photo of {product_name}", {"product_name": "Mug"}) == "Photo of Mug"
    assert filled_in("Photo of {product_name}", {}) == ""
    assert filled_in("{{{sku}}}", {"sku": "A"}) == "{A}"
    assert filled_in("One of ours", {}) == "One of ours"


def test_a_form_names_only_fields_that_there_are() -> None:
    assert unknown_fields("{product_name} {colour} {view.x} {}") == ["colour", "view.x", ""]
    for form in ("{product_name", "product_name}", "{sku!r}", "{sku:10}"):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever Python says of it
            unknown_fields(form)


@given(st.text(max_size=400), st.integers(20, 300))
def test_a_text_is_never_too_long_nor_ends_within_a_sign_and_is_left_as_it_is_then(
    text: str, most: int
) -> None:
    cut = alt_text(text, most)
    whole = spoken(text)
    assert len(cut) <= most
    assert whole.startswith(cut)
    assert alt_text(cut, most) == cut
    assert spoken(whole) == whole
    after = whole[len(cut) : len(cut) + 1]
    assert not cut or not unicodedata.category(after or "a").startswith("M")


@given(
    st.lists(
        st.text("abc {}", max_size=6).map(lambda text: text.replace("{", "").replace("}", ""))
    ),
    st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=20)),
)
def test_every_value_that_there_is_is_in_the_text(
    joints: list[str], values: dict[str, str]
) -> None:
    form = "".join(
        f"{joint}{{{FIELDS[number % len(FIELDS)]}}}" for number, joint in enumerate(joints)
    )
    text = filled_in(form, values)
    for number in range(len(joints)):
        assert values.get(FIELDS[number % len(FIELDS)], "").strip() in text
