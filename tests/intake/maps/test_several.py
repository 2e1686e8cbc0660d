"""Magento and WooCommerce put a product's images into one cell, in their order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.maps.mapped import about, complaints, map_of, only, text_of

MAGENTO = (
    "sku", "store_view_code", "attribute_set_code", "product_type", "name", "base_image",
    "base_image_label", "small_image", "small_image_label", "thumbnail_image",
    "thumbnail_image_label", "swatch_image", "swatch_image_label", "additional_images",
    "additional_image_labels", "hide_from_product_page",
)  # fmt: skip


def magento(**cells: str) -> tuple[str, ...]:
    return tuple(cells.get(name, "") for name in MAGENTO)


def test_magentos_base_image_is_the_main_one_and_the_others_follow_with_their_labels(
    tmp_path: Path,
) -> None:
    rows = [
        MAGENTO,
        magento(sku="SM-13", base_image="/s/m/sm13-front.jpg", base_image_label="The mug",
                small_image="/s/m/sm13-front.jpg", thumbnail_image="/s/m/sm13-small.jpg",
                swatch_image="no_selection",
                additional_images="/s/m/sm13-front.jpg,/s/m/sm13-back.jpg",
                additional_image_labels="Image,The back"),
        magento(sku="SM-13", store_view_code="de", base_image_label="Die Tasse"),
    ]  # fmt: skip
    found = map_of(tmp_path, text_of(rows))
    front, back = only(found, "sm13-front.jpg"), only(found, "sm13-back.jpg")
    assert (front.names, front.order, front.alt, front.main) == (("SM-13",), 0, "The mug", True)
    assert (back.order, back.alt, back.main) == (1, "The back", None)
    assert only(found, "sm13-small.jpg").order == 2
    assert (found.entries, found.bad) == (3, ())


def test_labels_that_do_not_fit_the_images_cost_the_labels_and_not_the_images(
    tmp_path: Path,
) -> None:
    rows = [
        MAGENTO,
        magento(
            sku="SM-13", additional_images="a.jpg,b.jpg", additional_image_labels="A mug, red,B"
        ),
        magento(additional_images="c.jpg"),
    ]
    found = map_of(tmp_path, text_of(rows))
    assert [only(found, name).alt for name in ("a.jpg", "b.jpg")] == ["", ""]
    first, second = complaints(found)
    assert first.startswith("row 2, column “additional_image_labels”: it has 3 labels for 2 images")
    assert second == "row 3, column “sku”: no product is named"


WOO = (
    "ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,"
    "Description,In stock?,Sale price,Regular price,Categories,Tags,Shipping class,Images,"
    "Download limit,Download expiry days,Parent,Position,Attribute 1 name,"
    "Attribute 1 value(s)"
)


def woo(**cells: str) -> list[str]:
    return [cells.get(name, "") for name in WOO.split(",")]


def test_woocommerces_images_are_in_their_order_and_the_first_is_the_main_one(
    tmp_path: Path,
) -> None:
    url = "https://shop.test/wp-content/uploads/2026/11/"
    rows = [
        WOO.split(","),
        woo(ID="10", Type="variable", SKU="SM-13", Images=f"{url}front.jpg, {url}back-1.jpg"),
        woo(ID="11", Type="variation", SKU="SM-13-R", Images=f"{url}red.jpg", Parent="SM-13"),
        woo(ID="12", Type="simple", Images=f"{url}plate.jpg"),
        woo(ID="13", Type="simple", SKU="SM-14"),
    ]
    found = map_of(tmp_path, text_of(rows), encoding="utf-8-sig")
    front, back, red = (only(found, name) for name in ("front.jpg", "back-1.jpg", "red.jpg"))
    assert (front.names, front.order, front.main) == (("SM-13",), 0, True)
    assert (back.order, back.main) == (1, None)
    assert (red.names, red.main) == (("SM-13-R",), None)
    assert about(found, "plate.jpg") == ()
    assert complaints(found) == ["row 4, column “SKU”: it is empty"]


@pytest.mark.parametrize(("sku", "images"), [("Artikelnummer", "Bilder"), ("UGS", "Images")])
def test_woocommerces_headings_in_the_shops_language_are_known(
    tmp_path: Path, sku: str, images: str
) -> None:
    found = map_of(
        tmp_path, f"ID,Typ,{sku},Name,{images}\n1,simple,SM-13,Mug,https://s.test/a.jpg\n"
    )
    assert only(found, "a.jpg").names == ("SM-13",)
