"""Where a new image goes among its product's, so that the store shows the shoot's order at once.

The store is told a sort order with each create call: between those of the photographs that stand
before and after it. What was there before us stays before ours. Of products that were listed lately
it is known what is there; where that is not all, or somebody changes it meanwhile, the pictures are
arranged later (`arranging`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.engine.fewest_moves import shown_order
from pipeline.ledger import Ledger
from pipeline.ledger.port import Decision
from pipeline.lifecycle import State
from pipeline.standing import MAIN, shot_order_key
from pipeline.values import Photo, Placement, StoredImage

__all__ = ["Places", "is_exact", "key_of", "moved"]

MOST_IMAGES: Final = 20_000
"""Images whose places are remembered, of the products listed last."""


@dataclass(slots=True)
class _Product:
    """The sort orders of a product's images by id, and of ours among them what they stand by."""

    orders: dict[int, int]
    keys: dict[int, str] | None = None
    made: dict[int, int] = field(default_factory=dict)
    """Those that came since the listing."""


def key_of(photo: Photo) -> str:
    """Return the text by which a photograph stands before or after others of its product."""
    if photo.placement is None:
        return shot_order_key(photo.path)
    return shot_order_key(photo.path, photo.placement.standing, photo.placement.taken)


def is_exact(photo: Photo) -> bool:
    """Whether a photograph was put back where it was before, and stands by no other."""
    return photo.placement is not None and photo.placement.exact


class Places:
    """Knows where the images of the products that were listed last are; threads may share it."""

    def __init__(self, ledger: Ledger) -> None:
        """Know none.

        `imposes_main` says whether the shoot's first picture is to be the main one also where
        somebody chose another.
        """
        self.imposes_main = False
        self._ledger = ledger
        self._lock = threading.Lock()
        self._products: OrderedDict[int, _Product] = OrderedDict()

    def heard(self, product_id: int, images: Sequence[StoredImage]) -> None:
        """Take note of a whole listing of a product."""
        orders = {image.id: image.sort_order for image in images}
        with self._lock:
            before = self._products.get(product_id)
            made = {} if before is None else before.made
            # What was made while it was being listed may not be on it.
            late = {one: at for one, at in made.items() if one > max(orders, default=0)}
            self._products[product_id] = _Product(orders={**orders, **late}, made=late)
            self._products.move_to_end(product_id)
            total = sum(len(one.orders) for one in self._products.values())
            while total > MOST_IMAGES and len(self._products) > 1:
                total -= len(self._products.popitem(last=False)[1].orders)

    def placed(self, photo: Photo, placement: Placement) -> Placement:
        """Return a placement with the sort order by which a new image comes where it belongs."""
        product = self._known(placement.product_id)
        if product is None or placement.exact:
            return placement
        with self._lock:
            return replace(placement, order=_order(product, key_of(photo), placement.order))

    def is_in_place(self, photo: Photo, image: StoredImage) -> bool:
        """Whether a new image is where it belongs, and the main picture where it should be.

        Where what else the product has is not known, the answer is no.
        """
        if photo.placement is not None and photo.placement.exact:
            return True
        product = self._known(image.product_id)
        # Which one is the main picture, only a look at the product tells.
        if product is None or photo.placement is None or self.imposes_main:
            return False
        with self._lock:
            before, after = _neighbours(product, key_of(photo))
        at = (image.sort_order, image.id)
        in_order = (before is None or before < at) and (after is None or at < after)
        first = before is None and after is not None
        is_main = first or (photo.placement.view == MAIN and before is not None)
        decided = photo.placement.thumbnail is not None
        return in_order and not decided and (image.is_thumbnail or not is_main)

    def stored(self, photo: Photo, image: StoredImage) -> None:
        """Take note of a new image."""
        with self._lock:
            product = self._products.get(image.product_id)
            if product is not None:
                product.orders[image.id] = product.made[image.id] = image.sort_order
                if product.keys is not None and not is_exact(photo):
                    product.keys[image.id] = key_of(photo)

    def _known(self, product_id: int) -> _Product | None:
        with self._lock:
            product = self._products.get(product_id)
        if product is not None and product.keys is None:
            here = self._ledger.made_here(product_id)
            photos = self._ledger.of_product(product_id) if here else ()
            ours = {
                one.image.id: one
                for one in photos
                if one.state is State.STORED and one.image and one.image.id in here
                if not is_exact(one)
            }
            decided = self._ledger.by_hand(product_id) if here else ()
            stay = {one.image_id for one in decided if one.decision is Decision.PLACE}
            with self._lock:
                there = {one: photo for one, photo in ours.items() if one in product.orders}
                stay |= moved(product.orders, there)
                product.keys = {
                    one: key_of(photo) for one, photo in ours.items() if one not in stay
                }
        return product


def _neighbours(product: _Product, key: str) -> tuple[tuple[int, int] | None, ...]:
    """Return where the last of ours is that stands before, and the first that stands after it."""
    keys = product.keys or {}
    ours = {one: (product.orders[one], one) for one in keys if one in product.orders}
    before = max((at for one, at in ours.items() if keys[one] < key), default=None)
    after = min((at for one, at in ours.items() if keys[one] > key), default=None)
    return before, after


def _order(product: _Product, key: str, said: int | None) -> int | None:
    """Return the sort order of a new image, whose id will be the highest of all."""
    if not product.orders:
        return 0 if said is None else said
    before, after = _neighbours(product, key)
    if after is None:
        last = max(product.orders.values())
        return last + 1 if said is None or said < last else said
    ours = product.keys or {}
    first = min((product.orders[one], one) for one in ours if one in product.orders)
    others = [
        at
        for one, at in product.orders.items()
        if one not in ours and (at, one) < first and (at, one) < after
    ]
    floors = [*others, *([before[0]] if before is not None else [])]
    if not floors:
        return said if said is not None and said < after[0] else after[0] - 1
    floor = max(floors)
    if said is not None and floor <= said < after[0]:
        return said
    return floor + 1 if floor + 1 < after[0] else floor


def moved(orders: Mapping[int, int], mine: Mapping[int, Photo]) -> set[int]:
    """Return which of ours somebody has moved since we saw them last, as few as explain it.

    An update of one may have moved on others, so only what is in another order counts. What has
    the sort order that it had was not moved; one that came last may have come after the others
    were, so that it says little.
    """
    seen = {one: photo.image.sort_order for one, photo in mine.items() if photo.image is not None}
    differing = {one for one, at in seen.items() if orders[one] != at}
    if not differing:
        return set()
    newest = max(differing)
    place = {one: at for at, one in enumerate(shown_order(seen))}
    now = shown_order({one: orders[one] for one in seen})
    weights = [
        1_000 if one in differing else 1_001 if one > newest else 1_000 * len(seen) for one in now
    ]
    # The heaviest run that is in order still.
    best: list[tuple[int, int | None]] = []
    for at, one in enumerate(now):
        before = [other for other in range(at) if place[now[other]] < place[one]]
        last = max(before, key=lambda other: best[other][0], default=None)
        best.append((weights[at] + (0 if last is None else best[last][0]), last))
    kept: set[int] = set()
    last = max(range(len(best)), key=lambda at: best[at][0])
    while last is not None:
        kept.add(now[last])
        last = best[last][1]
    return differing - kept
