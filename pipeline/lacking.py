"""What a product of the shop lacks: pictures, a main picture, alt text, a view of its list."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from pipeline.values import StoredImage

__all__ = ["Here", "Lacks", "Needs", "ShopProduct", "ViewsOf", "lacks_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopProduct:
    """A product as the shop has it: its SKU and its name, each of which may be empty, and images.

    The images are all that came along with it; there may be more. `categories` are the ids of those
    that it is in, where that was asked for.
    """

    id: int
    sku: str
    name: str
    images: tuple[StoredImage, ...]
    categories: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What every product should have: so many pictures, and a picture of each of these views."""

    pictures: int = 1
    views: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacks:
    """What one product lacks of what it needs.

    Attributes:
        product_id: of the product.
        sku: its own SKU, may be empty.
        name: what the shop calls it, may be empty.
        pictures: how many it has.
        too_few: how many more it needs.
        no_main: it has pictures, and none is its main picture.
        without_text: how many of its pictures have no alt text.
        views: those of which it has no picture, in the order in which they were asked for.
    """

    product_id: int
    sku: str
    name: str
    pictures: int
    too_few: int
    no_main: bool
    without_text: int
    views: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it lacks anything."""
        return bool(self.too_few or self.no_main or self.without_text or self.views)


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """How many photographs of a product are here and not in the shop, by how they stand."""

    not_finished: int = 0
    refused: int = 0
    failed: int = 0


ViewsOf = Callable[[ShopProduct], Collection[str]]
"""Which views a product's images show, as far as that is known."""


def lacks_of(product: ShopProduct, needs: Needs, views_of: ViewsOf = lambda product: ()) -> Lacks:
    """Return what a product lacks, where these are all of its images.

    The shop reads an image's description as its alt text (the store's reference).
    """
    images = product.images
    seen = views_of(product) if needs.views else ()
    return Lacks(
        product_id=product.id,
        sku=product.sku,
        name=product.name,
        pictures=len(images),
        too_few=max(0, needs.pictures - len(images)),
        no_main=bool(images) and not any(image.is_thumbnail for image in images),
        without_text=sum(not image.description.strip() for image in images),
        views=tuple(view for view in needs.views if view not in seen),
    )
