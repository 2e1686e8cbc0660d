"""All products with their images, whatever the shop leaves out, refuses or does not know."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import StoreRejected, StoreUnavailable
from pipeline.lacking import ShopProduct
from pipeline.upload.catalogue import Record
from pipeline.upload.product_reader import ENOUGH_PROBES, ProductReader
from pipeline.upload.session import AnswerTooLong
from pipeline.values import StoredImage
from tests.localstore.process import StoreProcess
from tests.makers import stored_image
from tests.servers import client_of, local_store
from tests.upload.test_bulk import asked, shop


def numbers(store: StoreProcess) -> dict[int, int]:
    """How many images each product of the shop has, as they are read."""
    found = list(client_of(store).products.each(counted, in_silence))
    assert len({id_ for id_, _ in found}) == len(found)
    return dict(found)


def counted(product: ShopProduct) -> tuple[int, int]:
    assert all(image.product_id == product.id for image in product.images)
    return product.id, len(product.images)


def in_silence(read: int, of: int) -> None:
    """Tell nobody."""


@pytest.mark.parametrize("most", [1, 5])
def test_ten_thousand_products_take_at_most_forty_five_requests(tmp_path: Path, most: int) -> None:
    counts = {id_: id_ % (most + 1) for id_ in range(1001, 11_001)}
    with local_store(tmp_path, catalogue=shop(tmp_path, counts)) as store:
        assert numbers(store) == counts
        assert len(asked(store)) <= 45


@pytest.mark.parametrize("first", [1, 2, 3])
def test_one_whose_images_do_not_all_come_along_is_asked_for_by_itself(
    tmp_path: Path, first: int
) -> None:
    counts = {id_: (id_ * 7) % 6 for id_ in range(1, 601)}
    quirk = f"included_images=first:{first}"
    with local_store(tmp_path, "--quirk", quirk, catalogue=shop(tmp_path, counts)) as store:
        assert numbers(store) == counts
        assert asked(store).count("alone") == sum(count >= first for count in counts.values())


@pytest.mark.parametrize("quirk", ["works", "ignored", "422"])
def test_none_slips_through_where_products_are_not_asked_for_by_their_ids(
    tmp_path: Path, quirk: str
) -> None:
    counts = {id_: id_ % 3 for id_ in range(1, 701)}
    of = () if quirk == "works" else ("--quirk", f"product_ranges={quirk}")
    with local_store(tmp_path, *of, catalogue=shop(tmp_path, counts)) as store:
        assert numbers(store) == counts


def test_none_slips_through_where_one_is_deleted_between_two_pages(tmp_path: Path) -> None:
    counts = dict.fromkeys(range(1, 601), 0)
    with local_store(tmp_path, catalogue=shop(tmp_path, counts)) as store:
        found = []
        for id_, _ in client_of(store).products.each(counted, in_silence):
            found.append(id_)
            if id_ == 250:
                with closing(sqlite3.connect(store.data / "store.sqlite3")) as connection:
                    connection.execute("DELETE FROM products WHERE id = 5")
                    connection.commit()
    assert found == list(range(1, 601))


def test_how_far_it_is_is_told_after_each_page(tmp_path: Path) -> None:
    counts = dict.fromkeys(range(1, 601), 0)
    told: list[tuple[int, int]] = []
    with local_store(tmp_path, catalogue=shop(tmp_path, counts)) as store:
        reader = client_of(store).products
        assert len(list(reader.each(counted, lambda read, of: told.append((read, of))))) == 600
    assert [read for read, _ in told] == [250, 500, 600]
    assert all(read <= of for read, of in told)
    assert told[-1] == (600, 600)


def record(id_: int, images: int) -> dict[str, Any]:
    shown = [
        {"id": 1000 * id_ + number, "product_id": id_, "image_file": "a.jpg", "is_thumbnail": False}
        for number in range(images)
    ]
    return {"id": id_, "sku": f"SKU-{id_}", "name": "Mug", "images": shown}


class Shop:
    """Products, of which so many images come along, in answers that may only be so long."""

    def __init__(self, counts: Mapping[int, int], along: int, longest: int) -> None:
        self.counts, self.along, self.longest = counts, along, longest
        self.alone = 0

    def page(
        self, path: str, query: Mapping[str, str], page: int = 1, *, size: int = 250
    ) -> tuple[Sequence[Record], int | None]:
        least = int(query.get("id:min", 1))
        ids = sorted(id_ for id_ in self.counts if id_ >= least)
        on_page = [
            record(id_, min(self.counts[id_], self.along))
            for id_ in ids[(page - 1) * size : page * size]
        ]
        if sum(len(one["images"]) for one in on_page) > self.longest:
            raise AnswerTooLong("the answer is too long")
        return json.loads(json.dumps(on_page)), -(-len(ids) // size)

    def listing(self, product_id: int) -> Sequence[StoredImage]:
        self.alone += 1
        return [
            stored_image(number, product_id=product_id)
            for number in range(1, 1 + self.counts[product_id])
        ]


@given(
    counts=st.dictionaries(st.integers(1, 400), st.integers(0, 6), max_size=60),
    longest=st.integers(6, 60),
)
def test_whatever_comes_along_all_images_are_counted_where_all_come_along(
    counts: dict[int, int], longest: int
) -> None:
    one = Shop(counts, 6, longest)
    reader = ProductReader(one.page, one.listing)
    assert dict(reader.each(counted, in_silence)) == counts
    assert one.alone <= ENOUGH_PROBES


@given(
    counts=st.dictionaries(st.integers(1, 400), st.integers(0, 6), max_size=60),
    along=st.integers(1, 5),
)
def test_a_shop_that_leaves_images_out_of_most_is_found_out(
    counts: dict[int, int], along: int
) -> None:
    # None has just as many as come along: each that shows so many has more.
    counts = {id_: number + (number == along) for id_, number in counts.items()}
    one = Shop(counts, along, 10_000)
    assert dict(ProductReader(one.page, one.listing).each(counted, in_silence)) == counts


def test_one_product_that_is_too_long_for_any_answer_is_said() -> None:
    one = Shop({1: 3}, 3, 2)
    with pytest.raises(StoreUnavailable, match="too long"):
        list(ProductReader(one.page, one.listing).each(counted, in_silence))


@pytest.mark.parametrize(
    "wrong", [{"id": 0}, {"id": "1"}, {"images": None}, {"images": [{"id": "x"}]}]
)
def test_an_answer_that_is_none_is_said_and_not_believed(wrong: dict[str, Any]) -> None:
    def page(
        path: str, query: Mapping[str, str], page: int = 1, *, size: int = 250
    ) -> tuple[Sequence[Record], int | None]:
        return [{**record(1, 0), **wrong}], 1

    with pytest.raises(StoreUnavailable):
        list(ProductReader(page, lambda product_id: ()).each(counted, in_silence))


def test_a_product_that_went_while_it_was_read_is_left_out() -> None:
    one = Shop({1: 2, 2: 1}, 2, 100)

    def gone(product_id: int) -> Sequence[StoredImage]:
        raise StoreRejected(404, "no such product")

    assert dict(ProductReader(one.page, gone).each(counted, in_silence)) == {2: 1}
