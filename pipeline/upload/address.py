"""The store's address and token, held so that the token shows nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pipeline.errors import ConfigError
from pipeline.store_address import is_this_machine, wrong_address, wrong_token

__all__ = ["StoreAddress"]


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
        if wrong := wrong_address(self.base_url):
            raise ConfigError(f"the store's address is wrong: {wrong}")
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
        parts = urlsplit(self.base_url.rstrip("/"))
        host = "local" if self.is_local else parts.netloc.casefold()
        return f"{host}{parts.path}"
