"""Lists that other programs wrote bring a studio's pictures to their products, as they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.intake.maps.test_bigcommerce import CDN, V3, export, image
from tests.intake.maps.test_several import MAGENTO, WOO, magento, woo
from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph

CATALOGUE = "13,SM-13,Red mug,\n14,SM-14,Blue mug,\n7,MUG-7,Big mug,\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    """A shop that knows three products, and no others."""
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, shop: StoreProcess) -> Command:
    return Command(tmp_path / "home", shop, plain_ids=False, settle_after=1, patience=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photographs with a camera's names."""
    for number in range(1, 6):
        photograph(tmp_path / "shoot" / f"IMG_000{number}.jpg", number)
    return tmp_path / "shoot"


def rows(*lines: Sequence[object], separator: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(lines)
    return out.getvalue()


def shown(shop: StoreProcess, product_id: int) -> list[tuple[str, str, bool]]:
    """Return which pictures a product has: by the file's number, its words, and whether main."""
    return sorted(
        (one["image_file"].split("img-000")[1][:1], one["description"], one["is_thumbnail"])
        for one in shop.images(product_id)
    )


URL = "https://cdn.test/files/"

LISTS = {
    "bulk uploader": (
        "utf-8-sig",
        rows(
            ("SKU", "image_name", "ALT", "thumb"),
            ("SM-13", "IMG_0001.jpg", "Mug, back", "FALSE"),
            ("SM-13", "IMG_0002.jpg", "Mug, front", "TRUE"),
            ("MUG-7", "IMG_0003.jpg", "Big mug", "TRUE"),
        ),
    ),
    "Excel's own": (
        "cp1252",
        "sep=;\r\n" + rows(
            ("Datei", "SKU", "Alt", "Hauptbild"),
            ("IMG_0001.jpg", "SM-13", "Mug, back", "FALSCH"),
            ("IMG_0002.jpg", "SM-13", "Mug, front", "WAHR"),
            ("IMG_0003.jpg", "MUG-7", "Big mug", "WAHR"),
            separator=";",
        ),
    ),
    "BigCommerce": (
        "utf-8",
        export(
            V3,
            {"Item": "Product", "ID": 900, "SKU": "SM-13", "Description": "<p>Mug,\nred</p>"},
            image(f"{CDN}IMG_0001__12345.1626.1280.1280.jpg?c=1",
                  **{"Image Description": "Mug, back", "Image is Thumbnail": "FALSE"}),
            image(f"{CDN}IMG_0002__12346.1626.1280.1280.jpg?c=1",
                  **{"Image Description": "Mug, front", "Image is Thumbnail": "TRUE"}),
            {"Item": "Product", "ID": 901, "SKU": "MUG-7"},
            image(f"{CDN}IMG_0003__12347.1626.1280.1280.jpg?c=1",
                  **{"Image Description": "Big mug", "Image is Thumbnail": "TRUE"}),
        ),
    ),
    "Shopify": (
        "utf-8",
        rows(
            ("Handle", "Title", "Variant SKU", "Image Src", "Image Position", "Image Alt Text"),
            ("mug", "Mug", "SM-13", f"{URL}IMG_0002.jpg?v=1", 1, "Mug, front"),
            ("mug", "", "", f"{URL}IMG_0001.jpg?v=1", 2, "Mug, back"),
            ("big", "Big", "MUG-7", f"{URL}IMG_0003.jpg?v=1", 1, "Big mug"),
        ),
    ),
    "Magento": (
        "utf-8",
        rows(
            MAGENTO,
            magento(sku="SM-13", base_image="/i/m/IMG_0002.jpg", base_image_label="Mug, front",
                    additional_images="/i/m/IMG_0001.jpg", additional_image_labels="Mug back"),
            magento(sku="MUG-7", base_image="/i/m/IMG_0003.jpg", base_image_label="Big mug"),
        ),
    ),
    "WooCommerce": (
        "utf-8-sig",
        rows(
            WOO.split(","),
            woo(Type="simple", SKU="SM-13", Images=f"{URL}IMG_0002.jpg, {URL}IMG_0001.jpg"),
            woo(Type="simple", SKU="MUG-7", Images=f"{URL}IMG_0003.jpg"),
        ),
    ),
    "plain": (
        "utf-16",
        rows(
            ("File", "Product", "Order", "View", "Alt", "Main"),
            ("IMG_0001.jpg", "SM-13", 2, "back", "Mug, back", ""),
            ("IMG_0002.jpg", "SM-13", 1, "front", "Mug, front", "x"),
            ("IMG_0003.jpg", "MUG-7", "", "", "Big mug", "x"),
            separator="\t",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("program", LISTS)
def test_every_list_is_read_as_its_program_writes_it(
    pipeline: Command, shop: StoreProcess, folder: Path, tmp_path: Path, program: str
) -> None:
    encoding, text = LISTS[program]
    shots = tmp_path / "list.csv"
    shots.write_bytes(text.encode(encoding))
    ended = pipeline("run", "--map", shots, "--json", folder).well()
    assert ended.counts["stored"] == 3
    assert ended.counts["waiting"] == 2
    words = {one[0]: one[1].replace(",", "") for one in shown(shop, 13) + shown(shop, 7)}
    has_words = program != "WooCommerce"
    assert words == {
        "1": "Mug back" if has_words else "",
        "2": "Mug front" if has_words else "",
        "3": "Big mug" if has_words else "",
    }
    if program != "Shopify":  # whose first picture by its position is the main one
        assert [one[0] for one in shown(shop, 13) if one[2]] == ["2"]
    first = {one["image_file"]: one["sort_order"] for one in shop.images(13)}
    if program in ("Shopify", "Magento", "WooCommerce", "plain"):
        orders = {name.split("img-000")[1][:1]: order for name, order in first.items()}
        assert orders["2"] < orders["1"]


def test_what_is_wrong_with_a_list_is_told_by_row_and_column_and_costs_only_that_row(
    pipeline: Command, shop: StoreProcess, folder: Path, tmp_path: Path
) -> None:
    shots = tmp_path / "list.csv"
    shots.write_text(
        "file,sku,order\nIMG_0001.jpg,SM-13,1\nIMG_0002.jpg,,\nIMG_0003.jpg,SM-14,first\n"
        "IMG_0004.jpg,NEW-1,\nIMG_0009.jpg,SM-13,\n"
    )
    ended = pipeline("run", "--map", shots, folder)
    said = ended.err + ended.out
    assert "2 rows that cannot be used: row 3, column “sku”: no product is named" in said
    assert "row 4, column “order”: “first” is no whole number" in said
    assert f"the map {shots} names one file that is not here: IMG_0009.jpg" in said
    assert "3 photographs are not in the map" in said
    assert "the map list.csv says NEW-1, and the shop has no such product" in said
    assert len(shop.images(13)) == 1
    assert "row 2 of the map list.csv says SM-13" in pipeline(
        "history", folder / "IMG_0001.jpg"
    ).well().out  # fmt: skip


def test_what_is_no_map_ends_a_run_before_anything_is_done(
    pipeline: Command, folder: Path, tmp_path: Path
) -> None:
    stock = tmp_path / "stock.csv"
    stock.write_text("name;price\nMug;9\n")
    ended = pipeline("run", "--map", stock, folder)
    assert ended.status == 2
    assert "is no map: its first row should name the columns" in ended.err
    assert pipeline("list", "--json").document == []


def test_lists_in_the_folders_hold_for_what_lies_there(
    pipeline: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    for number, day in enumerate(("monday", "tuesday")):
        photograph(tmp_path / "shoot" / day / "1.jpg", number)
        sku = ("SM-13", "SM-14")[number]
        (tmp_path / "shoot" / day / "list.csv").write_text(f"file,sku\n1.jpg,{sku}\n")
    environment = {"PIPELINE_MAPS": "*.csv"}
    ended = pipeline("run", "--json", tmp_path / "shoot", environment=environment).well()
    assert ended.counts["stored"] == 2
    assert len(shop.images(13)) == len(shop.images(14)) == 1


def test_one_name_in_two_folders_waits_and_is_tried_with_names(
    pipeline: Command, tmp_path: Path
) -> None:
    for number, day in enumerate(("monday", "tuesday")):
        photograph(tmp_path / "shoot" / day / "1.jpg", number)
    shots = tmp_path / "list.csv"
    shots.write_text("file,sku\n1.jpg,SM-13\n")
    out = pipeline("names", "--map", shots, tmp_path / "shoot").well().out
    assert out.count("row 2 of the map list.csv may mean this file or") == 2
    shots.write_text("file,sku\nmonday/1.jpg,SM-13\ntuesday/1.jpg,SM-14\n")
    out = pipeline("names", "--map", shots, tmp_path / "shoot").well().out
    assert "2 photographs of 2 products" in out
