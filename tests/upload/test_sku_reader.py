"""The SKUs of many products, read whole, as they changed and as they are asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import StoreRejected, StoreUnavailable
from pipeline.skus import mpn_kept
from pipeline.upload.catalogue import Record
from pipeline.upload.sku_reader import SkuReader
from tests.localstore.process import StoreProcess
from tests.servers import client_of, local_store

LINES = "".join(f"{number},SKU-{number},Mug,\n" for number in range(1, 601)) + "9,RED-1,Red,1\n"


def read(store: StoreProcess, change: str = "") -> dict[int, frozenset[str]]:
    """Read all, and have something changed in the shop after the first page."""
    reader, last = client_of(store).skus, 0
    found: dict[int, frozenset[str]] = {}
    while page := reader.above(last):
        found |= page.skus
        last = page.last
        if change:
            with closing(sqlite3.connect(store.data / "store.sqlite3")) as connection:
                connection.execute(change)
                connection.commit()
            change = ""
        if page.left == 0:
            return found
    raise AssertionError("it cannot be read")


def test_all_are_read_with_a_question_for_250_products(tmp_path: Path) -> None:
    with local_store(tmp_path, catalogue=LINES) as store:
        found = read(store)
        assert len(store.seen()) == 3
    assert found[1] == {"SKU-1", "RED-1"}
    assert found.keys() == set(range(1, 601))
    assert all(found[number] == {f"SKU-{number}"} for number in range(2, 601))


def test_mpns_of_products_and_of_variants_come_with_the_skus(tmp_path: Path) -> None:
    lines = "id,sku,name,product_id,mpn\n1,A,a,,NW-1\n2,B,b,,\n9,V,v,2,NW-9\n"
    with local_store(tmp_path, catalogue=lines) as store:
        assert read(store) == {1: {"A", mpn_kept("NW-1")}, 2: {"B", "V", mpn_kept("NW-9")}}
        assert client_of(store).skus.of([1]) == {1: frozenset({"A", mpn_kept("NW-1")})}
        assert len(store.seen()) == 2


def test_none_slips_through_where_one_is_deleted_between_two_pages(tmp_path: Path) -> None:
    with local_store(tmp_path, catalogue=LINES) as store:
        found = read(store, "DELETE FROM products WHERE id = 5")
    assert found.keys() == set(range(1, 601))


def test_what_changed_since_is_read_and_products_that_are_asked_for(tmp_path: Path) -> None:
    with local_store(tmp_path, catalogue=LINES) as store:
        skus, now = client_of(store).skus, datetime.now(UTC)
        assert skus.changed(now + timedelta(hours=1)) == {}
        changed = skus.changed(now - timedelta(hours=1))
        assert changed is not None
        assert len(changed) == 600
        assert skus.of([1, 600, 601]) == {
            1: frozenset({"SKU-1", "RED-1"}),
            600: frozenset({"SKU-600"}),
        }


@pytest.mark.parametrize("quirk", ["ignored", "422"])
def test_a_store_that_does_not_filter_is_not_believed(tmp_path: Path, quirk: str) -> None:
    of = ("--quirk", f"product_ranges={quirk}")
    with local_store(tmp_path, *of, catalogue=LINES) as store:
        skus = client_of(store).skus
        assert skus.changed(datetime.now(UTC) + timedelta(hours=1)) is None
        assert skus.above(250) is None
        assert len(store.seen()) == 2


def one(id_: int = 1, **fields: Any) -> Record:
    return {"id": id_, "sku": f"SKU-{id_}", "variants": [], **fields}


@pytest.mark.parametrize(
    "records",
    [
        [one(2), one(1)],
        [one(1), one(1)],
        [{"id": 1, "sku": "SKU-1"}],
        [one(variants=None)],
        [{"sku": "SKU-1", "variants": []}],
    ],
)
def test_what_is_not_in_order_or_not_whole_is_not_believed(records: Sequence[Record]) -> None:
    assert SkuReader(lambda path, query: (records, 1)).above(0) is None


@pytest.mark.parametrize(
    "modified", [None, "yesterday", "2026-11-24T08:59:59+00:00", "2026-11-24T09:00:00"]
)
def test_what_does_not_say_that_it_changed_since_is_not_believed(modified: str | None) -> None:
    since = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def page(path: str, query: Mapping[str, str]) -> tuple[Sequence[Record], int]:
        assert query["date_modified:min"] == "2026-11-24T09:00:00+00:00"
        return [one(date_modified="2026-11-24T09:00:00+00:00"), one(2, date_modified=modified)], 1

    assert SkuReader(page).changed(since) is None


def test_one_that_was_not_asked_for_shows_that_nothing_is_filtered() -> None:
    assert SkuReader(lambda path, query: ([one(1), one(2)], 1)).of([1]) is None


def test_a_listing_that_tells_no_number_of_pages_ends_with_an_empty_one() -> None:
    pages: list[list[Record]] = [[one(1), one(2)], [one(3)], []]
    reader = SkuReader(lambda path, query: (pages.pop(0), None))
    assert reader.of([1, 2, 3]) == {number: frozenset({f"SKU-{number}"}) for number in (1, 2, 3)}


def test_more_changes_than_some_pages_are_too_many_to_follow() -> None:
    def page(path: str, query: Mapping[str, str]) -> tuple[Sequence[Record], int]:
        first = int(query["id:min"])
        return [one(first, date_modified="2026-11-24T09:00:00Z")], 50

    assert SkuReader(page).changed(datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_a_question_that_the_store_does_not_take_is_no_trouble_and_all_else_is() -> None:
    def refusing(error: Exception) -> SkuReader:
        def page(path: str, query: Mapping[str, str]) -> tuple[Sequence[Record], int]:
            raise error

        return SkuReader(page)

    assert refusing(StoreRejected(422, "no such filter")).above(0) is None
    with pytest.raises(StoreRejected):
        refusing(StoreRejected(404, "no such thing")).above(0)
    with pytest.raises(StoreUnavailable):
        refusing(StoreUnavailable("away")).above(0)
