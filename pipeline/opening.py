"""What is opened for a command that only asks: which store is meant, and the ledger of the home.

A command that asks is called by hand and by scripts, again and again: nothing is loaded here that
serves those who work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.durable import replace_file
from pipeline.errors import ConfigError, LedgerError
from pipeline.faultpoints import armed, wrapped
from pipeline.home import (
    KNOWN_SHOPS_FILE,
    LEDGER_FILE,
    SPOOL_FOLDER,
    TEST_SHOP_FILE,
    UPLOADED_FOLDER,
)
from pipeline.ledger import Ledger, LedgerReader
from pipeline.ledger.sqlite import open_forgetting, open_ledger, open_reader
from pipeline.settings import CONFIG_NAME, Settings
from pipeline.shops import api_address
from pipeline.uploaded import Keeping, Uploaded

if TYPE_CHECKING:
    from pipeline.engine import Clock
    from pipeline.ledger.port import Forgetting
    from pipeline.store_address import StoreAddress
    from pipeline.values import Door

__all__ = [
    "address_of",
    "forgetting_for",
    "known_shop",
    "ledger_for",
    "missing_shop",
    "name_at",
    "reader_for",
    "rehearsal_home",
    "remember_shop",
    "remember_test_shop",
    "shops_noted",
    "test_shop_noted",
    "uploaded_for",
]


LOCAL_IDENTITY: Final = "local/"
"""So begins the identity of every store on this machine (`StoreAddress.identity`)."""


def address_of(settings: Settings) -> StoreAddress | None:
    """Return the shop that the settings name; None where they name none, or the test shop.

    Raises:
        ConfigError: they name one by half, or wrongly.
    """
    if settings.test_shop:
        return None
    token = settings.access_token
    url = api_address(settings.store_hash, settings.store_url)
    if url is None and token is None:
        if settings.shops:
            raise ConfigError(none_in_use(settings))
        return None
    if token is None:
        raise ConfigError(_no_token(settings))
    if url is None:
        raise ConfigError(
            "an access token is set, but no shop: set BIGCOMMERCE_STORE_HASH (or "
            "PIPELINE_STORE_URL), or give --test-shop to use the test shop on this machine"
        )
    from pipeline.store_address import StoreAddress

    return StoreAddress(base_url=url, token=token.reveal(), name=name_at(settings, url))


def name_at(settings: Settings, url: str) -> str | None:
    """Return the name of the shop whose API is at an address; None where it has none."""
    names = (one.name for one in settings.shops if one.address.casefold() == url.casefold())
    return next(names, None)


def none_in_use(settings: Settings) -> str:
    """Return that shops have names, and none of them is in use."""
    names = ", ".join(shop.name for shop in settings.shops)
    return (
        f"no shop is in use: `pipeline shop use NAME` says which, or --shop NAME for one command "
        f"(there {'is' if len(settings.shops) == 1 else 'are'} {names}); with --test-shop the test "
        "shop on this machine is used"
    )


def _no_token(settings: Settings) -> str:
    if settings.shop is None:
        return (
            "a shop is set, but no access token: `pipeline login` asks for it (or set "
            "BIGCOMMERCE_ACCESS_TOKEN); with --test-shop the test shop on this machine is used"
        )
    return (
        f"the shop {settings.shop!r} has no access token: `pipeline login {settings.shop}` asks "
        "for it, or give --test-shop to use the test shop on this machine"
    )


def missing_shop(settings: Settings) -> str | None:
    """Say what is missing where no shop is set in a home that has known a real one, else None.

    There the test shop may not stand in for it, but where the settings ask for the test shop.

    Raises:
        ConfigError: the settings name a shop by half, or wrongly.
        LedgerError: the ledger is there and cannot be read.
    """
    if settings.test_shop or address_of(settings) is not None:
        return None
    known = known_shop(settings.home)
    if known is None:
        return None
    return (
        f"no shop is set, and {settings.home} has worked for {known}: set BIGCOMMERCE_STORE_HASH "
        "and BIGCOMMERCE_ACCESS_TOKEN, or write store_hash and access_token into "
        f"{settings.home / CONFIG_NAME}; with --test-shop the test shop on this machine is used"
    )


def known_shop(home: Path) -> str | None:
    """Return a real shop that has ever answered this home, the latest first known; else None.

    Raises:
        LedgerError: the ledger is there and cannot be read.
    """
    if shops := shops_noted(home):
        return shops[-1]
    if not (home / LEDGER_FILE).exists():
        return None
    # An earlier version of this program noted no shops beside its ledger.
    reader = open_reader(home / LEDGER_FILE, None)
    try:
        stores = reader.stores_that_answered()
    finally:
        reader.close()
    return next((store for store in stores if not store.startswith(LOCAL_IDENTITY)), None)


def remember_shop(home: Path, address: StoreAddress) -> None:
    """Note that a real shop has answered; where that cannot be written, the ledger will know."""
    shops = shops_noted(home)
    if not address.is_local and address.identity not in shops:
        content = "".join(f"{shop}\n" for shop in (*shops, address.identity))
        with suppress(OSError):
            home.mkdir(parents=True, exist_ok=True)
            replace_file(str(home / KNOWN_SHOPS_FILE), content.encode())


def remember_test_shop(home: Path, identity: str) -> None:
    """Note by what the ledger knows the test shop of this home: so who asks need not start it."""
    if test_shop_noted(home) != identity:
        with suppress(OSError):
            replace_file(str(home / TEST_SHOP_FILE), f"{identity}\n".encode())


def test_shop_noted(home: Path) -> str | None:
    """Return by what the ledger knows the test shop; None where it was not started yet."""
    try:
        return (home / TEST_SHOP_FILE).read_text("utf-8").strip() or None
    except (OSError, ValueError):
        return None


def shops_noted(home: Path) -> list[str]:
    """Return the real shops that have answered, as far as that is noted beside the ledger."""
    try:
        return (home / KNOWN_SHOPS_FILE).read_text("utf-8").split()
    except (OSError, ValueError):
        return []


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


def uploaded_for(settings: Settings) -> Uploaded:
    """Return what is kept of what was uploaded, as the settings say."""
    keeping = Keeping(days=settings.keep_for, most_bytes=settings.keep_bytes)
    return Uploaded(settings.home / UPLOADED_FOLDER, keeping)


@contextmanager
def forgetting_for(
    settings: Settings, told: Callable[[str], None] = lambda sentence: None
) -> Iterator[Forgetting]:
    """Open the ledger to drop a store that never answered; `told` hears of a long migration.

    Raises:
        LedgerError: it cannot be opened.
    """
    forgetting = open_forgetting(settings.home / LEDGER_FILE, told)
    try:
        yield forgetting
    finally:
        forgetting.close()


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
