"""Which photographs somebody asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pipeline.lifecycle import Reason, State
from pipeline.values import Photo

__all__ = ["ALL", "Named", "Wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which photographs somebody asks for: those of which all hold that is said.

    Attributes:
        states: in one of them; where there is none, in any.
        reason: standing aside for it.
        since: changed no earlier, aware.
        within: an absolute path: what lies there now, or below it.
        product_id: of that product.
        sku: of a product that has it, or given to those whose product nobody knows.
    """

    states: frozenset[State] = frozenset()
    reason: Reason | None = None
    since: datetime | None = None
    within: Path | None = None
    product_id: int | None = None
    sku: str | None = None

    def takes(self, photo: Photo) -> bool:
        """Whether a photograph is asked for, not asking for its product."""
        return (
            (not self.states or photo.state in self.states)
            and self.reason in (None, photo.reason)
            and (self.since is None or photo.changed_at >= self.since)
            and (self.within is None or photo.path.is_relative_to(self.within))
        )


ALL: Final = Wanted()
"""Every photograph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What was found by a part of a name: how many, and the newest of them, the newest first."""

    number: int
    newest: tuple[Photo, ...]
