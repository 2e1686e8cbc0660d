"""Find photographs in files and folders, and ignore what other programs leave about."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import Enum, auto
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pipeline.values import Arrival, Door

__all__ = ["is_ignored_name", "natural", "scan"]

_IGNORED: Final = (
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
    "*.sb-????????-??????",  # macOS applications write under this name and rename
    "desktop.ini",
    "@eadir",
    "~syncthing~*",
    "__macosx",
    "lost+found",
    "system volume information",
    # What was deleted or kept from earlier is not what is to be sold.
    "#recycle",
    "#snapshot",
    "@recycle",
    "@recently-snapshot",
    "$recycle.bin",
)
"""Names, in lower case, that cameras, network disks and copying programs leave about."""


def is_ignored_name(name: str) -> bool:
    """Whether a file or folder of that name is nobody's photograph.

    Sources: the naming conventions of macOS, Windows, Synology, QNAP, gphoto2, rsync, Syncthing
    and the browsers, for hidden files, unfinished copies and waste bins.
    """
    lowered = name.casefold()
    return any(fnmatchcase(lowered, pattern) for pattern in _IGNORED)


def scan(
    paths: Sequence[Path],
    *,
    door: Door,
    now: datetime,
    product_id: int | None = None,
    sku: str | None = None,
    link_skipped: Callable[[Path], None] = lambda link: None,
) -> Iterator[Arrival]:
    """Return every file that is named, and every file below a folder that is named, once.

    Names sort as people count (`2` before `10`), folder by folder, so that photographs arrive in
    the order in which they were shot. A link below a folder is never followed: it may lead out of
    it. A file that was named is given whatever its name, and a link that was named is followed.

    Args:
        paths: files and folders.
        door: how they came in.
        now: the time of their arrival, aware and in UTC.
        product_id: the product of all of them, if the caller said so.
        sku: the SKU of all of them, if the caller said so.
        link_skipped: is told each link below a folder that was not followed.
    """
    seen: set[Path] = set()
    for named in paths:
        top = Path(os.path.abspath(named))  # noqa: PTH100 - resolve() would follow links
        is_folder = os.path.isdir(top)  # noqa: PTH112 - Path.is_dir() raises where it may not look
        if not is_folder and os.path.islink(top):  # noqa: PTH114
            top = Path(os.path.realpath(top))
        root = top if is_folder else top.parent
        for path, kind in _below(top) if is_folder else ((top, _Kind.FILE),):
            if path in seen:
                continue
            seen.add(path)
            if kind is _Kind.LINK:
                link_skipped(path)
                continue
            yield Arrival(
                path=path, root=root, door=door, seen_at=now, product_id=product_id, sku=sku
            )


class _Kind(Enum):
    FOLDER = auto()
    FILE = auto()
    LINK = auto()


def _below(top: Path) -> Iterator[tuple[Path, _Kind]]:
    """Return the files and links below a folder; kept on a stack, for folders may lie deep."""
    pending = [(top, _Kind.FOLDER)]
    while pending:
        path, kind = pending.pop()
        if kind is not _Kind.FOLDER:
            yield path, kind
            continue
        try:
            pending += reversed(_listed(path))
        except OSError:
            # Given as a path of its own, so that it is refused with its reason, not forgotten.
            yield path, _Kind.FILE


def _listed(folder: Path) -> list[tuple[Path, _Kind]]:
    with os.scandir(folder) as entries:
        found = sorted(
            (entry for entry in entries if not is_ignored_name(entry.name)),
            key=lambda entry: natural(entry.name),
        )
    # What is neither (a pipe, a socket, a device) is nobody's photograph.
    kinds = ((folder / entry.name, _kind_of(entry)) for entry in found)
    return [(path, kind) for path, kind in kinds if kind is not None]


def _kind_of(entry: os.DirEntry[str]) -> _Kind | None:
    if entry.is_symlink():
        return _Kind.LINK
    if entry.is_dir(follow_symlinks=False):
        return _Kind.FOLDER
    return _Kind.FILE if entry.is_file(follow_symlinks=False) else None


def natural(name: str) -> tuple[str, str]:
    """Return the key by which names sort as people count: `2` before `10`."""
    return re.sub(r"\d+", lambda run: run.group().zfill(12), name.casefold()), name
