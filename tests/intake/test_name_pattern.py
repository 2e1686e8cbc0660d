from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.chain import Said
from pipeline.intake.name_pattern import NamePattern
from pipeline.values import Original


def read(pattern: str, path: str) -> Said | None:
    root = Path("/shoot")
    return NamePattern(pattern).said(Original(sha256="", size=0, path=root / path, root=root))


def test_its_groups_say_what_is_what() -> None:
    said = read(
        r"(?P<view>[a-z]+)__(?P<sku>.+?)_(?P<order>\d+)(?: (?P<description>.*))?",
        "back__SM-13_02 Its handle.jpg",
    )
    assert said is not None
    assert (said.names, said.view, said.order) == (("SM-13",), "back", 2)
    assert said.description == "Its handle"
    assert said.is_meant


@pytest.mark.parametrize(
    ("pattern", "path", "names"),
    [
        (r"shot-(?P<product_id>\d+)-.*", "shot-158-front.jpg", ("id 158",)),
        (r"(?P<order>\d+) (?P<gtin>\d{13})", "03 4006381333931.tif", ("4006381333931",)),
        (r"(?:\d+ )?(?P<sku>\w+)", "03 MUG.jpg", ("MUG",)),
        (r"[^/]+/(?P<sku>[^/]+)/(?P<view>[^/]+)", "Northwind/SM-13/front.jpg", ("SM-13",)),
    ],
)
def test_a_product_is_said_by_sku_barcode_or_id_also_by_folders(
    pattern: str, path: str, names: tuple[str, ...]
) -> None:
    said = read(pattern, path)
    assert said is not None
    assert said.names == names


def test_a_name_that_is_not_written_so_says_nothing_by_it() -> None:
    assert read(r"(?P<sku>[A-Z]+-\d+)_.*", "IMG_4711.jpg") is None
    assert read(r"(?P<sku>.+)", f"{'x' * 201}.jpg") is None
