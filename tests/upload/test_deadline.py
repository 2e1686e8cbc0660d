from __future__ import annotations

import socket
import time
from http.client import HTTPResponse
from pathlib import Path

import pytest
import requests
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection

from pipeline.errors import StoreUnavailable
from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session, StoreClient, Timeouts
from pipeline.upload.deadline import DeadlineAdapter
from tests.upload.rawserver import RawServer, raw_server, read_request


def test_a_store_that_stops_reading_certainly_did_not_get_it_all(tmp_path: Path) -> None:
    with socket.socket() as server:
        # What it is offered must not disappear in its own buffer.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.bind(("127.0.0.1", 0))
        server.listen()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/stores/x/v3"
        picture = tmp_path / "a.jpg"
        picture.write_bytes(bytes(1_000_000))
        address = StoreAddress(base_url=url, token="token")
        timeouts = Timeouts(connect=1, read=1, whole=3)
        client = StoreClient(Session(address, timeouts, Pacer(time.monotonic)))
        handed: list[int] = []
        with pytest.raises(StoreUnavailable):
            client.create_image(158, picture, "a.jpg", None, lambda done, _: handed.append(done))
    assert 0 < max(handed) < 600_000


DRIP = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"


def dripping(server: RawServer, connection: socket.socket) -> None:
    read_request(server, connection)
    connection.sendall(DRIP)
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


@pytest.mark.parametrize("by_proxy", [False, True])
def test_an_answer_that_drips_is_ended_at_the_deadline_by_the_adapter_itself(
    by_proxy: bool,
) -> None:
    with raw_server(dripping) as server, requests.Session() as session:
        session.trust_env = False
        session.mount("http://", DeadlineAdapter(0.5))
        proxies = {"http": f"http://127.0.0.1:{server.port}"} if by_proxy else {}
        began = time.monotonic()
        with pytest.raises(requests.RequestException):
            session.get(server.url, proxies=proxies, timeout=5)
    assert 0.4 < time.monotonic() - began < 3


def managers(adapter: DeadlineAdapter) -> list[PoolManager]:
    return [adapter.poolmanager, adapter.proxy_manager_for("http://proxy.example:3128")]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_library_below_still_takes_its_classes_where_the_deadline_is_put_in(
    scheme: str,
) -> None:
    """Fails where a new urllib3 makes its connections or answers in another way."""
    assert set(PoolManager().pool_classes_by_scheme) == {"http", "https"}
    for manager in managers(DeadlineAdapter(0.5)):
        connections = manager.connection_from_host("store.example", scheme=scheme).ConnectionCls
        assert issubclass(connections, HTTPConnection)
        assert HTTPConnection.response_class is HTTPResponse, "answers are made of this attribute"
        here, there = socket.socketpair()
        with here, there:
            there.sendall(DRIP)
            began = time.monotonic()
            answer: HTTPResponse = connections.response_class(here, method="GET")
            answer.begin()
            with pytest.raises(TimeoutError):
                answer.read()
            assert 0.4 < time.monotonic() - began < 3
