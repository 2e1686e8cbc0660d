"""The system is not handed the whole of a picture that the store does not take."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from pipeline.errors import StoreUnavailable
from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session, StoreClient, Timeouts


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
