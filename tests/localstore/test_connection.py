"""What comes over a connection that is no whole request."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import pytest

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.localstore.wire import BEGIN, Wire


@pytest.mark.parametrize(
    "lines",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 200_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz",
        b"\0" * 1000,
    ],
)
def test_what_is_no_http_ends_the_connection_and_nothing_else(
    store: StoreProcess, wire: Wire, lines: bytes
) -> None:
    with suppress(OSError):
        wire.socket.sendall(lines)
        wire.socket.shutdown(socket.SHUT_WR)
    assert wire.ended()
    assert store.control("GET", "_store").status_code == 200


def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    store: StoreProcess, product: int, wire: Wire
) -> None:
    wire.head(product, "Content-Length: 500000")
    wire.socket.sendall(BEGIN + picture())
    wire.socket.close()
    time.sleep(0.2)
    assert store.images(product) == []
