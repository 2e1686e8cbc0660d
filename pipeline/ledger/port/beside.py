"""What every ledger promises of photographs of one file that belong to several products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline.values import Photo

__all__ = ["Beside"]


class Beside(Protocol):
    """The photographs that `Transitions.validated` makes beside the first one."""

    def beside(self, photo: Photo) -> Sequence[tuple[Photo, bool]]:
        """Return those of the same file for its other products, and whether each is in hand."""
        ...
