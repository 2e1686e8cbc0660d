"""File permissions that hold for everybody, so that tests about them also mean something for root.

Root may read and write everything, by two of its capabilities on Linux. They are laid down for
this thread alone and taken up again.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import posix

__all__ = ["permissions_in_force"]

# Source: Linux, capability.h.
_VERSION_3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
_READS_ALL = 1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Words(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


@contextmanager
def permissions_in_force() -> Iterator[None]:
    """Bind this thread to the permissions of files; skip the test where that cannot be done."""
    if os.name != "posix":
        pytest.skip("file permissions are POSIX's")
    if posix.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root reads everything here")
    before = _capabilities()
    _set_effective(before, before[0].effective & ~_READS_ALL)
    try:
        yield
    finally:
        _set_effective(before, before[0].effective)


def _capabilities() -> ctypes.Array[_Words]:
    words = (_Words * 2)()
    if ctypes.CDLL(None).capget(ctypes.byref(_Header(_VERSION_3, 0)), words) != 0:
        pytest.skip("the capabilities of this thread cannot be asked for")
    return words


def _set_effective(known: ctypes.Array[_Words], effective: int) -> None:
    words = (_Words * 2)()
    for new, old in zip(words, known, strict=True):
        new.effective, new.permitted, new.inheritable = (
            old.effective,
            old.permitted,
            old.inheritable,
        )
    words[0].effective = effective
    if ctypes.CDLL(None).capset(ctypes.byref(_Header(_VERSION_3, 0)), words) != 0:
        pytest.skip("the capabilities of this thread cannot be changed")
