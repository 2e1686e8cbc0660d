"""The rules of order and thumbnail, held against a model of them by many random histories."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess

LARGEST = 2**31 - 1


CONTENT = picture("GIF", (1, 1))


ORDERS = st.one_of(st.integers(-1, 4), st.sampled_from([-(2**31), LARGEST - 1, LARGEST]))


STEPS = st.one_of(
    st.tuples(st.just("create"), st.none() | ORDERS, st.none() | st.booleans()),
    st.tuples(st.just("move"), st.integers(0, 5), ORDERS),
    st.tuples(st.just("choose"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("delete"), st.integers(0, 5), st.none()),
)


@dataclass(frozen=True)
class Held:
    id: int
    order: int
    thumbnail: bool


@given(steps=st.lists(STEPS, min_size=1, max_size=10))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_orders_and_thumbnails_follow_the_rules(
    open_store: StoreProcess,
    new_product: Callable[[], int],
    steps: list[tuple[str, Any, Any]],
) -> None:
    product = new_product()
    held: list[Held] = []
    for step, first, second in steps:
        if step == "create":
            held = create(open_store, product, held, first, second)
        elif held and step == "move":
            held = move(open_store, product, held, held[first % len(held)], second)
        elif held and step == "choose":
            held = choose(open_store, product, held, held[first % len(held)], second)
        elif held:
            gone = held.pop(first % len(held))
            path = f"/catalog/products/{product}/images/{gone.id}"
            assert open_store.call("DELETE", path).status_code == 204
        expected = sorted(held, key=lambda image: (image.order, image.id))
        assert [
            Held(image["id"], image["sort_order"], image["is_thumbnail"])
            for image in open_store.images(product)
        ] == expected
        assert sum(image.thumbnail for image in held) <= 1


def create(
    store: StoreProcess, product: int, held: list[Held], order: int | None, thumbnail: bool | None
) -> list[Held]:
    fields = {} if order is None else {"sort_order": str(order)}
    if thumbnail is not None:
        fields["is_thumbnail"] = "true" if thumbnail else "false"
    made = store.upload(product, CONTENT, "a.gif", **fields).json()["data"]
    if order is None:
        order = min(max(image.order for image in held) + 1, LARGEST) if held else 0
    if thumbnail:
        held = [replace(image, thumbnail=False) for image in held]
    return [*held, Held(made["id"], order, bool(thumbnail) or not held)]


def move(
    store: StoreProcess, product: int, held: list[Held], moved: Held, order: int
) -> list[Held]:
    assert store.put(product, moved.id, sort_order=order).status_code == 200
    later = order > moved.order
    return [
        replace(image, order=order)
        if image is moved
        else replace(image, order=min(image.order + 1, LARGEST))
        if later and image.order >= order
        else image
        for image in held
    ]


def choose(
    store: StoreProcess, product: int, held: list[Held], chosen: Held, thumbnail: bool
) -> list[Held]:
    assert store.put(product, chosen.id, is_thumbnail=thumbnail).status_code == 200
    if not thumbnail:
        return held
    return [replace(image, thumbnail=image is chosen) for image in held]


def test_a_later_place_moves_on_those_that_are_there_or_behind(
    store: StoreProcess, product: int
) -> None:
    ids = [store.upload(product, CONTENT, "a.gif").json()["data"]["id"] for _ in range(4)]
    store.put(product, ids[0], sort_order=2)
    orders = {image["id"]: image["sort_order"] for image in store.images(product)}
    assert orders == {ids[1]: 1, ids[0]: 2, ids[2]: 3, ids[3]: 4}


def test_an_earlier_place_moves_nothing(store: StoreProcess, product: int) -> None:
    ids = [store.upload(product, CONTENT, "a.gif").json()["data"]["id"] for _ in range(3)]
    store.put(product, ids[2], sort_order=0)
    assert [image["sort_order"] for image in store.images(product)] == [0, 0, 1]


def test_a_creation_moves_nothing(store: StoreProcess, product: int) -> None:
    for _ in range(3):
        store.upload(product, CONTENT, "a.gif", sort_order="1")
    assert [image["sort_order"] for image in store.images(product)] == [1, 1, 1]


def test_the_thumbnail_cannot_be_given_up_only_taken_over(
    store: StoreProcess, product: int
) -> None:
    first, second = (store.upload(product, CONTENT, "a.gif").json()["data"]["id"] for _ in range(2))
    assert store.put(product, first, is_thumbnail=False).json()["data"]["is_thumbnail"] is True
    assert store.put(product, second, is_thumbnail=True).json()["data"]["is_thumbnail"] is True
    assert [image["is_thumbnail"] for image in store.images(product)] == [False, True]


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
