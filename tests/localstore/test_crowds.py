"""Many requests at once: nothing is lost, doubled or mixed up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess

CROWD = 16


def test_uploads_at_once_all_arrive_each_with_its_own_place(
    store: StoreProcess, product: int
) -> None:
    contents = [picture(size=(place + 1, 3)) for place in range(4 * CROWD)]

    def upload(content: bytes) -> int:
        answer = requests.post(
            f"{store.url}/catalog/products/{product}/images",
            files={"image_file": ("a.png", content)},
            data={"is_thumbnail": "true"},
            headers={"X-Auth-Token": store.token},
            timeout=30,
        )
        made: int = answer.json()["data"]["id"]
        return made

    with ThreadPoolExecutor(CROWD) as pool:
        ids = list(pool.map(upload, contents))
    images = store.images(product)
    assert {image["id"] for image in images} == set(ids)
    assert [image["sort_order"] for image in images] == list(range(len(contents)))
    assert sum(image["is_thumbnail"] for image in images) == 1
    for id_, content in zip(ids, contents, strict=True):
        assert store.control("GET", f"_originals/{id_}").content == content


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


def test_orders_moved_at_once_stay_whole(store: StoreProcess, product: int) -> None:
    ids = [store.upload(product, picture()).json()["data"]["id"] for _ in range(6)]

    def move(place: int) -> int:
        return requests.put(
            f"{store.url}/catalog/products/{product}/images/{ids[place % 6]}",
            json={"sort_order": place, "is_thumbnail": True},
            headers={"X-Auth-Token": store.token},
            timeout=30,
        ).status_code

    with ThreadPoolExecutor(CROWD) as pool:
        assert set(pool.map(move, range(48))) == {200}
    images = store.images(product)
    assert len(images) == 6
    assert sum(image["is_thumbnail"] for image in images) == 1
