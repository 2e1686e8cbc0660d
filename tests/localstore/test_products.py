"""Products and variants: from a catalogue, or coming into being because they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess, refused_start

CATALOGUE = """id,sku,name,product_id
158,SM-13,Able Brewing System,
77,TWIN,First twin,
78,twin,Second twin,
501,SM-13-RED,"Able, red",158
"""


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    folder = tmp_path_factory.mktemp("closed")
    (folder / "catalogue.csv").write_text(CATALOGUE)
    with StoreProcess(
        folder / "data", "--catalogue", str(folder / "catalogue.csv"), "--plan", "unlimited"
    ) as store:
        yield store


def found(store: StoreProcess, query: str, kind: str = "products") -> list[int]:
    answer = store.call("GET", f"/catalog/{kind}?{query}")
    assert answer.status_code == 200
    return [record["id"] for record in answer.json()["data"]]


def test_a_product_is_found_by_id_and_by_sku(closed: StoreProcess) -> None:
    product = {"id": 158, "name": "Able Brewing System", "type": "physical", "sku": "SM-13"}
    for query in ("id=158", "sku=SM-13", "sku=sm-13", "sku:in=X,SM-13", "id:in=158,999"):
        assert closed.call("GET", f"/catalog/products?{query}").json()["data"] == [product]
    assert closed.call("GET", "/catalog/products/158").json() == {"data": product, "meta": {}}


def test_a_sku_that_two_products_have_finds_both(closed: StoreProcess) -> None:
    assert found(closed, "sku=Twin") == [77, 78]


def test_several_products_come_in_pages_with_the_fields_asked_for(closed: StoreProcess) -> None:
    said = closed.call(
        "GET", "/catalog/products?sku:in=SM-13,TWIN&include_fields=sku&limit=2"
    ).json()
    assert said["data"] == [{"id": 77, "sku": "TWIN"}, {"id": 78, "sku": "twin"}]
    link = said["meta"]["pagination"]["links"]["next"]
    assert closed.call("GET", f"/catalog/products{link}").json()["data"] == [
        {"id": 158, "sku": "SM-13"}
    ]


def test_a_variant_is_found_and_names_its_product(closed: StoreProcess) -> None:
    variant = {"id": 501, "product_id": 158, "sku": "SM-13-RED"}
    for query in ("sku=sm-13-red", "id=501", "sku:in=SM-13-RED,X", "product_id=158"):
        assert closed.call("GET", f"/catalog/variants?{query}").json()["data"] == [variant]


def test_a_closed_catalogue_has_nothing_else(closed: StoreProcess) -> None:
    assert found(closed, "sku=NOTHING") == []
    assert found(closed, "id=1") == []
    assert found(closed, "sku=SM-13", "variants") == []
    assert closed.call("GET", "/catalog/products/1").status_code == 404
    assert closed.call("GET", "/catalog/products/1/images").status_code == 404
    assert closed.upload(1, picture()).status_code == 404
    assert found(closed, "") == [77, 78, 158]


@pytest.mark.parametrize("query", ["id=x", "id=0", "id:in=1,x", "sku=" + "a" * 256])
def test_a_question_that_makes_no_sense_is_named(closed: StoreProcess, query: str) -> None:
    assert closed.call("GET", f"/catalog/products?{query}").status_code == 422


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


def test_the_largest_id_is_a_product_and_the_next_is_none(store: StoreProcess) -> None:
    assert found(store, "id=2147483647") == [2147483647]
    assert store.call("GET", "/catalog/products/2147483648").status_code == 404
    assert store.call("GET", f"/catalog/products/{10**30}/images").status_code == 404
    [after] = found(store, "sku=after-the-largest")
    assert after < 2147483647


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
    said = refused_start("--data", str(tmp_path / "data"), "--catalogue", str(tmp_path / "c.csv"))
    assert complaint in said


def test_another_catalogue_replaces_the_first_but_keeps_products_with_images(
    tmp_path: Path,
) -> None:
    csv, data = tmp_path / "c.csv", tmp_path / "data"
    csv.write_text("id,sku,name\n1,A,one\n2,B,two\n3,C,three\n")
    with StoreProcess(data, "--catalogue", str(csv)) as store:
        store.upload(2, picture())
        assert found(store, "") == [1, 2, 3]
    csv.write_text("id,sku,name\n3,C3,three\n")
    with StoreProcess(data, "--catalogue", str(csv)) as store:
        assert found(store, "") == [2, 3]
        assert found(store, "sku=C3") == [3]
