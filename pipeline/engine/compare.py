"""Holds the ledger against the store: what is missing there, unknown here, twice or changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.lifecycle import State
from pipeline.values import Photo, StoredImage

__all__ = ["Difference", "Kind", "compare"]


class Kind(StrEnum):
    """What two who should agree differ in."""

    MISSING = "missing"
    """The ledger says stored, and the store does not have it."""
    UNKNOWN = "unknown"
    """The store has an image that the ledger knows nothing of."""
    TWICE = "twice"
    """The store has a photograph more than once."""
    ORDER = "order"
    """The image has another place than it was given."""
    THUMBNAIL = "thumbnail"
    """The image has become, or is no longer, the product's thumbnail."""
    PICTURE = "picture"
    """Another file has taken the image's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which ledger and store differ; `photo` is None where the ledger knows none."""

    kind: Kind
    product_id: int
    image_id: int
    photo: Photo | None
    sentence: str


def compare(
    photos: Iterable[Photo],
    images_of: Callable[[int], Sequence[StoredImage]],
    mark: Callable[[StoredImage], str | None],
) -> Iterator[Difference]:
    """Give every difference, product by product.

    Args:
        photos: of the ledger, in whatever state; only products with a stored one are looked at.
        images_of: asks the store for all images of a product; raises a `StoreError`.
        mark: reads a photograph's mark from an image's name.
    """
    stored: dict[int, list[Photo]] = defaultdict(list)
    others: list[Photo] = []
    for photo in photos:
        if photo.state is State.STORED and photo.placement is not None:
            stored[photo.placement.product_id].append(photo)
        elif photo.sha256:
            others.append(photo)
    for product_id, ours in sorted(stored.items()):
        images = {image.id: image for image in images_of(product_id)}
        known = {photo.image.id for photo in ours if photo.image is not None}
        for photo in ours:
            yield from _changes(product_id, photo, images)
        for image in images.values():
            if image.id in known:
                continue
            its_mark = mark(image)
            other = _of_mark(its_mark, others)
            if other is not None and other.state is State.UPLOADING:
                # On its way, or in doubt: whoever works on it finds its image.
                continue
            yield _unknown(product_id, image, images, _of_mark(its_mark, ours), other)


def _changes(product_id: int, photo: Photo, images: dict[int, StoredImage]) -> Iterator[Difference]:
    before = photo.image
    assert before is not None  # noqa: S101 - that is what STORED means

    def differs(kind: Kind, sentence: str) -> Difference:
        return Difference(
            kind=kind,
            product_id=product_id,
            image_id=before.id,
            photo=photo,
            sentence=sentence,
        )

    now = images.get(before.id)
    if now is None:
        yield differs(Kind.MISSING, f"image {before.id} is not in the store any more")
        return
    if now.image_file != before.image_file:
        yield differs(
            Kind.PICTURE, f"image {now.id} is now {now.image_file}, and was {before.image_file}"
        )
    if now.sort_order != before.sort_order:
        yield differs(
            Kind.ORDER,
            f"image {now.id} has the order {now.sort_order}, and had {before.sort_order}",
        )
    if now.is_thumbnail != before.is_thumbnail:
        word = "is now" if now.is_thumbnail else "is no longer"
        yield differs(Kind.THUMBNAIL, f"image {now.id} {word} the thumbnail of its product")


def _unknown(
    product_id: int,
    image: StoredImage,
    images: dict[int, StoredImage],
    twin: Photo | None,
    other: Photo | None,
) -> Difference:
    """Say what an image is: the twin of one that is stored, another photograph, or a stranger."""

    def differs(kind: Kind, photo: Photo | None, what: str) -> Difference:
        return Difference(
            kind=kind,
            product_id=product_id,
            image_id=image.id,
            photo=photo,
            sentence=f"image {image.id} ({image.image_file}) {what}",
        )

    if twin is not None and twin.image is not None:
        if twin.image.id in images:
            what = f"is the same photograph as image {twin.image.id}: delete one of them"
            return differs(Kind.TWICE, twin, what)
        return differs(Kind.UNKNOWN, twin, f"is the one that is missing as {twin.image.id}")
    if other is not None:
        return differs(
            Kind.UNKNOWN,
            other,
            f"is this photograph, which the ledger calls {other.state}: `pipeline ledger rebuild` "
            "takes it over",
        )
    return differs(Kind.UNKNOWN, None, "did not come from here")


def _of_mark(mark: str | None, photos: Iterable[Photo]) -> Photo | None:
    if not mark:
        return None
    return next((photo for photo in photos if photo.sha256.startswith(mark)), None)
