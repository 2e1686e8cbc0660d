"""Under which names the store answers: a stranger's web page cannot make it its own server."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from pipeline.localstore.hosts import host_name
from tests.localstore.conftest import Start
from tests.localstore.process import DESCRIPTION, StoreProcess, refused_start
from tests.localstore.wire import Wire

FOREIGN = [
    *("evil.example", "evil.example:{port}", "localhost.evil.example", "localhost.evil.example:80"),
    *("127.0.0.1.nip.io", "127.0.0.1.evil.example:{port}", "evil-localhost", "xlocalhost"),
    *("127.0.0.2", "192.168.1.7", "0.0.0.0", "0.0.0.0:{port}", "[::]", "[::2]:{port}", "[fe80::1]"),
    *("127.1", "2130706433", "0x7f000001", "127.0.0.01", "localhost.", "127.0.0.1."),
    *("user@localhost", "localhost@evil.example", "evil.example#localhost", "localhost/evil", ""),
    *("localhost:{port}:80", "localhost:x", "localhost, evil.example", "evil.example localhost"),
    *("::1", "[::1", "[127.0.0.1]x", "[evil.example]", "%6cocalhost", "localhost%00"),
]

OWN = [
    *("localhost", "localhost:{port}", "LocalHost:{port}", "127.0.0.1", "127.0.0.1:{port}"),
    *("[::1]", "[::1]:{port}", "[0:0:0:0:0:0:0:1]:{port}", "localhost:", "localhost:9"),
]


def routes() -> Iterator[tuple[str, str]]:
    """Every route, with each method that it knows, and some that are none."""
    for path, item in DESCRIPTION["paths"].items():
        named = path.replace("{product_id}", "1").replace("{image_id}", "1")
        for method in item:
            if method != "parameters":
                yield method.upper(), f"stores/any/v3{named}"
    for method, path in (
        *(("GET", ""), ("GET", "openapi.json"), ("GET", "_store"), ("GET", "_hold")),
        *(("GET", "_faults"), ("PUT", "_faults"), ("DELETE", "_faults"), ("GET", "_log")),
        *(("DELETE", "_log"), ("GET", "_originals/1"), ("GET", "products/1/images/1/a.jpg")),
        *(("GET", "nothing"), ("OPTIONS", ""), ("HEAD", ""), ("POST", ""), ("BREW", "stores/")),
    ):
        yield method, path


def status(store: StoreProcess, host: str, method: str = "GET", path: str = "_store") -> int:
    headers = {"Host": host, "X-Auth-Token": store.token}
    return requests.request(method, store.page + path, headers=headers, timeout=10).status_code


def said_on_the_wire(store: StoreProcess, head: bytes) -> int:
    wire = Wire(store)
    with wire.socket:
        wire.socket.sendall(head)
        return wire.status()


@pytest.mark.parametrize("host", FOREIGN)
def test_under_a_strange_name_it_answers_nothing(store: StoreProcess, host: str) -> None:
    named = host.replace("{port}", str(urlsplit(store.page).port))
    for path in ("", "_store", "stores/any/v3/catalog/products"):
        # A header that cannot be is 400 before anything is asked.
        assert status(store, named, path=path) in {400, 403}


@pytest.mark.parametrize(("method", "path"), list(routes()))
def test_no_route_answers_under_a_strange_name(store: StoreProcess, method: str, path: str) -> None:
    before = len(store.seen())
    assert status(store, "evil.example", method, path) == 403
    assert all(entry["status"] == 403 for entry in store.seen()[before:])


@pytest.mark.parametrize("host", OWN)
def test_under_its_own_names_it_answers(store: StoreProcess, host: str) -> None:
    assert status(store, host.replace("{port}", str(urlsplit(store.page).port))) == 200


def test_a_request_without_a_name_is_answered_by_nobody(store: StoreProcess) -> None:
    for head in (b"GET /_store HTTP/1.0\r\n\r\n", b"GET /_store HTTP/1.1\r\n\r\n"):
        assert said_on_the_wire(store, head) in {400, 403}
    two = b"GET /_store HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    assert said_on_the_wire(store, two) == 400


def test_a_fault_does_not_answer_a_stranger_either(store: StoreProcess) -> None:
    store.misbehave({"do": "answer", "status": 503, "name": "all"})
    assert status(store, "evil.example", path="stores/any/v3/catalog/products") == 403
    assert [rule["hit"] for rule in store.control("GET", "_faults").json()] == [0]


def test_a_name_that_was_allowed_and_an_address_that_was_reached_are_its_own(start: Start) -> None:
    names = ("--allow-host", "Studio-Mac.local", "--allow-host", "shop.example:99")
    store = start("--host", "0.0.0.0", *names)
    for host in ("studio-mac.local", "STUDIO-MAC.local:8158", "shop.example", "localhost"):
        assert status(store, host) == 200
    for host in ("mac.local", "studio-mac.local.evil.example", "127.0.0.2", "0.0.0.0"):
        assert status(store, host) == 403
    elsewhere = f"http://127.0.0.2:{urlsplit(store.page).port}/_store"
    for host, expected in (("127.0.0.2", 200), ("127.0.0.3", 403), ("0.0.0.0", 403)):
        answer = requests.get(elsewhere, headers={"Host": host}, timeout=10)
        assert answer.status_code == expected


def test_what_is_no_name_is_not_allowed(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = str(tmp_path_factory.mktemp("none") / "data")
    assert "a b" in refused_start("--data", data, "--allow-host", "a b")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("A.example:1", "a.example"),
        ("[0::0:1]", "::1"),
        ("[::1]:", "::1"),
        ("a b", None),
        ("", None),
    ],
)
def test_a_name_is_one_however_it_is_written(said: str, name: str | None) -> None:
    assert host_name(said) == name
