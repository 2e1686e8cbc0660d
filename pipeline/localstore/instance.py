"""The note in the data folder that says where the store answers, and whether it is true."""

from __future__ import annotations

import http.client
import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pipeline.localstore.options import RunningStore

__all__ = ["forget_running", "note_running", "running_store", "write_private"]

NOTE: Final = "running.json"

ANSWER_SECONDS: Final = 2.0
"""How long a living store on the loopback may take to say who it is."""


def running_store(data: Path) -> RunningStore | None:
    """Give the store that serves a data folder; None when none answers.

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
    return store if _pid_behind(store.page) == store.pid else None


def _pid_behind(page: str) -> int | None:
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


def note_running(data: Path, store: RunningStore) -> None:
    """Write down where the store answers, readable by its owner alone.

    Raises:
        OSError: the folder is not writable.
    """
    write_private(data / NOTE, json.dumps(asdict(store)) + "\n")


def forget_running(data: Path, pid: int) -> None:
    """Take the note away if it is this process's own; a note of another store stays."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = data / NOTE
        if json.loads(note.read_text(encoding="utf-8"))["pid"] == pid:
            note.unlink()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises:
        OSError: the folder is not writable.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    # Created with its mode: a chmod afterwards would leave a moment in which all may read.
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
