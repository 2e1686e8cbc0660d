"""The picture behind an address, fetched by the store."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import quote

import anyio
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


@contextmanager
def dripping(begin: bytes, drop: bytes) -> Iterator[str]:
    """The address of a server that says a thing again and again, ten times a second."""
    ended = threading.Event()

    def serve(connected: socket.socket) -> None:
        with connected, suppress(OSError):
            connected.sendall(begin)
            while not ended.wait(0.1):
                connected.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=[listening.accept()[0]]).start()

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/a.jpg"
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


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
    assert anyio.run(fetch, f"{website}/some.bin", 1000) == bytes(1000)
    with pytest.raises(TooLong):
        anyio.run(fetch, f"{website}/some.bin", 999)
    with pytest.raises(FetchFailed, match="404"):
        anyio.run(fetch, f"{website}/none.bin", 999)


# Every answer here would take minutes, piece by piece; none is silent for ten seconds.
DRIPS: dict[str, tuple[bytes, bytes]] = {
    "head": (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
    "status line": (b"", b"H"),
    "body of a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x"),
    "body until the end": (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
    "body, close": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "further answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "redirects": (b"HTTP/1.1 302 Found\r\nLocation: /on\r\nX: ", b"x"),
}


@pytest.mark.parametrize("kind", DRIPS)
def test_an_answer_that_drips_has_no_longer_than_any_other(kind: str) -> None:
    begin, drop = DRIPS[kind]
    with dripping(begin, drop) as url:
        began = time.monotonic()
        with pytest.raises(FetchFailed, match="too long"):
            anyio.run(partial(fetch, url, 10**6, seconds=0.4))
        assert time.monotonic() - began < 2


def test_a_handshake_that_drips_has_no_longer_either() -> None:
    with dripping(b"", b"\x16") as url:
        began = time.monotonic()
        with pytest.raises(FetchFailed, match="too long"):
            anyio.run(partial(fetch, url.replace("http:", "https:"), 10**6, seconds=0.4))
        assert time.monotonic() - began < 2


@pytest.mark.long
@pytest.mark.parametrize("kind", DRIPS)
def test_thirty_seconds_are_the_limit_in_a_running_store(
    store: StoreProcess, product: int, kind: str
) -> None:
    with dripping(*DRIPS[kind]) as url:
        began = time.monotonic()
        path = f"/catalog/products/{product}/images"
        answer = store.call("POST", path, json={"image_url": url}, timeout=60)
        assert answer.status_code == 400
        assert time.monotonic() - began < 33


@pytest.mark.parametrize(
    "path", ["/a b.jpg", "/ä.jpg?größe=1", "/100%.jpg", "/a|b\\c.jpg", "/<x>.jpg"]
)
def test_an_address_as_a_person_writes_it_is_fetched_as_a_browser_would(
    store: StoreProcess, product: int, website: str, path: str
) -> None:
    Website.files[quote(path.partition("?")[0], safe="/%")] = picture("JPEG")
    assert by_url(store, product, website + path) == 200
