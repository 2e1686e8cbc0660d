"""What every ledger promises of power cuts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["Durability"]


class Durability(Protocol):
    """When a power cut can take nothing any more of what was written down.

    What a method writes is durable when it returns, but for what says that it is *soon durable*:
    that is, by some milliseconds later, or when the next method returns that writes and does not
    say so, and never after something that was written down after it. Whoever tells somebody of it,
    or takes away what it stands for, does so by `when_durable`. Where it could not be made durable,
    every method that writes, or asks what is left to do, raises `LedgerError` from then on.
    """

    def when_durable(self, then: Callable[[], None]) -> None:
        """Do something once all that was written down until now is durable, at once where it is.

        It may be done by another thread, and must be quick; what it raises is logged as a defect.
        Where something was lost it is never done.

        Raises:
            LedgerError: something was lost.
        """
        ...

    def make_durable(self) -> None:
        """Return once all that was written down is durable, and what waited for that is done.

        Raises:
            LedgerError: something was lost.
        """
        ...
