"""The picture behind an `image_url`, fetched by the store itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ssl import SSLError
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import anyio
import h11
from anyio.abc import ByteStream
from anyio.streams.tls import TLSStream

__all__ = ["FetchFailed", "TooLong", "fetch", "is_fetchable"]

WHOLE_SECONDS: Final = 30.0
"""How long all of it may take: names, redirects, handshakes, and however steadily it drips."""

SILENCE_SECONDS: Final = 10.0
REDIRECTS: Final = 5
PIECE: Final = 65_536
HEAD_BYTES: Final = 65_536

UNESCAPED: Final = "/%:@!$&'()*+,;=-._~?"
"""What stands in an address as it is; all else is escaped, as a browser would."""


class FetchFailed(Exception):
    """Nothing could be fetched; the message says why."""


class TooLong(Exception):
    """What is behind the address is larger than allowed."""


def is_fetchable(url: str) -> bool:
    """Whether an address is fully qualified, and http or https."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


async def fetch(url: str, at_most: int, *, seconds: float = WHOLE_SECONDS) -> bytes:
    """Return a file fetched over HTTP, through a few redirects.

    Args:
        url: fully qualified, http or https.
        at_most: its largest size in bytes; more is never kept.
        seconds: how long all of it may take.

    Raises:
        FetchFailed: there is none, or it took too long.
        TooLong: it is larger.
    """
    try:
        with anyio.fail_after(seconds):
            for _ in range(REDIRECTS + 1):
                if not is_fetchable(url):
                    raise FetchFailed(f"{url} is no address to fetch from")
                found = await _one(urlsplit(url), at_most)
                if isinstance(found, bytes):
                    return found
                url = urljoin(url, found)
    except TimeoutError:
        raise FetchFailed("it took too long") from None
    raise FetchFailed("too many redirects")


async def _one(parts: SplitResult, at_most: int) -> bytes | str:
    """Return what one request brought: the content, or where to look instead."""
    try:
        async with _connected(parts) as stream:
            return await _asked(parts, _Exchange(stream), at_most)
    except (OSError, SSLError, ValueError, h11.ProtocolError) as error:
        raise FetchFailed(str(error) or type(error).__name__) from error
    except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
        raise FetchFailed("the connection ended") from error


@asynccontextmanager
async def _connected(parts: SplitResult) -> AsyncIterator[ByteStream]:
    tls, name = parts.scheme == "https", parts.hostname or ""
    with anyio.fail_after(SILENCE_SECONDS):
        stream: ByteStream = await anyio.connect_tcp(name, parts.port or (443 if tls else 80))
    try:
        if tls:
            with anyio.fail_after(SILENCE_SECONDS):
                stream = await TLSStream.wrap(stream, hostname=name, standard_compatible=False)
        yield stream
    finally:
        # A server that does not say goodbye is not waited for.
        await anyio.aclose_forcefully(stream)


class _Exchange:
    """One request and its answer on a connection."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)

    async def ask(self, parts: SplitResult) -> None:
        """Send the request for what an address means."""
        query = f"?{quote(parts.query, UNESCAPED)}" if parts.query else ""
        request = h11.Request(
            method="GET",
            target=quote(parts.path or "/", UNESCAPED) + query,
            headers=[
                ("Host", _host(parts)),
                ("Accept", "image/*,*/*;q=0.1"),
                ("Accept-Encoding", "identity"),
                ("Connection", "close"),
            ],
        )
        for event in (request, h11.EndOfMessage()):
            await self._stream.send(self._state.send(event) or b"")

    async def event(self) -> h11.Event:
        """Return what came next; a cut-off answer is an error of h11's."""
        while True:
            event = self._state.next_event()
            if isinstance(event, h11.Event):
                return event
            piece = b""
            with suppress(anyio.EndOfStream), anyio.fail_after(SILENCE_SECONDS):
                piece = await self._stream.receive(PIECE)
            self._state.receive_data(piece)


async def _asked(parts: SplitResult, exchange: _Exchange, at_most: int) -> bytes | str:
    await exchange.ask(parts)
    event = await exchange.event()
    while isinstance(event, h11.InformationalResponse):
        event = await exchange.event()
    if not isinstance(event, h11.Response):
        raise FetchFailed("there was no answer")
    location = dict(event.headers).get(b"location", b"").decode("latin-1")
    if event.status_code in (301, 302, 303, 307, 308) and location:
        return location
    if event.status_code != 200:
        raise FetchFailed(f"the answer was {event.status_code}")
    content = bytearray()
    while isinstance(event := await exchange.event(), h11.Data):
        content += event.data
        if len(content) > at_most:
            raise TooLong
    return bytes(content)


def _host(parts: SplitResult) -> str:
    name = parts.hostname or ""
    name = f"[{name}]" if ":" in name else name.encode("idna").decode("ascii")
    return name if parts.port is None else f"{name}:{parts.port}"
