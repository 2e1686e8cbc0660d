"""BigCommerce's own exports are read with all their columns, images below their product."""

from __future__ import annotations

from pathlib import Path

from tests.intake.maps.mapped import complaints, map_of, only, text_of

V3 = (
    "Item,ID,Name,Type,SKU,Options,Inventory Tracking,Current Stock,Low Stock,Price,"
    "Cost Price,Retail Price,Sale Price,Brand ID,Channels,Categories,Description,"
    "Custom Fields,Page Title,Product URL,Meta Description,Search Keywords,Meta Keywords,"
    "Bin Picking Number,UPC/EAN,Global Trade Number,Manufacturer Part Number,Free Shipping,"
    "Fixed Shipping Cost,Weight,Width,Height,Depth,Is Visible,Is Featured,Warranty,Tax Class,"
    "Product Condition,Show Product Condition,Sort Order,Variant Image URL,"
    "Internal Image URL (Export),Image URL (Import),Image Description,Image is Thumbnail,"
    "Image Sort Order,YouTube ID,Video Title,Video Description,Video Sort Order"
)

OLDER = (
    "Item Type,Product ID,Product Name,Product Type,Product Code/SKU,Bin Picking Number,"
    "Brand Name,Option Set,Option Set Align,Product Description,Price,Category,"
    "Product Image ID - 1,Product Image File - 1,Product Image Description - 1,"
    "Product Image Is Thumbnail - 1,Product Image Sort - 1,Product Image ID - 2,"
    "Product Image File - 2,Product Image Description - 2,Product Image Is Thumbnail - 2,"
    "Product Image Sort - 2,Search Keywords,Page Title,Sort Order"
)


def export(head: str, *rows: dict[str, object]) -> str:
    names = head.split(",")
    return text_of([names, *([row.get(name, "") for name in names] for row in rows)])


def image(url: str, **more: object) -> dict[str, object]:
    return {"Item": "Image", "ID": 7, "Internal Image URL (Export)": url} | more


CDN = "https://cdn11.bigcommerce.com/s-abc/products/111/images/7/"


def test_the_images_below_a_product_are_its_own(tmp_path: Path) -> None:
    text = export(
        V3,
        {"Item": "Product", "ID": 111, "Name": "Mug", "SKU": "SM-13", "Sort Order": 9,
         "Description": "<p>A mug,\nred</p>"},
        {"Item": "Variant", "ID": 5, "SKU": "SM-13-RED",
         "Variant Image URL": "https://cdn.test/red.jpg"},
        image(CDN + "front__98178.1626.1280.1280.jpg?c=1",
              **{"Image Description": "The mug", "Image is Thumbnail": "TRUE",
                 "Image Sort Order": 0}),
        image(CDN + "back__12345.1626.1280.1280.jpg?c=1",
              **{"Image is Thumbnail": "FALSE", "Image Sort Order": 1}),
        {"Item": "Video", "YouTube ID": "x"},
        {"Item": "Product", "ID": 112, "Name": "Plate", "SKU": ""},
        image(CDN + "plate.1.1280.1280.jpg"),
    )  # fmt: skip
    found = map_of(tmp_path, text)
    assert found.bad == ()
    front, back = only(found, "Front.JPG"), only(found, "back.jpg")
    assert (front.names, front.order, front.alt, front.main) == (("SM-13",), 0, "The mug", True)
    assert (back.names, back.order, back.main) == (("SM-13",), 1, False)
    assert only(found, "back__12345.1626.1280.1280.jpg") == back
    assert only(found, "red.jpg").names == ("SM-13-RED",)
    # Without a SKU it is the id that names the product.
    assert only(found, "plate.jpg").names == ("id 112",)


def test_an_image_without_a_product_and_after_a_bad_one_is_nobodys(tmp_path: Path) -> None:
    text = export(
        V3,
        image("https://c.test/a.jpg"),
        {"Item": "Product", "SKU": "SM-13"},
        {"Item": "Product", "SKU": "4.01E+12"},
        image("https://c.test/b.jpg"),
    )
    found = map_of(tmp_path, text)
    assert found.entries == 0
    assert [said.partition(":")[0] for said in complaints(found)] == [
        "row 2, column “Item”",
        "row 4, column “SKU”",
        "row 5, column “Item”",
    ]


def test_the_rows_to_be_imported_name_files_by_address(tmp_path: Path) -> None:
    text = export(
        V3,
        {"Item": "Product", "SKU": "SM-13"},
        {"Item": "Image", "Image URL (Import)": "https://me.test/shoot/IMG_0001.jpg",
         "Image Sort Order": "2"},
    )  # fmt: skip
    entry = only(map_of(tmp_path, text), "IMG_0001.jpg")
    assert (entry.names, entry.order) == (("SM-13",), 2)


def test_the_older_export_has_its_images_in_columns_by_number(tmp_path: Path) -> None:
    text = export(
        OLDER,
        {"Item Type": "Product", "Product ID": 111, "Product Code/SKU": "SM-13",
         "Product Image File - 1": "f/381/front__98178.jpg", "Product Image Sort - 1": "0",
         "Product Image Is Thumbnail - 1": "Y", "Product Image Description - 1": "The mug",
         "Product Image File - 2": "back.jpg", "Product Image Sort - 2": "first"},
        {"Item Type": "Product", "Product ID": 112, "Product Image File - 1": "plate.jpg"},
    )  # fmt: skip
    found = map_of(tmp_path, text)
    front = only(found, "front.jpg")
    assert (front.names, front.order, front.alt, front.main) == (("SM-13",), 0, "The mug", True)
    assert only(found, "plate.jpg").names == ("id 112",)
    assert complaints(found) == [
        "row 2, column “Product Image Sort - 2”: “first” is no whole number"
    ]
