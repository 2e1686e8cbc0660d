"""Messages through a pipe between two processes: a JSON object each, its length before it.

They are data and nothing else: a decoder that a hostile file took over writes what it likes, and
whoever reads it only ever gets texts, numbers, lists and objects of a bounded size.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Final, NoReturn, Protocol

__all__ = ["MOST_BYTES", "Malformed", "read", "write"]

MOST_BYTES: Final = 1 << 18
"""Of one message. The longest that is meant, a picture with all that was done to it or the
traceback of a defect, has a tenth of it."""

_LENGTH: Final = struct.Struct("!I")


class Malformed(Exception):
    """What came through the pipe is no message that a worker of ours would write."""


class Readable(Protocol):
    """What a message is read from."""

    def read(self, size: int, /) -> bytes:
        """Return so many bytes, fewer only where the other side has ended."""
        ...


class Writable(Protocol):
    """What a message is written to."""

    def write(self, content: bytes, /) -> object:
        """Take all of it."""
        ...

    def flush(self) -> object:
        """Send what was taken."""
        ...


def write(pipe: Writable, message: Mapping[str, object]) -> None:
    """Send a message.

    Raises:
        OSError: nobody reads any more.
        ValueError: it is longer than may be read, or holds a number that JSON does not know.
    """
    content = _ENCODER.encode(message).encode("ascii")
    if len(content) > MOST_BYTES:
        raise ValueError(_size_said(len(content)))
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def read(pipe: Readable) -> dict[str, object]:
    """Return the next message.

    Raises:
        EOFError: the other side has ended.
        Malformed: it is too long, or not one JSON object with each name once.
    """
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    if length > MOST_BYTES:
        raise Malformed(_size_said(length))
    content = _exactly(pipe, length)
    try:
        message: object = _DECODER.decode(content.decode("ascii"))
    # RecursionError: brackets in brackets without end.
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error
    if not isinstance(message, dict):
        raise Malformed("no JSON object")
    return message


def _size_said(length: int) -> str:
    return f"a message of {length} bytes"


def _exactly(pipe: Readable, size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _unique(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("a name that is there twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_ENCODER: Final = json.JSONEncoder(allow_nan=False)
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)
