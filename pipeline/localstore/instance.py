"""The data folder: one process at a time, the note that says who has it, and the token kept in it.

The note says from the first moment which process has the folder, and, once the store answers,
where. It goes when the store ends; a killed store leaves it behind, so it is never believed
without asking.
"""

from __future__ import annotations

import http.client
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pipeline.localstore.durable import write_whole
from pipeline.localstore.options import LocalStoreError, RunningStore

__all__ = ["InstanceNote", "checked_token", "close_folder", "kept_token", "locked", "running_store"]

LOCK: Final = "lock"
NOTE: Final = "running.json"
FORMER_NOTE: Final = "holder.json"
"""Before, the process stood in a note of its own, beside the one of the address."""

TOKEN: Final = "token"  # noqa: S105 - a file's name
TOKEN_TEXT: Final = re.compile(r"[\x21-\x7e]+")

ANSWER_SECONDS: Final = 2.0
"""How long a living store on the loopback may take to say who it is."""


OTHERS: Final = 0o077


def close_folder(data: Path) -> int:
    """Take away what others of this machine may do in a data folder; return of how many places.

    Only what bears a name of ours is touched, besides the folder: it may be one in which other
    things lie, too. Links are not followed.
    """
    # Here, because commands that serve nothing must be quick.
    from pipeline.localstore.storage.database import FILE
    from pipeline.localstore.storage.files import FOLDER

    if os.name == "nt":
        return 0
    ours = (LOCK, NOTE, FORMER_NOTE, TOKEN, FILE, FOLDER)
    named = [path for name in ours for path in data.glob(f"{name}*")]
    below = [path for path in (data / FOLDER).rglob("*") if not (data / FOLDER).is_symlink()]
    return sum(_closed(path) for path in (data, *named, *below))


def _closed(path: Path) -> bool:
    with suppress(OSError):
        mode = path.lstat().st_mode
        if mode & OTHERS and not path.is_symlink():
            path.chmod(mode & ~OTHERS & 0o777)
            return not path.lstat().st_mode & OTHERS
    return False


class InstanceNote:
    """The note of this process in the data folder that it has locked."""

    def __init__(self, data: Path) -> None:
        self._path = data / NOTE
        self._since = datetime.now(tz=UTC).isoformat(timespec="seconds")

    def answers(self, store: RunningStore) -> None:
        """Say where the store answers.

        Raises:
            OSError: the folder is not writable.
        """
        _write_private(self._path, json.dumps({**asdict(store), "since": self._since}) + "\n")

    def answers_no_more(self) -> None:
        """Say which process has the folder, and no address.

        Raises:
            OSError: the folder is not writable.
        """
        _write_private(self._path, json.dumps({"pid": os.getpid(), "since": self._since}) + "\n")

    def remove(self) -> None:
        """Take the note away."""
        with suppress(OSError):
            self._path.unlink()


@contextmanager
def locked(data: Path) -> Iterator[InstanceNote]:
    """Have the data folder for this process alone; it is made when it is not there.

    Raises:
        LocalStoreError: another store has it (with its process id), or it is not writable.
    """
    # Here, because `running_store` is asked by commands that lock nothing, and must be quick.
    from filelock import FileLock, Timeout

    try:
        data.mkdir(parents=True, exist_ok=True)
        # The operating system lets go of it when this process ends, however that ends.
        lock = FileLock(data / LOCK, mode=0o600)
        lock.acquire(timeout=0)
    except Timeout:
        raise LocalStoreError(
            f"the data folder {data} is in use by another local store{_process_behind(data)}: "
            "stop that one, or give this one a folder of its own with --data"
        ) from None
    except OSError as error:
        raise LocalStoreError(f"the data folder {data} is not writable: {error}") from error
    note = InstanceNote(data)
    try:
        with suppress(OSError):
            (data / FORMER_NOTE).unlink()
        note.answers_no_more()
        yield note
    finally:
        note.remove()
        lock.release()


def _process_behind(data: Path) -> str:
    # A store from before, still running, has both notes, and says since when in this one alone.
    for name in (FORMER_NOTE, NOTE):
        with suppress(OSError, ValueError, KeyError, TypeError):
            noted = json.loads((data / name).read_text(encoding="utf-8"))
            return f", process {noted['pid']} (since {noted['since']})"
    return ""


def running_store(data: Path) -> RunningStore | None:
    """Return the store that serves a data folder; None when none answers.

    Args:
        data: the store's data folder.
    """
    try:
        noted = json.loads((data / NOTE).read_text(encoding="utf-8"))
        store = RunningStore(
            pid=int(noted["pid"]),
            url=str(noted["url"]),
            token=str(noted["token"]),
            page=str(noted["page"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # A killed store leaves its note behind, and its port may be another program's by now.
    return store if _pid_at(store.page) == store.pid else None


def _pid_at(page: str) -> int | None:
    parts = urlsplit(page)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=ANSWER_SECONDS
    )
    try:
        connection.request("GET", "/_store")
        said = json.loads(connection.getresponse().read(65_536))
        return int(said["pid"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


def kept_token(data: Path, *, keep: bool) -> str:
    """Return the data folder's own token, generated when it has none.

    Args:
        data: the data folder.
        keep: write a generated one down there.

    Raises:
        LocalStoreError: what is kept there is no token.
        OSError: the folder is not writable.
    """
    with suppress(OSError):
        return checked_token((data / TOKEN).read_text(encoding="utf-8").strip(), str(data / TOKEN))
    token = os.urandom(20).hex()
    if keep:
        _write_private(data / TOKEN, token + "\n")
    return token


def checked_token(token: str, where: str) -> str:
    """Return a token as it is if it can stand in a header.

    Raises:
        LocalStoreError: it cannot; the message does not repeat it.
    """
    if not TOKEN_TEXT.fullmatch(token):
        raise LocalStoreError(
            f"the token from {where} must be visible ASCII characters without blanks"
        )
    return token


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    write_whole(path, text.encode())
