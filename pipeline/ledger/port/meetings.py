"""What every ledger promises of images that are not as it has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.values import MetImage, Photo, StoredImage

__all__ = ["Meetings"]


class Meetings(Protocol):
    """What listings of the store show that is not as the ledger has it."""

    def listed(
        self, product_id: int, marked: Mapping[str, Sequence[StoredImage]]
    ) -> Sequence[MetImage]:
        """Compare a whole listing of a product with what is known, and keep what differs.

        What was kept of the product before, and is so no longer, is forgotten. A photograph that
        is recorded as an image which carries another's mark, while its own is there, is that one
        from now on.

        Args:
            product_id: the product.
            marked: all of its images that carry our mark, by their digest tag.

        Returns:
            What is kept now and was not before.
        """
        ...

    def gone(self, product_id: int, shown: Collection[int], before: datetime) -> Sequence[Photo]:
        """Return the stored photographs of a product whose images a whole listing did not show.

        Args:
            product_id: the product.
            shown: the ids of all its images.
            before: only what was stored before then: the listing could not show what came later.
        """
        ...
