"""What waits for the store is let go at once, whatever it waits in, and nothing more is asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import StoreError, StoreThrottled, StoreUnavailable, StoreUnsure
from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session, StoreClient, Timeouts
from pipeline.upload.under_way import UnderWay
from tests.upload.rawserver import RawServer, answering, body, raw_server, read_request

SLOW = Timeouts(connect=60, read=60, whole=60)

LISTING = body('{"data": [], "meta": {"pagination": {"total_pages": 1}}}')


def patient_client(server: RawServer) -> StoreClient:
    address = StoreAddress(base_url=server.url, token="token")
    return StoreClient(Session(address, SLOW, Pacer(time.monotonic)))


def silent(server: RawServer, connection: socket.socket) -> None:
    read_request(server, connection)
    connection.recv(1)


def dripping(server: RawServer, connection: socket.socket) -> None:
    read_request(server, connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def second_is_silent(server: RawServer, connection: socket.socket) -> None:
    answering(LISTING)(server, connection)
    silent(server, connection)


def ended(
    client: StoreClient, call: Callable[[], object], *, asked: Callable[[], bool]
) -> StoreError:
    """Make a call in a thread, let go when the server has it, and return what it raised."""
    raised: list[StoreError] = []

    def run() -> None:
        try:
            call()
        except StoreError as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not asked():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    client.let_go(0.0)
    thread.join(5)
    assert not thread.is_alive(), "it still waits"
    return raised[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    picture = tmp_path / "a.jpg"
    picture.write_bytes(bytes(2000))
    return picture


@pytest.mark.parametrize("behave", [silent, dripping])
def test_a_question_that_waits_for_its_answer_ends(
    behave: Callable[[RawServer, socket.socket], None],
) -> None:
    with raw_server(behave) as server:
        client = patient_client(server)
        error = ended(client, lambda: client.list_images(158), asked=lambda: server.requests != [])
    assert isinstance(error, StoreUnavailable)
    assert len(server.requests) == 1, "it is not asked once more"


@pytest.mark.parametrize("behave", [silent, dripping])
def test_a_create_call_that_waits_for_its_answer_ends_as_a_doubt(
    behave: Callable[[RawServer, socket.socket], None], file: Path
) -> None:
    with raw_server(behave) as server:
        client = patient_client(server)
        error = ended(
            client,
            lambda: client.create_image(158, file, "a.jpg"),
            asked=lambda: server.requests != [],
        )
    assert isinstance(error, StoreUnsure)


def test_a_later_request_of_a_connection_ends_too() -> None:
    with raw_server(second_is_silent) as server:
        client = patient_client(server)
        error = ended(
            client,
            lambda: [client.list_images(product) for product in (158, 159)],
            asked=lambda: len(server.requests) == 2,
        )
    assert isinstance(error, StoreUnavailable)


def test_a_request_that_waits_for_its_turn_ends_and_none_is_begun_any_more() -> None:
    hour = body("", "429 Too Many Requests", "X-Retry-After: 3600")
    with raw_server(answering(hour)) as server:
        client = patient_client(server)
        with pytest.raises(StoreThrottled):
            client.list_images(158)
        error = ended(client, lambda: client.list_images(158), asked=lambda: True)
        assert isinstance(error, StoreThrottled)
        with pytest.raises(StoreThrottled):
            client.list_images(158)
    assert len(server.requests) == 1


def test_what_has_just_got_on_is_left_its_time() -> None:
    under_way = UnderWay()
    here, there = socket.socketpair()
    with here, there, under_way.request():
        under_way.connected(here)
        under_way.end(rest=60)
        here.settimeout(1)
        there.sendall(b"a")
        assert here.recv(1) == b"a"
        under_way.end(rest=0)
        assert here.recv(1) == b""
        with pytest.raises(ConnectionAbortedError):
            under_way.connected(there)


def test_who_waits_is_told_when_there_is_nothing_to_wait_for() -> None:
    under_way = UnderWay()
    assert not under_way.wait(lambda seconds: False, 0.0)
    assert under_way.wait(lambda seconds: True, 60), "the program is to stop"
    under_way.end(rest=0)
    assert under_way.wait(lambda seconds: False, 60)
