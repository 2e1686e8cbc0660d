"""The store misbehaving, in every manner that it can."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess

POSTS = {"method": "POST", "path": "/catalog/products/*/images"}


def wait_for(store: StoreProcess, product: int, count: int, seconds: float = 5.0) -> float:
    """Wait until a product has so many images; give how long it took."""
    began = time.monotonic()
    while len(store.images(product)) < count:
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def last_post(store: StoreProcess) -> dict[str, Any]:
    deadline = time.monotonic() + 5
    while True:
        entry = [entry for entry in store.seen() if entry["method"] == "POST"][-1]
        if entry["done"] or time.monotonic() > deadline:
            return entry
        time.sleep(0.02)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_comes_late(store: StoreProcess, product: int, when: str) -> None:
    store.misbehave({"do": "delay", "when": when, "seconds": 0.4, **POSTS})
    began = time.monotonic()
    assert store.upload(product, picture()).status_code == 200
    assert time.monotonic() - began >= 0.4


def test_a_client_that_does_not_wait_has_its_image_made_all_the_same(
    store: StoreProcess, product: int
) -> None:
    store.misbehave({"do": "delay", "when": "after", "seconds": 1, "times": 1, **POSTS})
    with pytest.raises(requests.Timeout):
        store.call(
            "POST",
            f"/catalog/products/{product}/images",
            files={"image_file": ("a.png", picture())},
            timeout=0.3,
        )
    assert len(store.images(product)) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("body", ["json", "html", "empty"])
def test_an_answer_is_an_error(
    store: StoreProcess, product: int, status: int, when: str, body: str
) -> None:
    store.misbehave({"do": "answer", "status": status, "when": when, "body": body, **POSTS})
    answer = store.session.post(
        f"{store.url}/catalog/products/{product}/images",
        files={"image_file": ("a.png", picture())},
        timeout=10,
    )
    assert answer.status_code == status
    if body == "json":
        assert answer.json()["status"] == status
    elif body == "html":
        assert answer.text.startswith("<html>")
    else:
        assert answer.content == b""
    assert len(store.images(product)) == (1 if when == "after" else 0)


def test_a_429_says_how_long_to_wait_unless_it_is_not_to(store: StoreProcess, product: int) -> None:
    path = f"/catalog/products/{product}/images"
    store.misbehave({"do": "answer", "status": 429, "retry_after": 7})
    told = store.call("GET", path)
    assert told.headers["X-Retry-After"] == "7"
    assert told.headers["X-Rate-Limit-Requests-Left"] == "0"
    store.misbehave({"do": "answer", "status": 429, "headers": False})
    untold = store.session.get(store.url + path, timeout=10)
    assert not [name for name in untold.headers if "r" in name.lower()[:3] and "X-R" in name]


@pytest.mark.parametrize(
    ("when", "made"),
    [("before-body", 0), ("mid-body", 0), ("after-body", 0), ("after-work", 1), ("mid-answer", 1)],
)
@pytest.mark.parametrize("how", ["reset", "close"])
def test_the_connection_is_dropped(
    store: StoreProcess, product: int, when: str, made: int, how: str
) -> None:
    store.misbehave({"do": "drop", "when": when, "how": how, "times": 1, **POSTS})
    content = picture("BMP", (300, 300))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        store.upload(product, content, "a.bmp")
    assert len(store.images(product)) == made
    entry = last_post(store)
    assert entry["status"] == (200 if when == "mid-answer" else None)
    assert (entry["image_id"] is not None) == bool(made)
    assert store.upload(product, content, "a.bmp").status_code == 200


@pytest.mark.parametrize("how", ["short", "not-json", "html", "empty"])
def test_an_answer_is_no_json(store: StoreProcess, product: int, how: str) -> None:
    store.misbehave({"do": "garble", "how": how, **POSTS})
    answer = store.session.post(
        f"{store.url}/catalog/products/{product}/images",
        files={"image_file": ("a.png", picture())},
        timeout=10,
    )
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(store.images(product)) == 1


def test_an_answer_lacks_the_id(store: StoreProcess, product: int) -> None:
    store.misbehave({"do": "garble", "how": "no-id"})
    url = f"{store.url}/catalog/products/{product}/images"
    answer = store.session.post(url, files={"image_file": ("a.png", picture())}, timeout=10)
    assert "id" not in answer.json()["data"]
    [listed] = store.session.get(url, timeout=10).json()["data"]
    assert "id" not in listed
    assert listed["image_file"] == answer.json()["data"]["image_file"]


def test_an_answer_drips(store: StoreProcess, product: int) -> None:
    store.misbehave({"do": "drip", "seconds": 0.05, "bytes": 20})
    began = time.monotonic()
    said = store.call("GET", f"/catalog/products/{product}")
    assert said.json()["data"]["id"] == product
    assert time.monotonic() - began >= 0.05 * (len(said.content) // 20)


@pytest.mark.parametrize("then", ["answer", "drop", "silence"])
def test_an_image_is_made_after_the_client_was_told_or_went(
    store: StoreProcess, product: int, then: str
) -> None:
    store.misbehave(
        {"do": "late", "seconds": 0.6, "then": then, "status": 504, "times": 1, **POSTS}
    )
    path = f"{store.url}/catalog/products/{product}/images"
    files = {"image_file": ("a.png", picture())}
    if then == "answer":
        assert store.session.post(path, files=files, timeout=0.5).status_code == 504
    else:
        with pytest.raises((requests.ConnectionError, requests.Timeout)):
            store.session.post(path, files=files, timeout=0.3)
    assert store.images(product) == []
    wait_for(store, product, 1)
    assert last_post(store)["image_id"] == store.images(product)[0]["id"]


def test_a_store_that_says_nothing_has_the_request_and_does_nothing(
    store: StoreProcess, product: int
) -> None:
    store.misbehave({"do": "silence", **POSTS})
    with pytest.raises(requests.Timeout):
        store.call(
            "POST",
            f"/catalog/products/{product}/images",
            files={"image_file": ("a.png", picture())},
            timeout=0.3,
        )
    assert store.images(product) == []


def test_a_quota_of_nothing_is_said_of_good_answers(store: StoreProcess, product: int) -> None:
    store.misbehave({"do": "quota"})
    answer = store.call("GET", f"/catalog/products/{product}/images")
    assert answer.status_code == 204
    said = [answer.headers[f"X-Rate-Limit-Requests-{name}"] for name in ("Left", "Quota")]
    assert said == ["0", "0"]


def test_each_second_request_of_a_connection_is_struck(store: StoreProcess, product: int) -> None:
    store.misbehave({"do": "answer", "status": 503, "nth": 2})
    url = f"{store.url}/catalog/products/{product}/images"
    statuses = [store.session.get(url, timeout=10).status_code for _ in range(4)]
    assert sorted(statuses) == [204, 204, 503, 503]
    with requests.Session() as other:
        other.headers.update(store.session.headers)
        assert other.get(url, timeout=10).status_code == 204
