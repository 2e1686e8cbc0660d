"""A request by a connection that is there already: it is said, and the answer is heard.

`requests` and urllib3 prepare for all that may be between here and anywhere, each time anew: for a
small photograph that was two thirds of what its request costs this process. Whom to connect to, by
which proxy and with which certificates, stays theirs; so does all of an answer that is not plain.
What goes wrong is told by the errors that they raise for it.
"""

from __future__ import annotations

import errno
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.client import HTTPException, HTTPResponse, IncompleteRead
from socket import socket
from types import TracebackType
from typing import Final, TypeAlias

import requests
from requests_toolbelt import MultipartEncoderMonitor
from urllib3 import exceptions
from urllib3.connection import HTTPConnection

__all__ = ["Body", "Heard", "heard_by"]

Body: TypeAlias = MultipartEncoderMonitor | bytes

PIECE_BYTES: Final = 16 << 10
"""Of a body, handed to the network at once: each has a time-out of its own."""

MOST_PLAIN_BYTES: Final = 1 << 20
"""Of an answer's body that is read at once."""

_HEAD: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2}) [ -~]*\r\n"
    rb"((?:[A-Za-z][A-Za-z0-9-]*: [!-~](?:[ -~]*[!-~])?\r\n)+)\r\n"
)
"""The head of an answer in which nothing is odd."""

_LIBRARIES: Final = frozenset({"content-encoding", "set-cookie", "transfer-encoding"})
"""Headers of which the libraries make something."""

_READS_NO_MORE: Final = frozenset({errno.EPIPE, errno.ECONNRESET, errno.EPROTOTYPE})
"""The other side has closed: what it said before is still there to be heard."""


class Heard:
    """An answer of which the headers have come; a context, after which it is no more.

    Attributes:
        status: its status.
        headers: by name, in lower case.
        pieces: its body, as it comes. Reading ends with an error of `requests` where that does.
    """

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        pieces: Iterable[bytes],
        end: Callable[[], None],
    ) -> None:
        self.status = status
        self.headers = headers
        self.pieces = pieces
        self._end = end

    def __enter__(self) -> Heard:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Have its connection serve for the next, or close it where it was not read to its end."""
        self._end()


def heard_by(
    connection: HTTPConnection,
    method: str,
    head: bytes,
    body: Body,
    seconds: tuple[float, float],
    library: Callable[[HTTPResponse], Heard],
) -> Heard:
    """Make a request by a connection that is there, and return the answer when it begins.

    Args:
        connection: that is open, and by which nothing is asked just now.
        method: of the request.
        head: of the request, to the blank line.
        body: of the request; empty where there is none.
        seconds: until a piece of it is handed over, and until the next piece of the answer.
        library: goes on with an answer whose head it has read, where that is not plain.

    Raises:
        requests.RequestException: as `requests` would.
    """
    sock = connection.sock
    with _Errors(connection):
        sock.settimeout(seconds[0])
        _say(sock, head, body)
        sock.settimeout(seconds[1])
        # Of the class that keeps the deadline of a whole answer (`pipeline.upload.deadline`).
        answer: HTTPResponse = connection.response_class(sock, method=method)
        try:
            plain = _plain(answer)
            if plain is None:
                answer.begin()
        except BaseException:
            answer.close()
            raise
    if plain is None:
        return library(answer)
    status, headers, length = plain
    content = _Plain(connection, answer, length)
    return Heard(status, headers, content, content.end)


class _Errors:
    """Closes a connection by which something went wrong, and names that as `requests` would."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            return
        self._connection.close()
        if isinstance(error, TimeoutError):
            raise requests.ReadTimeout(error) from error
        if isinstance(error, ssl.SSLError):
            raise requests.exceptions.SSLError(exceptions.SSLError(error)) from error
        if isinstance(error, OSError | HTTPException):
            broken = exceptions.ProtocolError("the connection broke", error)
            raise requests.ConnectionError(broken) from error


def _say(sock: socket, head: bytes, body: Body) -> None:
    try:
        if isinstance(body, bytes):
            sock.sendall(head + body)
            return
        piece = body.read(PIECE_BYTES)
        sock.sendall(head + piece)
        while piece := body.read(PIECE_BYTES):
            sock.sendall(piece)
    except OSError as error:
        if error.errno not in _READS_NO_MORE:
            raise


def _plain(answer: HTTPResponse) -> tuple[int, dict[str, str], int] | None:
    """Read an answer's head; return its status, its headers and the length of its body.

    None where it is not plain, or has not come as a whole: then nothing of it is read.
    """
    came: bytes = answer.fp.peek()
    match = _HEAD.match(came)
    if match is None:
        return None
    headers: dict[str, str] = {}
    for line in match[2].decode("ascii").split("\r\n")[:-1]:
        name, _, value = line.partition(": ")
        name = name.lower()
        if name in headers or name in _LIBRARIES:
            return None
        headers[name] = value
    length = headers.get("content-length", "")
    status = int(match[1])
    if headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    if not (length.isdecimal() and int(length) <= MOST_PLAIN_BYTES) or status in (204, 304):
        return None
    answer.fp.read(match.end())
    return status, headers, int(length)


class _Plain:
    """The body of a plain answer: the one piece that it is."""

    def __init__(self, connection: HTTPConnection, answer: HTTPResponse, length: int) -> None:
        self._connection = connection
        self._answer = answer
        self._length = length
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        with _Errors(self._connection):
            content = self._answer.fp.read(self._length)
            if len(content) < self._length:
                raise IncompleteRead(content, self._length - len(content))
        self._whole = True
        yield content

    def end(self) -> None:
        self._answer.close()
        if not self._whole:
            self._connection.close()
