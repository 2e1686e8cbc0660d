"""Find photographs in files and folders, and ignore what other programs leave about."""

from __future__ import annotations

import errno
import os
import platform
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum, auto
from functools import cache
from pathlib import Path
from stat import S_ISREG
from typing import Final, NamedTuple

from pipeline.beneath import entries_beneath, status_beneath
from pipeline.intake.choice import IGNORE_FILE, Choice, FolderChoice
from pipeline.intake.leftovers import (
    begins_session,
    is_conflict_copy,
    is_ignored_name,
    is_leftover,
    is_session_waste,
)
from pipeline.intake.sidecars import has_picture_beside, is_raw_name
from pipeline.intake.stamps import stamp_of
from pipeline.left_out import LeftOutCount
from pipeline.values import Arrival, Door
from pipeline.wording import shown

__all__ = ["copies_left_out", "is_wanted", "natural", "scan"]

_DIGITS: Final = re.compile(r"\d+")

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
    choice: Choice | None = None,
    left_out: LeftOutCount | None = None,
    below: bool = True,
    within: Path | None = None,
    stamps: bool = False,
) -> Iterator[Arrival]:
    """Return every file that is named, and every file below a folder that is named, once.

    Names sort as people count (`2` before `10`), folder by folder, so that photographs arrive in
    the order in which they were shot. A link below a folder is never followed: it may lead out of
    it. A file that was named is given whatever its name, and a link that was named is followed;
    what leaves it out all the same is said with it, in the same command.

    Args:
        paths: files and folders.
        door: how they came in.
        now: the time of their arrival, aware and in UTC.
        product_id: the product of all of them, if the caller said so.
        sku: the SKU of all of them, if the caller said so.
        link_skipped: is told each link below a folder that was not followed.
        copy_skipped: is told each conflict copy below a folder that was left out.
        choice: which of them are wanted; all where None. A folder that is left out is not opened.
        left_out: counts what is left out by the choice.
        below: folders in the folders that are named are looked into as well.
        within: the folder that was named, where only parts of it are scanned: what lies in it is
            reached through no link, the parts themselves included.
        stamps: give each arrival the file's stamp, where the file may be known by it.
    """
    tops = [
        _named(Path(os.path.abspath(path)), follow=within is None)  # noqa: PTH100 - no resolve()
        for path in paths
    ]
    may_come_twice = _overlapping(tops)
    stamped = None if not stamps else _says_enough if door is Door.RUN else _any
    walk = _Walk(choice or Choice(), left_out or LeftOutCount(), stamped)
    seen: set[Path] = set()
    for top in tops:
        root, found = walk.of_top(top, below, within)
        for path, kind, stamp in found:
            if may_come_twice:
                if path in seen:
                    continue
                if top in may_come_twice:
                    seen.add(path)
            if kind is _Kind.LINK:
                link_skipped(path)
                continue
            if kind is _Kind.CONFLICT_COPY:
                copy_skipped(path)
                continue
            yield Arrival(
                path=path,
                root=root,
                door=door,
                seen_at=now,
                product_id=product_id,
                sku=sku,
                stamp=stamp,
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


_Stamped = Callable[[str, Callable[[str], bool]], bool]
"""Whether a file of a name gets its stamp; is told what has a name in the same folder."""


class _Entry(NamedTuple):
    path: Path
    kind: _Kind
    stamp: str | None


def _named(path: Path, *, follow: bool) -> Path:
    """Return what was named: a folder as it was, of a link to a file that file."""
    # Path.is_dir() raises where it may not look.
    if follow and os.path.islink(path) and not os.path.isdir(path):  # noqa: PTH112, PTH114
        return Path(os.path.realpath(path))
    return path


def _overlapping(tops: Sequence[Path]) -> frozenset[Path]:
    """Return those that lie in another one, or are named twice, or in which another one lies.

    Only what they hold may be found twice: of a million files nobody wants to keep all paths.
    """
    number = Counter(tops)
    found = {top for top in number if number[top] > 1}
    for top in number:
        above = number.keys() & set(top.parents)
        if above:
            found |= above | {top}
    return frozenset(found)


def _says_enough(name: str, beside: Callable[[str], bool]) -> bool:
    """Whether a file's stamp says all: of a raw file what lies beside it does, too."""
    return not (is_raw_name(name) and has_picture_beside(Path(name), beside))


def _any(name: str, beside: Callable[[str], bool]) -> bool:
    return True


class _Where(NamedTuple):
    """Where an entry lies: in a program's session, and under which patterns."""

    in_session: bool
    scope: FolderChoice


class _Walk:
    """Goes through what was named, folder by folder."""

    def __init__(self, choice: Choice, left_out: LeftOutCount, stamped: _Stamped | None) -> None:
        self._choice = choice
        self._left_out = left_out
        self._stamped = stamped

    def of_top(self, top: Path, below: bool, within: Path | None) -> tuple[Path, Iterable[_Entry]]:
        """Return the root of what was named, and what is there to be found."""
        if within is not None:
            scope = self._choice.scope_of(top, within)
            return within, () if scope is None else self._below(top, within, below, scope)
        folder = os.path.isdir(top)  # noqa: PTH112
        cause = self._choice.of_named(top, folder=folder)
        if cause is not None:
            self._left_out.add(cause, top, folder=folder)
            return top, ()
        if folder:
            return top, self._below(top, top, below, self._choice.at_root(top))
        return top.parent, self._named_file(top)

    def _named_file(self, path: Path) -> Iterator[_Entry]:
        def beside(name: str) -> bool:
            return path.with_name(name).exists()

        wanted = self._stamped is not None and self._stamped(path.name, beside)
        stamp = None
        if wanted or self._choice.newer_than:
            with suppress(OSError):
                status = status_beneath(path.parent, path)
                if S_ISREG(status.st_mode):
                    if self._is_older(path, status):
                        return
                    stamp = str(stamp_of(status, path.parent)) if wanted else None
        yield _Entry(path, _Kind.FILE, stamp)

    def _below(self, top: Path, root: Path, below: bool, scope: FolderChoice) -> Iterator[_Entry]:
        """Return the files and links below a folder; kept on a stack, for folders may lie deep."""
        first = _Entry(top, _Kind.FOLDER, None), _Where(in_session=False, scope=scope)
        pending = [iter((first,))]
        while pending:
            entry, where = next(pending[-1], (None, None))
            if entry is None or where is None:
                pending.pop()
            elif entry.kind is not _Kind.FOLDER:
                yield entry
            elif below or entry.path == top:
                try:
                    listed = self._listed(root, entry.path, where, is_top=entry.path == top)
                except OSError as error:
                    # Given as a path of its own, so that it is refused with its reason.
                    kind = _Kind.LINK if error.errno == errno.ELOOP else _Kind.FILE
                    yield _Entry(entry.path, kind, None)
                else:
                    pending.append(listed)

    def _listed(
        self, root: Path, folder: Path, where: _Where, *, is_top: bool
    ) -> Iterator[tuple[_Entry, _Where]]:
        found: list[tuple[str, _Kind, str | None]] = []
        with entries_beneath(root, folder) as listing:
            entries = sorted(listing, key=lambda entry: natural(entry.name))
            names = {entry.name for entry in entries}
            where = self._in(folder, names, where, is_top=is_top)
            scope, asks_all = where.scope, where.scope.speaks_of_files
            for entry in entries:
                name = entry.name
                if is_ignored_name(name):
                    continue
                kind = _kind_of(entry, names)
                if kind is None:
                    continue
                is_folder = kind is _Kind.FOLDER
                if is_folder and where.in_session and is_session_waste(name):
                    continue
                cause = scope.cause(name, folder=is_folder) if is_folder or asks_all else None
                if cause is not None:
                    self._left_out.add(cause, folder / name, folder=is_folder)
                    continue
                is_file = kind is _Kind.FILE
                stamp, is_older = (
                    self._looked_at(folder, entry, names) if is_file else (None, False)
                )
                if not is_older:
                    found.append((name, kind, stamp))
        # Paths take more memory than names.
        return ((_Entry(folder / name, kind, stamp), where) for name, kind, stamp in found)

    def _in(self, folder: Path, names: set[str], where: _Where, *, is_top: bool) -> _Where:
        """Return where the entries of a folder lie."""
        scope = where.scope
        if not is_top:
            scope = scope.into(folder.name)
            if IGNORE_FILE in names:
                scope = scope.with_file()
        return _Where(where.in_session or _is_session(folder, names), scope)

    def _looked_at(
        self, folder: Path, entry: os.DirEntry[str], names: set[str]
    ) -> tuple[str | None, bool]:
        """Return a file's stamp while its folder is open, and whether it is too old.

        The stamp is None where it is not wanted, or where nothing can be said of it.
        """
        wanted = self._stamped is not None and self._stamped(entry.name, names.__contains__)
        if not (wanted or self._choice.newer_than):
            return None, False
        try:
            # Windows tells no inode with a listing.
            named = os.name == "nt"
            status = (folder / entry.name).lstat() if named else entry.stat(follow_symlinks=False)
        except OSError:
            return None, False
        if self._choice.newer_than and self._is_older(folder / entry.name, status):
            return None, True
        return str(stamp_of(status, folder)) if wanted else None, False

    def _is_older(self, path: Path, status: os.stat_result) -> bool:
        cause = self._choice.older(status.st_mtime_ns)
        if cause is not None:
            self._left_out.add(cause, path, folder=False)
        return cause is not None


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
    return _DIGITS.sub(_padded, name.casefold()), name


def _padded(digits: re.Match[str]) -> str:
    return digits.group().zfill(12)
