"""Does anybody hold a file open for writing? Answered where the platform can tell."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

__all__ = ["is_being_written"]

if sys.platform == "linux":
    import fcntl

    def is_being_written(path: Path) -> bool | None:
        """Whether somebody may still write to a file; None where nobody can say.

        A read lease is granted only while nobody has the file open for writing (fcntl(2)). It is
        given back at once. Somebody who opens the file in that moment is made to wait for it, and
        we are told by a signal: SIGURG, which does nothing, instead of SIGIO, which would end us.
        """
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            fcntl.fcntl(handle, fcntl.F_SETSIG, _SIGURG)
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError as error:
            # EACCES: another user's file; EINVAL: a file system without leases.
            return True if error.errno == errno.EAGAIN else None
        finally:
            os.close(handle)
        return False

    _SIGURG = 23

elif sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _SHARING_VIOLATION = 32
    _GENERIC_READ = 0x80000000
    _OPEN_EXISTING = 3

    def is_being_written(path: Path) -> bool | None:
        """Whether somebody has a file open; None where nobody can say.

        Opening it with no sharing at all fails while anybody has it open (CreateFileW).
        """
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateFileW.restype = wintypes.HANDLE
        handle = kernel.CreateFileW(str(path), _GENERIC_READ, 0, None, _OPEN_EXISTING, 0, None)
        if handle == wintypes.HANDLE(-1).value:
            return True if ctypes.get_last_error() == _SHARING_VIOLATION else None
        kernel.CloseHandle(wintypes.HANDLE(handle))
        return False

else:

    def is_being_written(path: Path) -> bool | None:
        """Say that nobody can tell here."""
        return None
