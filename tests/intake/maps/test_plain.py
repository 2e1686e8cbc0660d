"""A plain list: a row a picture, whatever its columns are called, and the bulk uploader's."""

from __future__ import annotations

from pathlib import Path

from tests.intake.maps.mapped import about, complaints, map_of, only


def test_the_bulk_uploaders_list_is_read_as_it_is(tmp_path: Path) -> None:
    found = map_of(
        tmp_path,
        "SKU,image_name,ALT,thumb\r\n"
        'SM-13,IMG_0001.jpg,"Mug, red",TRUE\r\n'
        "SM-13,IMG_0002.jpg,Mug from above,FALSE\r\n",
    )
    first, second = only(found, "IMG_0001.jpg"), only(found, "IMG_0002.jpg")
    assert (first.names, first.alt, first.main) == (("SM-13",), "Mug, red", True)
    assert (second.main, second.order, second.view) == (False, None, "")


def test_a_file_and_a_product_are_enough_and_view_order_and_words_are_taken(
    tmp_path: Path,
) -> None:
    found = map_of(
        tmp_path, "File,Product,Order,View,Alt\na/1.jpg,SM-13,2,back,The back\nb.jpg,id 158,,,\n"
    )
    entry = only(found, "a", "1.jpg")
    assert (entry.names, entry.order, entry.view, entry.alt) == (("SM-13",), 2, "back", "The back")
    assert only(found, "b.jpg").names == ("id 158",)


def test_a_number_under_product_may_be_a_sku_or_an_id_and_under_product_id_it_is_one(
    tmp_path: Path,
) -> None:
    assert only(map_of(tmp_path, "file,product\na.jpg,158\n"), "a.jpg").names == ("158", "id 158")
    assert only(map_of(tmp_path, "file,product_id\na.jpg,158\n"), "a.jpg").names == ("id 158",)
    assert only(map_of(tmp_path, "file,sku\na.jpg,158\n"), "a.jpg").names == ("158",)


def test_a_bad_cell_costs_its_row_and_is_named_by_row_and_column(tmp_path: Path) -> None:
    found = map_of(
        tmp_path,
        "Image Name,SKU,Sort Order,Thumb\n"
        "a.jpg,SM-1,first,\n"
        "b.jpg,,1,\n"
        ",SM-1,1,\n"
        "d.jpg,4.01E+12,1,\n"
        "e.jpg,SM-1,1,perhaps\n"
        "f.jpg,SM-1,1,yes\n",
    )
    assert complaints(found) == [
        "row 2, column “Sort Order”: “first” is no whole number",
        "row 3, column “SKU”: no product is named",
        "row 4, column “Image Name”: no file is named",
        "row 5, column “SKU”: “4.01E+12” is a long number that a spreadsheet has shortened: "
        "set the column's format to text, and write it anew",
        "row 6, column “Thumb”: “perhaps” is neither TRUE nor FALSE",
    ]
    assert found.entries == 1
    assert only(found, "f.jpg").main


def test_the_description_of_a_product_is_no_text_for_a_picture(tmp_path: Path) -> None:
    found = map_of(tmp_path, "sku,description,image\nSM-1,<p>A mug</p>,a.jpg\n")
    assert only(found, "a.jpg").alt == ""
    assert about(found, "b.jpg") == ()
