"""What a store's address and an access token must look like, in words for whoever wrote them."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

__all__ = ["is_this_machine", "wrong_address", "wrong_token"]

_PLAIN: Final = re.compile(r"[\x21-\x7e]+")


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
        return f"{url!r} is not the address of a store: it begins with https://, then comes a host"
    if not parts.path.rstrip("/").endswith("/v3"):
        return (
            f"{url!r} is only a part of it: it goes up to and including /v3, as in "
            "https://api.bigcommerce.com/stores/HASH/v3"
        )
    if parts.scheme == "http" and not is_this_machine(url):
        return (
            f"{url!r} would send the token in the clear: use https:// (http:// is for this "
            "machine only)"
        )
    return None


def wrong_token(token: str) -> str | None:
    """Say what is wrong with an access token, without showing it; None where it may be sent."""
    if _PLAIN.fullmatch(token) is None:
        return (
            "it is empty or holds a blank, a line break or another character that no token has: "
            "copy it again, without what stands around it"
        )
    return None


def is_this_machine(url: str) -> bool:
    """Tell whether an address is on the loopback."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
