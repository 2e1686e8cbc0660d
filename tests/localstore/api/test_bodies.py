"""Bodies: of the wrong type, without an end, of gigabytes, or hardly moving at all."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.localstore.conftest import Start
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.localstore.wire import BEGIN, FORM, MEGABYTE, Wire, pour


def path(product: int) -> str:
    return f"/catalog/products/{product}/images"


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


def folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("where", ["file", "field", "other", "preamble", "header", "json"])
def test_an_endless_chunked_body_fills_neither_memory_nor_disk(
    store: StoreProcess, product: int, where: str
) -> None:
    store.upload(product, picture())
    store.forget_peak()
    before, on_disk = store.memory(), folder_size(store.data)
    begin = {
        "file": BEGIN,
        "field": b"--edge\r\nContent-Disposition: form-data; name=description\r\n\r\n",
        "other": b"--edge\r\nContent-Disposition: form-data; name=x; filename=a.jpg\r\n\r\n",
        "preamble": b"\r\n",
        "header": b"--edge\r\nContent-Disposition: form-data; name=",
        "json": b'{"image_url": "',
    }[where]
    wire = Wire(store)
    kind = "application/json" if where == "json" else FORM
    wire.head(product, "Transfer-Encoding: chunked", kind=kind)
    wire.chunk(begin)
    piece = b"\r\n" * 32_768 if where == "preamble" else b"a" * 65_536
    sent = pour(wire, piece, 1024 * MEGABYTE, chunked=True)
    wire.socket.close()
    # What it reads after its answer, so that the answer arrives, is thrown away.
    assert sent < 64 * MEGABYTE
    assert store.memory() - before < 24 * MEGABYTE
    assert folder_size(store.data) - on_disk < MEGABYTE
    assert len(store.images(product)) == 1


def test_gigabytes_that_are_announced_are_refused_before_they_come(wire: Wire) -> None:
    began = time.monotonic()
    wire.head(2, f"Content-Length: {50 * 1024 * MEGABYTE}")
    assert wire.status() == 413
    assert wire.ended()
    assert time.monotonic() - began < 10


def test_a_body_that_hardly_moves_is_given_up(start: Start) -> None:
    store = start("--open", "--quirk", "body_idle_seconds=0.5")
    wire = Wire(store)
    wire.head(1, "Content-Length: 5000")
    wire.socket.sendall(BEGIN)
    began = time.monotonic()
    assert wire.status() == 408
    assert wire.ended()
    assert time.monotonic() - began < 6
    assert store.images(1) == []
    wire.socket.close()


def test_the_refusal_of_a_large_file_says_how_large_one_may_be(
    store: StoreProcess, product: int
) -> None:
    for size in (2**20 + 1, 3 * 2**20):
        answer = store.upload(product, b"\0" * size)
        assert answer.status_code == 413
        assert "1048576" in answer.json()["errors"]["image_file"]
