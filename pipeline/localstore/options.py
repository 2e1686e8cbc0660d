"""What the local store is started with, what it then takes, and what one knows of a running one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

__all__ = [
    "PLANS",
    "PROFILES",
    "READ_ONLY_TOKEN_VARIABLE",
    "TOKEN_VARIABLE",
    "Limits",
    "LocalStoreError",
    "RunningStore",
    "StoreOptions",
]

TOKEN_VARIABLE: Final = "LOCALSTORE_TOKEN"  # noqa: S105 - the name of the variable, not a token
READ_ONLY_TOKEN_VARIABLE: Final = "LOCALSTORE_READ_ONLY_TOKEN"  # noqa: S105 - as above


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
        keep_alive: live for as long as somebody keeps `GET /_hold` open, and no longer.
        scratch: start from the data folder as it is, but write nothing there.
        allowed_hosts: names under which it answers besides its own address and this machine's.
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
    keep_alive: bool = False
    scratch: bool = False
    allowed_hosts: Sequence[str] = ()


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


MEGABYTE: Final = 2**20
"""The reference does not say whether its megabyte is 10^6 or 2^20 bytes: the laxer one here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The catalogue's limits.

    Attributes:
        upload_bytes: the largest `image_file`, in bytes.
        fetched_bytes: the largest picture behind an `image_url`, in bytes.
        images: the most images of one product.
        gif_frames: the most frames of a GIF.
        gif_side: the longest side of a GIF, in pixels.
        pixels: the most pixels that are decoded; above it a picture is taken for a bomb.
        url_characters: the longest `image_url`.
        page_size: the largest `limit` of a listing.
    """

    upload_bytes: int
    fetched_bytes: int = 8 * MEGABYTE
    images: int = 1000
    gif_frames: int = 150
    gif_side: int = 5120
    # 100 megapixels decode into 300 MB: more than that at once would be felt on a laptop.
    pixels: int = 100_000_000
    url_characters: int = 255
    page_size: int = 250


PROFILES: Final[Mapping[str, Limits]] = MappingProxyType(
    {
        "reference": Limits(upload_bytes=MEGABYTE),
        "current": Limits(upload_bytes=8 * MEGABYTE),
    }
)

PLANS: Final[Mapping[str, int | None]] = MappingProxyType(
    {"standard": 150, "plus": 150, "pro": 450, "unlimited": None}
)
"""Requests a window; None: as many as one likes."""
