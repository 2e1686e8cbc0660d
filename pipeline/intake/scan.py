"""Find photographs in files and folders, and leave alone what other programs leave about."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pipeline.values import Arrival, Door

__all__ = ["is_left_about", "scan"]

_LEFT_ABOUT: Final = (
    ".*",  # hidden files, macOS's ._ companions, rsync's and Syncthing's unfinished copies
    "~$*",
    "*~",
    "*.tmp",
    "*.temp",
    "*.part",
    "*.partial",
    "*.filepart",
    "*.crdownload",
    "*.download",
    "*.swp",
    "*.lock",
    "tmpfile??????",  # gphoto2 writes under this name and renames
    "thumbs.db",
    "desktop.ini",
    "@eadir",
    "~syncthing~*",
)
"""Names, in lower case, that cameras, network disks and copying programs leave about."""


def is_left_about(name: str) -> bool:
    """Tell whether a file or folder of that name is nobody's photograph.

    Sources: the naming conventions of macOS, Windows, Synology, gphoto2, rsync, Syncthing and
    the browsers, for hidden files and unfinished copies.
    """
    lowered = name.casefold()
    return any(fnmatchcase(lowered, pattern) for pattern in _LEFT_ABOUT)


def scan(
    paths: Sequence[Path],
    *,
    door: Door,
    now: datetime,
    product_id: int | None = None,
    sku: str | None = None,
) -> Iterator[Arrival]:
    """Give every file that is named, and every file below a folder that is named, once.

    Names sort as people count (`2` before `10`), folder by folder, so that photographs arrive in
    the order in which they were shot. A link below a folder is never followed: it may lead out of
    it. A file that was named is given whatever its name, and a link that was named is followed.

    Args:
        paths: files and folders.
        door: how they came in.
        now: the time of their arrival, aware and in UTC.
        product_id: the product of all of them, if the caller said so.
        sku: the SKU of all of them, if the caller said so.
    """
    seen: set[Path] = set()
    for named in paths:
        top = Path(os.path.abspath(named))  # noqa: PTH100 - resolve() would follow links
        if top.is_symlink() and not top.is_dir():
            top = top.resolve()
        is_folder = top.is_dir()
        root = top if is_folder else top.parent
        for path in _below(top) if is_folder else (top,):
            if path in seen:
                continue
            seen.add(path)
            yield Arrival(
                path=path, root=root, door=door, seen_at=now, product_id=product_id, sku=sku
            )


def _below(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                (entry for entry in entries if not is_left_about(entry.name)),
                key=lambda entry: _natural(entry.name),
            )
    except OSError:
        # Given as a path of its own, so that it is refused with its reason instead of forgotten.
        yield folder
        return
    for entry in found:
        if entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(folder / entry.name)
        elif entry.is_file(follow_symlinks=False):
            yield folder / entry.name


def _natural(name: str) -> tuple[str, str]:
    return re.sub(r"\d+", lambda run: run.group().zfill(12), name.casefold()), name
