"""Products from a catalogue, or coming into being because they are asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from pipeline.localstore import LocalStoreError
from pipeline.localstore.options import PROFILES
from pipeline.localstore.quirks import Quirks
from pipeline.localstore.storage.database import Database
from pipeline.localstore.storage.images import ImageChange, Images, KeptPicture
from pipeline.localstore.storage.products import CODES, CatalogueRow, Products, read_catalogue
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.servers import local_store


def found(store: StoreProcess, query: str, kind: str = "products") -> list[int]:
    answer = store.call("GET", f"/catalog/{kind}?{query}")
    assert answer.status_code == 200
    return [record["id"] for record in answer.json()["data"]]


def test_an_open_catalogue_makes_the_product_that_is_asked_for(store: StoreProcess) -> None:
    [made] = store.call("GET", "/catalog/products?id=800158").json()["data"]
    assert (made["id"], made["sku"]) == (800158, "800158")
    assert found(store, "sku=800158") == [800158]


def test_an_open_catalogue_makes_a_product_for_a_sku_once(store: StoreProcess) -> None:
    [made] = found(store, "sku=Open-SM-13")
    assert found(store, "sku=open-sm-13") == [made]
    assert found(store, f"id={made}") == [made]
    assert store.call("GET", f"/catalog/products/{made}").json()["data"]["sku"] == "Open-SM-13"


def test_a_sku_of_digits_makes_the_product_of_that_number_if_it_is_free(
    store: StoreProcess,
) -> None:
    assert found(store, "sku=800201") == [800201]
    [taken] = found(store, "sku=open-taken")
    [other] = found(store, f"sku={taken}")
    assert other != taken
    assert found(store, f"sku={taken}") == [other]


def test_an_id_whose_number_is_another_products_sku_gets_none(store: StoreProcess) -> None:
    [first] = found(store, "sku=open-number")
    [second] = found(store, f"sku={first}")
    assert second != first
    assert found(store, f"sku={first}") == [second]


def test_several_skus_at_once_make_several_products(store: StoreProcess) -> None:
    several = found(store, "sku:in=open-a,open-b,OPEN-A")
    assert len(several) == len(set(several)) == 2


def test_uploading_to_a_number_makes_its_product(store: StoreProcess) -> None:
    assert store.upload(800301, picture()).status_code == 200
    assert found(store, "sku=800301") == [800301]


def test_an_open_catalogue_never_invents_a_variant(store: StoreProcess) -> None:
    assert found(store, "sku=open-variant", "variants") == []
    assert found(store, "id=5", "variants") == []


def test_deleting_makes_no_product(store: StoreProcess) -> None:
    assert store.call("DELETE", "/catalog/products/800401/images/1").status_code == 404
    before = store.control("GET", "_store").json()["products"]
    found(store, "id=800401")
    assert store.control("GET", "_store").json()["products"] == before + 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sku,name\n", "no id"),
        ("id,sku\nx,A\n", "line 2: id is 'x'"),
        ("id,sku\n1,A\n1,B\n", "id 1 is there twice"),
        ("id,sku,name,product_id\n1,A,,7\n", "product 7, which is not in it"),
        ("", "first line"),
    ],
)
def test_a_catalogue_that_makes_no_sense_is_explained(
    tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(LocalStoreError, match=complaint):
        read_catalogue(tmp_path / "c.csv")


def test_another_catalogue_replaces_the_first_but_keeps_products_with_images(
    tmp_path: Path,
) -> None:
    database = Database.opened(tmp_path)
    products = Products(database, is_open=False)
    products.load([row(1, "A"), row(2, "B"), row(3, "C")])
    assert ids(products) == [1, 2, 3]
    Images(database, PROFILES["reference"], Quirks()).create(2, KEPT, ImageChange())
    products.load([row(3, "C3")])
    assert ids(products) == [2, 3]
    assert [found["id"] for found in products.products(None, ["c3"])] == [3]
    database.close()


KEPT = KeptPicture(key="k", image_file="a/1/x__2.png", format="PNG", width=1, height=1, bytes=9)


def row(id_: int, sku: str) -> CatalogueRow:
    return CatalogueRow(id=id_, sku=sku, name=sku, product_id=None)


def ids(products: Products) -> list[int]:
    return [found["id"] for found in products.products(None, None)]


CROWD = 16


def test_a_sku_that_many_ask_for_at_once_is_one_product(store: StoreProcess) -> None:
    def ask(place: int) -> list[int]:
        answer = requests.get(
            f"{store.url}/catalog/products",
            params={"sku:in": ",".join(f"crowd-{number}" for number in range(20))},
            headers={"X-Auth-Token": store.token},
            timeout=30,
        )
        return [product["id"] for product in answer.json()["data"]]

    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(ask, range(CROWD)))
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0]) == 20


def modified(products: Products) -> dict[int, int]:
    return {found["id"]: found["modified"] for found in products.products(None, None)}


def test_a_product_is_modified_when_its_sku_or_name_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.opened(tmp_path)
    products = Products(database, is_open=False)
    variant = CatalogueRow(id=9, sku="V", name="", product_id=1)
    for now, rows in (
        (1_000, [row(1, "A"), row(2, "B"), row(3, "C")]),
        (2_000, [row(1, "A"), variant, row(2, "b"), row(4, "D")]),
    ):
        monkeypatch.setattr("time.time", lambda now=now: now)
        products.load(rows)
    assert modified(products) == {1: 1_000, 2: 2_000, 4: 2_000}, "a variant modifies no product"
    assert [one["id"] for one in products.products(None, None, modified_since=1_500)] == [2, 4]
    assert [one["id"] for one in products.products(None, None, least_id=2)] == [2, 4]
    database.close()


def test_a_page_of_many_products_is_found_by_an_index(tmp_path: Path) -> None:
    database = Database.opened(tmp_path)
    for which in ("id >= 5000", "modified >= 5000", "id IN (1, 2)", "sku IN ('A', 'B')"):
        plan = database.rows(f"EXPLAIN QUERY PLAN SELECT * FROM products WHERE {which} LIMIT 250")
        assert [one["detail"][:6] for one in plan] == ["SEARCH"]
    of = database.rows("EXPLAIN QUERY PLAN SELECT * FROM variants WHERE product_id IN (1, 2)")
    assert [one["detail"][:6] for one in of] == ["SEARCH"]
    database.close()


def test_a_store_of_the_first_version_keeps_its_products(tmp_path: Path) -> None:
    database = Database.opened(tmp_path)
    Products(database, is_open=False).load([row(1, "A")])
    with database.transaction() as transaction:
        transaction.execute("DROP TABLE product_categories")
        transaction.execute("DROP TABLE categories")
        transaction.execute("DROP INDEX products_by_modified")
        transaction.execute("DROP INDEX variants_of_product")
        transaction.execute("DROP VIEW shown_products")
        for table in ("products", "variants"):
            for code in CODES:
                transaction.execute(f"DROP INDEX {table}_by_{code}")
                transaction.execute(f"ALTER TABLE {table} DROP COLUMN {code}")
        transaction.execute("ALTER TABLE products DROP COLUMN modified")
        transaction.execute("CREATE VIEW shown_products AS SELECT * FROM products")
        transaction.execute("PRAGMA user_version = 1")
    database.close()
    database = Database.opened(tmp_path)
    assert modified(Products(database, is_open=False)) == {1: 0}
    database.close()


def test_products_and_variants_are_found_by_their_codes(tmp_path: Path) -> None:
    catalogue = (
        "id,sku,name,product_id,upc,gtin,mpn\n"
        "1,A,a,,036000291452,,NW-1\n2,B,b,,,04006381333931,\n9,V,v,2,,,nw-9\n"
    )
    with local_store(tmp_path / "store", catalogue=catalogue) as store:

        def ids(question: str) -> list[int]:
            found = store.call("GET", f"/catalog/{question}").json()["data"]
            return [one["id"] for one in found]

        assert ids("products?upc=036000291452") == [1]
        assert ids("products?gtin:in=04006381333931,1") == [2]
        assert ids("products?mpn=nw-1") == [1]
        assert ids("variants?mpn:in=NW-9,NW-1") == [9]
        assert ids("products?upc=1") == ids("products?upc=") == []
        (shown,) = store.call("GET", "/catalog/products?id=1").json()["data"]
        assert (shown["upc"], shown["gtin"], shown["mpn"]) == ("036000291452", "", "NW-1")


def test_products_are_found_by_their_categories_which_keep_their_ids(tmp_path: Path) -> None:
    header = "id,sku,name,product_id,categories\n"
    for lines in ("1,A,a,,Mugs; New\n2,B,b,,Mugs\n9,V,v,2,New\n", "2,B,b,,New;Mugs\n3,C,c,,\n"):
        with local_store(tmp_path / "store", catalogue=header + lines) as store:
            named = store.call("GET", "/catalog/trees/categories?include_fields=category_id,name")
            assert named.json()["data"] == [
                {"category_id": 1, "name": "Mugs"},
                {"category_id": 2, "name": "New"},
            ]
            question = "/catalog/products?categories:in=1,7&include_fields=categories"
            found = store.call("GET", question).json()["data"]
    assert found == [{"id": 2, "categories": [1, 2]}]
