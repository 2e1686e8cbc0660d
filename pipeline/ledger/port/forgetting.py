"""How a ledger loses a store that never was one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

__all__ = ["Forgetting"]


class Forgetting(Protocol):
    """Drops what is written down of a store that never answered."""

    def why_not(self, store: str) -> str | None:
        """Return, as a sentence's end, why a store may not be forgotten; None where it may.

        It may where it never answered, nothing may have reached it, and no process has a
        photograph of it in hand.
        """
        ...

    def forget(self, store: str) -> Iterator[int]:
        """Forget everything of a store, some hundred photographs in one transaction each.

        Yields how many photographs went each time. A photograph that may have reached the store
        by now, or is in hand, stays.
        """
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
