"""Bounds the memory that pictures take in all workers together.

A decoded photograph of 24 megapixels takes some 100 MB, one of 100 megapixels 400 MB: two at once
are what fills a small machine. A worker therefore asks for the bytes it is about to take, and
waits, in turn, until they are free; once the picture is reduced it gives them back.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.refusals import needs_too_much_memory

__all__ = ["Budget"]


class Budget:
    """So many bytes for the pictures in hand, shared by the threads that are given it."""

    def __init__(self, total: int, *, alone: int = 0) -> None:
        """Make a budget of so many bytes.

        Args:
            total: for all together, in bytes.
            alone: one picture that needs more than `total` is worked on alone, up to this.
        """
        self._total = total
        self._most = max(total, alone)
        self._reserved = 0
        self._turn = threading.Condition()
        self._waiting: deque[object] = deque()

    @contextmanager
    def reserve(self, needed: int) -> Iterator[None]:
        """Wait in turn for `needed` bytes, and keep them reserved until the end of the block.

        Raises:
            PhotoRefused: `no_memory` where it would need more than there is at all.
        """
        if needed > self._most:
            raise needs_too_much_memory(needed, self._most)
        ticket = object()
        with self._turn:
            self._waiting.append(ticket)
            # In turn, or small pictures would keep a large one waiting for ever.
            try:
                self._turn.wait_for(
                    lambda: (
                        self._waiting[0] is ticket
                        and (self._reserved == 0 or self._reserved + needed <= self._total)
                    )
                )
                self._reserved += needed
            finally:
                self._waiting.remove(ticket)
                self._turn.notify_all()
        try:
            yield
        finally:
            self._give_back(needed)

    @contextmanager
    def reserve_if_free(self, most: int) -> Iterator[int]:
        """Keep so many bytes reserved without waiting, and say how many: all of them, or none."""
        with self._turn:
            free = not self._waiting and self._reserved + most <= self._total
            held = most if free else 0
            self._reserved += held
        try:
            yield held
        finally:
            self._give_back(held)

    def _give_back(self, held: int) -> None:
        if held:
            with self._turn:
                self._reserved -= held
                self._turn.notify_all()
