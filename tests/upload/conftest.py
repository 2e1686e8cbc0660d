"""One local store for all of these tests, that behaves again after each, and its client."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.upload import StoreClient
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess
from tests.servers import client_of, local_store

_NUMBERS = itertools.count(1000)

FIRST_PAGE = 250
"""As many images as the store lists at once at the most."""


@pytest.fixture(scope="session")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with local_store(tmp_path_factory.mktemp("store")) as store:
        yield store


@pytest.fixture
def store(one_store: StoreProcess) -> Iterator[StoreProcess]:
    yield one_store
    one_store.control("DELETE", "_faults")


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a store keeps whose product 158 has `FIRST_PAGE` images; to be copied."""
    folder = tmp_path_factory.mktemp("crowded")
    with local_store(folder) as store:
        for _ in range(FIRST_PAGE):
            assert store.upload(158, picture(size=(2, 2))).status_code == 200
    return folder / "data"


@pytest.fixture
def crowded_store(tmp_path: Path, crowded: Path) -> Callable[..., StoreProcess]:
    """Start a store of the test's own that has these images, with more options."""

    def start(*options: str) -> StoreProcess:
        shutil.copytree(crowded, tmp_path / "crowded")
        return StoreProcess(tmp_path / "crowded", "--open", "--plan", "unlimited", *options)

    return start


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
