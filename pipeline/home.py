"""Where things lie in the home folder; the home folder itself, found without a detour; its privacy.

A camera waits while the hook runs, so nothing is imported here that Python has not loaded
already when it starts.
"""

from __future__ import annotations

import os
import stat
import sys

__all__ = [
    "BACKGROUND_LOCK",
    "BACKUP_FOLDER",
    "CURRENT_PRODUCT_FILE",
    "HABITS_FILE",
    "HEARTBEAT_FILE",
    "INBOX_FOLDER",
    "KEPT_FOLDER",
    "KNOWN_SHOPS_FILE",
    "LABELS_FILE",
    "LEDGER_FILE",
    "LOCAL_STORE_FOLDER",
    "LOCAL_STORE_LOG",
    "LOG_FOLDER",
    "OWNERS_FOLDER",
    "PRIVATE_FILE",
    "SET_ASIDE_FOLDER",
    "SPOOL_FOLDER",
    "TEST_SHOP_FILE",
    "UPLOADED_FOLDER",
    "WATCH_LOCK",
    "WATCH_SHOPS_FILE",
    "close_home",
    "closed_sentence",
    "default_home",
    "home_given",
    "make_files_private",
    "of_shop",
    "spool_name",
]

APP = "photo-pipeline"

INBOX_FOLDER = "tray"
"""Shots that a hook has noted down and nobody has taken in yet."""

KEPT_FOLDER = "kept"
"""The bytes of photographs whose files may be overwritten, until nobody needs them any more."""

SET_ASIDE_FOLDER = ".set-aside"
"""In the inbox: what lay there and could not be taken in. Hidden, so that no version of the
program that does not know it takes it for a shot."""

CURRENT_PRODUCT_FILE = "on-the-table"
"""The product that the shots which follow belong to."""

WATCH_LOCK = "watch.lock"
"""Held by the watcher for as long as it lives."""

BACKGROUND_LOCK = "background.lock"
"""Held by the engine that a hook has started, for as long as it lives; of a shop that the hook's
call names, with `of_shop`."""

WATCH_SHOPS_FILE = "watch-shops"
"""The shops whose shots the watcher takes in, one a line; an empty line: that name none."""

LABELS_FILE = "labels"
"""The last label of each shoot."""

HEARTBEAT_FILE = "watch.json"
"""What the watcher last said of itself."""

HABITS_FILE = "watch-habits.json"
"""What the watcher has learned of the programs that write into its folders."""

CATEGORIES_FILE = "shot-categories"
"""What is in the categories of a shot list, of each shop by itself."""

LOG_FOLDER = "logs"

LEDGER_FILE = "ledger.sqlite3"

OWNERS_FOLDER = "owners"
"""A lock file for each process that may hold claims, beside the ledger."""

BACKUP_FOLDER = "backups"
"""Copies of the ledger for which no other place was named."""

SPOOL_FOLDER = "spool"
"""Pictures that are prepared and not yet sent."""

UPLOADED_FOLDER = "uploaded"
"""The very bytes that were uploaded, by the day, for as long as they are kept."""

LOCAL_STORE_FOLDER = "local-store"
"""Where the local store keeps its data."""

LOCAL_STORE_LOG = "local-store.log"

KNOWN_SHOPS_FILE = "known-shops"
"""The real shops that have answered, one a line: this home never takes the test shop for one."""

TEST_SHOP_FILE = "test-shop"
"""What the ledger knows the test shop of this home by."""

_OURS = (
    INBOX_FOLDER,
    KEPT_FOLDER,
    CURRENT_PRODUCT_FILE,
    WATCH_LOCK,
    WATCH_SHOPS_FILE,
    BACKGROUND_LOCK,
    LABELS_FILE,
    HEARTBEAT_FILE,
    HABITS_FILE,
    CATEGORIES_FILE,
    LOG_FOLDER,
    LEDGER_FILE,
    OWNERS_FOLDER,
    BACKUP_FOLDER,
    SPOOL_FOLDER,
    UPLOADED_FOLDER,
    LOCAL_STORE_FOLDER,
    LOCAL_STORE_LOG,
    KNOWN_SHOPS_FILE,
    TEST_SHOP_FILE,
)

PRIVATE_FILE = 0o600
"""What is written is photographs, products and answers of the shop: its owner's alone."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


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


def of_shop(name: str, shop: str) -> str:
    """Return the name of a file or folder that there is once for each shop that calls name.

    Args:
        name: of that for which no shop is named.
        shop: the shop's name; empty where none is named.
    """
    return f"{name}@{shop}" if shop else name


def make_files_private() -> None:
    """Have whatever this process and its children write from now on be its owner's alone.

    Folders become 0700 and files 0600, whatever the mask was that the process came with: one
    that is too narrow (a file that not even its owner reads) is no less of a trouble.
    """
    os.umask(_OTHERS)


def close_home(home: str, *, whole: bool = True) -> int:
    """Take away what others may do in a home folder; return of how many places that was true.

    Only what bears one of our names is touched, besides the folder itself: a home may have been
    put where other things lie, too. Links are not followed, and nothing is given to anybody. A
    folder that is shared by the system's users (`/tmp`) is left as it is.

    Args:
        home: the home folder; one that is not there is nothing to do.
        whole: what lies in it, too. A camera does not wait for that: while the folder is closed
            nobody comes to what lies in it.
    """
    if os.name != "posix":
        return 0
    try:
        if os.stat(home).st_mode & stat.S_ISVTX:
            return 0
    except OSError:
        return 0
    # The folder first: from then on nobody can put a link in a file's place.
    closed = _close(home)
    if whole:
        closed += sum(_close_all(entry) for entry in _listed(home) if _is_ours(entry.name))
    return closed


def closed_sentence(home: str, closed: int) -> str:
    """Return what is said, once, of what had been open to other users of the machine."""
    places = "one place" if closed == 1 else f"{closed} places"
    return (
        f"other users of this machine could look into {home} ({places}): that is put right, "
        "it is yours alone now"
    )


def _is_ours(name: str) -> bool:
    # What is being written begins with a dot; journals, copies and earlier logs have endings.
    return name.removeprefix(".").startswith(_OURS)


def _close_all(entry: os.DirEntry[str]) -> int:
    if entry.is_symlink():
        return 0
    closed = _close(entry.path)
    # Nobody else comes into a folder that was closed before: what lies in it, thousands of pictures
    # after some years, is not looked at by every command again.
    if closed and entry.is_dir(follow_symlinks=False):
        closed += sum(_close_all(inner) for inner in _listed(entry.path))
    return closed


def _close(path: str) -> int:
    """Take away what others may do with a file or folder; return 1 where there was something."""
    try:
        mode = os.stat(path).st_mode
        if not mode & _OTHERS:
            return 0
        os.chmod(path, stat.S_IMODE(mode) & ~_OTHERS)
        # Some disks know no permissions, and do not say so.
        return 0 if os.stat(path).st_mode & _OTHERS else 1
    except OSError:
        # It has gone meanwhile, or belongs to somebody else.
        return 0


def _listed(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def spool_name(sha256: str, photo_id: str, suffix: str) -> str:
    """Return the name in the spool of a picture with that digest of that photograph."""
    whose = f"-{photo_id}" if photo_id else ""
    return f"{sha256[:2]}/{sha256}{whose}{suffix}"
