"""Who is let in, and how an answer that comes before the body's end is got across."""

from __future__ import annotations

import pytest
import requests

from tests.localstore.pictures import picture
from tests.localstore.process import READ_ONLY, StoreProcess
from tests.localstore.wire import MEGABYTE, Wire


def path(product: int) -> str:
    return f"/catalog/products/{product}/images"


@pytest.mark.parametrize("token", [None, "", "wrong", "test-token2", "TEST-TOKEN"])
def test_a_missing_or_wrong_token_answers_401(
    store: StoreProcess, product: int, token: str | None
) -> None:
    answer = store.call("GET", path(product), headers={"X-Auth-Token": token})
    assert answer.status_code == 401
    assert answer.json()["status"] == 401


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
        ("", 200),
        (", ,", 200),
        ("*/*;q=0.1, text/html;q=0", 200),
        ("application/json; charset=utf-8; q=1.0", 200),
        ("application/json;q=0, application/json", 200),
        ("*/*;q=0, application/json", 200),
        ("*/*, application/json;q=0", 406),
        ("application/*;q=0.000, */*", 406),
        ("json", 200),
        ("M3\tcKJ#26", 200),
        ("json, text/html", 406),
        ("text/html", 406),
        ("application/xml", 406),
        ("application/json;q=0", 406),
        ("image/*", 406),
    ],
)
def test_the_answer_is_json_or_406(
    store: StoreProcess, product: int, accept: str | None, status: int
) -> None:
    answer = store.call("GET", f"/catalog/products/{product}", headers={"Accept": accept})
    assert answer.status_code == status


def test_who_waits_to_be_told_to_go_on_is_told_before_sending(wire: Wire) -> None:
    wire.head(2, f"Content-Length: {9 * MEGABYTE}", "Expect: 100-continue")
    assert wire.status() == 413


def test_a_client_that_is_still_sending_gets_its_413(store: StoreProcess, product: int) -> None:
    for size in (2, 5, 12):
        answer = store.upload(product, picture("JPEG").ljust(size * MEGABYTE, b"\0"))
        assert answer.status_code == 413
        assert answer.headers["Connection"] == "close"


def test_a_client_that_sends_all_before_it_listens_is_not_cut_off(wire: Wire) -> None:
    wire.head(2, f"Content-Length: {8 * MEGABYTE}")
    for _ in range(8 * 16):
        wire.socket.sendall(bytes(65_536))
    assert wire.status() == 413
