"""What every ledger promises of photographs that are held until their product is complete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pipeline.values import Claim, Photo

__all__ = ["Holding"]


class Holding(Protocol):
    """What is ready and is not to go up yet, for its product lacks a view.

    What is held is parked, with the reason HELD: nobody works on it, it holds up no other, and
    whoever takes up what an earlier process left leaves it. It goes on once it is let go, or
    arrives again.
    """

    def hold(self, claim: Claim, sentence: str) -> Photo:
        """Have a prepared photograph be held; `sentence` says what its product lacks. Soon durable.

        Raises:
            LostClaim: the claim is no longer ours.
        """
        ...

    def let_go(self, product_id: int, sentence: str) -> int:
        """Have what is held of a product go on; one that no living process sees to is this one's.

        Returns:
            How many were held.
        """
        ...

    def held(self) -> Iterator[Photo]:
        """Return the first held photograph of each product that has one, product by product."""
        ...
