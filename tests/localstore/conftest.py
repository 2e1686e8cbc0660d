"""Local stores for these tests: one for most of them, others where a test needs its own."""

from __future__ import annotations

import http.server
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.localstore.process import StoreProcess
from tests.localstore.website import Website
from tests.localstore.wire import Wire


class Start(Protocol):
    """Starts a store that ends with the test."""

    def __call__(
        self, *options: str, token: str | None = ..., as_described: bool = ...
    ) -> StoreProcess: ...


@pytest.fixture(scope="session")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    data = tmp_path_factory.mktemp("store") / "data"
    with StoreProcess(data, "--open", "--plan", "unlimited") as store:
        yield store
    # A traceback is a mistake of the store's, whatever it answered.
    assert "Traceback" not in store.log.read_text()


@pytest.fixture
def store(open_store: StoreProcess) -> Iterator[StoreProcess]:
    """The shared store, which behaves again afterwards."""
    yield open_store
    open_store.control("DELETE", "_faults")


NUMBERS = itertools.count(1000)


@pytest.fixture
def product() -> int:
    """A product that no other test uses."""
    return next(NUMBERS)


@pytest.fixture
def new_product() -> Callable[[], int]:
    """As many products as wanted that nobody else uses."""
    return lambda: next(NUMBERS)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    numbers = itertools.count(1)
    with ExitStack() as stack:

        def start_one(
            *options: str, token: str | None = "test-token", as_described: bool = True
        ) -> StoreProcess:
            # Said twice, the folder that comes last is the one that counts.
            data = tmp_path / f"store-{next(numbers)}"
            return stack.enter_context(
                StoreProcess(data, *options, token=token, as_described=as_described)
            )

        yield start_one


@pytest.fixture
def wire(store: StoreProcess) -> Iterator[Wire]:
    """A connection to the shared store."""
    wire = Wire(store)
    yield wire
    wire.socket.close()


@pytest.fixture(scope="session")
def website() -> Iterator[str]:
    """The address of a website that serves `Website.files`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Website)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
