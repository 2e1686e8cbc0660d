"""Opens what lies below a folder, and never through a link: no picture comes in from elsewhere.

To look whether there is a link and to open then is two steps, and between them somebody who may
write there can put a link in a folder's place. So everything is opened from the folder that was
named (through what links, is the choice of whoever named it), without following any below it: by
one call where the kernel has it (`openat2`, Linux 5.6 on), else one folder after another. Windows
can open nothing from a folder: there links and junctions are looked for before and after.
"""

from __future__ import annotations

import errno
import os
import platform
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["entries_beneath", "open_beneath", "status_beneath"]

HAS_OPENAT2: bool = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
"""Whether there may be such a call: its number is known here."""

_OPENAT2: Final = 437
_BENEATH_AND_WITHOUT_LINKS: Final = 0x08 | 0x04
"""`RESOLVE_BENEATH` and `RESOLVE_NO_SYMLINKS` (`linux/openat2.h`)."""

_JUNCTION: Final = 0xA0000003
"""`IO_REPARSE_TAG_MOUNT_POINT` of Windows."""

_CLOEXEC: Final = getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY: Final = getattr(os, "O_DIRECTORY", 0)
# A folder that is only gone through need not be readable.
_ON_THE_WAY: Final = (
    getattr(os, "O_PATH", getattr(os, "O_SEARCH", os.O_RDONLY)) | _DIRECTORY | _CLOEXEC
)


def open_beneath(root: Path, path: Path, flags: int) -> int:
    """Open what lies below a folder for reading, and return the handle.

    Args:
        root: the folder; it and what lies above it may be links.
        path: below it; what does not lie there is opened from its own folder.
        flags: of `os.open`.

    Raises:
        OSError: ELOOP where there is a link, else what opening it says.
        ValueError: the path is none.
    """
    if path == root:
        return os.open(path, flags | _CLOEXEC)
    root, below = _parted(root, path)
    flags |= _CLOEXEC | _NOFOLLOW
    if os.open not in os.supports_dir_fd:
        return _open_looked_after(root, below, flags)
    top = os.open(root, _ON_THE_WAY)
    try:
        return _open_from(top, below, flags)
    finally:
        os.close(top)


def status_beneath(root: Path, path: Path) -> os.stat_result:
    """Return what `os.lstat` says of what lies below a folder.

    Raises:
        OSError: there is a link on the way to it, else what looking at it says.
        ValueError: the path is none.
    """
    root, below = _parted(root, path)
    if os.stat not in os.supports_dir_fd:
        _refuse_links(root, below.rpartition(os.sep)[0])
        return path.lstat()
    folder, _, name = below.rpartition("/")
    handle = os.open(root, _ON_THE_WAY)
    try:
        if folder:
            top, handle = handle, _open_from(handle, folder, _ON_THE_WAY | _NOFOLLOW)
            os.close(top)
        return os.stat(name, dir_fd=handle, follow_symlinks=False)
    finally:
        os.close(handle)


@contextmanager
def entries_beneath(root: Path, folder: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
    """Give the entries of a folder below another one, as `os.scandir` does, but for their paths.

    Raises:
        OSError: ELOOP where there is a link, else what listing it says.
    """
    if os.scandir not in os.supports_fd:
        _refuse_links(*_parted(root, folder))
        with os.scandir(folder) as entries:
            yield entries
        return
    try:
        handle = open_beneath(root, folder, os.O_RDONLY | _DIRECTORY)
    except NotADirectoryError:
        # Of a link that is to be a folder systems say that it is none.
        if stat.S_ISLNK(status_beneath(root, folder).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder)) from None
        raise
    try:
        with os.scandir(handle) as entries:
            yield entries
    finally:
        os.close(handle)


def _parted(root: Path, path: Path) -> tuple[Path, str]:
    """Return the folder to begin with, and the way from there."""
    # Pathlib takes longer to tell than the file takes to open.
    begin, whole = os.path.join(root, ""), os.fspath(path)  # noqa: PTH118
    if not whole.startswith(begin):
        root, begin = path.parent, os.path.join(path.parent, "")  # noqa: PTH118
    below = whole[len(begin) :]
    if ".." in below.split(os.sep):  # noqa: PTH206
        raise OSError(errno.EXDEV, "it does not lie below its folder")
    return root, below


def _open_from(top: int, below: str, flags: int) -> int:
    if "/" not in below:
        return os.open(below, flags, dir_fd=top)
    if HAS_OPENAT2 and (handle := _openat2(top, below, flags)) is not None:
        return handle
    return _open_by_steps(top, below, flags)


def _openat2(top: int, below: str, flags: int) -> int | None:
    """Open by the kernel's own call; None where it has none, or could not tell."""
    path = os.fsencode(below)
    if b"\0" in path:
        raise ValueError("embedded null byte")
    call, last_error = _kernel()
    how = struct.pack("=QQQ", flags, 0, _BENEATH_AND_WITHOUT_LINKS)
    handle = call(_OPENAT2, top, path, how, len(how))
    if handle >= 0:
        return handle
    number = last_error()
    # EPERM: a container that does not know the call denies it so. EAGAIN: something was moved.
    if number in (errno.ENOSYS, errno.EPERM, errno.EAGAIN, errno.EINTR):
        return None
    raise OSError(number, os.strerror(number), below)


@cache
def _kernel() -> tuple[Callable[[int, int, bytes, bytes, int], int], Callable[[], int]]:
    """Return what calls the kernel, and what says why that failed."""
    # Not every command opens photographs.
    import ctypes

    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    call.argtypes = [
        ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t
    ]  # fmt: skip
    return call, ctypes.get_errno


def _open_by_steps(top: int, below: str, flags: int) -> int:
    *folders, name = below.split("/")
    handle = os.dup(top)
    try:
        for folder in folders:
            inner = _folder_in(handle, folder)
            os.close(handle)
            handle = inner
        return os.open(name, flags, dir_fd=handle)
    finally:
        os.close(handle)


def _folder_in(handle: int, name: str) -> int:
    try:
        return os.open(name, _ON_THE_WAY | _NOFOLLOW, dir_fd=handle)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from None
        raise


def _open_looked_after(root: Path, below: str, flags: int) -> int:
    _refuse_links(root, below)
    handle = os.open(root / below, flags)
    try:
        _refuse_links(root, below)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _refuse_links(root: Path, below: str) -> None:
    place = root
    for part in Path(below).parts:
        place /= part
        status = place.lstat()
        junction = getattr(status, "st_reparse_tag", 0) == _JUNCTION
        if stat.S_ISLNK(status.st_mode) or junction:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(place))
