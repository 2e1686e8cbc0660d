"""What every ledger promises of photographs that a person gives to a product."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pipeline.values import Arrival, Original, Photo

__all__ = ["Assigned", "Assigning", "Obstacle"]


class Obstacle(StrEnum):
    """Why a photograph cannot be given to a product now."""

    IN_SHOP = "in_shop"
    """It is in the store, at another product."""
    GOING_UP = "going_up"
    """It may have reached the store, which is not known yet."""
    IN_HAND = "in_hand"
    """Somebody works on it this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """What became of a decision.

    Attributes:
        photo: the photograph; where an obstacle is in the way, that one. None where the ledger does
            not know it yet, and was only asked.
        obstacle: why nothing was decided; None where it was, or would be.
    """

    photo: Photo | None
    obstacle: Obstacle | None = None


class Assigning(Protocol):
    """Decisions by hand. From then on they say whose a photograph is, whatever else is said."""

    def assign(self, arrival: Arrival, original: Original) -> Assigned:
        """Write down whose a photograph is, whatever was known of that, and that it arrived.

        What is known of it at another product, and was not sent, becomes that product's; what held
        it up is asked afresh. One that is in the store as that product's stays there, with what is
        decided of it, and its product is noted to be arranged.

        Args:
            arrival: of its file.
            original: with the decision as its placement, all that other rules say in it.
        """
        ...

    def assignable(self, original: Original) -> Assigned:
        """Return what `assign` would meet, and change nothing."""
        ...
