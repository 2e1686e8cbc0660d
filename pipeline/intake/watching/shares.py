"""Which folders lie on a network disk, where a native observer does not see others' writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

__all__ = ["is_on_share", "share_of"]

_SHARES: Final = frozenset(
    {
        "9p", "afpfs", "afs", "ceph", "cifs", "coda", "davfs", "fuse.davfs2", "fuse.gvfsd-fuse",
        "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.smbnetfs", "fuse.vmhgfs-fuse",
        "fuse.glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf",
        "virtiofs", "webdav",
    }
)  # fmt: skip
"""File systems whose files other machines write: inotify and FSEvents tell of this one's only."""


def is_on_share(folder: Path) -> bool:
    """Whether a folder lies on a network disk, as far as the platform says."""
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(folder)[0]
        remote = 4
        return drive.startswith("\\\\") or (
            ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == remote
        )
    if sys.platform == "linux":
        try:
            return share_of(folder.resolve(), Path("/proc/self/mountinfo").read_text("utf-8"))
        except OSError:
            return False
    if sys.platform == "darwin":
        try:
            mounts = subprocess.run(
                ["/sbin/mount"], capture_output=True, text=True, timeout=10, check=True
            ).stdout
        except (OSError, subprocess.SubprocessError):
            return False
        return _share_by_mount(folder.resolve(), mounts)
    return False


def share_of(folder: Path, mountinfo: str) -> bool:
    """Read Linux's table of mounts (proc_pid_mountinfo(5)): the longest mount point counts."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        # Blanks and the like are written in octal there.
        point = fields[4].encode("utf-8").decode("unicode_escape").encode("latin-1").decode("utf-8")
        if folder.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, after.split(" ")[0]
    return kind in _SHARES


def _share_by_mount(folder: Path, mounts: str) -> bool:
    best, kind = "", ""
    for line in mounts.splitlines():
        # "//user@server/share on /Volumes/share (smbfs, nodev, nosuid)"
        _, _, rest = line.partition(" on ")
        point, _, options = rest.rpartition(" (")
        if point and folder.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, options.partition(",")[0].rstrip(")")
    return kind in _SHARES
