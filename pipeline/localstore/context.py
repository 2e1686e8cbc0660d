"""The pieces of a store, put together for what answers its requests."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import anyio
from anyio.to_thread import run_sync

from pipeline.localstore.faults.rules import ActiveRules
from pipeline.localstore.fetching import fetch
from pipeline.localstore.options import Limits
from pipeline.localstore.quirks import Quirks
from pipeline.localstore.rate_limit import RateLimit
from pipeline.localstore.request_log import RequestLog
from pipeline.localstore.storage.database import Database
from pipeline.localstore.storage.files import PictureFiles
from pipeline.localstore.storage.images import Images
from pipeline.localstore.storage.products import Products

__all__ = ["StoreContext", "in_thread", "new_store_hash"]

PICTURE_WORKERS = 2
"""Pictures that are decoded at once: each may take some hundred megabytes."""

FETCHERS = 8
"""Addresses that are fetched from at once: what comes lies in memory, up to 8 MB of each."""

Given = ParamSpec("Given")
Got = TypeVar("Got")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreContext:
    """Everything a request may need."""

    hash: str
    database: Database
    products: Products
    images: Images
    files: PictureFiles
    limits: Limits
    quirks: Quirks
    rate_limit: RateLimit
    request_log: RequestLog
    faults: ActiveRules
    picture_workers: anyio.CapacityLimiter
    fetchers: anyio.CapacityLimiter

    async def on_picture(
        self, work: Callable[Given, Got], *args: Given.args, **kwargs: Given.kwargs
    ) -> Got:
        """Return what work on a picture gives, done in a thread, few at a time."""
        return await run_sync(lambda: work(*args, **kwargs), limiter=self.picture_workers)

    async def fetched(self, url: str) -> bytes:
        """Return what is behind an `image_url`, fetched with few others at a time.

        Raises:
            FetchFailed: there is nothing, or it took too long.
            TooLong: it is larger than the limits allow.
        """
        async with self.fetchers:
            return await fetch(url, self.limits.fetched_bytes)


async def in_thread(work: Callable[Given, Got], *args: Given.args, **kwargs: Given.kwargs) -> Got:
    """Return what work that waits for the disk gives, done in a thread."""
    return await run_sync(lambda: work(*args, **kwargs))


def new_store_hash() -> str:
    """Return a new store hash that is seen to be a local store's."""
    return f"local-{secrets.token_hex(4)}"
