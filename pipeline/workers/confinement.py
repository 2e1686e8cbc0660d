"""What a worker gives up before it sees its first photograph: who takes it over has little.

Linux. By Landlock (5.13 on) the process reads nothing but its own libraries, writes nothing but
the spool, and connects to no port (6.7 on) and signals nobody (6.12 on); the photograph itself it
is lent, open, by the program. By seccomp it makes no socket, starts no program and no process,
looks into none, and changes nobody's rights or times. What the kernel, or the container around it,
does not offer is left out, and `Protection` says so. The filter lets through what it does not
name: which calls a C library makes changes with its version, and a worker that dies of an update
protects nothing.

macOS and Windows. Nothing: `sandbox_init` is deprecated and its language undocumented, and a
Windows process gives up its rights only where its parent starts it with a restricted token, in a
job: a page of Win32 calls that no dependency of ours has. There the process of its own remains,
its clean environment, and answers that are read as a stranger's.

By hand, because no library for it is kept well enough to be trusted with this (November 2026):
`landlock` is a development version since 2022, `py-landlock` two releases of one week, `pyseccomp`
of 2021 and in need of a libseccomp that not every system has; `landlockpy` and `seccompy` are two
months old, start `ldconfig` at their import, and the latter's filter can be got round by x32 calls;
`sandlock` is 13 MB of Rust for what is three system calls and a table. The numbers are from
`asm/unistd_64.h`, `asm-generic/unistd.h` and `linux/landlock.h`, which never change.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Protection", "confine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What is in force in a worker.

    Attributes:
        landlock: the version of Landlock's interface; 0 where files and ports are not guarded.
        seccomp: whether the system calls that a worker has no use for are denied.
    """

    landlock: int
    seccomp: bool


LIBRARIES: Final = ("/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/nix/store", "/gnu")
"""What a module that is loaded late may need beside its own file."""
PYTHON: Final = (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.pycache_prefix or sys.prefix)
"""Python's own folders, beside those of `sys.path`."""

_O_PATH: Final = getattr(os, "O_PATH", 0) | getattr(os, "O_CLOEXEC", 0)
"""Only Linux has them, as it has what they are for."""

_NO_NEW_PRIVILEGES: Final = 38
_SET_SECCOMP: Final = 22
_FILTER_MODE: Final = 2

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH: Final = 1
_WRITE_FILE, _READ_FILE, _READ_FOLDER, _REMOVE_FILE = 1 << 1, 1 << 2, 1 << 3, 1 << 5
_MAKE_FOLDER, _MAKE_FILE, _TRUNCATE = 1 << 7, 1 << 8, 1 << 14
_READ: Final = _READ_FILE | _READ_FOLDER
_KEEP_PICTURES: Final = _READ | _WRITE_FILE | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_FILE | _TRUNCATE
_FILE_RIGHTS: Final = _WRITE_FILE | _READ_FILE | _TRUNCATE
_ALL_FILE_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""That Landlock knows, from which version of its interface on."""
_ALL_PORT_RIGHTS: Final = 3
_ALL_SCOPES: Final = 3

_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""The column of the tables below, and the kernel's own number for it."""

_NONE: Final = -1
_DENIED: Final[dict[str, tuple[int, int]]] = {
    # The network, also by queues of calls that no filter sees.
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    # Other programs and processes.
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, _NONE), "vfork": (58, _NONE),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setpriority": (141, 140), "shmget": (29, 194),
    "shmat": (30, 196), "msgget": (68, 186), "msgsnd": (69, 189), "semget": (64, 190),
    "semop": (65, 193), "mq_open": (240, 180),
    # Files, in ways that Landlock does not know, or not in all its versions.
    "truncate": (76, 45), "chmod": (90, _NONE), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, _NONE), "fchown": (93, 55), "lchown": (94, _NONE),
    "fchownat": (260, 54), "utime": (132, _NONE), "utimes": (235, _NONE),
    "futimesat": (261, _NONE), "utimensat": (280, 88), "setxattr": (188, 5),
    "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "open_by_handle_at": (304, 265),
    # The system.
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "setns": (308, 268), "unshare": (272, 97), "move_mount": (429, 429), "open_tree": (428, 428),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
}  # fmt: skip
_CLONE, _CLONE3, _IOCTL, _PRLIMIT = (56, 220), (435, 435), (16, 29), (302, 261)
_SIGNALS: Final = ((62, 129), (200, 130), (234, 131))
"""`kill`, `tkill` and `tgkill`: a worker may end itself alone."""

_THREAD: Final = 0x10000
_TERMINAL_INPUT: Final = (0x5412, 0x541C)
"""`TIOCSTI` and `TIOCLINUX` type into the terminal that the program was started from."""
_X32: Final = 0x40000000
"""Added to a call's number for another table of them, on the same processor."""

_LOAD, _EQUAL, _AT_LEAST, _HAS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_ALLOW: Final = 0x7FFF0000
_DENY: Final = 0x00050000 | errno.EPERM
_UNKNOWN: Final = 0x00050000 | errno.ENOSYS

_Instruction = tuple[int, int, int, int]
"""Code, instructions to skip where it is so, where it is not, and the operand."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("ports", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # asked for from Python 3.14 on
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(spool: Path) -> Protection:
    """Give up what a decoder has no use for, for good, and return what could be given up.

    It holds for the calling thread and those that it starts later: call it before any is started.

    Args:
        spool: the one folder that may be written to; it is there already.
    """
    if not sys.platform.startswith("linux") or ctypes.sizeof(ctypes.c_void_p) != 8:
        return Protection(landlock=0, seccomp=False)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, *_longs(1, 0, 0, 0)) != 0:
        return Protection(landlock=0, seccomp=False)
    return Protection(landlock=_landlocked(libc, spool), seccomp=_filtered(libc))


def _landlocked(libc: ctypes.CDLL, spool: Path) -> int:
    """Put Landlock in force and return its version, 0 where it is not there."""
    version = int(libc.syscall(*_longs(_CREATE_RULESET, 0, 0, 1)))
    if version < 1:
        return 0
    files = _ALL_FILE_RIGHTS[max(known for known in _ALL_FILE_RIGHTS if known <= version)]
    wanted = _Ruleset(
        files, _ALL_PORT_RIGHTS if version >= 4 else 0, _ALL_SCOPES if version >= 6 else 0
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = int(libc.syscall(*_longs(_CREATE_RULESET), ctypes.byref(wanted), *_longs(size, 0)))
    if ruleset < 0:
        return 0
    try:
        for place in (*LIBRARIES, *PYTHON, *sys.path):
            _allow(libc, ruleset, place, _READ & files)
        _allow(libc, ruleset, str(spool), _KEEP_PICTURES & files)
        return version if libc.syscall(*_longs(_RESTRICT_SELF, ruleset, 0)) == 0 else 0
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, place: str, rights: int) -> None:
    """Let a folder and all below it, or a file, be used; one that is not there is no matter."""
    try:
        handle = os.open(place, _O_PATH)
    except OSError:
        return
    try:
        beneath = _Beneath(rights if Path(place).is_dir() else rights & _FILE_RIGHTS, handle)
        libc.syscall(*_longs(_ADD_RULE, ruleset, _PATH_BENEATH), ctypes.byref(beneath), *_longs(0))
    finally:
        os.close(handle)


def _filtered(libc: ctypes.CDLL) -> bool:
    """Put the filter of system calls in force, and return whether it is."""
    column, architecture = _ARCHITECTURES.get(platform.machine(), (_NONE, 0))
    if column == _NONE:
        return False
    packed = b"".join(struct.pack("=HBBI", *one) for one in _program(column, architecture))
    program = _Program(len(packed) // 8, packed)
    asked = libc.prctl(*_longs(_SET_SECCOMP, _FILTER_MODE), ctypes.byref(program), *_longs(0, 0))
    return bool(asked == 0)


def _program(column: int, architecture: int) -> list[_Instruction]:
    own = os.getpid()
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _DENY),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _DENY),
    ]
    for numbers in _DENIED.values():
        if numbers[column] != _NONE:
            program += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _DENY)]
    # Its flags lie where no filter can look: the C library falls back to the one before it.
    program += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _UNKNOWN)]
    program += _where(_CLONE[column], _FIRST, [(_HAS, _THREAD)], _ALLOW, _DENY)
    program += _where(_PRLIMIT[column], _FIRST, [(_EQUAL, 0), (_EQUAL, own)], _ALLOW, _DENY)
    for numbers in _SIGNALS:
        program += _where(numbers[column], _FIRST, [(_EQUAL, own)], _ALLOW, _DENY)
    typing = [(_EQUAL, request) for request in _TERMINAL_INPUT]
    program += _where(_IOCTL[column], _SECOND, typing, _DENY, _ALLOW)
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _where(
    call: int, argument: int, tests: Iterable[tuple[int, int]], met: int, otherwise: int
) -> list[_Instruction]:
    """Return what is done about one call, by the lower half of one argument."""
    judged: list[_Instruction] = [(_LOAD, 0, 0, argument)]
    for test, operand in tests:
        judged += [(test, 0, 1, operand), (_RETURN, 0, 0, met)]
    judged.append((_RETURN, 0, 0, otherwise))
    return [(_EQUAL, 0, len(judged), call), *judged]


def _longs(*values: int) -> tuple[ctypes.c_long, ...]:
    """Return whole numbers as a call with any number of arguments takes them."""
    return tuple(ctypes.c_long(value) for value in values)
