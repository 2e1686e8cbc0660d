"""The five endpoints, as a client without mistakes uses them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess


def test_an_uploaded_file_becomes_an_image(store: StoreProcess, product: int) -> None:
    answer = store.upload(product, picture(), "product-image.png", description="from the left")
    image = answer.json()["data"]
    assert answer.status_code == 200
    assert answer.json()["meta"] == {}
    assert image["product_id"] == product
    assert image["description"] == "from the left"
    assert image["is_thumbnail"] is True
    assert image["sort_order"] == 0
    assert re.fullmatch(r"[a-z]/\d{3}/product-image__\d{5}\.png", image["image_file"])
    made = datetime.fromisoformat(image["date_modified"])
    assert abs(datetime.now(tz=UTC) - made) < timedelta(seconds=30)
    assert image["date_modified"].endswith("+00:00")


def test_the_addresses_of_the_four_pictures_are_built_as_the_shop_builds_them(
    store: StoreProcess, product: int
) -> None:
    image = store.upload(product, picture()).json()["data"]
    stem = image["image_file"].rpartition("/")[2].removesuffix(".png")
    for field, box in {
        "url_zoom": "1280.1280",
        "url_standard": "560.850",
        "url_thumbnail": "330.500",
        "url_tiny": "66.100",
    }.items():
        path = f"{store.page}products/{product}/images/{image['id']}/"
        assert re.fullmatch(
            re.escape(f"{path}{stem}.") + r"\d{10}" + re.escape(f".{box}.png?c=2"), image[field]
        )


def test_ids_go_up_and_are_never_given_twice(store: StoreProcess, product: int) -> None:
    first = store.upload(product, picture()).json()["data"]["id"]
    assert store.call("DELETE", f"/catalog/products/{product}/images/{first}").status_code == 204
    assert store.upload(product, picture()).json()["data"]["id"] > first


def test_the_same_upload_twice_makes_two_images(store: StoreProcess, product: int) -> None:
    for _ in range(2):
        assert store.upload(product, picture(), "same.png").status_code == 200
    names = {image["image_file"] for image in store.images(product)}
    assert len(names) == 2
    assert all("/same__" in name for name in names)


def test_one_image_is_given_by_its_id(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    answer = store.call("GET", f"/catalog/products/{product}/images/{image['id']}")
    assert answer.json() == {"data": image, "meta": {}}


def test_a_form_says_everything_that_json_says(store: StoreProcess, product: int) -> None:
    store.upload(product, picture())
    image = store.upload(
        product, picture(), is_thumbnail="true", sort_order="-7", description="ä b"
    ).json()["data"]
    assert (image["is_thumbnail"], image["sort_order"], image["description"]) == (True, -7, "ä b")


def test_an_update_changes_what_it_says_and_nothing_else(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture(), description="before").json()["data"]
    changed = store.put(product, image["id"], description="after").json()["data"]
    expected = {**image, "description": "after", "date_modified": changed["date_modified"]}
    assert changed == expected
    assert store.images(product) == [expected]


def test_an_update_with_nothing_in_it_is_no_mistake(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    assert store.put(product, image["id"]).json()["data"]["id"] == image["id"]


def test_what_was_read_can_be_sent_back_in_an_update(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    assert store.put(product, image["id"], **image).status_code == 200


def test_an_update_with_a_file_replaces_the_picture(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture(color="red"), "old.png").json()["data"]
    new = picture("JPEG", color="blue")
    changed = store.call(
        "PUT",
        f"/catalog/products/{product}/images/{image['id']}",
        files={"image_file": ("new.jpg", new)},
    ).json()["data"]
    assert changed["id"] == image["id"]
    assert "/new__" in changed["image_file"]
    assert changed["url_tiny"] != image["url_tiny"]
    assert store.control("GET", f"_originals/{image['id']}").content == new
    assert store.control("GET", image["url_tiny"].removeprefix(store.page)).status_code == 404


def test_a_deleted_image_is_gone_with_its_pictures(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    path = f"/catalog/products/{product}/images/{image['id']}"
    answer = store.call("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert store.call("GET", path).status_code == 404
    assert store.images(product) == []
    assert store.control("GET", f"_originals/{image['id']}").status_code == 404
    assert store.control("GET", image["url_zoom"].removeprefix(store.page)).status_code == 404


def test_deleting_an_image_twice_answers_404(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    path = f"/catalog/products/{product}/images/{image['id']}"
    assert store.call("DELETE", path).status_code == 204
    assert store.call("DELETE", path).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_image_of_another_product_is_not_found(
    store: StoreProcess, product: int, method: str
) -> None:
    image = store.upload(product, picture()).json()["data"]
    path = f"/catalog/products/{product + 100_000}/images/{image['id']}"
    assert store.call(method, path, json={}).status_code == 404
    assert len(store.images(product)) == 1


def test_a_product_without_images_lists_none(store: StoreProcess, product: int) -> None:
    answer = store.call("GET", f"/catalog/products/{product}/images").json()
    assert answer["data"] == []
    assert answer["meta"]["pagination"]["total"] == 0


def test_any_store_hash_is_this_store(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    url = f"{store.page}stores/another/v3/catalog/products/{product}/images/{image['id']}"
    assert store.session.get(url, timeout=10).json()["data"] == image


def test_a_product_takes_a_thousand_images_and_no_more(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "data", "--open") as store:
        store.upload(1, picture())
    # Nearly all of them put in by hand: the thousand uploads would take half a minute.
    names = (
        "product_id, is_thumbnail, sort_order, description, image_file, made, pictured, "
        "modified, picture, format, width, height, bytes"
    )
    with closing(sqlite3.connect(tmp_path / "data" / "store.sqlite3")) as database, database:
        database.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 999) "
            f"INSERT INTO images ({names}) SELECT {names} FROM n, images"
        )
    with StoreProcess(tmp_path / "data", "--open") as store:
        assert store.upload(1, picture()).status_code == 200
        answer = store.upload(1, picture())
        assert answer.status_code == 422
        assert "1000" in answer.json()["errors"]["product_id"]
        pages = store.call("GET", "/catalog/products/1/images?limit=250").json()["meta"]
        assert pages["pagination"]["total"] == 1000
        assert store.upload(2, picture()).status_code == 200
