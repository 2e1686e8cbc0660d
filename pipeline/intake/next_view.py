"""Which view a shot of what is on the table shows, where nothing else says it: the next open one.

Shots are taken in the order of the shot list, and checked in any order: the view of one is told
from those that were shot before it, whichever of them is checked first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from pipeline.intake.complete import FollowedList
from pipeline.intake.shop_views import view_of_photo
from pipeline.lifecycle import State
from pipeline.values import Original, Photo

__all__ = ["DOES_NOT_COUNT", "NextView"]

DOES_NOT_COUNT: Final = frozenset({State.REFUSED, State.FAILED, State.REMOVED})
"""A photograph in these states is no picture of its product: its view is to be shot again."""


class NextView:
    """Says which view a shot is; threads may share it."""

    def __init__(
        self,
        shots: FollowedList,
        photos_of: Callable[[str], Iterable[Photo]],
        skus_of: Callable[[int], Collection[str]],
    ) -> None:
        """Know the list.

        Args:
            shots: the list.
            photos_of: returns the photographs of the product with a SKU, in the order of their
                arrival, also those that are only known to be on the table with it.
            skus_of: returns the SKUs that are known of a product, without asking anybody.
        """
        self._shots = shots
        self._photos_of = photos_of
        self._skus_of = skus_of

    def of(self, original: Original, product_id: int) -> str | None:
        """Return the view of a shot of what is on the table; None where none is open any more.

        Args:
            original: the shot; its name says of no view.
            product_id: of the product on the table.
        """
        shots = self._shots.now()
        names = self._skus_of(product_id) if original.sku is None else [original.sku]
        if (sku := shots.one_of(names)) is None:
            return None
        photos = [one for one in self._photos_of(sku) if one.state not in DOES_NOT_COUNT]
        own = next((at for at, one in enumerate(photos) if _is(one, original)), len(photos))
        views = [view_of_photo(photo, sku, self._shots.words) for photo in photos]
        said = {view for at, view in enumerate(views) if view is not None and at != own}
        open_views = [view for view in shots.of(sku) if view not in said]
        # Those before it that are not placed yet get theirs first.
        before = sum(
            view is None and photo.state is State.RECEIVED and photo.from_current_product
            for photo, view in zip(photos[:own], views, strict=False)
        )
        return open_views[before] if before < len(open_views) else None


def _is(photo: Photo, original: Original) -> bool:
    return photo.sha256 == original.sha256 and photo.path == original.path
