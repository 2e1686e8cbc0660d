"""What the watcher says of itself, for `pipeline status` and for a second watcher."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from pipeline.durable import replace_file
from pipeline.errors import ConfigError, LedgerError
from pipeline.home import HEARTBEAT_FILE, WATCH_LOCK
from pipeline.hook.inbox import is_locked

__all__ = ["Heartbeat", "beat", "forget", "one_watcher", "read_heartbeat", "since", "watching"]

LOCK_SECONDS: Final = 2.0
"""A hook holds the lock for a moment to see whether it is free."""

LATE_SECONDS: Final = 60.0
"""After so long without a beat a watcher that lives is said to be stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The watcher's last word: times in UTC, folders as they were named."""

    pid: int
    started_at: datetime
    beat_at: datetime
    folders: tuple[str, ...]
    gone: tuple[str, ...]
    settling: int
    error_at: datetime | None
    error: str | None

    def write(self, home: Path) -> None:
        """Put it where others find it, whole at every moment.

        Raises:
            OSError: it cannot be written.
        """
        document: dict[str, Any] = {
            "pid": self.pid,
            "started_at": self.started_at.isoformat(),
            "beat_at": self.beat_at.isoformat(),
            "folders": list(self.folders),
            "gone": list(self.gone),
            "settling": self.settling,
            "error_at": None if self.error_at is None else self.error_at.isoformat(),
            "error": self.error,
        }
        content = json.dumps(document, indent=2).encode()
        # It is worth nothing after a power cut, so it need not outlast one.
        replace_file(str(home / HEARTBEAT_FILE), content, mode=0o666, durable=False)

    @property
    def late(self) -> bool:
        """Whether it is so old that the watcher must be stuck, if it lives."""
        return (datetime.now(UTC) - self.beat_at).total_seconds() > LATE_SECONDS


def read_heartbeat(home: Path) -> Heartbeat | None:
    """Give the last word of the watcher of a home; None where there is none."""
    try:
        document = json.loads((home / HEARTBEAT_FILE).read_text("utf-8"))
        error_at = document["error_at"]
        return Heartbeat(
            pid=document["pid"],
            started_at=datetime.fromisoformat(document["started_at"]),
            beat_at=datetime.fromisoformat(document["beat_at"]),
            folders=tuple(document["folders"]),
            gone=tuple(document["gone"]),
            settling=document["settling"],
            error_at=None if error_at is None else datetime.fromisoformat(error_at),
            error=document["error"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def watching(home: Path) -> bool:
    """Tell whether a watcher of this home lives."""
    return is_locked(str(home), WATCH_LOCK)


@contextmanager
def one_watcher(home: Path) -> Iterator[None]:
    """Be the one watcher of a home. A lock that a dead one left is free.

    Raises:
        ConfigError: another watches already; says which, and since when.
        LedgerError: the home folder cannot be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / WATCH_LOCK, thread_local=False)
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        other = read_heartbeat(home)
        who = "" if other is None else f" (process {other.pid}, since {since(other.started_at)})"
        raise ConfigError(
            f"another watcher holds {home}{who}: stop it first, or give another --home"
        ) from None
    except OSError as error:
        raise LedgerError(f"the home folder {home} cannot be used: {error.strerror}") from error
    try:
        yield
    finally:
        forget(home)
        lock.release()


def forget(home: Path) -> None:
    """Take the last word away: the watcher ends as it was asked to."""
    with suppress(OSError):
        (home / HEARTBEAT_FILE).unlink()


def since(moment: datetime) -> str:
    """Give a time as people say it: `Monday 09:14` within the last six days, else with its date."""
    local = moment.astimezone()
    recent = (datetime.now(UTC) - moment).total_seconds() < 6 * 86_400
    return local.strftime("%A %H:%M" if recent else "%Y-%m-%d %H:%M")


def beat(
    home: Path,
    started_at: datetime,
    folders: tuple[str, ...],
    gone: tuple[str, ...],
    settling: int,
    last_error: tuple[datetime, str] | None,
) -> None:
    """Say that the watcher lives, and how it does.

    Raises:
        OSError: it cannot be written.
    """
    Heartbeat(
        pid=os.getpid(),
        started_at=started_at,
        beat_at=datetime.now(UTC),
        folders=folders,
        gone=gone,
        settling=settling,
        error_at=None if last_error is None else last_error[0],
        error=None if last_error is None else last_error[1],
    ).write(home)
