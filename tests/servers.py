"""Real servers for tests: the local store in a process of its own, and clients that speak to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session, StoreClient, Timeouts
from tests.localstore.process import StoreProcess

__all__ = ["client_of", "local_store", "quick", "session_of"]


@contextmanager
def local_store(
    folder: Path, *options: str, catalogue: str | None = None
) -> Iterator[StoreProcess]:
    """Run a local store while the block lasts.

    Args:
        folder: where its data folder, its log and its catalogue lie.
        options: as on its command line.
        catalogue: the lines of a CSV with the columns `id,sku,name,product_id`, or with their own
            header; None opens the catalogue, so that any product that is asked for comes into
            being.

    Yields:
        The running store: `url` and `token` for clients, `page` for the control routes,
        `misbehave` for faults and `seen` for its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if catalogue is None:
        options = ("--open", *options)
    else:
        file = folder / "catalogue.csv"
        header = "" if catalogue.startswith("id,") else "id,sku,name,product_id\n"
        file.write_text(f"{header}{catalogue}", encoding="utf-8")
        options = ("--catalogue", str(file), *options)
    with StoreProcess(folder / "data", "--plan", "unlimited", *options) as store:
        yield store


def quick(*, connect: float = 2.0, read: float = 2.0, whole: float = 4.0) -> Timeouts:
    """Return time-outs in seconds that suit a server on this machine."""
    return Timeouts(connect=connect, read=read, whole=whole)


def client_of(
    store: StoreProcess,
    *,
    token: str | None = None,
    timeouts: Timeouts | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> StoreClient:
    """Return a client of a running store, with its own token unless another is given."""
    return StoreClient(session_of(store, token=token, timeouts=timeouts, monotonic=monotonic))


def session_of(
    store: StoreProcess,
    *,
    token: str | None = None,
    timeouts: Timeouts | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Session:
    """Return the session that such a client speaks through."""
    address = StoreAddress(base_url=store.url, token=store.token if token is None else token)
    return Session(address, timeouts or quick(), Pacer(monotonic))
