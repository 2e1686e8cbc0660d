"""What every ledger promises of products whose pictures may be out of order in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

__all__ = ["Arranging", "ByHand", "Decision"]


class Decision(StrEnum):
    """What a person decided of an image in the store."""

    PLACE = "place"
    """It was put where it is."""
    MAIN = "main"
    """It was made the main picture."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """That a person decided something of an image in the store."""

    image_id: int
    decision: Decision


class Arranging(Protocol):
    """Products that are to be looked at, and what a person has put where it is.

    `Transitions.stored` writes down which products are.
    """

    def take_to_arrange(self, before: datetime, after: int, most: int) -> Sequence[int]:
        """Take so many products in hand that are to be arranged, in the order of their ids.

        Args:
            before: nothing of them was stored since.
            after: their ids are higher.
            most: how many.

        Returns:
            Those that no other living process has in hand, and of which none is on its way.
        """
        ...

    def arranged(self, product_id: int) -> None:
        """Note that a product was arranged. Soon durable.

        Where something of it was stored since it was taken in hand, it is to be arranged again.
        """
        ...

    def give_back_to_arrange(self, product_id: int) -> None:
        """Let another process arrange a product. Soon durable."""
        ...

    def made_here(self, product_id: int) -> frozenset[int]:
        """Return the ids of a product's images that this ledger's processes made.

        Not those that were there before, and not those of a time without a journal: whatever their
        order is, somebody may have wanted it.
        """
        ...

    def by_hand(self, product_id: int) -> Collection[ByHand]:
        """Return what a person decided of a product's images."""
        ...

    def note_by_hand(self, product_id: int, what: Collection[ByHand]) -> None:
        """Write down what a person decided of a product's images, for good."""
        ...

    def forget_by_hand(self, product_id: int, what: Collection[Decision]) -> None:
        """Forget decisions of these kinds: somebody asked for the shoot's order or main picture."""
        ...

    def to_be_arranged(self, product_id: int) -> None:
        """Note that a product's pictures may be out of order since now. Soon durable."""
        ...
