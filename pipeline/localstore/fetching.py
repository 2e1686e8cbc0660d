"""The picture behind an `image_url`, fetched by the store itself."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

__all__ = ["FetchFailed", "TooLong", "fetch", "is_fetchable"]

SILENCE_SECONDS: Final = 10.0
WHOLE_SECONDS: Final = 30.0
REDIRECTS: Final = 5
PIECE: Final = 65_536


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


def fetch(url: str, at_most: int) -> bytes:
    """Return a file fetched over HTTP, through a few redirects.

    Args:
        url: fully qualified, http or https.
        at_most: its largest size in bytes; more is never read.

    Raises:
        FetchFailed: there is none, or it took too long.
        TooLong: it is larger.
    """
    for _ in range(REDIRECTS + 1):
        if not is_fetchable(url):
            raise FetchFailed(f"{url} is no address to fetch from")
        found = _one(urlsplit(url), at_most)
        if isinstance(found, bytes):
            return found
        url = urljoin(url, found)
    raise FetchFailed("too many redirects")


def _one(parts: SplitResult, at_most: int) -> bytes | str:
    """Return what one request brought: the content, or where to look instead."""
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SILENCE_SECONDS)
    # A time-out of the socket is one of silence: a server that drips would never run into it.
    watchdog = threading.Timer(WHOLE_SECONDS, _end, [connection])
    watchdog.daemon = True
    watchdog.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(
            "GET",
            target,
            headers={"Accept": "image/*,*/*;q=0.1", "Accept-Encoding": "identity"},
        )
        answer = connection.getresponse()
        location = answer.getheader("Location")
        if answer.status in (301, 302, 303, 307, 308) and location:
            return location
        if answer.status != 200:
            raise FetchFailed(f"the answer was {answer.status}")
        return _content(answer, at_most)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchFailed(str(error)) from error
    finally:
        watchdog.cancel()
        connection.close()


def _content(answer: http.client.HTTPResponse, at_most: int) -> bytes:
    content = bytearray()
    while piece := answer.read1(PIECE):
        content += piece
        if len(content) > at_most:
            raise TooLong
    if answer.length:
        raise FetchFailed("the answer was cut short")
    return bytes(content)


def _end(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
