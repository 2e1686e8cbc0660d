"""What every ledger promises of the processes that may hold claims."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Owners"]


class Owners(Protocol):
    """Which processes may hold claims, and what becomes of what a dead one had."""

    def recover(self) -> int:
        """Take back the claims of processes that are dead; return how many there were.

        A living process keeps its claims, however long it takes. What was UPLOADING stays so,
        with its attempt ended now, for nobody knows when it ended.
        """
        ...

    def others_live(self) -> bool:
        """Whether another process lives that may hold claims in this ledger."""
        ...
