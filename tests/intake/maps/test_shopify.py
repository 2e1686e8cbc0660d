"""Shopify's product export is read with its old and its new headings; rows continue a handle."""

from __future__ import annotations

from pathlib import Path

from tests.intake.maps.mapped import about, complaints, map_of, only

OLD = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,"
    "Variant Grams,Variant Price,Variant Barcode,Image Src,Image Position,Image Alt Text,"
    "Variant Image,Status\n"
    'mug,Mug,"<p>A mug, <b>red</b></p>",Us,,"a, b",TRUE,Colour,Red,SM-13-R,300,9.00,,'
    "https://cdn.shopify.com/s/files/1/0/products/mug-front.jpg?v=16,1,The mug,"
    "https://cdn.shopify.com/s/files/1/0/products/mug-front.jpg?v=16,active\n"
    "mug,,,,,,,,Blue,SM-13-B,300,9.00,,"
    "https://cdn.shopify.com/s/files/1/0/products/mug-back.jpg?v=16,2,,"
    "https://cdn.shopify.com/s/files/1/0/products/mug-blue.jpg?v=16,\n"
    ",,,,,,,,,,,,,https://cdn.shopify.com/s/files/1/0/products/mug-top.jpg?v=16,3,,,\n"
    "plate,Plate,,Us,,,TRUE,Title,Default Title,,100,5.00,,"
    "https://cdn.shopify.com/s/files/1/0/products/plate.jpg?v=2,1,,,active\n"
)


def test_rows_continue_a_handle_and_all_its_skus_name_it(tmp_path: Path) -> None:
    found = map_of(tmp_path, OLD)
    front, top = only(found, "mug-front.jpg"), only(found, "mug-top.jpg")
    assert (front.names, front.order, front.alt) == (("SM-13-R", "SM-13-B"), 1, "The mug")
    assert (top.names, top.order) == (("SM-13-R", "SM-13-B"), 3)
    # What only a variant shows is a picture of the product as well; the others are there already.
    assert only(found, "mug-blue.jpg").order is None
    assert len(about(found, "mug-front.jpg")) == 1


def test_an_image_of_a_handle_without_a_sku_is_told(tmp_path: Path) -> None:
    found = map_of(tmp_path, OLD)
    assert complaints(found) == ["row 5, column “Variant SKU”: no variant of its handle has a SKU"]
    assert about(found, "plate.jpg") == ()


def test_the_new_headings_are_known_too(tmp_path: Path) -> None:
    found = map_of(
        tmp_path,
        "Title,URL handle,SKU,Product image URL,Image position,Image alt text,Variant image URL\n"
        "Mug,mug,SM-13,https://cdn.shopify.com/mug.jpg,1,The mug,\n"
        ",mug,,https://cdn.shopify.com/mug-2.jpg,2.0,,\n",
    )
    assert only(found, "mug-2.jpg").names == ("SM-13",)
    assert only(found, "mug-2.jpg").order == 2
