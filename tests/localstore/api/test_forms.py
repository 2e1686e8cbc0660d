"""Multipart forms, well formed and otherwise."""

from __future__ import annotations

import pytest

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.localstore.wire import BEGIN, END


def send(store: StoreProcess, product: int, body: bytes, boundary: str = "edge") -> int:
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    path = f"/catalog/products/{product}/images"
    return store.call("POST", path, data=body, headers=headers).status_code


def test_many_small_parts_are_refused(store: StoreProcess, product: int) -> None:
    parts = b"".join(
        b"--edge\r\nContent-Disposition: form-data; name=f%d\r\n\r\n1\r\n" % place
        for place in range(40)
    )
    assert send(store, product, parts + BEGIN + picture() + END) == 422


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (BEGIN + picture() + END, "another"),
        (BEGIN + picture() + END, "e" * 300),
        (BEGIN + picture(), "edge"),
        (BEGIN + picture() + b"\r\n--edge", "edge"),
        (b"--edge--\r\n", "edge"),
        (b"", "edge"),
        (b"\0" * 5000, "edge"),
        (b"--edge\r\n\r\n" + picture() + END, "edge"),
        (b"--edge\r\nno header at all\r\n\r\n" + picture() + END, "edge"),
        (b"--edge\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(50)) + b"\r\n1" + END, "edge"),
        (b"--edge\r\nX: " + b"a" * 9000 + b"\r\n\r\n1" + END, "edge"),
        (BEGIN + picture() + b"\r\n" + BEGIN + picture() + END, "edge"),
        (BEGIN.replace(b"; filename=a.jpg", b"") + picture() + END, "edge"),
        (BEGIN.replace(b"image_file", b"image") + picture() + END, "edge"),
    ],
)
def test_a_malformed_form_is_refused(
    store: StoreProcess, product: int, body: bytes, boundary: str
) -> None:
    assert send(store, product, body, boundary) == 422
    assert store.images(product) == []


def test_a_well_formed_form_by_hand_is_taken(store: StoreProcess, product: int) -> None:
    assert send(store, product, BEGIN + picture() + END) == 200
    assert send(store, product, b"\r\n" + BEGIN + picture() + END + b"an epilogue") == 200
