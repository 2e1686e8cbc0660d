"""What the platform can tell of a file and of a folder: who writes, and where the disk is."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Final

import psutil

from pipeline.beneath import open_beneath

__all__ = ["is_on_network_drive", "is_open_for_writing"]

_NETWORK_FILE_SYSTEMS: Final = frozenset(
    {
        "9p", "afpfs", "afs", "ceph", "cifs", "coda", "davfs", "fuse.davfs2", "fuse.gvfsd-fuse",
        "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.smbnetfs", "fuse.vmhgfs-fuse",
        "fuse.glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf",
        "virtiofs", "webdav",
    }
)  # fmt: skip
"""File systems whose files other machines write: inotify and FSEvents tell of this one's only."""


def is_on_network_drive(folder: Path) -> bool:
    """Whether a folder lies on a network drive, as far as the platform says.

    A native observer does not see there what others write.
    """
    if os.path.splitdrive(folder)[0].startswith("\\\\"):
        return True
    try:
        folder, mounts = folder.resolve(), psutil.disk_partitions(all=True)
    except (OSError, psutil.Error):
        return False
    # What is mounted later hides what was mounted there before; the longest mount point counts.
    above = [mount for mount in reversed(mounts) if folder.is_relative_to(mount.mountpoint)]
    drive = max(above, key=lambda mount: len(mount.mountpoint), default=None)
    if drive is None:
        return False
    # Windows says it of the drive, whatever its file system.
    return drive.fstype in _NETWORK_FILE_SYSTEMS or "remote" in drive.opts.split(",")


if sys.platform == "linux":
    import fcntl

    def is_open_for_writing(path: Path, root: Path) -> bool | None:
        """Whether somebody may still write to a file below a folder; None where nobody can say.

        A read lease is granted only while nobody has the file open for writing (fcntl(2)). It is
        given back at once. Somebody who opens the file in that moment is made to wait for it, and
        we are told by a signal: SIGURG, which does nothing, instead of SIGIO, which would end us.
        """
        try:
            handle = open_beneath(root, path, os.O_RDONLY | os.O_NONBLOCK)
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

    def is_open_for_writing(path: Path, root: Path) -> bool | None:
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

    def is_open_for_writing(path: Path, root: Path) -> bool | None:
        """Say that nobody can tell here."""
        return None
