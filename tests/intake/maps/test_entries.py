"""What a cell says: a file, a SKU, a number, yes or no, as people and spreadsheets write it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.maps.entries import (
    BadCell,
    FileName,
    as_name,
    file_name,
    heading,
    sku_in,
    switch_in,
    whole_in,
)


def test_headings_are_compared_by_their_words() -> None:
    assert heading("\ufeffImage URL (Import) ") == "image url import"
    assert heading("image_name") == heading("Image-Name") == heading("IMAGE  NAME") == "image name"
    assert heading("Product Image Is Thumbnail - 1") == "product image is thumbnail 1"


@pytest.mark.parametrize(
    ("cell", "name", "folders", "below"),
    [
        ("front.JPG", "front.jpg", (), False),
        ("SM-13/Front.jpg", "front.jpg", ("sm-13",), True),
        (r"SM-13\front.jpg", "front.jpg", ("sm-13",), True),
        ("./a/../front.jpg", "front.jpg", ("a",), True),
        (r"C:\shoot\SM-13\front.jpg", "front.jpg", ("c:", "shoot", "sm-13"), False),
        ("/shoot/front.jpg", "front.jpg", ("shoot",), False),
        ("https://cdn.shop.test/a/fr%C3%BCh%20.jpg?v=17#x", "früh .jpg", (), False),
        ("//cdn.shop.test/a/front.jpg", "front.jpg", (), False),
        ("file:///home/me/shoot/front.jpg", "front.jpg", ("home", "me", "shoot"), False),
        ("früh.jpg", "früh.jpg", (), False),
    ],
)
def test_a_file_is_named_by_name_path_or_address(
    cell: str, name: str, folders: tuple[str, ...], below: bool
) -> None:
    found = file_name(cell)
    assert found is not None
    assert (found.name, found.folders, found.below) == (name, folders, below)


def test_what_names_no_file_is_none() -> None:
    for cell in ("", "  ", "/", "https://shop.test", "..", "./"):
        assert file_name(cell) is None


def test_a_shops_name_is_known_by_what_it_was_before() -> None:
    for cell in ("https://c.test/s/photo__98178.1626.1280.1280.jpg?c=1", "o/381/photo__98178.jpg",
                 "https://c.test/products/1/images/2/photo.123.386.513.jpg"):  # fmt: skip
        found = file_name(cell, of_shop=True)
        assert found is not None
        assert (found.once, found.folders) == ("photo.jpg", ())
    plain = file_name("https://c.test/photo.jpg", of_shop=True)
    assert plain == FileName(name="photo.jpg", written="photo.jpg")


def test_yes_and_no_are_read_in_the_languages_of_spreadsheets() -> None:
    assert all(switch_in(word, "thumb") for word in ("TRUE", "WAHR", "VRAI", "yes", "1", "x"))
    assert not any(switch_in(word, "thumb") for word in ("FALSE", "FALSCH", "FAUX", "no", "0"))
    with pytest.raises(BadCell, match="“perhaps” is neither TRUE nor FALSE"):
        switch_in("perhaps", "thumb")


def test_numbers_are_read_as_spreadsheets_write_them() -> None:
    assert [whole_in(cell, "order") for cell in ("3", "03", "3.0", "3,00", "-1")] == [
        3,
        3,
        3,
        3,
        -1,
    ]
    for cell in ("3.5", "first", "1e3", "9" * 10):
        with pytest.raises(BadCell, match="is no whole number"):
            whole_in(cell, "order")


def test_a_number_that_a_spreadsheet_has_shortened_is_told() -> None:
    for cell in ("4.01235E+12", "4,01E+12"):
        with pytest.raises(BadCell, match="shortened"):
            sku_in(cell, "gtin")
    assert sku_in('="0401"', "gtin") == sku_in("'0401", "gtin") == sku_in("0401", "gtin") == "0401"
    assert sku_in("'S-1", "sku") == "'S-1"


@given(st.text(max_size=60))
def test_no_cell_ends_in_anything_but_a_value_or_a_bad_cell(cell: str) -> None:
    found = file_name(cell)
    assert found is None or found.name == as_name(found.written)
    for read in (sku_in, whole_in, switch_in):
        with contextlib.suppress(BadCell):
            read(cell, "column")
