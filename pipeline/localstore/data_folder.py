"""The data folder: one process at a time, and the token that is kept in it."""

from __future__ import annotations

import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from pipeline.localstore.instance import write_private
from pipeline.localstore.options import LocalStoreError

__all__ = ["checked_token", "kept_token", "locked", "scratch_folder"]

LOCK: Final = "lock"
HOLDER: Final = "holder.json"
TOKEN: Final = "token"  # noqa: S105 - a file's name
TOKEN_TEXT: Final = re.compile(r"[\x21-\x7e]+")


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Have the data folder for this process alone; it is made when it is not there.

    Raises:
        LocalStoreError: another store has it (with its process id), or it is not writable.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        # The operating system lets go of it when this process ends, however that ends.
        lock = FileLock(data / LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise LocalStoreError(
            f"the data folder {data} is in use by another local store{_holder(data)}: "
            "stop that one, or give this one a folder of its own with --data"
        ) from None
    except OSError as error:
        raise LocalStoreError(f"the data folder {data} is not writable: {error}") from error
    try:
        holder = {"pid": os.getpid(), "since": datetime.now(tz=UTC).isoformat(timespec="seconds")}
        write_private(data / HOLDER, json.dumps(holder))
        yield
    finally:
        with suppress(OSError):
            (data / HOLDER).unlink()
        lock.release()


def _holder(data: Path) -> str:
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads((data / HOLDER).read_text(encoding="utf-8"))
        return f", process {said['pid']} (since {said['since']})"
    return ""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Have a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="local-store-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def kept_token(data: Path, *, keep: bool) -> str:
    """Give the data folder's own token, generated when it has none.

    Args:
        data: the data folder.
        keep: write a generated one down there.

    Raises:
        LocalStoreError: what is kept there is no token.
    """
    with suppress(OSError):
        return checked_token((data / TOKEN).read_text(encoding="utf-8").strip(), str(data / TOKEN))
    token = secrets.token_hex(20)
    if keep:
        write_private(data / TOKEN, token + "\n")
    return token


def checked_token(token: str, where: str) -> str:
    """Give a token back if it can stand in a header.

    Raises:
        LocalStoreError: it cannot; the message does not repeat it.
    """
    if not TOKEN_TEXT.fullmatch(token):
        raise LocalStoreError(
            f"the token from {where} must be visible ASCII characters without blanks"
        )
    return token
