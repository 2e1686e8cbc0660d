"""Small photographs are claimed several at a time, and worked on one by one.

A claim asks the ledger four questions, and is a change of it by itself; what is done to a small
photograph takes no longer. Whoever claims one to be checked or prepared claims those that come
right after it as well, and whichever thread is free takes them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from pipeline.claimable import Claimable
from pipeline.ledger import Ledger
from pipeline.values import Claim

__all__ = ["Ahead"]

MOST: Final = 7
"""Claimed beside one. What came into haste meanwhile has a thread of its own; so has an end, which
gives them back."""

SMALL_BYTES: Final = 100_000
"""Of a photograph: it is worked on for some milliseconds. What takes longer is claimed by itself,
for another process could do it meanwhile."""


class Ahead:
    """Has the claims that nobody works on yet; threads share it."""

    def __init__(self, ledger: Ledger, claimable: Claimable, call: Callable[[], None]) -> None:
        """Have none.

        Args:
            ledger: makes the claims.
            claimable: on which photographs.
            call: has another thread look for work.
        """
        self._ledger = ledger
        self._claimable = claimable
        self._call = call
        self._claims: deque[Claim] = deque()

    def next(self) -> Claim | None:
        """Return one that is to be worked on now, if there is any."""
        try:
            return self._claims.popleft()
        except IndexError:
            return None

    def fill(self, claim: Claim) -> None:
        """Claim what comes after a photograph that was just claimed, where both are small.

        Raises:
            LedgerError: the ledger failed.
        """
        if claim.photo.in_haste or claim.photo.size > SMALL_BYTES:
            return
        more = self._ledger.claim_beside(claim, self._claimable, most=MOST, most_bytes=SMALL_BYTES)
        if more:
            self._claims.extend(more)
            self._call()

    def let_go(self) -> None:
        """Give all back.

        Raises:
            LedgerError: the ledger failed.
        """
        while (claim := self.next()) is not None:
            self._ledger.release(claim)
