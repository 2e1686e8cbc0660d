"""What POSIX systems have and Windows lacks, under names that type checkers know everywhere.

A test that needs them is skipped where the platform has none: there, nothing of this is called.
"""

from __future__ import annotations

import importlib
import signal
import socket
import sys
from typing import Any

__all__ = [
    "AF_UNIX",
    "LOCK_NB",
    "LOCK_SH",
    "RUSAGE_SELF",
    "SIGCONT",
    "SIGHUP",
    "SIGKILL",
    "SIGSTOP",
    "TIOCSWINSZ",
    "alarm",
    "flock",
    "fork",
    "geteuid",
    "getrusage",
    "ioctl",
    "killpg",
    "makedev",
    "mkfifo",
    "mknod",
    "openpty",
    "send_fds",
    "setsid",
    "sysconf",
    "ttyname",
    "wait4",
]


def _of(module: str, name: str) -> Any:
    known = sys.platform != "win32" or module in ("os", "signal", "socket")
    return getattr(importlib.import_module(module), name, None) if known else None


SIGCONT: int = getattr(signal, "SIGCONT", signal.SIGTERM)
SIGHUP: int = getattr(signal, "SIGHUP", signal.SIGTERM)
SIGKILL: int = getattr(signal, "SIGKILL", signal.SIGTERM)
SIGSTOP: int = getattr(signal, "SIGSTOP", signal.SIGTERM)
AF_UNIX: int = getattr(socket, "AF_UNIX", 0)

alarm = _of("signal", "alarm")
send_fds = _of("socket", "send_fds")
flock, LOCK_NB, LOCK_SH = (_of("fcntl", name) for name in ("flock", "LOCK_NB", "LOCK_SH"))
getrusage, RUSAGE_SELF = (_of("resource", name) for name in ("getrusage", "RUSAGE_SELF"))
fork, killpg, wait4 = (_of("os", name) for name in ("fork", "killpg", "wait4"))
makedev, mkfifo, mknod = (_of("os", name) for name in ("makedev", "mkfifo", "mknod"))
geteuid, setsid, sysconf = (_of("os", name) for name in ("geteuid", "setsid", "sysconf"))
openpty, ttyname = (_of("os", name) for name in ("openpty", "ttyname"))
ioctl, TIOCSWINSZ = _of("fcntl", "ioctl"), _of("termios", "TIOCSWINSZ")
