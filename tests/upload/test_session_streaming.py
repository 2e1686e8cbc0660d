"""The body goes out piece by piece: in little memory, watched, and in its own time."""

from __future__ import annotations

import re
import socket
import time
import tracemalloc
from pathlib import Path

import pytest

from pipeline.errors import StoreUnsure
from tests.upload.rawserver import RawServer, body, client_of_raw, raw_server

MADE = body('{"data": {"id": 7, "product_id": 158}}')


def drained(connection: socket.socket, pause: float = 0.0, piece: int = 1 << 16) -> int:
    """Read one request whole without keeping it; give the length of its body."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += _some(connection, 1)
    length = re.search(rb"content-length: (\d+)", head.lower())
    assert length is not None
    left = int(length[1])
    while left > 0:
        left -= len(_some(connection, min(left, piece)))
        time.sleep(pause)
    return int(length[1])


def _some(connection: socket.socket, most: int) -> bytes:
    received = connection.recv(most)
    if not received:
        raise ConnectionError("the client has ended")
    return received


def test_a_large_file_is_never_held_in_memory(tmp_path: Path) -> None:
    lengths: list[int] = []

    def behave(server: RawServer, connection: socket.socket) -> None:
        lengths.append(drained(connection))
        connection.sendall(MADE)

    file = tmp_path / "large.bmp"
    with file.open("wb") as large:
        large.truncate(64 << 20)
    with raw_server(behave) as server:
        client = client_of_raw(server, connect=20, read=20, whole=20)
        tracemalloc.start()
        try:
            client.create_image(158, file, "large-0123456789.bmp")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert lengths[0] > 64 << 20
    assert peak < 4 << 20


def test_progress_is_told_while_the_body_goes_out(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    half: list[int] = []

    def behave(server: RawServer, connection: socket.socket) -> None:
        for _ in range(200):
            connection.recv(16 << 10)
        half.append(len(seen))
        drained_rest(connection)

    def drained_rest(connection: socket.socket) -> None:
        connection.settimeout(0.5)
        try:
            while connection.recv(1 << 20):
                pass
        except TimeoutError:
            connection.sendall(MADE)

    (tmp_path / "large.bmp").write_bytes(bytes(30 << 20))
    with raw_server(behave, receive_buffer=64 << 10) as server:
        client = client_of_raw(server, connect=20, read=20, whole=20)
        name = "large-0123456789.bmp"
        client.create_image(158, tmp_path / "large.bmp", name, {}, lambda *now: seen.append(now))
    assert 0 < half[0] < len(seen), "not all at the beginning, nor all at the end"
    assert seen[-1][0] == seen[-1][1]


def test_a_slow_line_has_all_the_time_it_needs_while_it_goes_on(tmp_path: Path) -> None:
    def slowly(server: RawServer, connection: socket.socket) -> None:
        drained(connection, pause=0.02, piece=128 << 10)
        connection.sendall(MADE)

    (tmp_path / "large.bmp").write_bytes(bytes(16 << 20))
    with raw_server(slowly, receive_buffer=64 << 10) as server:
        client = client_of_raw(server, connect=1.0, read=1.0, whole=1.0)
        began = time.monotonic()
        made = client.create_image(158, tmp_path / "large.bmp", "large-0123456789.bmp")
    assert made.id == 7
    assert time.monotonic() - began > 1.2, "longer than the answer alone may take"


def test_a_connection_that_the_store_closed_meanwhile_is_not_used_again(file: Path) -> None:
    def closes_after_one(server: RawServer, connection: socket.socket) -> None:
        drained(connection)
        connection.sendall(MADE)

    with raw_server(closes_after_one) as server:
        client = client_of_raw(server)
        for number in range(3):
            assert client.create_image(158, file, f"{number}-0123456789.png").id == 7
            time.sleep(0.2)
        assert server.connections == 3


def test_a_connection_that_rested_is_not_trusted_with_a_picture(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store may close it just as the request arrives: then nobody would know."""

    def keeps_open(server: RawServer, connection: socket.socket) -> None:
        while True:
            drained(connection)
            connection.sendall(MADE)

    monkeypatch.setattr("pipeline.upload.session.REST_SECONDS", 0.2)
    with raw_server(keeps_open) as server:
        client = client_of_raw(server)
        for pause, connections in ((0.0, 1), (0.3, 1), (0.0, 2)):
            client.create_image(158, file, "a-0123456789.png")
            assert server.connections == connections
            time.sleep(pause)


def test_a_file_that_shrinks_while_it_is_sent_ends_in_an_error_and_not_in_a_hang(
    tmp_path: Path,
) -> None:
    file = tmp_path / "shrinks.bmp"
    file.write_bytes(bytes(20 << 20))

    def behave(server: RawServer, connection: socket.socket) -> None:
        connection.recv(1 << 16)
        file.write_bytes(b"")
        while connection.recv(1 << 20):
            pass

    with raw_server(behave, receive_buffer=64 << 10) as server:
        began = time.monotonic()
        with pytest.raises(Exception) as error:  # noqa: PT011
            client_of_raw(server).create_image(158, file, "shrinks-0123456789.bmp")
    assert time.monotonic() - began < 6
    assert "Store" in type(error.value).__name__
    assert not isinstance(error.value, StoreUnsure), "the store never got a whole body"
