"""The picture behind an address, fetched by the store."""

from __future__ import annotations

import time

import pytest

from pipeline.localstore.fetching import FetchFailed, TooLong, fetch, is_fetchable
from tests.localstore.pictures import padded, picture
from tests.localstore.process import StoreProcess
from tests.localstore.website import Website
from tests.localstore.wire import MEGABYTE


def by_url(store: StoreProcess, product: int, url: str, **fields: object) -> int:
    answer = store.call(
        "POST", f"/catalog/products/{product}/images", json={"image_url": url, **fields}
    )
    return answer.status_code


def test_an_image_is_made_of_what_is_behind_an_address(
    store: StoreProcess, product: int, website: str
) -> None:
    Website.files["/shop/front.jpg"] = content = picture("JPEG")
    assert by_url(store, product, f"{website}/moved/shop/front.jpg?x=1", sort_order=5) == 200
    image = store.images(product)[-1]
    assert "/front__" in image["image_file"]
    assert image["sort_order"] == 5
    assert store.control("GET", f"_originals/{image['id']}").content == content


def test_eight_megabytes_may_be_behind_an_address_but_not_more(
    store: StoreProcess, product: int, website: str
) -> None:
    Website.files["/large.jpg"] = padded(8 * MEGABYTE)
    Website.files["/larger.jpg"] = padded(8 * MEGABYTE + 1)
    assert by_url(store, product, f"{website}/large.jpg") == 200
    assert by_url(store, product, f"{website}/larger.jpg") == 413
    assert by_url(store, product, f"{website}/endless") == 413


@pytest.mark.parametrize("path", ["/nothing.jpg", "/loop", "/file", "/short"])
def test_what_cannot_be_fetched_answers_400_without_a_body(
    store: StoreProcess, product: int, website: str, path: str
) -> None:
    assert by_url(store, product, website + path) == 400
    assert store.images(product) == []


def test_an_address_where_nobody_listens_answers_400(store: StoreProcess, product: int) -> None:
    began = time.monotonic()
    assert by_url(store, product, "http://127.0.0.1:9/a.jpg") == 400
    assert time.monotonic() - began < 15


def test_a_text_behind_an_address_is_no_picture(
    store: StoreProcess, product: int, website: str
) -> None:
    Website.files["/text.jpg"] = b"nothing"
    assert by_url(store, product, f"{website}/text.jpg") == 422


@pytest.mark.parametrize(
    ("url", "can"),
    [
        ("http://shop.example/a.jpg", True),
        ("HTTPS://shop.example:8443/a.jpg?x=1", True),
        *(("ftp://shop.example/a", False), ("//shop.example/a", False), ("a.jpg", False)),
        *(("http://", False), ("http://[::1/a", False), ("http://a:0/b", False)),
        *(("http://a:70000/b", False), ("file:///etc/passwd", False)),
    ],
)
def test_an_address_to_fetch_from_is_fully_qualified(url: str, can: bool) -> None:
    assert is_fetchable(url) is can


def test_nothing_is_read_beyond_what_may_be_taken(website: str) -> None:
    Website.files["/some.bin"] = bytes(1000)
    assert fetch(f"{website}/some.bin", 1000) == bytes(1000)
    with pytest.raises(TooLong):
        fetch(f"{website}/some.bin", 999)
    with pytest.raises(FetchFailed, match="404"):
        fetch(f"{website}/none.bin", 999)
