"""The store's address and token: what they must look like, held so that no token shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from pipeline.errors import ConfigError

__all__ = [
    "StoreAddress",
    "identity_of",
    "is_this_machine",
    "place_of",
    "store_meant",
    "words_of",
    "wrong_address",
    "wrong_token",
]

_USUAL_HOST: Final = "api.bigcommerce.com"

_PLAIN: Final = re.compile(r"[\x21-\x7e]+")

_API_PATH: Final = re.compile(
    r"(?:(?:https://)?api\.bigcommerce\.com)?/?stores/([A-Za-z0-9]+)(?:/.*)?", re.IGNORECASE
)
_PERMANENT: Final = re.compile(
    r"(?:https?://)?store-([A-Za-z0-9]+?)(?:-\d+)?\.mybigcommerce\.com(?:/.*)?", re.IGNORECASE
)
"""What follows the hash is the number of one of several storefronts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """Where the store's API is, up to and including `/v3`, and the token for it.

    The token is left out of the representation, so that no log and no traceback shows it.
    """

    base_url: str
    token: str = field(repr=False)
    name: str | None = None
    """What people call it, where it has a name."""

    def __post_init__(self) -> None:
        """Refuse what would send the token in the clear, or not at all.

        Raises:
            ConfigError: the address is none, or is not HTTPS though not on this machine; the
                token is empty or holds characters that no token has.
        """
        if wrong := wrong_address(self.base_url):
            raise ConfigError(f"the shop's address is wrong: {wrong}")
        if wrong := wrong_token(self.token):
            raise ConfigError(f"the access token is wrong: {wrong}")

    @property
    def is_local(self) -> bool:
        """Whether the store is on this machine."""
        return is_this_machine(self.base_url)

    @property
    def identity(self) -> str:
        """Name the store in the ledger: the address without what may change between runs.

        A store on this machine is known by its path alone, for its port is a free one that
        changes from start to start.
        """
        return identity_of(self.base_url)


def identity_of(base_url: str) -> str:
    """Return the identity of the store whose API has a base address (`StoreAddress.identity`)."""
    parts = urlsplit(base_url.rstrip("/"))
    host = "local" if is_this_machine(base_url) else parts.netloc.casefold()
    return f"{host}{parts.path}"


def place_of(identity: str) -> str:
    """Return what people know a store by that has no name: its hash, or its host.

    Args:
        identity: of the store; one on this machine is known by the whole of it.
    """
    host, _, path = identity.partition("/")
    if host == "local":
        return identity
    hash_ = path.removeprefix("stores/").removesuffix("/v3")
    return hash_ if host == _USUAL_HOST and path == f"stores/{hash_}/v3" else host


def words_of(base_url: str, name: str | None) -> str:
    """Return what people call a store: its name and its hash or host; without one that alone."""
    local = is_this_machine(base_url)
    place = urlsplit(base_url).netloc if local else place_of(identity_of(base_url))
    return place if name is None else f"{name} ({place})"


def wrong_address(url: str) -> str | None:
    """Say what is wrong with a store's base address; None where it may be used.

    What would send the token in the clear, or not at all, is wrong. A password that stands in it
    is not repeated.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        parts, known = urlsplit(""), False
    # Before anything is shown of it: this may be where a password stands.
    if "@" in url or parts.query or parts.fragment:
        return "it must hold nothing but scheme, host and path: the token has a setting of its own"
    if not known or _PLAIN.fullmatch(url) is None:
        shown = _shown(url) if {".", "/"} & set(url) else "it"
        return f"{shown} is not the address of a shop: it begins with https://, then comes a host"
    if not parts.path.rstrip("/").endswith("/v3"):
        return (
            f"{_shown(url)} is only a part of it: it goes up to and including /v3, as in "
            "https://api.bigcommerce.com/stores/HASH/v3"
        )
    if parts.scheme == "http" and not is_this_machine(url):
        return (
            f"{_shown(url)} would send the token in the clear: use https:// (http:// is for this "
            "machine only)"
        )
    return None


def _shown(url: str) -> str:
    """Return an address as it may be shown: what may be a token that lost its way is not."""
    return re.sub(r"[A-Za-z0-9]{25,}", "…", repr(url))


def wrong_token(token: str) -> str | None:
    """Say what is wrong with an access token, without showing it; None where it may be sent."""
    if _PLAIN.fullmatch(token) is None:
        return (
            "it is empty or holds a blank, a line break or another character that no token has: "
            "copy it again, without what stands around it"
        )
    return None


def store_meant(given: str) -> tuple[str, str]:
    """Return which setting names a store, and its value, by what a person copied from the shop.

    Understood are the hash alone, the API path as the shop shows it
    (`https://api.bigcommerce.com/stores/HASH/v3/`, or a part of it), the permanent address of a
    shop (`https://store-HASH.mybigcommerce.com`), and another address up to `/v3`.

    Raises:
        ConfigError: it is none of them; what it should be.
    """
    text = given.strip().strip("\"'“”")
    if re.fullmatch(r"[A-Za-z0-9]{25,}", text):
        raise ConfigError(
            "that is too long for a shop hash: is it the access token? The hash stands in the API "
            "path, between /stores/ and /v3"
        )
    if re.fullmatch(r"[A-Za-z0-9]+", text):
        return "store_hash", text
    for known in (_API_PATH, _PERMANENT):
        if found := known.fullmatch(text):
            return "store_hash", found[1]
    url = text.rstrip("/")
    if wrong := wrong_address(url):
        raise ConfigError(
            f"that names no shop: {wrong}. The shop hash (as in a1b2c3d4e5) or the API path as "
            "the shop shows it is right, as in https://api.bigcommerce.com/stores/a1b2c3d4e5/v3/"
        )
    return "store_url", url


def is_this_machine(url: str) -> bool:
    """Whether an address is on the loopback."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
