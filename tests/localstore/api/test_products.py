"""Products and variants, asked for by id and by SKU."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess

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


NO_CODES = {"upc": "", "gtin": "", "mpn": ""}


def test_a_product_is_found_by_id_and_by_sku(closed: StoreProcess) -> None:
    product = {
        "id": 158, "name": "Able Brewing System", "type": "physical", "sku": "SM-13", **NO_CODES,
        "categories": [],
    }  # fmt: skip
    for query in ("id=158", "sku=SM-13", "sku=sm-13", "sku:in=X,SM-13", "id:in=158,999"):
        [shown] = closed.call("GET", f"/catalog/products?{query}").json()["data"]
        modified = shown.pop("date_modified")
        assert shown == product
    product["date_modified"] = modified
    assert closed.call("GET", "/catalog/products/158").json() == {"data": product, "meta": {}}


def test_products_of_higher_ids_and_those_that_changed_since_are_found(
    closed: StoreProcess,
) -> None:
    assert found(closed, "id:min=78") == [78, 158]
    assert found(closed, "date_modified:min=2018-06-15") == [77, 78, 158]
    for later in ("2999-01-01", "2999-01-01T00:00:00%2B00:00"):
        assert found(closed, f"date_modified:min={later}&include=variants") == []
    for wrong in ("id:min=x", "date_modified:min=yesterday"):
        assert closed.call("GET", f"/catalog/products?{wrong}").status_code == 422


@pytest.mark.parametrize(("quirk", "answered"), [("ignored", 200), ("422", 422)])
def test_a_store_may_know_nothing_of_ranges(tmp_path: Path, quirk: str, answered: int) -> None:
    (tmp_path / "catalogue.csv").write_text(CATALOGUE)
    of = ["--catalogue", str(tmp_path / "catalogue.csv"), "--quirk", f"product_ranges={quirk}"]
    with StoreProcess(tmp_path / "data", *of) as store:
        answer = store.call("GET", "/catalog/products?id:min=100")
        assert answer.status_code == answered
        assert answered == 422 or len(answer.json()["data"]) == 3


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
    variant = {"id": 501, "product_id": 158, "sku": "SM-13-RED", **NO_CODES}
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


def test_images_and_variants_come_along_with_the_products_of_a_page(closed: StoreProcess) -> None:
    later, first = (
        closed.upload(158, picture(), sort_order=order).json()["data"]["id"] for order in ("2", "1")
    )
    with_all = "include=images,variants,primary_image&include_fields=sku"
    twin, brewer = closed.call("GET", f"/catalog/products?id:in=77,158,999&{with_all}").json()[
        "data"
    ]
    assert twin == {"id": 77, "sku": "TWIN", "images": [], "variants": []}
    assert [image["id"] for image in brewer["images"]] == [first, later]
    assert brewer["images"] == closed.images(158)
    assert brewer["primary_image"] == brewer["images"][1], "the first that came is the thumbnail"
    assert [variant["sku"] for variant in brewer["variants"]] == ["SM-13-RED"]
    assert closed.call("GET", f"/catalog/products/158?{with_all}").json()["data"] == brewer
    [alone] = closed.call("GET", "/catalog/products?id=158&include=reviews,options").json()["data"]
    assert (alone["reviews"], alone["options"], "images" in alone) == ([], [], False)


NOBODYS = ["0", "-1", "2147483648", "9" * 20, "-" + "9" * 5000, "9" * 5000]


@pytest.mark.parametrize("number", NOBODYS)
def test_an_id_that_no_product_can_have_finds_nothing(closed: StoreProcess, number: str) -> None:
    assert found(closed, f"id={number}") == []
    assert found(closed, f"id:in={number}") == []
    assert found(closed, f"id:in={number},158,{number}") == [158]
    assert found(closed, f"id={number}", "variants") == []
    assert found(closed, f"product_id={number}", "variants") == []


@pytest.mark.parametrize("number", ["0", "2147483648", "9" * 5000])
def test_a_number_in_a_path_that_no_product_has_is_404(closed: StoreProcess, number: str) -> None:
    for below in ("", "/images", "/images/1"):
        assert closed.call("GET", f"/catalog/products/{number}{below}").status_code == 404
    assert closed.call("GET", f"/catalog/products/158/images/{number}").status_code == 404
    assert closed.control("GET", f"_originals/{number}").status_code == 404
    assert closed.control("GET", f"products/158/images/{number}/a.jpg").status_code == 404
    assert closed.control("GET", f"products/{number}/images/1/a.jpg").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["id=x", "id=", "id:in=1,x", "id:in=1,1.5", "sku=" + "a" * 256, "include=images,colour"],
)
def test_a_question_that_makes_no_sense_is_named(closed: StoreProcess, query: str) -> None:
    assert closed.call("GET", f"/catalog/products?{query}").status_code == 422


def test_the_largest_id_is_a_product_and_the_next_is_none(store: StoreProcess) -> None:
    assert found(store, "id=2147483647") == [2147483647]
    assert store.call("GET", "/catalog/products/2147483648").status_code == 404
    assert store.call("GET", f"/catalog/products/{10**30}/images").status_code == 404
    [after] = found(store, "sku=after-the-largest")
    assert after < 2147483647


def test_what_was_only_asked_for_is_no_product_that_an_open_store_shows(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "data", "--open", "--plan", "unlimited") as store:
        assert found(store, "sku:in=SM-13,SM-31") == [10_001, 10_002]
        store.upload(10_001, picture())
        assert found(store, "limit=250") == [10_001]
        assert found(store, "include=images&id:min=1") == [10_001]
        assert found(store, "id:in=10001,10002") == [10_001, 10_002]
