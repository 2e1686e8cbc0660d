"""The shop in force: the one that is set, or the test shop, started for as long as it is used.

The test shop is the local store. It runs in a process of its own and lives for its users: each
holds a connection, and it ends by itself when the last one has gone, however that one ended. So
several commands at once share one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pipeline.errors import ConfigError
from pipeline.home import LOCAL_STORE_FOLDER, LOCAL_STORE_LOG
from pipeline.opening import address_of, missing_shop, remember_test_shop
from pipeline.report.wording import of_test_shop
from pipeline.settings import Settings
from pipeline.store_address import StoreAddress, words_of

if TYPE_CHECKING:
    import http.client

    from pipeline.localstore import RunningStore

__all__ = ["StoreInForce", "store_in_force"]

START_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreInForce:
    """Where to send to; `page` is the test shop's page to look at, None where a shop is set."""

    address: StoreAddress
    page: str | None

    @property
    def sentence(self) -> str:
        """What is said before all else: which shop it is, or that it is the test shop."""
        if self.page is not None:
            return of_test_shop(self.page)
        return f"Shop: {words_of(self.address.base_url, self.address.name)}"


@contextmanager
def store_in_force(
    settings: Settings, *, say: Callable[[str], None], scratch: bool = False
) -> Iterator[StoreInForce]:
    """Yield the shop that the settings name; where they name none, the test shop, kept alive.

    In a home that has known a real shop, it is the test shop only where that is asked for.

    Args:
        settings: in force.
        say: is told, in a sentence, that it is the test shop and how to name a real one.
        scratch: have the test shop change nothing in its folder.

    Raises:
        ConfigError: the settings name a shop by half, or none where a real one is known; or the
            test shop does not start.
        LedgerError: the ledger is there and cannot be read.
    """
    address = address_of(settings)
    if address is not None:
        yield StoreInForce(address=address, page=None)
        return
    if (missing := missing_shop(settings)) is not None:
        raise ConfigError(missing)
    with _embedded(settings.home / LOCAL_STORE_FOLDER, settings.home, scratch) as store:
        # Its catalogue is no proof of a name: who tries names with it has to know that.
        hint = "It takes a mistyped SKU for a product, too; `pipeline login` puts in your shop"
        say(f"{of_test_shop(store.page)}. {hint}.")
        address = StoreAddress(base_url=store.url, token=store.token)
        if not scratch:
            remember_test_shop(settings.home, address.identity)
        yield StoreInForce(address=address, page=store.page)


@contextmanager
def _embedded(data: Path, home: Path, scratch: bool) -> Iterator[RunningStore]:
    from pipeline.localstore import running_store  # whose store is a real one waits for none of it

    deadline = time.monotonic() + START_SECONDS
    process: subprocess.Popen[bytes] | None = None
    while True:
        store = None if scratch else running_store(data)
        if store is None:
            process, store = _start(data, home, scratch)
        user = None if store is None else _keep_alive(store)
        if store is not None and user is not None:
            break
        # It ended just as we came, or somebody else is starting one on the same folder.
        if time.monotonic() > deadline:
            raise ConfigError(f"the test shop does not start: see {home / LOCAL_STORE_LOG}")
        time.sleep(0.2)
    try:
        yield store
    finally:
        user.close()
        if process is not None and scratch:
            process.wait(START_SECONDS)
        elif process is not None:
            # It goes on while others hold it; nobody waits for it then.
            with suppress(subprocess.TimeoutExpired):
                process.wait(0)


def _start(
    data: Path, home: Path, scratch: bool
) -> tuple[subprocess.Popen[bytes], RunningStore | None]:
    try:
        if not scratch:
            home.mkdir(parents=True, exist_ok=True)
        with open(os.devnull if scratch else home / LOCAL_STORE_LOG, "ab") as log:  # noqa: PTH123
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [
                    sys.executable,
                    "-m",
                    "pipeline.localstore",
                    *("--data", str(data), "--port", "0", "--plan", "unlimited"),
                    "--open",
                    "--hold",
                    *(("--scratch",) if scratch else ()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONSAFEPATH": "1"},
            )
    except OSError as error:
        raise ConfigError(f"the test shop does not start in {home}: {error.strerror}") from error
    from pipeline.localstore import RunningStore

    assert process.stdout is not None  # noqa: S101 - it was asked for
    with process.stdout:
        line = process.stdout.readline()
    try:
        said = json.loads(line)
        return process, RunningStore(
            pid=said["pid"], url=said["url"], page=said["page"], token=said["token"]
        )
    except (ValueError, KeyError):
        return process, None


def _keep_alive(store: RunningStore) -> http.client.HTTPConnection | None:
    """Tell the local store that it is needed, for as long as the connection is open."""
    import http.client

    parts = urlsplit(store.page)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET", "/_hold")
        # The first byte of the answer says that the store counts this user; one that is ending
        # cuts the connection instead.
        if connection.sock is not None and connection.sock.recv(1):
            return connection
    except OSError:
        pass
    connection.close()
    return None
