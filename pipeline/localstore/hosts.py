"""The names that this store goes by; under another one it answers nothing.

A page of a stranger can give its own name this machine's address (DNS rebinding): the browser then
takes the store for that page's own server, and lets it read whatever asks for no token. What
cannot be forged from there is the Host header: it has the name that the browser was told.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.localstore.errors import ApiError, error_response
from pipeline.localstore.options import LocalStoreError
from pipeline.localstore.quirks import Quirks

__all__ = ["HostAllowance", "host_name"]

# With any port: what stands before a store, such as a tunnel or a proxy, has one of its own.
FORM: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,5})?")

THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
ALL_ADDRESSES: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104


def host_name(text: str) -> str | None:
    """Return the name or address that a Host header says; None where it says none.

    It is in lower case, and without a port; an address is as it is written shortest.
    """
    match = FORM.fullmatch(text)
    if match is None:
        return None
    name = match["name"].lower()
    try:
        return str(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return None if name.startswith("[") else name


class HostAllowance:
    """Answers requests under the store's own names, and 403 to all others, on every route."""

    def __init__(self, app: ASGIApp, host: str, allowed: Collection[str], quirks: Quirks) -> None:
        """Have names besides those of this machine.

        Args:
            app: what answers under a name of its own.
            host: the address or the name that the store listens on.
            allowed: further names.
            quirks: how errors look.

        Raises:
            LocalStoreError: one of them is no host's name.
        """
        self._app = app
        self._quirks = quirks
        self._own = THIS_MACHINE | {_address(host)} | {_allowed(text) for text in allowed}
        self._own -= ALL_ADDRESSES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or self._is_own(scope):
            await self._app(scope, receive, send)
            return
        error = ApiError(403, "This store does not go by the name in the Host header")
        await error_response(error, scope["path"], self._quirks)(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        name = host_name(Headers(scope=scope).get("host", ""))
        # A store that listens on all addresses has the one that it was reached by.
        return name is not None and (name in self._own or name == _address(scope["server"][0]))


def _address(text: str) -> str | None:
    # A zone says nothing outside its machine.
    plain = text.partition("%")[0]
    return host_name(f"[{plain}]" if ":" in plain else plain)


def _allowed(text: str) -> str:
    name = host_name(text.strip())
    if name is None:
        raise LocalStoreError(f"cannot answer under {text!r}: it is no name of a host")
    return name
