"""One local store for all of these tests, that behaves again after each, and its client."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.upload import StoreClient
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.servers import client_of, local_store

_NUMBERS = itertools.count(1000)


@pytest.fixture(scope="session")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with local_store(tmp_path_factory.mktemp("store")) as store:
        yield store


@pytest.fixture
def store(one_store: StoreProcess) -> Iterator[StoreProcess]:
    yield one_store
    one_store.control("DELETE", "_faults")


@pytest.fixture
def client(store: StoreProcess) -> StoreClient:
    return client_of(store)


@pytest.fixture
def product() -> int:
    """A product that no other test uses."""
    return next(_NUMBERS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small PNG."""
    path = tmp_path / "in the spool.png"
    path.write_bytes(picture())
    return path
