"""The five endpoints, used without mistakes and with some."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.localstore.website import Website


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


def path(product: int) -> str:
    return f"/catalog/products/{product}/images"


def test_an_unknown_image_answers_404(store: StoreProcess, product: int) -> None:
    for image in (2**31 - 1, 2**31, 10**25, 0):
        assert store.call("GET", f"{path(product)}/{image}").status_code == 404
        assert store.call("PUT", f"{path(product)}/{image}", json={}).status_code == 404
        assert store.call("DELETE", f"{path(product)}/{image}").status_code == 404


def by_url(store: StoreProcess, product: int, url: str, **fields: object) -> int:
    answer = store.call(
        "POST", f"/catalog/products/{product}/images", json={"image_url": url, **fields}
    )
    return answer.status_code


def test_a_picture_comes_from_a_file_or_an_address_never_both(
    store: StoreProcess, product: int, website: str
) -> None:
    Website.asked.clear()
    answer = store.upload(product, picture(), image_url=f"{website}/other.png")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["image_url"])
    assert by_url(store, product, f"{website}/other.png", image_file="a.png") == 422
    assert Website.asked == []
    assert store.images(product) == []


@pytest.mark.parametrize("body", [{}, {"image_url": None}, {"image_url": ""}, {"sort_order": 1}])
def test_json_without_an_address_is_refused_in_the_shops_own_words(
    store: StoreProcess, product: int, body: dict[str, object]
) -> None:
    answer = store.call("POST", f"/catalog/products/{product}/images", json=body)
    assert answer.status_code == 422
    wanted = "image_url must be present if uploading by url"
    assert answer.json()["errors"]["image_url"] == wanted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sort_order", 2**31),
        ("sort_order", -(2**31) - 1),
        ("sort_order", 1.5),
        ("sort_order", "1"),
        ("sort_order", True),
        ("sort_order", None),
        ("is_thumbnail", 1),
        ("is_thumbnail", "true"),
        ("description", 7),
        ("description", "\ud800"),
        ("image_url", 5),
        ("image_url", "ftp://127.0.0.1/a.png"),
        ("image_url", "//127.0.0.1/a.png"),
        ("image_url", "http://[::1/a.png"),
        ("image_url", "http://127.0.0.1/" + "a" * 240),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_and_nothing_changes(
    store: StoreProcess, product: int, field: str, value: object
) -> None:
    image = store.upload(product, picture(), "a.gif").json()["data"]
    answer = store.put(product, image["id"], **{"description": "changed", field: value})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert store.images(product) == [image]


@pytest.mark.parametrize(
    ("field", "value"), [("sort_order", "one"), ("sort_order", "99999999999"), ("is_thumbnail", "")]
)
def test_a_wrong_value_in_a_form_is_named(
    store: StoreProcess, product: int, field: str, value: str
) -> None:
    answer = store.upload(product, picture(), "a.gif", **{field: value})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert store.images(product) == []
