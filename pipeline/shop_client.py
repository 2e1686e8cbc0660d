"""A client of the store, as the settings say: its times, its pace, its patience.

The client is loaded by what needs it: whoever only asks the ledger does not wait for the libraries
of HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from pipeline.opening import remember_shop
from pipeline.settings import Settings
from pipeline.store_address import StoreAddress

if TYPE_CHECKING:
    from pipeline.upload import Pacer, StoreClient

__all__ = ["client_for", "client_with", "pacer_for"]

LEAST_SECONDS: Final = 1.0
"""What a request may take however little patience there is."""


def client_for(
    settings: Settings, address: StoreAddress, wait: Callable[[float], bool] | None = None
) -> StoreClient:
    """Return a client of the store, for calls by hand.

    Args:
        settings: in force.
        address: of the store.
        wait: waits so many seconds, and returns whether the program was asked to stop; None: nobody
            asks that.
    """
    from pipeline.upload import UNSTOPPED

    return client_with(settings, address, pacer_for(settings), wait or UNSTOPPED, settings.patience)


def pacer_for(settings: Settings) -> Pacer:
    """Return the pace of one process: what all its requests keep together."""
    from pipeline.upload import Pacer

    # One lists and one looks up while so many are sent.
    most = settings.uploads + 2
    return Pacer(time.monotonic, reserve=settings.quota_reserve, most=most)


def client_with(
    settings: Settings,
    address: StoreAddress,
    pacer: Pacer,
    wait: Callable[[float], bool],
    patience: float,
) -> StoreClient:
    """Return a client of the store that keeps a pace.

    Args:
        settings: in force.
        address: of the store.
        pacer: whose pace it keeps.
        wait: waits so many seconds, and returns whether the program was asked to stop.
        patience: how long a question is asked again, in seconds.
    """
    from pipeline.upload import Session, StoreClient, Timeouts

    most = max(patience, LEAST_SECONDS)
    timeouts = Timeouts(
        connect=min(settings.connect_timeout, most),
        read=min(settings.read_timeout, most),
        whole=min(settings.request_timeout, most),
    )
    session = Session(address, timeouts, pacer, wait, ca_file=settings.ca_file, patience=most)
    client = StoreClient(session)
    if not address.is_local:
        client.answered = _once(partial(remember_shop, settings.home, address))
    return client


def _once(what: Callable[[], None]) -> Callable[[], None]:
    """Return what does something the first time; of two threads at once, both may."""
    left = [what]

    def do() -> None:
        if left:
            left.clear()
            what()

    return do
