"""Find photographs in files and folders, and ignore what other programs leave about."""

from __future__ import annotations

import errno
import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from enum import Enum, auto
from functools import cache
from pathlib import Path
from typing import Final

from pipeline.beneath import entries_beneath
from pipeline.intake.leftovers import (
    begins_session,
    is_conflict_copy,
    is_ignored_name,
    is_leftover,
    is_session_waste,
)
from pipeline.values import Arrival, Door
from pipeline.wording import shown

__all__ = ["copies_left_out", "is_wanted", "natural", "scan"]

_CAPTURE_ONE: Final = "captureone"
"""The folder in which Capture One keeps previews and adjustments, beside the photographs."""


def scan(
    paths: Sequence[Path],
    *,
    door: Door,
    now: datetime,
    product_id: int | None = None,
    sku: str | None = None,
    link_skipped: Callable[[Path], None] = lambda link: None,
    copy_skipped: Callable[[Path], None] = lambda copy: None,
    below: bool = True,
    within: Path | None = None,
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
        copy_skipped: is told each conflict copy below a folder that was left out.
        below: folders in the folders that are named are looked into as well.
        within: the folder that was named, where only parts of it are scanned: what lies in it is
            reached through no link, the parts themselves included.
    """
    seen: set[Path] = set()
    for named in paths:
        top = Path(os.path.abspath(named))  # noqa: PTH100 - resolve() would follow links
        root, found = (
            _of_named(top, below) if within is None else (within, _below(top, within, below))
        )
        for path, kind in found:
            if path in seen:
                continue
            seen.add(path)
            if kind is _Kind.LINK:
                link_skipped(path)
                continue
            if kind is _Kind.CONFLICT_COPY:
                copy_skipped(path)
                continue
            yield Arrival(
                path=path, root=root, door=door, seen_at=now, product_id=product_id, sku=sku
            )


def copies_left_out(copies: Sequence[Path]) -> str:
    """Return the sentence with which conflict copies that were left out are told, one or more."""
    number = f"{len(copies)} conflict copies were" if len(copies) > 1 else "one conflict copy was"
    return (
        f"{number} left out ({shown(copies[0])}{' …' if len(copies) > 1 else ''}): a program that "
        "synchronises folders keeps them beside a file that two had changed; rename one that is "
        "meant, or give it by name"
    )


def is_wanted(path: Path, root: Path) -> bool:
    """Whether a scan of a folder would give what lies at a path below it, as far as names tell."""
    folder = root
    for part in path.relative_to(root).parts:
        if is_ignored_name(part):
            return False
        below = folder / part
        if is_session_waste(part) and below.is_dir() and _in_session(folder, root):
            return False
        folder = below

    def beside(name: str) -> bool:
        return path.with_name(name).exists()

    if is_leftover(path.name, beside) or is_conflict_copy(path.name, beside, _computer()):
        return path.is_dir()
    return True


class _Kind(Enum):
    FOLDER = auto()
    FILE = auto()
    LINK = auto()
    CONFLICT_COPY = auto()


def _of_named(top: Path, below: bool) -> tuple[Path, Iterable[tuple[Path, _Kind]]]:
    """Return the root of what was named, and what is there to be found."""
    if os.path.isdir(top):  # noqa: PTH112 - Path.is_dir() raises where it may not look
        return top, _below(top, top, below)
    if os.path.islink(top):  # noqa: PTH114
        top = Path(os.path.realpath(top))
    return top.parent, ((top, _Kind.FILE),)


def _below(top: Path, root: Path, below: bool) -> Iterator[tuple[Path, _Kind]]:
    """Return the files and links below a folder; kept on a stack, for folders may lie deep."""
    pending = [(top, _Kind.FOLDER, False)]
    while pending:
        path, kind, in_session = pending.pop()
        if kind is not _Kind.FOLDER:
            yield path, kind
            continue
        if path != top and not below:
            continue
        try:
            pending += reversed(_listed(root, path, in_session=in_session))
        except OSError as error:
            # Given as a path of its own, so that it is refused with its reason, not forgotten.
            yield path, _Kind.LINK if error.errno == errno.ELOOP else _Kind.FILE


def _listed(root: Path, folder: Path, *, in_session: bool) -> list[tuple[Path, _Kind, bool]]:
    found: list[tuple[Path, _Kind, bool]] = []
    with entries_beneath(root, folder) as listing:
        entries = sorted(listing, key=lambda entry: natural(entry.name))
        names = {entry.name for entry in entries}
        in_session = in_session or _is_session(folder, names)
        for entry in entries:
            if is_ignored_name(entry.name):
                continue
            kind = _kind_of(entry, names)
            if kind is _Kind.FOLDER and in_session and is_session_waste(entry.name):
                continue
            if kind is not None:
                found.append((folder / entry.name, kind, in_session))
    return found


def _kind_of(entry: os.DirEntry[str], names: set[str]) -> _Kind | None:
    """Return what an entry is; None for a leftover, and for a pipe, a socket or a device."""
    if entry.is_symlink():
        return _Kind.LINK
    if entry.is_dir(follow_symlinks=False):
        return _Kind.FOLDER
    if not entry.is_file(follow_symlinks=False) or is_leftover(entry.name, names.__contains__):
        return None
    copied = is_conflict_copy(entry.name, names.__contains__, _computer())
    return _Kind.CONFLICT_COPY if copied else _Kind.FILE


def _in_session(folder: Path, root: Path) -> bool:
    """Whether a session's file lies in a folder, or above it as far up as the root."""
    for above in (folder, *folder.parents):
        try:
            if _is_session(above, set(os.listdir(above))):  # noqa: PTH208 - names are enough
                return True
        except OSError:
            return False
        if above == root:
            break
    return False


def _is_session(folder: Path, names: set[str]) -> bool:
    return folder.name.casefold() == _CAPTURE_ONE or any(map(begins_session, names))


@cache
def _computer() -> str:
    """Return this computer's name, without its domain."""
    return platform.node().partition(".")[0]


def natural(name: str) -> tuple[str, str]:
    """Return the key by which names sort as people count: `2` before `10`."""
    return re.sub(r"\d+", lambda run: run.group().zfill(12), name.casefold()), name
