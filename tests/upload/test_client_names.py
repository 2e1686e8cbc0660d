"""File names and words of any kind in a multipart body: they arrive, and break nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.batches import ImageFacts
from pipeline.upload import StoreClient
from tests.localstore.process import StoreProcess
from tests.upload.rawserver import answering, body, client_of_raw, raw_server

HOSTILE = {
    "quotes": 'a"; name="sort_order"; x="-0123456789.png',
    "new line": 'a"\r\nContent-Type: text/html\r\n\r\n<script>-0123456789.png',
    "line feed": "a\nb-0123456789.png",
    "nothing": "a\0b-0123456789.png",
    "not latin": "\u9676\u74f7-\u30c6-0123456789.png",
    "composed": "cafe\u0301-0123456789.png",
    "emoji": "\U0001f600-0123456789.png",
    "right to left": "\u202egnp.a-0123456789.png",
    "dash": "--rf-0123456789.png",
    "path": "../../etc/passwd-0123456789.png",
    "windows path": "C:\\shop\\a-0123456789.png",
    "percent": "%22%0d%0a-0123456789.png",
    "not UTF-8": os.fsdecode(b"caf\xe9-0123456789.png"),
    "boundary": "--boundary--\r\n-0123456789.png",
    "long": "a" * 200 + "-0123456789.png",
    "no suffix": "0123456789",
    "only a suffix": ".png",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_name_makes_one_image_and_changes_no_other_field(
    client: StoreClient, store: StoreProcess, product: int, file: Path, name: str
) -> None:
    made = client.create_image(product, file, HOSTILE[name], {"description": "kept"})
    assert (made.sort_order, made.description) == (0, "kept")
    assert re.fullmatch(r"[a-z]/\d{3}/[A-Za-z0-9_-]+__\d{5}\.[A-Za-z0-9]+", made.image_file)
    assert client.list_images(product) == [made]
    assert store.control("GET", f"_originals/{made.id}").content == file.read_bytes()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.text(min_size=1, max_size=80),
    description=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=200),
    order=st.integers(-(2**31), 2**31 - 1),
    thumbnail=st.booleans(),
)
def test_whatever_is_said_of_an_image_arrives_as_it_was_said(
    client: StoreClient,
    product: int,
    file: Path,
    name: str,
    description: str,
    order: int,
    thumbnail: bool,
) -> None:
    facts: ImageFacts = {"description": description, "sort_order": order, "is_thumbnail": thumbnail}
    made = client.create_image(product, file, name, facts)
    try:
        assert (made.description, made.sort_order) == (description, order)
    finally:
        client.delete_image(product, made.id)


def test_the_header_of_a_request_is_made_by_the_encoder(file: Path) -> None:
    with raw_server(answering(body('{"data": {"id": 7, "product_id": 158}}'))) as server:
        client_of_raw(server).create_image(
            158, file, 'a"\r\nX-Evil: 1\r\n.png', {"is_thumbnail": True, "sort_order": 2}
        )
    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    boundary = re.search(rb"multipart/form-data; boundary=(\S+)", head)
    assert boundary is not None
    assert b"\r\nX-Evil" not in server.requests[0]
    assert sent.count(b"--" + boundary[1]) == 4
    assert b'name="is_thumbnail"\r\n\r\ntrue\r\n' in sent
    assert b"transfer-encoding" not in head.lower(), "its length is said beforehand"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jpg", b"image/jpeg"),
        ("a.JPEG", b"image/jpeg"),
        ("a.png", b"image/png"),
        ("a.webp", b"image/webp"),
        ("a.gif", b"image/gif"),
        ("a.bmp", b"image/bmp"),
        ("a.wbmp", b"image/vnd.wap.wbmp"),
        ("a.xbm", b"image/x-xbitmap"),
        ("a", b"application/octet-stream"),
    ],
)
def test_a_picture_is_sent_as_what_it_is(file: Path, name: str, expected: bytes) -> None:
    with raw_server(answering(body('{"data": {"id": 7, "product_id": 158}}'))) as server:
        client_of_raw(server).create_image(158, file, name)
    assert b"\r\nContent-Type: " + expected + b"\r\n\r\n" in server.requests[0]
