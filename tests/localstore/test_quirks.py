"""Every switch, turned to its other side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline.localstore import LocalStoreError
from pipeline.localstore.quirks import Quirks, parse_quirks
from tests.localstore.conftest import Start
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.localstore.website import Website

OTHERS = {
    "empty_listing": "list",
    "thumbnail_deleted": "promoted",
    "too_large": "500",
    "undecodable": "500",
    "limit_above": "capped",
    "sort_order": "zero",
    "description": "500",
    "delete_missing": "204",
    "chunked": "411",
    "error_bodies": "mixed",
    "stem": "cut:8",
    "included_images": "first:2",
    "variants_sku_in": "422",
    "put_image_url": "replaces",
}


@pytest.fixture(scope="module")
def quirky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    switches = [part for item in OTHERS.items() for part in ("--quirk", "=".join(item))]
    data = tmp_path_factory.mktemp("quirky") / "data"
    with StoreProcess(
        data, "--open", "--plan", "unlimited", *switches, as_described=False
    ) as store:
        yield store


def path(product: int) -> str:
    return f"/catalog/products/{product}/images"


def test_a_listing_without_images_is_an_empty_list(quirky: StoreProcess, product: int) -> None:
    answer = quirky.call("GET", path(product))
    assert answer.status_code == 200
    assert answer.json()["data"] == []
    assert answer.json()["meta"]["pagination"]["total"] == 0


def test_the_first_takes_the_place_of_a_deleted_thumbnail(
    quirky: StoreProcess, product: int
) -> None:
    third, first, second = (
        quirky.upload(product, picture(), sort_order=order).json()["data"]["id"]
        for order in ("3", "1", "2")
    )
    quirky.call("DELETE", f"{path(product)}/{third}")
    listed = {image["id"]: image["is_thumbnail"] for image in quirky.images(product)}
    assert listed == {first: True, second: False}


def test_too_large_and_undecodable_are_500_in_html(quirky: StoreProcess, product: int) -> None:
    for content in (picture("JPEG").ljust(2**20 + 1, b"\0"), b"no picture"):
        answer = quirky.upload(product, content)
        assert answer.status_code == 500
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "<h1>500 " in answer.text


def test_a_limit_above_the_maximum_is_capped(quirky: StoreProcess, product: int) -> None:
    quirky.upload(product, picture())
    answer = quirky.call("GET", f"{path(product)}?limit=1000")
    assert answer.json()["meta"]["pagination"]["per_page"] == 250


def test_an_order_that_is_not_given_is_zero(quirky: StoreProcess, product: int) -> None:
    for _ in range(2):
        assert quirky.upload(product, picture()).json()["data"]["sort_order"] == 0


def test_a_description_has_a_longest_length(quirky: StoreProcess, product: int) -> None:
    assert quirky.upload(product, picture(), description="ä" * 500).status_code == 200
    answer = quirky.upload(product, picture(), description="a" * 501)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["description"])


def test_deleting_what_is_not_there_is_204(quirky: StoreProcess, product: int) -> None:
    quirky.upload(product, picture())
    assert quirky.call("DELETE", f"{path(product)}/999999").status_code == 204


def test_a_body_without_a_length_is_refused(quirky: StoreProcess, product: int) -> None:
    answer = quirky.call(
        "POST",
        path(product),
        data=iter([b"{}"]),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 411


def test_some_error_bodies_are_text_or_html(quirky: StoreProcess, product: int) -> None:
    denied = quirky.call("GET", path(product), headers={"X-Auth-Token": "<wrong>"})
    assert (denied.status_code, denied.headers["Content-Type"]) == (
        401,
        "text/plain; charset=utf-8",
    )
    wrong = quirky.call("POST", path(product), data=b"a", headers={"Content-Type": "a/b"})
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (415, "text/html; charset=utf-8")
    assert quirky.call("GET", f"{path(product)}/1234567").json()["status"] == 404


def test_a_stem_is_cut_to_a_length(quirky: StoreProcess, product: int) -> None:
    image = quirky.upload(product, picture(), "product-image-3f9a.png").json()["data"]
    assert "/product-__" in image["image_file"]


def test_only_the_first_images_come_along_with_a_product(
    quirky: StoreProcess, product: int
) -> None:
    for order in ("3", "1", "2"):
        quirky.upload(product, picture(), sort_order=order)
    [said] = quirky.call("GET", f"/catalog/products?id={product}&include=images").json()["data"]
    assert [image["sort_order"] for image in said["images"]] == [1, 2]


def test_an_answer_on_request_has_the_stores_own_kind_of_body(
    quirky: StoreProcess, product: int
) -> None:
    quirky.misbehave({"do": "answer", "status": 503, "path": path(product), "times": 1})
    answer = quirky.call("GET", path(product))
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (503, "text/html")


def test_without_a_switch_a_new_address_in_an_update_changes_nothing(
    store: StoreProcess, product: int
) -> None:
    image = store.upload(product, picture()).json()["data"]
    answer = store.put(product, image["id"], image_url="http://127.0.0.1:9/a.png", sort_order=9)
    assert answer.status_code == 200
    assert answer.json()["data"]["image_file"] == image["image_file"]
    assert answer.json()["data"]["sort_order"] == 9


def test_without_a_switch_nobody_takes_a_deleted_thumbnails_place(
    store: StoreProcess, product: int
) -> None:
    first, second = (store.upload(product, picture()).json()["data"]["id"] for _ in range(2))
    store.call("DELETE", f"{path(product)}/{first}")
    assert [image["is_thumbnail"] for image in store.images(product)] == [False]
    assert store.put(product, second, is_thumbnail=True).json()["data"]["is_thumbnail"] is True


def test_without_a_switch_descriptions_are_long_and_lengths_not_needed(
    store: StoreProcess, product: int
) -> None:
    image = store.upload(product, picture(), description="ä" * 100_000).json()["data"]
    answer = store.call(
        "PUT",
        f"{path(product)}/{image['id']}",
        data=iter([b'{"sort_or', b'der": 4}']),
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["data"]["sort_order"] == 4


def test_the_remaining_values_and_the_lag_of_a_listing(start: Start) -> None:
    store = start(
        *("--open", "--quirk", "limit_above=413", "--quirk", "stem=lower"),
        *("--quirk", "listing-lag=1"),
        as_described=False,
    )
    assert store.call("GET", f"{path(1)}?limit=251").status_code == 413
    image = store.upload(1, picture(), "ABC-d.png").json()["data"]
    assert "/abc-d__" in image["image_file"]
    assert store.images(1) == []
    assert store.call("GET", f"{path(1)}/{image['id']}").status_code == 200
    time.sleep(1.1)
    assert store.images(1) == [image]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("nothing", "1"), ("stem", "upper"), ("stem", "cut:0"), ("stem", "cut:N")),
        *(("included_images", "first:0"), ("included_images", "2"), ("stem", "first:2")),
        *(("listing_lag", "soon"), ("listing_lag", "-1")),
        *(("concurrent", "0"), ("concurrent", "N"), ("too_large", "7")),
    ],
)
def test_a_switch_that_does_not_exist_is_explained(name: str, value: str) -> None:
    with pytest.raises(LocalStoreError, match=name):
        parse_quirks({name: value})


def test_a_switch_may_be_written_with_hyphens_and_read_as_a_number() -> None:
    quirks = parse_quirks({"listing-lag": "1.5", "stem": "cut:40", "included_images": "first:50"})
    assert (quirks.seconds("listing_lag"), quirks.stem_length) == (1.5, 40)
    assert (Quirks().seconds("listing_lag"), Quirks().stem_length) == (0, None)
    assert (quirks.most_included_images, Quirks().most_included_images) == (50, None)


def test_one_too_many_at_once_for_an_endpoint_is_refused_without_a_word_of_the_quota(
    tmp_path: Path,
) -> None:
    with StoreProcess(tmp_path, "--open", "--quirk", "concurrent=2", as_described=False) as store:
        store.misbehave({"do": "delay", "seconds": 1, "path": "/catalog/products/*/images"})
        answers: list[Any] = []
        calls = [
            threading.Thread(
                # A session of its own for each: one makes a request after the other.
                target=lambda product=product: answers.append(
                    requests.get(
                        f"{store.url}/catalog/products/{product}/images",
                        headers={"X-Auth-Token": store.token},
                        timeout=10,
                    )
                )
            )
            for product in (1, 2, 3)
        ]
        for call in calls:
            call.start()
        other = store.call("GET", "/catalog/products?id=1")
        for call in calls:
            call.join()
    refused = [answer for answer in answers if answer.status_code == 429]
    assert (len(answers), len(refused), other.status_code) == (3, 1, 200)
    assert not any(name.lower().startswith("x-r") for name in refused[0].headers)


def test_half_of_a_surrogate_pair_is_no_text_under_any_switch(
    quirky: StoreProcess, product: int
) -> None:
    image = quirky.upload(product, picture()).json()["data"]
    answer = quirky.put(product, image["id"], description="\ud800")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["description"])


def test_an_update_with_an_address_replaces_the_picture_where_a_switch_says_so(
    quirky: StoreProcess, product: int, website: str
) -> None:
    store = quirky
    image = store.upload(product, picture()).json()["data"]
    Website.files["/other.png"] = content = picture(color="red")
    changed = store.put(product, image["id"], image_url=f"{website}/other.png").json()["data"]
    assert "/other__" in changed["image_file"]
    assert store.control("GET", f"_originals/{image['id']}").content == content
