"""What is opened for a command that only asks: which store is meant, and the ledger of the home.

A command that asks is called by hand and by scripts, again and again: nothing is loaded here that
serves those who work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError, LedgerError
from pipeline.faultpoints import armed, wrapped
from pipeline.home import LEDGER_FILE, SPOOL_FOLDER
from pipeline.ledger import Ledger, LedgerReader
from pipeline.ledger.sqlite import open_ledger, open_reader
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.engine import Clock
    from pipeline.store_address import StoreAddress
    from pipeline.values import Door

__all__ = ["address_of", "ledger_for", "reader_for", "rehearsal_home"]


def address_of(settings: Settings) -> StoreAddress | None:
    """Return the store that the settings name; None where they name none.

    Raises:
        ConfigError: they name one by half, or wrongly.
    """
    token = settings.access_token
    if settings.store_url is None and settings.store_hash is None and token is None:
        return None
    if token is None:
        raise ConfigError(
            "a store is set, but no access token: set BIGCOMMERCE_ACCESS_TOKEN, or keep it in "
            "the keyring (`keyring set photo-pipeline` and the store's hash), or unset "
            "BIGCOMMERCE_STORE_HASH and PIPELINE_STORE_URL to use the local store"
        )
    if settings.store_url is not None:
        url = settings.store_url.rstrip("/")
    elif settings.store_hash is not None:
        url = f"https://api.bigcommerce.com/stores/{settings.store_hash}/v3"
    else:
        raise ConfigError(
            "an access token is set, but no store: set BIGCOMMERCE_STORE_HASH (or "
            "PIPELINE_STORE_URL), or unset BIGCOMMERCE_ACCESS_TOKEN to use the local store"
        )
    from pipeline.store_address import StoreAddress

    return StoreAddress(base_url=url, token=token.reveal())


@contextmanager
def ledger_for(
    settings: Settings,
    address: StoreAddress,
    clock: Clock,
    door: Door,
    told: Callable[[str], None] = lambda sentence: None,
) -> Iterator[Ledger]:
    """Open the ledger as a process that may hold claims; `told` hears of a long migration.

    Raises:
        LedgerError: it cannot be opened.
    """
    ledger = open_ledger(settings.home / LEDGER_FILE, address.identity, door, clock.now, told)
    try:
        yield wrapped("ledger", ledger, LedgerError) if armed() else ledger
    finally:
        ledger.close()


@contextmanager
def reader_for(
    settings: Settings, identity: str | None, told: Callable[[str], None] = lambda sentence: None
) -> Iterator[LedgerReader]:
    """Open the ledger for questions, about one store or (None) about all of them.

    `told` hears of a long migration.

    Raises:
        LedgerError: it cannot be opened.
    """
    reader = open_reader(settings.home / LEDGER_FILE, identity, told)
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def rehearsal_home(home: Path) -> Iterator[Path]:
    """Yield a home that may be written to and is thrown away, with what the real ledger knows.

    Raises:
        LedgerError: the ledger is there and cannot be read.
    """
    import shutil
    import tempfile

    from pipeline.ledger.sqlite.maintenance import copy_ledger

    with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
        temporary = Path(folder)
        if (home / LEDGER_FILE).exists():
            copy_ledger(home / LEDGER_FILE, temporary / LEDGER_FILE)
        if (home / SPOOL_FOLDER).is_dir():
            shutil.copytree(home / SPOOL_FOLDER, temporary / SPOOL_FOLDER)
        yield temporary
