"""What the local store is started with, and what one needs to know of a running one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

__all__ = ["LocalStoreError", "RunningStore", "StoreOptions"]


class LocalStoreError(Exception):
    """The store cannot be started; the message says why and what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """How to start the store.

    Attributes:
        data: the folder of metadata and pictures; made when it is not there.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        token: the `X-Auth-Token` that may do everything; None: the data folder's own, which is
            generated once and kept there.
        read_only_token: a second token, without the scope for changes; None: there is none.
        plan: the rate limit: `standard`, `plus`, `pro` or `unlimited`.
        profile: the upload limits: `reference` (1 MB a file) or `current` (8 MB).
        catalogue: a CSV with the columns `id`, `sku`, `name`, `product_id`; None: no products.
        open_catalogue: any product that is asked for comes into being.
        quirks: switch name to value, as in `quirks.Quirks`; unnamed ones keep their defaults.
        hold: live for as long as somebody keeps `GET /_hold` open.
        scratch: start from the data folder as it is, but write nothing there.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = field(default=None, repr=False)
    read_only_token: str | None = field(default=None, repr=False)
    plan: str = "standard"
    profile: str = "reference"
    catalogue: Path | None = None
    open_catalogue: bool = False
    quirks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    hold: bool = False
    scratch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStore:
    """A store that answers.

    Attributes:
        pid: its process id.
        url: the base address of its API, up to and including `/v3`.
        token: the `X-Auth-Token` that it takes.
        page: the address of its web page, ending in `/`.
    """

    pid: int
    url: str
    token: str = field(repr=False)
    page: str
