"""A copy of the shop's pictures: what is there, what changed, what went; and names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import StoreUnavailable
from pipeline.lacking import ShopProduct
from pipeline.shop_copy import GONE_FOLDER, TABLE, Copied, copy_product, folder_name
from pipeline.values import StoredImage
from tests.makers import stored_image


def product(*images: StoredImage, sku: str = "MUG-1") -> ShopProduct:
    return ShopProduct(id=158, sku=sku, name="Mug", images=images)


def image(id_: int, order: int, name: str = "photo", **said: object) -> StoredImage:
    return replace(stored_image(id_, name=name), sort_order=order, **said)  # type: ignore[arg-type]


class Shop:
    """Shows a picture of its own for each image, and notes which were asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def fetch(self, image: StoredImage) -> bytes:
        self.asked.append(image.id)
        return b"\xff\xd8\xff" + str(image.id).encode()


def copied(shop: Shop, to: Path, *images: StoredImage) -> dict[str, bytes]:
    """Copy a product with these images, and return its files."""
    list(copy_product(product(*images), to, shop.fetch))
    return files(to / "MUG-1")


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != TABLE
    }


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / TABLE).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def content(id_: int) -> bytes:
    return b"\xff\xd8\xff" + str(id_).encode()


def test_the_files_stand_in_the_shops_order_with_what_is_said_of_each(tmp_path: Path) -> None:
    back = image(7, 2, "back", description='The "back",\nof a mug')
    front = image(9, 0, "front", is_thumbnail=True)
    assert copied(Shop(), tmp_path, back, front) == {
        "01_front.jpg": content(9),
        "02_back.jpg": content(7),
    }
    first, second = table(tmp_path / "MUG-1")
    assert (first["file"], first["main"], first["image_id"]) == ("01_front.jpg", "yes", "9")
    assert (second["alt"], second["order"], second["sku"]) == (back.description, "2", "MUG-1")


def test_only_what_is_new_or_changed_is_fetched_again(tmp_path: Path) -> None:
    shop = Shop()
    one, two = image(1, 0), image(2, 1)
    copied(shop, tmp_path, one, two)
    newer = replace(two, date_modified="2026-12-01T00:00:00+00:00")
    assert copied(shop, tmp_path, one, newer, image(3, 2)).keys() == {
        "01_photo.jpg",
        "02_photo.jpg",
        "03_photo.jpg",
    }
    assert shop.asked == [1, 2, 2, 3]


def test_another_order_in_the_shop_is_another_order_here_and_nothing_is_fetched(
    tmp_path: Path,
) -> None:
    shop = Shop()
    copied(shop, tmp_path, *(image(id_, id_) for id_ in range(1, 12)))
    turned = copied(shop, tmp_path, *(image(id_, 20 - id_) for id_ in range(1, 12)))
    assert list(turned.values()) == [content(id_) for id_ in range(11, 0, -1)]
    assert len(shop.asked) == 11


def test_what_the_shop_has_no_longer_is_kept_out_of_sight(tmp_path: Path) -> None:
    shop = Shop()
    copied(shop, tmp_path, image(1, 0), image(2, 1))
    assert copied(shop, tmp_path, image(2, 1)) == {"01_photo.jpg": content(2)}
    copied(shop, tmp_path)
    gone = tmp_path / "MUG-1" / GONE_FOLDER
    assert files(gone) == {"01_photo.jpg": content(1), "01_photo (2).jpg": content(2)}
    assert table(tmp_path / "MUG-1") == []


def test_one_that_cannot_be_fetched_is_said_and_the_others_are_copied(tmp_path: Path) -> None:
    def fetch(image: StoredImage) -> bytes:
        if image.id == 1:
            raise StoreUnavailable("it cannot be fetched (503)")
        return b"<html>" if image.id == 2 else content(image.id)

    ends = list(copy_product(product(image(1, 0), image(2, 1), image(3, 2)), tmp_path, fetch))
    assert [end.path and end.path.name for end in ends] == [None, None, "03_photo.jpg"]
    assert [end.why_not for end in ends][:2] == [
        "it cannot be fetched (503)",
        "what the shop shows of it is no picture",
    ]
    assert [row["image_id"] for row in table(tmp_path / "MUG-1")] == ["3"]


@pytest.mark.parametrize("dies_at", range(4))
def test_whoever_ends_in_the_middle_begins_again_and_has_all(tmp_path: Path, dies_at: int) -> None:
    images = [image(id_, id_) for id_ in range(1, 5)]
    list(copy_product(product(*images[:2]), tmp_path, Shop().fetch))
    cut = copy_product(product(*images[::-1]), tmp_path, Shop().fetch)
    for _ in range(dies_at):
        next(cut)
    cut.close()  # type: ignore[attr-defined]
    assert list(copied(Shop(), tmp_path, *images).values()) == [content(id_) for id_ in range(1, 5)]
    assert [row["image_id"] for row in table(tmp_path / "MUG-1")] == ["1", "2", "3", "4"]


def test_a_table_that_somebody_wrote_leads_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "MUG-1"
    folder.mkdir()
    (tmp_path / "mine.jpg").write_bytes(b"mine")
    modified = stored_image().date_modified
    (folder / TABLE).write_text(
        f"file,image_id,modified\n../mine.jpg,1,{modified}\n/etc/hosts,2,x\n,3,x\nno,row\n"
    )
    copied(Shop(), tmp_path, image(1, 0))
    assert (tmp_path / "mine.jpg").read_bytes() == b"mine"


def test_a_product_without_pictures_gets_no_folder(tmp_path: Path) -> None:
    assert copies(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def copies(to: Path, *images: StoredImage) -> Sequence[Copied]:
    return list(copy_product(product(*images), to, Shop().fetch))


@given(sku=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@example(sku="A/B")
@example(sku="..")
@example(sku="CON.1")
@example(sku="50%")
@example(sku="end.")
def test_a_folder_is_named_so_that_every_system_takes_it_and_the_sku_is_read_back(sku: str) -> None:
    name = folder_name(product(sku=sku))
    if not sku.strip():
        assert name == "id 158"
        return
    assert unquote(name) == sku.strip()
    assert not set(name) & set('\0/\\:*?"<>|\n')
    assert name[0] != "."
    assert name[-1] not in ". "
    assert name.partition(".")[0].casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}
