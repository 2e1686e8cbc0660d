"""The images of many products in few questions, whatever the store leaves out or does not know."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import StoreDenied, StoreRejected, StoreUnavailable
from pipeline.localstore.storage.database import Database
from pipeline.upload import StoreClient
from pipeline.upload.bulk import BulkReader
from pipeline.values import StoredImage
from tests.localstore.process import StoreProcess
from tests.makers import stored_image
from tests.servers import client_of, local_store
from tests.upload.rawserver import Behaviour, body, client_of_raw, raw_server, read_request

Counts = Mapping[int, int]
"""How many images each product of a shop has."""


def shop(folder: Path, counts: Counts) -> str:
    """Write what a store keeps as if it had been filled, and return its catalogue."""
    (folder / "data").mkdir(parents=True)
    rows = [(id_, place == 0, place) for id_, count in counts.items() for place in range(count)]
    with closing(Database.opened(folder / "data")) as database, database.transaction() as change:
        change.executemany(
            "INSERT INTO products (id, sku, name, listed) VALUES (?, '', '', 1)",
            [(id_,) for id_ in counts],
        )
        change.executemany(
            "INSERT INTO images (product_id, is_thumbnail, sort_order, description, image_file, "
            "made, pictured, modified, picture, format, width, height, bytes) VALUES "
            "(?, ?, ?, '', 'a/123/photo-0123456789__12345.jpg', 0, 0, 0, 'none', 'JPEG', 9, 9, 9)",
            rows,
        )
    return "".join(f"{id_},SKU-{id_},A product,\n" for id_ in counts)


def asked(store: StoreProcess) -> list[str]:
    """Return the kinds of question that a store got: together, or alone."""
    return ["alone" if "/images" in entry["path"] else "together" for entry in store.seen()]


def numbers(client: StoreClient, ids: Sequence[int]) -> dict[int, tuple[int, bool]]:
    """How many images each product has, and whether these are certainly all."""
    found = client.images_of_products(ids)
    assert all(image.product_id == id_ for id_, of in found.items() for image in of.images)
    return {id_: (len(of.images), of.complete) for id_, of in found.items()}


@pytest.mark.long
def test_ten_thousand_products_take_at_most_sixty_questions(tmp_path: Path) -> None:
    """All have as many images, so that none shows that more of them would come along."""
    counts = dict.fromkeys(range(1001, 11_001), 1)
    with local_store(tmp_path, catalogue=shop(tmp_path, counts)) as store:
        found = numbers(client_of(store), list(counts))
        questions = asked(store)
    assert {id_: count for id_, (count, _) in found.items()} == counts
    assert len(questions) <= 60


@pytest.mark.parametrize(
    "first", [2, *(pytest.param(first, marks=pytest.mark.long) for first in (1, 3, 50))]
)
def test_a_product_whose_images_do_not_all_come_along_is_asked_for_by_itself(
    tmp_path: Path, first: int
) -> None:
    counts = {id_: (id_ * 7) % 6 for id_ in range(1, 41)} | {99: 60}
    quirk = f"included_images=first:{first}"
    with local_store(tmp_path, "--quirk", quirk, catalogue=shop(tmp_path, counts)) as store:
        client = client_of(store)
        found = numbers(client, [*counts, 4711])
        alone = asked(store).count("alone")
        read = client.images_of_products([99, 3])
        assert {id_: client.list_images(id_) for id_ in (99, 3)} == {
            id_: list(of.images) for id_, of in read.items()
        }
    # The shop has no product 4711, which is not the same as one without images.
    assert found == {id_: (count, True) for id_, count in counts.items()}
    assert alone == sum(count >= first for count in counts.values()) + 1


@given(
    counts=st.dictionaries(st.integers(1, 10**10), st.integers(0, 6), max_size=60),
    first=st.none() | st.integers(1, 6),
    page=st.integers(1, 60),
)
def test_what_is_said_to_be_complete_is_whatever_the_store_cuts(
    counts: Counts, first: int | None, page: int
) -> None:
    images = {
        id_: [stored_image(number * 10 + place, id_) for place in range(count)]
        for number, (id_, count) in enumerate(counts.items(), 1)
    }

    def pages(path: str, query: Mapping[str, str]) -> Iterator[list[Mapping[str, Any]]]:
        wanted = [int(id_) for id_ in query["id:in"].split(",")]
        assert len(wanted) <= 250
        assert len(query["id:in"].replace(",", "%2C")) <= 3_400
        there = [id_ for id_ in wanted if id_ in images]
        for begin in range(0, max(1, len(there)), page):
            yield [
                {"id": id_, "images": [{"id": image.id} for image in images[id_][:first]]}
                for id_ in there[begin : begin + page]
            ]

    def alone(product_id: int) -> list[StoredImage]:
        if product_id not in images:
            raise StoreRejected(404, "The product does not exist")
        return images[product_id]

    found = BulkReader(pages, alone).images_of([*counts, 1, 2])
    assert found.keys() == counts.keys()
    for id_, of in found.items():
        ids = [image.id for image in of.images]
        everything = [image.id for image in images[id_]]
        assert ids == (everything if of.complete else everything[: len(ids)])


Odd = Callable[[str, dict[str, list[str]]], bytes]
"""How an odd store answers a path with its query."""


def odd(answer: Odd) -> Behaviour:
    def behave(server: Any, connection: Any) -> None:
        while request := read_request(server, connection):
            address = urlsplit(request.split()[1].decode())
            connection.sendall(answer(address.path, parse_qs(address.query)))

    return behave


def record(product_id: int) -> dict[str, Any]:
    """Return a product with one image, which does not repeat whose it is."""
    return {"id": product_id, "images": [{"id": product_id + 1000}]}


def data(*records: Any) -> bytes:
    return body(json.dumps({"data": records, "meta": {"pagination": {"total_pages": 1}}}))


def own_listing(path: str) -> bytes:
    product_id = int(path.split("/")[-2])
    return data({"id": product_id + 1000, "product_id": product_id})


def ignoring_the_filter(path: str, query: dict[str, list[str]]) -> bytes:
    return own_listing(path) if "/images" in path else data(*map(record, range(100, 350)))


def including_nothing(path: str, query: dict[str, list[str]]) -> bytes:
    if "/images" in path:
        return own_listing(path)
    return data(*({"id": int(id_)} for id_ in query["id:in"][0].split(",")))


def not_knowing_the_question(path: str, query: dict[str, list[str]]) -> bytes:
    return own_listing(path) if "/images" in path else body("{}", "422 Unprocessable")


def with_short_addresses(path: str, query: dict[str, list[str]]) -> bytes:
    if "/images" in path:
        return own_listing(path)
    ids = query["id:in"][0].split(",")
    return data(*(record(int(id_)) for id_ in ids)) if len(ids) < 40 else body("", "414 Too Long")


def with_answers_beyond_any_measure(path: str, query: dict[str, list[str]]) -> bytes:
    if "/images" in path:
        return own_listing(path)
    ids = query["id:in"][0].split(",")
    records = [record(int(id_)) for id_ in ids]
    return data(*records) if len(ids) < 40 else body(b"{" + b" " * (17 << 20))


def choking_on_one_product(path: str, query: dict[str, list[str]]) -> bytes:
    if "/images" in path:
        return own_listing(path)
    ids = query["id:in"][0].split(",")
    return body("{}", "422 No") if "101" in ids else data(*(record(int(id_)) for id_ in ids))


@pytest.mark.parametrize(
    ("store", "most"),
    [
        (ignoring_the_filter, 102),
        (including_nothing, 102),
        (not_knowing_the_question, 110),
        (with_short_addresses, 20),
        (with_answers_beyond_any_measure, 20),
        (choking_on_one_product, 40),
    ],
)
def test_a_store_that_cannot_be_asked_so_is_asked_otherwise(store: Odd, most: int) -> None:
    ids = list(range(101, 201))
    with raw_server(odd(store)) as server:
        found = client_of_raw(server).images_of_products(ids)
    assert {id_: [image.id for image in of.images] for id_, of in found.items()} == {
        id_: [id_ + 1000] for id_ in ids
    }
    assert all(image.product_id == id_ for id_, of in found.items() for image in of.images)
    assert len(server.requests) <= most


NONSENSE = {
    "no ids": {"id": "101", "images": []},
    "an image without an id": {"id": 101, "images": [{"id": None}]},
    "an image that is a text": {"id": 101, "images": ["a.jpg"]},
    "another product's image": {"id": 101, "images": [{"id": 7, "product_id": 102}]},
    "no record": "101",
}


@pytest.mark.parametrize("what", NONSENSE)
def test_a_record_of_nonsense_is_no_answer(what: str) -> None:
    answering = odd(lambda path, query: data(NONSENSE[what]))
    with raw_server(answering) as server, pytest.raises(StoreUnavailable, match="nonsense"):
        client_of_raw(server).images_of_products([101])


@pytest.mark.parametrize(
    ("status", "error"), [(401, StoreDenied), (404, StoreDenied), (503, StoreUnavailable)]
)
def test_a_store_that_does_not_answer_is_not_asked_product_by_product(
    store: StoreProcess, client: StoreClient, status: int, error: type[Exception]
) -> None:
    before = len(store.seen())
    store.misbehave({"do": "answer", "status": status, "path": "/catalog/products"})
    with pytest.raises(error):
        client.images_of_products([158, 159])
    assert len(store.seen()) == before + 1


def test_an_image_that_comes_between_two_looks_does_not_make_the_store_one_that_cuts() -> None:
    images = {id_: [stored_image(id_, id_)] for id_ in range(1, 61)}
    looks: list[int] = []

    def pages(path: str, query: Mapping[str, str]) -> Iterator[list[Mapping[str, Any]]]:
        wanted = map(int, query["id:in"].split(","))
        yield [{"id": id_, "images": [{"id": one.id} for one in images[id_]]} for id_ in wanted]

    def alone(product_id: int) -> list[StoredImage]:
        if not looks:
            images[product_id].append(stored_image(1000, product_id))
        looks.append(product_id)
        return images[product_id]

    found = BulkReader(pages, alone).images_of(images)
    assert sum(len(of.images) for of in found.values()) == 61
    assert len(looks) < 20
