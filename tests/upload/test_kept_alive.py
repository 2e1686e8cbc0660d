"""By a connection that is there a request is the same, and whatever may come back is heard."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import StoreError, StoreRejected, StoreUnavailable, StoreUnsure
from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session
from pipeline.upload.session import MOST_ANSWER_BYTES
from tests.servers import quick
from tests.upload.rawserver import (
    RawServer,
    answering,
    body,
    client_of_raw,
    hurried,
    raw_server,
    read_request,
)

LISTING = body('{"data": [], "meta": {"pagination": {"total_pages": 1}}}')
MADE = body('{"data": {"id": 7, "product_id": 158, "image_file": "a-0123456789.png"}}')


def session_of(server: RawServer) -> Session:
    address = StoreAddress(base_url=server.url, token="token")
    return Session(address, quick(read=1.0), Pacer(hurried))


QUERIES = st.dictionaries(
    st.sampled_from(["page", "id:in", "sku:in", "date_modified:min"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
DOCUMENTS = st.dictionaries(st.text(max_size=10), st.booleans() | st.text(max_size=30), min_size=1)


@settings(max_examples=30)
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    query=st.none() | QUERIES,
    document=st.none() | DOCUMENTS,
    cookie=st.booleans(),
)
def test_the_second_request_goes_over_the_line_as_the_first_one_that_the_libraries_made(
    method: str, query: dict[str, str] | None, document: dict[str, Any] | None, cookie: bool
) -> None:
    given_one = body("{}", "200 OK", *(["Set-Cookie: seen=once; Path=/stores"] if cookie else []))
    with raw_server(answering(*[given_one] * 3)) as server:
        session = session_of(server)
        for _ in range(3):
            session.ask(method, "/catalog/products/158/images", query=query, document=document)
        assert server.connections == 1
        first, second, third = server.requests
    assert second == third
    assert second.replace(b"Cookie: seen=once\r\n", b"") == first
    assert (b"Cookie: seen=once\r\n" in second) == cookie


@pytest.mark.parametrize("size", [0, 100, 16_000, 16_384, 70_000])
def test_a_picture_goes_over_the_line_alike(tmp_path: Path, size: int) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(bytes(size))
    with raw_server(answering(MADE, MADE)) as server:
        client = client_of_raw(server)
        for _ in range(2):
            client.create_image(158, picture, "a-0123456789.png", {"description": "blue ä"})
        assert server.connections == 1
    boundaries = [re.search(rb"boundary=(\w+)", sent) for sent in server.requests]
    first, second = (
        sent.replace(found[1], b"---")
        for sent, found in zip(server.requests, boundaries, strict=True)
        if found
    )
    assert first == second


def gzipped(content: bytes) -> bytes:
    import gzip

    return body(gzip.compress(content), "200 OK", "Content-Encoding: gzip")


def chunked(content: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)


ALIKE: dict[str, Callable[[bytes], bytes]] = {
    "plain": body,
    "packed": gzipped,
    "in chunks": chunked,
    "after an interim one": lambda content: b"HTTP/1.1 100 Continue\r\n\r\n" + body(content),
    "no space after the colon": lambda content: (
        b"HTTP/1.1 200 OK\r\nContent-Length:%d\r\n\r\n%b" % (len(content), content)
    ),
    "a folded line": lambda content: body(content, "200 OK", "X-More: and\r\n  more"),
    "bare line ends": lambda content: (
        b"HTTP/1.1 200 OK\nContent-Length: %d\n\n%b" % (len(content), content)
    ),
    "signs of Latin 1": lambda content: body(content, "200 OK", "X-Shop: caf\u00e9"),
    "twice the same length": lambda content: body(
        content, "200 OK", f"Content-Length: {len(content)}"
    ),
    "no reason": lambda content: body(content, "200 "),
    "kept alive": lambda content: body(content, "200 OK", "Connection: Keep-Alive"),
    "without an end of its own": lambda content: b"HTTP/1.0 200 OK\r\n\r\n" + content,
    "closing": lambda content: body(content, "200 OK", "Connection: close"),
    "long": body,
}


@pytest.mark.parametrize("name", ALIKE)
def test_whatever_form_an_answer_has_the_same_is_heard_by_a_connection_that_is_there(
    name: str,
) -> None:
    content = b'{"data": [1, 2, 3]}' if name != "long" else b"a" * 3_000_000
    answer = ALIKE[name](content)
    ends = name in ("closing", "without an end of its own")

    def behave(server: RawServer, connection: socket.socket) -> None:
        answering(LISTING, answer, *([] if ends else [answer]))(server, connection)

    with raw_server(behave) as server:
        session = session_of(server)
        session.ask("GET", "/first")
        heard = [session.ask("GET", "/catalog/products").body for _ in range(1 if ends else 2)]
        assert heard == [content] * len(heard)
        assert server.connections == 1
        # And it still asks.
        assert session.ask("GET", "/last").status == 200 if ends else True


def test_headers_that_are_there_twice_are_told_together() -> None:
    odd = body("{}", "200 OK", "X-Of: one", "X-Of: two")
    with raw_server(answering(LISTING, odd)) as server:
        session = session_of(server)
        assert [session.ask("GET", "/a").headers.get("x-of") for _ in range(2)] == [
            None,
            "one, two",
        ]


@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_an_answer_may_come_in_any_pieces(pause: float) -> None:
    def behave(server: RawServer, connection: socket.socket) -> None:
        answering(LISTING)(server, connection)
        for at in (1, 9, 17, 30, 60):
            read_request(server, connection)
            for piece in (MADE[:at], MADE[at:]):
                connection.sendall(piece)
                time.sleep(pause)

    with raw_server(behave) as server:
        session = session_of(server)
        session.ask("GET", "/first")
        assert {session.ask("GET", "/a").body for _ in range(5)} == {MADE.partition(b"\r\n\r\n")[2]}
        assert server.connections == 1


SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"


def first_well_then(answer: bytes) -> Callable[[RawServer, socket.socket], None]:
    def behave(server: RawServer, connection: socket.socket) -> None:
        answering(LISTING)(server, connection)
        read_request(server, connection)
        connection.sendall(answer)

    return behave


CUT_OFF = {
    "nothing": b"",
    "within a header": b"HTTP/1.1 200 OK\r\nContent-Le",
    "within the body": SHORT,
    "no HTTP": b"nonsense\r\n\r\n",
}


@pytest.mark.parametrize("name", CUT_OFF)
def test_an_answer_that_is_cut_off_leaves_a_create_call_in_doubt(name: str, file: Path) -> None:
    with raw_server(first_well_then(CUT_OFF[name])) as server:
        client = client_of_raw(server)
        client.list_images(158)
        with pytest.raises(StoreUnsure):
            client.create_image(158, file, "a-0123456789.png")
        assert server.connections == 1


@pytest.mark.parametrize("name", ["nothing", "within the body", "no HTTP"])
def test_a_question_whose_answer_is_cut_off_is_asked_once_more(name: str) -> None:
    with raw_server(first_well_then(CUT_OFF[name])) as server:
        client = client_of_raw(server)
        client.list_images(158)
        assert client.list_images(159) == []
        assert server.connections == 2


def test_a_refusal_that_comes_while_the_body_still_goes_is_heard(tmp_path: Path) -> None:
    (tmp_path / "big.bmp").write_bytes(bytes(8 << 20))
    refusal = body('{"title": "too large"}', "413 Too Large", "Connection: close")

    def behave(server: RawServer, connection: socket.socket) -> None:
        answering(LISTING)(server, connection)
        connection.recv(1 << 16)
        connection.sendall(refusal)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass

    with raw_server(behave) as server:
        client = client_of_raw(server)
        client.list_images(158)
        with pytest.raises(StoreRejected, match="too large"):
            client.create_image(158, tmp_path / "big.bmp", "big-0123456789.bmp")
        assert server.connections == 1


def test_a_store_that_stops_reading_certainly_did_not_get_it_all(tmp_path: Path) -> None:
    (tmp_path / "big.bmp").write_bytes(bytes(8 << 20))

    def behave(server: RawServer, connection: socket.socket) -> None:
        answering(LISTING)(server, connection)
        time.sleep(2)

    with raw_server(behave, receive_buffer=4096) as server:
        client = client_of_raw(server, connect=0.3)
        client.list_images(158)
        with pytest.raises(StoreUnavailable, match="too long"):
            client.create_image(158, tmp_path / "big.bmp", "big-0123456789.bmp")
        assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX: y",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_one_that_is_silent_is_given_up_in_its_time(answer: bytes, file: Path) -> None:
    def behave(server: RawServer, connection: socket.socket) -> None:
        answering(LISTING)(server, connection)
        read_request(server, connection)
        connection.sendall(answer)
        connection.recv(1)

    with raw_server(behave) as server:
        client = client_of_raw(server, read=0.3)
        client.list_images(158)
        with pytest.raises(StoreUnsure, match="too long"):
            client.create_image(158, file, "a-0123456789.png")
        assert server.connections == 1


def test_one_that_does_not_end_is_given_up_as_too_long() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (4 * MOST_ANSWER_BYTES)
    with raw_server(first_well_then(head + bytes(MOST_ANSWER_BYTES + (1 << 20)))) as server:
        session = session_of(server)
        session.ask("GET", "/first")
        with pytest.raises(StoreError, match="does not end"):
            session.ask("GET", "/second")
        assert server.connections == 1


def test_a_connection_that_was_closed_at_rest_is_no_doubt(file: Path) -> None:
    """Where that has been told before anything is said by it, another is made."""
    with raw_server(answering(MADE)) as server:
        client = client_of_raw(server)
        for number in range(3):
            client.create_image(158, file, "a-0123456789.png")
            deadline = time.monotonic() + 5
            while server.connections <= number and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.1)
        assert server.connections == 3


def test_two_stores_of_one_machine_are_not_taken_for_each_other() -> None:
    with raw_server(answering(*[body("1")] * 4)) as one, raw_server(answering(body("2"))) as two:
        session = session_of(one)
        assert session.ask("GET", "/a").body == b"1"
        assert session.fetch(f"http://127.0.0.1:{two.port}/picture") == b"2"
        assert [session.ask("GET", "/a").body for _ in range(2)] == [b"1", b"1"]
        assert (one.connections, two.connections) == (1, 1)
    assert b"token" not in two.requests[0]
