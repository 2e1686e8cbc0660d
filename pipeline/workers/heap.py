"""The memory that a worker holds between two photographs, instead of asking for it each time.

glibc gives back what is freed at the end of its heap, and whatever is large at once: for each
photograph of 24 megapixels the system then puts some 9,000 pages in anew (recipe fast), a seventh
of its CPU, or up to 28,000 (best). Of a heap that is held it is a few dozen. What is held is
bounded, and given back when there was nothing to do for some seconds. Other C libraries are left as
they are.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["Heap"]

HELD_BYTES: Final = 192 << 20
"""Free bytes at the end of the heap that are held at most: what 24 megapixels take, and some."""

LARGE_BYTES: Final = 32 << 20
"""What is larger lies outside the heap, and is given back at once; glibc allows no more."""

REST_SECONDS: Final = 5.0
"""Without work for so long, nothing is held."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of `mallopt` (malloc.h), which never change."""


class Heap:
    """This process's heap: held while photographs follow one another, given back after them."""

    def __init__(self) -> None:
        """Hold from now on what is freed, where that can be said to the C library."""
        self._rests: float | None = None
        self._libc: ctypes.CDLL | None = None
        if not sys.platform.startswith("linux"):
            return
        libc = ctypes.CDLL(None)
        if not (hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim")):
            return  # another C library than glibc
        libc.malloc_trim.argtypes = [ctypes.c_size_t]
        if libc.mallopt(_TRIM_THRESHOLD, HELD_BYTES) and libc.mallopt(_MMAP_THRESHOLD, LARGE_BYTES):
            self._libc = libc

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have nothing given back while it lasts; the rest begins behind it."""
        self._rests = None
        try:
            yield
        finally:
            self._rests = time.monotonic()

    def look(self) -> bool:
        """Give back what is held where the rest is long enough, and return whether it was; quick.

        Another thread than the one at work may call it, now and then.
        """
        rests = self._rests
        if self._libc is None or rests is None or time.monotonic() < rests + REST_SECONDS:
            return False
        self._rests = None  # once for each rest
        self._libc.malloc_trim(0)
        return True
