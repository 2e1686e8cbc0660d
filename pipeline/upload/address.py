"""The store's address and token, held so that the token shows nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from pipeline.errors import ConfigError

__all__ = ["StoreAddress"]

_PLAIN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """Where the store's API is, up to and including `/v3`, and the token for it.

    The token is left out of the representation, so that no log and no traceback shows it.
    """

    base_url: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what would send the token in the clear, or not at all.

        Raises:
            ConfigError: the address is none, or is not HTTPS though not on this machine; the
                token is empty or holds characters that no token has.
        """
        try:
            parts = urlsplit(self.base_url)
            known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            raise self._is_none() from None
        # Before anything is shown of it: this may be where a password stands.
        if "@" in self.base_url or parts.query or parts.fragment:
            raise ConfigError(
                "the store's address must hold nothing but scheme, host and path: "
                "the token has a setting of its own"
            )
        whole = parts.path.rstrip("/").endswith("/v3")
        if not known or not whole or _PLAIN.fullmatch(self.base_url) is None:
            raise self._is_none()
        if parts.scheme == "http" and not self.is_local:
            raise ConfigError(
                f"the store's address {self.base_url!r} would send the token in the clear: "
                "use https:// (http:// is for this machine only)"
            )
        if _PLAIN.fullmatch(self.token) is None:
            raise ConfigError(
                "the access token is empty or holds a blank, a line break or another character "
                "that no token has: copy it again, without what stands around it"
            )

    def _is_none(self) -> ConfigError:
        shown = "" if "@" in self.base_url else f" {self.base_url!r}"
        return ConfigError(
            f"the store's address{shown} is none: it begins with https:// and goes up to and "
            "including /v3"
        )

    @property
    def is_local(self) -> bool:
        """Whether the store is on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        if host == "localhost":
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def identity(self) -> str:
        """Name the store in the ledger: the address without what may change between runs.

        A store on this machine is known by its path alone, for its port is a free one that
        changes from start to start.
        """
        parts = urlsplit(self.base_url.rstrip("/"))
        host = "local" if self.is_local else parts.netloc.casefold()
        return f"{host}{parts.path}"
