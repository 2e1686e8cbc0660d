"""Where things lie in the home folder; and the home folder itself, found without a detour.

A camera waits while the hook runs, so nothing is imported here that Python has not loaded
already when it starts.
"""

from __future__ import annotations

import os
import sys

__all__ = [
    "BACKGROUND_LOCK",
    "BACKUP_FOLDER",
    "CURRENT_PRODUCT_FILE",
    "HEARTBEAT_FILE",
    "INBOX_FOLDER",
    "LEDGER_FILE",
    "LOCAL_STORE_FOLDER",
    "LOG_FOLDER",
    "SPOOL_FOLDER",
    "WATCH_LOCK",
    "default_home",
    "home_given",
]

APP = "photo-pipeline"

INBOX_FOLDER = "tray"
"""Shots that a hook has noted down and nobody has taken in yet."""

CURRENT_PRODUCT_FILE = "on-the-table"
"""The product that the shots which follow belong to."""

WATCH_LOCK = "watch.lock"
"""Held by the watcher for as long as it lives."""

BACKGROUND_LOCK = "background.lock"
"""Held by the engine that a hook has started, for as long as it lives."""

HEARTBEAT_FILE = "watch.json"
"""What the watcher last said of itself."""

LOG_FOLDER = "logs"

LEDGER_FILE = "ledger.sqlite3"

BACKUP_FOLDER = "backups"
"""Copies of the ledger for which no other place was named."""

SPOOL_FOLDER = "spool"
"""Pictures that are prepared and not yet sent."""

LOCAL_STORE_FOLDER = "local-store"
"""Where the local store keeps its data."""


def default_home() -> str:
    """Return the home folder where none is set, by the custom of the platform.

    Source: on Linux the XDG Base Directory Specification, read here because the library that
    knows all platforms takes 20 ms to load; a test holds the two together.
    """
    if sys.platform == "linux":
        data = os.environ.get("XDG_DATA_HOME", "")
        if not data.strip():
            data = os.path.expanduser("~/.local/share")
        return os.path.join(data, APP)
    from platformdirs import user_data_dir

    return user_data_dir(APP, appauthor=False)


def home_given(flag: str | None) -> str:
    """Return the home folder in force as an absolute path: flag over environment over custom."""
    home = flag or os.environ.get("PIPELINE_HOME") or default_home()
    return os.path.abspath(os.path.expanduser(home))
