"""Products by id and SKU with few questions, also where a store does not filter as asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.errors import StoreRejected
from pipeline.upload.catalogue import Catalogue, Record
from pipeline.values import ProductName
from tests.servers import client_of, local_store

VARIANTS = "".join(f"{number},RED-{number},Red,158\n" for number in range(1000, 1600))


@pytest.mark.parametrize("quirk", ["works", "ignored", "422"])
def test_variants_are_found_whatever_the_store_makes_of_several_skus(
    tmp_path: Path, quirk: str
) -> None:
    lines = f"158,SM-13,Mug,\n159,SM-14,Mug,\n{VARIANTS}"
    asked = ["sm-13", "red-1000", "RED-1599", "none"]
    with local_store(tmp_path, "--quirk", f"variants_sku_in={quirk}", catalogue=lines) as store:
        client = client_of(store)
        for _ in range(2):
            assert client.products_by_sku(asked) == {
                "sm-13": {158},
                "red-1000": {158},
                "RED-1599": {158},
                "none": frozenset(),
            }
        questions = [entry["path"] for entry in store.seen()]
    # What is ignored is not paged through, and is asked for once only.
    assert questions.count("/catalog/products") == 2
    assert questions.count("/catalog/variants") == (2 if quirk == "works" else 9)


@pytest.mark.parametrize("quirk", ["works", "single", "ignored", "422"])
def test_barcodes_are_found_where_the_store_can_be_asked_for_them_and_else_it_is_left_alone(
    tmp_path: Path, quirk: str
) -> None:
    lines = (
        "id,sku,name,product_id,upc,gtin\n1,A,a,,036000291452,\n"
        "2,B,b,,,\n9,V,v,2,,4012345678901\n10,W,w,2,,\n"
    )
    asked = ["0036000291452", "04012345678901", "4006381333931"]
    with local_store(tmp_path, "--quirk", f"code_filters={quirk}", catalogue=lines) as store:
        client = client_of(store)
        found = client.products_by_code(asked)
        answers = quirk in ("works", "single")
        assert found[asked[0]] == ({1} if answers else frozenset())
        assert found[asked[1]] == ({2} if answers else frozenset())
        assert not found[asked[2]]
        before = len(store.seen())
        assert client.products_by_code(asked) == found
        # Who does not filter by them is not asked again.
        again = len(store.seen()) - before
        assert again == {"works": 4, "single": 4 * 7, "ignored": 0, "422": 0}[quirk]
        assert client.products_by_sku(["A"])["A"] == {1}


@pytest.mark.parametrize("quirk", ["works", "single", "ignored", "422"])
def test_mpns_are_asked_for_together_and_of_a_store_that_does_not_take_that_no_more(
    tmp_path: Path, quirk: str
) -> None:
    lines = (
        "id,sku,name,product_id,mpn\n1,A,a,,NW-1\n2,B,b,,NW-2\n3,C,c,,nw-2\n4,D,d,,\n"
        "9,V,v,2,NW-9\n10,W,w,2,\n"
    )
    asked = ["nw-1", "NW-2", "NW-9", "none"]
    with local_store(tmp_path, "--quirk", f"code_filters={quirk}", catalogue=lines) as store:
        client = client_of(store)
        found = client.products_by_mpn(asked)
        meant = [{1}, {2, 3}, {2}, set()] if quirk == "works" else [set()] * 4
        assert [found[mpn] for mpn in asked] == meant
        assert len(store.seen()) == 2
        assert client.products_by_mpn(asked) == found
        assert len(store.seen()) == (4 if quirk == "works" else 2)


def test_many_ids_are_known_by_one_question(tmp_path: Path) -> None:
    with local_store(
        tmp_path, catalogue="".join(f"{id_},,Mug,\n" for id_ in range(1, 31))
    ) as store:
        client = client_of(store)
        assert client.known_products(range(20, 60)) == frozenset(range(20, 31))
        assert client.known_products([]) == frozenset()
        assert [client.has_product(id_) for id_ in (30, 31)] == [True, False]
        assert len(store.seen()) == 3


class Shop:
    """A catalogue that filters as a test says, and counts its pages."""

    def __init__(self, *records: Record, ignoring: Sequence[str] = (), refusing: str = "") -> None:
        self.records = records
        self.ignoring = ignoring
        self.refusing = refusing
        self.pages = 0

    def __call__(self, path: str, query: Mapping[str, str]) -> Iterator[Sequence[Record]]:
        records = list(self.records) if path == "/catalog/products" else []
        for name in query.keys() & {"id", "id:in", "sku", "sku:in"}:
            values = query[name].split(",")
            if self.refusing in values:
                raise StoreRejected(422, "no such thing")
            field = name.removesuffix(":in")
            if name not in self.ignoring:
                records = [one for one in records if str(one.get(field)) in values]
        for begin in range(0, max(1, len(records)), 2):
            self.pages += 1
            yield records[begin : begin + 2]


TEN = [{"id": number, "sku": f"SKU-{number}"} for number in range(1, 11)]


def test_an_ignored_filter_is_noticed_on_the_first_page_and_remembered() -> None:
    shop = Shop(*TEN, ignoring=["id:in", "sku:in"])
    catalogue = Catalogue(shop)
    assert catalogue.known([9, 10, 11]) == {9, 10}
    assert shop.pages == 1 + 3
    assert catalogue.known([9, 10, 11]) == {9, 10}
    assert shop.pages == 1 + 3 + 3


def test_where_even_one_is_not_filtered_no_shop_is_paged_through() -> None:
    shop = Shop(*TEN, ignoring=["sku", "sku:in"])
    assert Catalogue(shop).by_sku(["SKU-1", "SKU-9"]) == {
        "SKU-1": frozenset(),
        "SKU-9": frozenset(),
    }
    assert shop.pages <= 8


def test_one_that_is_refused_for_itself_is_told_and_the_next_are_asked_for_together() -> None:
    shop = Shop(*TEN, refusing="666")
    catalogue = Catalogue(shop)
    with pytest.raises(StoreRejected):
        catalogue.known([1, 666])
    shop.pages = 0
    assert catalogue.known([1, 2]) == {1, 2}
    assert shop.pages == 1


def test_what_is_found_by_a_comparison_laxer_than_ours_is_no_ignored_filter() -> None:
    class Lax(Shop):
        def __call__(self, path: str, query: Mapping[str, str]) -> Iterator[Sequence[Record]]:
            self.pages += 1
            yield [{"id": 1, "sku": "CAFÉ "}, {"id": 2, "sku": "cafe"}] if "prod" in path else []

    shop = Lax()
    assert Catalogue(shop).by_sku(["Cafe", "other"]) == {"Cafe": {2}, "other": frozenset()}
    assert shop.pages == 2


def test_what_products_are_called_is_asked_with_one_question(tmp_path: Path) -> None:
    with local_store(tmp_path, catalogue="1,SM-13,Smith Journal 13,\n2,,Mug,\n") as store:
        client = client_of(store)
        assert client.product_names([1, 2, 3]) == {
            1: ProductName(sku="SM-13", name="Smith Journal 13"),
            2: ProductName(sku="", name="Mug"),
        }
        assert len(store.seen()) == 1
