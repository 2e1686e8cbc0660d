"""What a browser sees: the page, and the pictures under the addresses in answers."""

from __future__ import annotations

import re

import pytest

from tests.localstore.conftest import Start
from tests.localstore.pictures import picture, rendition
from tests.localstore.process import StoreProcess

BOXES = {
    "url_zoom": (1280, 1280),
    "url_standard": (560, 850),
    "url_thumbnail": (330, 500),
    "url_tiny": (66, 100),
}


@pytest.mark.parametrize("size", [(1600, 900), (400, 2000), (300, 200), (1, 1), (3000, 2)])
def test_renditions_are_fitted_into_their_boxes_and_never_enlarged(
    store: StoreProcess, product: int, size: tuple[int, int]
) -> None:
    image = store.upload(product, picture("PNG", size)).json()["data"]
    for field, (width, height) in BOXES.items():
        made = rendition(store, image[field])
        scale = min(1, width / size[0], height / size[1])
        assert made.width <= width
        assert made.height <= height
        assert abs(made.width - size[0] * scale) <= 1
        assert abs(made.height - max(1, size[1] * scale)) <= 1


def test_a_name_that_is_not_this_images_shows_nothing(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    path = image["url_zoom"].removeprefix(store.page).partition("?")[0]
    for wrong in (
        path.replace("1280.1280", "1281.1280"),
        path.replace(f"/{product}/", f"/{product + 1}/"),
        f"{path.rpartition('/')[0]}/..%2F..%2Fstore.sqlite3",
    ):
        assert store.control("GET", wrong).status_code == 404


def test_the_page_shows_products_pictures_and_counts(start: Start) -> None:
    store = start("--open")
    store.call("GET", "/catalog/products?sku=only-asked-for")
    for _ in range(2):
        store.upload(158, picture("PNG", (300, 200)), "front.png")
    page = store.control("GET", "")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Product 158" in page.text
    assert "only-asked-for" not in page.text
    assert page.text.count('loading="lazy"') == 2
    assert page.text.count('class="badge"') == 1
    assert "front__" in page.text
    assert "300 × 200 PNG" in page.text
    assert f"{len(picture('PNG', (300, 200)))} bytes" in page.text
    assert "http://" not in page.text.replace(store.page, "")


def test_the_page_takes_names_for_what_they_are(store: StoreProcess) -> None:
    evil = "<script>alert(1)</script>"
    [made] = store.call("GET", "/catalog/products", params={"sku": evil}).json()["data"]
    store.upload(made["id"], picture(), description='"><b>')
    page = store.control("GET", f"?product={made['id']}")
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "<b>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_page_goes_on_to_further_products_and_images(start: Start) -> None:
    store = start("--open", "--plan", "unlimited")
    for product in range(1, 22):
        store.upload(product, picture("GIF", (1, 1)), "a.gif")
    for _ in range(14):
        store.upload(7, picture("GIF", (1, 1)), "a.gif")
    first, second = store.control("GET", "").text, store.control("GET", "?page=2").text
    assert "Product 20<" in first
    assert "Product 21<" not in first
    assert "Product 21<" in second
    assert "All 15 images" in first
    assert store.control("GET", "?product=7").text.count("<img") == 15
    assert store.control("GET", "?page=99").status_code == 200
    assert store.control("GET", "?product=99").status_code == 404
    assert store.control("GET", "?page=x").status_code == 422


def test_an_empty_store_has_a_page(start: Start) -> None:
    assert "no products with pictures yet" in start().control("GET", "").text


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
