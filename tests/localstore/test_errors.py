"""Requests that are refused before their work begins, and how that is said."""

from __future__ import annotations

import pytest
import requests

from tests.localstore.pictures import picture
from tests.localstore.process import READ_ONLY, StoreProcess

STATUS_PAGE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"


def path(product: int) -> str:
    return f"/catalog/products/{product}/images"


@pytest.mark.parametrize("token", [None, "", "wrong", "test-token2", "TEST-TOKEN"])
def test_a_missing_or_wrong_token_answers_401(
    store: StoreProcess, product: int, token: str | None
) -> None:
    answer = store.call("GET", path(product), headers={"X-Auth-Token": token})
    assert answer.status_code == 401
    assert answer.json()["type"] == STATUS_PAGE


@pytest.mark.parametrize("ending", ["%0A", "%0a%0a", "/%0A", "%00", "?", "%2F"])
def test_no_way_of_writing_a_path_gets_by_without_a_token(
    store: StoreProcess, product: int, ending: str
) -> None:
    url = f"{store.url}{path(product)}{ending}"
    assert requests.get(url, timeout=10).status_code == 401
    files = {"image_file": ("a.png", picture())}
    assert requests.post(url, files=files, timeout=10).status_code == 401
    assert store.images(product) == []


def test_a_token_that_may_only_read_reads_and_changes_nothing(
    store: StoreProcess, product: int
) -> None:
    image = store.upload(product, picture()).json()["data"]
    one = f"{path(product)}/{image['id']}"
    reading = {"X-Auth-Token": READ_ONLY}
    assert store.call("GET", path(product), headers=reading).status_code == 200
    assert store.call("GET", one, headers=reading).status_code == 200
    for answer in (
        store.call("POST", path(product), headers=reading, files={"image_file": picture()}),
        store.call("PUT", one, headers=reading, json={"description": "changed"}),
        store.call("DELETE", one, headers=reading),
    ):
        assert answer.status_code == 403
    assert store.images(product) == [image]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("application/*;q=0.5", 200),
        ("text/html, application/json;q=0.1", 200),
        (None, 200),
        ("text/html", 406),
        ("application/xml", 406),
        ("application/json;q=0", 406),
        ("image/*", 406),
    ],
)
def test_the_answer_is_json_or_406(
    store: StoreProcess, product: int, accept: str | None, status: int
) -> None:
    answer = store.call("GET", path(product), headers={"Accept": accept})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"]
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_of_another_type_answers_415(
    store: StoreProcess, product: int, kind: str | None, method: str
) -> None:
    image = store.upload(product, picture()).json()["data"]["id"]
    where = path(product) if method == "POST" else f"{path(product)}/{image}"
    answer = store.call(
        method, where, data=b'{"image_url": "http://a/b"}', headers={"Content-Type": kind}
    )
    assert answer.status_code == 415
    assert answer.json()["status"] == 415


def test_json_may_come_with_a_charset(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]["id"]
    answer = store.call(
        "PUT",
        f"{path(product)}/{image}",
        data='{"description": "ä"}'.encode(),
        headers={"Content-Type": "Application/JSON; charset=utf-8"},
    )
    assert answer.json()["data"]["description"] == "ä"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe"),
        *(b"[" * 100_000, b'{"a":' * 50_000, b"9" * 10_000),
    ],
)
def test_json_that_is_no_object_answers_422(store: StoreProcess, product: int, body: bytes) -> None:
    answer = store.call(
        "POST", path(product), data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422


def test_an_unknown_route_answers_404_and_names_itself(store: StoreProcess) -> None:
    for below in ("/catalog/brands", "/catalog/products/1/images/", "/", "/catalog/products/abc"):
        answer = store.session.get(store.url + below, timeout=10)
        assert answer.status_code == 404
        assert set(answer.json()) == {"status", "title", "type", "errors", "instance"}
        assert answer.json()["instance"].endswith(below)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method_answers_405_and_says_which_are_right(
    store: StoreProcess, product: int, method: str
) -> None:
    answer = store.call(method, path(product), json={})
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_an_unknown_image_answers_404(store: StoreProcess, product: int) -> None:
    for image in (2**31 - 1, 2**31, 10**25, 0):
        assert store.call("GET", f"{path(product)}/{image}").status_code == 404
        assert store.call("PUT", f"{path(product)}/{image}", json={}).status_code == 404
        assert store.call("DELETE", f"{path(product)}/{image}").status_code == 404


def test_the_server_does_not_say_what_it_is_made_of(store: StoreProcess, product: int) -> None:
    assert "Server" not in store.call("GET", path(product)).headers


@pytest.mark.parametrize("route", ["_log", "_faults", "_hold", "_originals/1"])
def test_a_web_page_whose_name_points_here_cannot_steer_the_store(
    store: StoreProcess, route: str
) -> None:
    answer = requests.get(store.page + route, headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 403
