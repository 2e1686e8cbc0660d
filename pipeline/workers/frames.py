"""Values through a pipe between two processes of ours: each with its length before it."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any, Final

__all__ = ["read", "write"]

_LENGTH: Final = struct.Struct("!I")


def write(pipe: IO[bytes], value: Any) -> None:
    """Send a value.

    Raises:
        OSError: nobody reads any more.
    """
    content = pickle.dumps(value)
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def read(pipe: IO[bytes]) -> Any:
    """Receive a value.

    Raises:
        EOFError: the other side has ended.
    """
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)  # noqa: S301 - from our own process
