"""Which program wrote a map is told by its columns alone."""

from __future__ import annotations

import pytest

from pipeline.intake.maps.dialects import DIALECTS, dialect_of
from pipeline.intake.maps.entries import heading


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ("SKU,image_name,ALT,thumb", "a list of files and products"),
        ("file,product", "a list of files and products"),
        ("Item,ID,SKU,Image URL (Import)", "BigCommerce's product export"),
        (
            "Product ID,Product Code/SKU,Product Image File - 1",
            "BigCommerce's older product export",
        ),
        ("Handle,Variant SKU,Image Src,Image Position", "Shopify's product export"),
        ("sku,base_image,additional_images", "Magento's product export"),
        ("ID,Type,SKU,Images", "WooCommerce's product export"),
    ],
)
def test_each_is_told_by_its_columns(columns: str, name: str) -> None:
    dialect = dialect_of([heading(column) for column in columns.split(",")])
    assert dialect is not None
    assert dialect.name == name
    assert dialect in DIALECTS


@pytest.mark.parametrize("columns", ["sku,price", "file,size", "name", ""])
def test_what_names_no_files_or_no_products_is_no_map(columns: str) -> None:
    assert dialect_of([heading(column) for column in columns.split(",")]) is None
