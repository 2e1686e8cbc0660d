"""Answers and bodies that do not end, or not soon: all are given up, in time and in memory."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.errors import StoreError, StoreUnavailable, StoreUnsure
from pipeline.upload import StoreClient
from tests import posix
from tests.upload.rawserver import (
    Behaviour,
    RawServer,
    client_of_raw,
    raw_server,
    read_request,
)


def failed(client: StoreClient, file: Path) -> tuple[StoreError, StoreError]:
    """Let a question and a create call fail; give both errors."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as asked:
        client.list_images(158)
    with pytest.raises(StoreUnsure) as created:
        client.create_image(158, file, "a-0123456789.png")
    assert time.monotonic() - began < 8
    return asked.value, created.value


def forever(piece: bytes, first: bytes = b"HTTP/1.1 200 OK\r\n", pause: float = 0.0) -> Behaviour:
    def behave(server: RawServer, connection: socket.socket) -> None:
        read_request(server, connection)
        connection.sendall(first)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return behave


ENDLESS = {
    "body": forever(b"a" * 65536, b"HTTP/1.1 200 OK\r\n\r\n"),
    "body of a redirect": forever(b"a" * 65536, b"HTTP/1.1 307 Go\r\nLocation: /a\r\n\r\n"),
    "chunks": forever(
        b"10000\r\n" + b"a" * 65536 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    "headers": forever(b"X-More: and more\r\n"),
    "interim answers": forever(b"HTTP/1.1 100 Continue\r\n\r\n", b""),
    "drip of a status": forever(b"H", b"", 0.1),
    "drip of a body": forever(b"a", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", 0.1),
    "blank lines": forever(b"\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_without_an_end_is_given_up(name: str, file: Path) -> None:
    before = posix.getrusage(posix.RUSAGE_SELF).ru_maxrss
    with raw_server(ENDLESS[name]) as server:
        failed(client_of_raw(server), file)
    grown = posix.getrusage(posix.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100_000, "kilobytes: it was not kept to its end"


def test_a_server_that_takes_the_connection_and_is_silent_is_given_up(file: Path) -> None:
    def silent(server: RawServer, connection: socket.socket) -> None:
        read_request(server, connection)
        with suppress(OSError):
            connection.recv(1)

    with raw_server(silent) as server:
        errors = failed(client_of_raw(server), file)
    assert all("too long" in str(error) for error in errors)


@pytest.mark.parametrize("reads", [0, 100_000])
def test_a_body_that_is_not_read_to_its_end_made_no_image(tmp_path: Path, reads: int) -> None:
    def stops(server: RawServer, connection: socket.socket) -> None:
        left = reads
        while left > 0:
            left -= len(connection.recv(min(left, 4096)))
        time.sleep(0.2)

    (tmp_path / "big.bmp").write_bytes(bytes(30 << 20))
    with raw_server(stops, receive_buffer=4096) as server:
        client = client_of_raw(server, connect=1.0)
        with pytest.raises(StoreUnavailable) as error:
            client.create_image(158, tmp_path / "big.bmp", "big-0123456789.bmp")
    assert not isinstance(error.value, StoreUnsure)
