"""What differs between the ledger and the store, product by product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from pipeline.engine.engine import Engine
from pipeline.engine.ports import MOST_PRODUCTS
from pipeline.engine.reading import Progress, all_images, chunks, in_silence, together
from pipeline.engine.twins import Verdict, judge
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.values import Photo, StoredImage

__all__ = ["MOST_HELD", "Difference", "Kind", "differences", "stored_images"]


OTHERS: Final = (
    "carries this program's mark, and is not in our records: another computer, another user "
    "or older records sent it"
)


MOST_HELD: Final = 5_000
"""Differences that wait for a second look at what is missing: some twenty megabytes."""


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
    GONE = "gone"
    """The product is not in the store any more, and the image went with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which ledger and store differ.

    `photo` is None where the ledger knows none; `twins` says of one that is there twice what was
    found, where both were looked at.
    """

    kind: Kind
    product_id: int
    image_id: int
    photo: Photo | None
    sentence: str
    twins: Verdict | None = None


def differences(engine: Engine, progress: Progress = in_silence) -> Iterator[Difference]:
    """Yield everything in which the ledger and the store differ, by product, as it is read.

    What seems to be missing is looked for a second time, half a waiting time later: a store may
    be slow to list what it has. What comes behind it is held until then, some thousands at most.

    Args:
        engine: knows the ledger and the store.
        progress: is told how many products have been read.

    Raises:
        StoreError: the store could not be asked.
    """
    held: list[Difference] = []
    for page in _everywhere(engine, progress):
        held += page
        missing = any(one.kind is Kind.MISSING for one in held)
        if not missing or len(held) >= MOST_HELD:
            yield from _looked_for_again(engine, held)
            held = []
    yield from _looked_for_again(engine, held)


def _looked_for_again(engine: Engine, found: Sequence[Difference]) -> Sequence[Difference]:
    """Return these differences as a second look shows them."""
    missing = sorted({one.product_id for one in found if one.kind is Kind.MISSING})
    if not missing or engine.clock.wait(engine.retry_times.confirm_after / 2):
        return found
    again = [
        one
        for product_ids in chunks(missing, in_silence)
        for one in _in_products(engine, product_ids)
    ]
    looked_at = frozenset(missing)
    left = [one for one in found if one.product_id not in looked_at]
    return sorted([*left, *again], key=lambda one: one.product_id)


def _everywhere(engine: Engine, progress: Progress) -> Iterator[list[Difference]]:
    """Yield what differs, for some hundreds of products at a time."""
    products, read, after = engine.ledger.stored_product_count(), 0, 0
    progress(0, products)
    while product_ids := engine.ledger.stored_products(after, MOST_PRODUCTS):
        yield list(_in_products(engine, product_ids))
        read, after = read + len(product_ids), product_ids[-1]
        # A run beside this one may have brought some more.
        progress(read, max(products, read))
        if engine.clock.stopping():
            return


def _in_products(engine: Engine, product_ids: Sequence[int]) -> Iterator[Difference]:
    """Yield what differs in some products.

    The store is asked first: what it shows is recorded by then, or on its way.
    """
    asked_at = engine.clock.now()
    listed = together(engine, product_ids)
    for product_id in product_ids:
        ours = stored_images(engine.ledger, product_id)
        shown, enough = listed.get(product_id), partial(_has_all, ours)
        images = all_images(engine, product_id, shown, enough)
        if images is None:
            yield from map(_gone, ours.values())
        else:
            yield from _in_product(engine, ours, _by_id(images), asked_at)


def stored_images(ledger: Ledger, product_id: int) -> dict[int, Photo]:
    """Return the stored photographs of a product by the id of the image that each is."""
    photos = ledger.of_product(product_id)
    return {one.image.id: one for one in photos if one.state is State.STORED and one.image}


def _by_id(images: Iterable[StoredImage]) -> dict[int, StoredImage]:
    return {image.id: image for image in sorted(images, key=lambda image: image.id)}


def _has_all(ours: Mapping[int, Photo], shown: Iterable[StoredImage]) -> bool:
    return ours.keys() <= {image.id for image in shown}


def _in_product(
    engine: Engine, ours: Mapping[int, Photo], images: Mapping[int, StoredImage], asked_at: datetime
) -> Iterator[Difference]:
    for photo in ours.values():
        for one in _changes(photo, images):
            # What was stored since the store was asked could not be shown by it.
            since = asked_at < photo.changed_at <= engine.clock.now()
            if one.kind is not Kind.MISSING or not since:
                yield one
    for image in images.values():
        if image.id not in ours:
            yield from _beside(engine, image, ours, images)


def _beside(
    engine: Engine,
    image: StoredImage,
    ours: Mapping[int, Photo],
    images: Mapping[int, StoredImage],
) -> Iterator[Difference]:
    """Say what an image is that the ledger has not.

    The twin of one that it has, one that is missing under another id, another photograph, or a
    stranger; nothing of one that is on its way, or in doubt: whoever works on it finds its image.
    """
    tag = engine.stages.digest_tag(image)
    twin = next((one for one in ours.values() if tag and one.sha256.startswith(tag)), None)
    if twin is not None and twin.image is not None:
        if twin.image.id in images:
            yield _twice(twin, judge(twin, images[twin.image.id], image, engine.stages.alike))
        else:
            yield _unknown(image, twin, f"is the one that is missing as {twin.image.id}")
        return
    others = [] if not tag else engine.ledger.of_content(tag)
    others = [photo for photo in others if photo.state is not State.STORED]
    if not others:
        yield _unknown(image, None, OTHERS if tag else "was not uploaded by this program")
    elif not any(_is_sent_to(image.product_id, photo) for photo in others):
        yield _unknown(
            image,
            others[0],
            f"is this photograph, which our records call {others[0].state}: `pipeline ledger "
            "rebuild` takes it over",
        )


def _is_sent_to(product_id: int, photo: Photo) -> bool:
    place = photo.placement
    return photo.state is State.UPLOADING and place is not None and place.product_id == product_id


def _changes(photo: Photo, images: Mapping[int, StoredImage]) -> Iterator[Difference]:
    before = photo.image
    assert before is not None  # noqa: S101 - that is what STORED means
    now = images.get(before.id)
    if now is None:
        yield _of(photo, Kind.MISSING, f"image {before.id} is not in the shop any more")
        return
    if now.image_file != before.image_file:
        sentence = f"image {now.id} is now {now.image_file}, and was {before.image_file}"
        yield _of(photo, Kind.PICTURE, sentence)
    if now.sort_order != before.sort_order:
        sentence = f"image {now.id} has the order {now.sort_order}, and had {before.sort_order}"
        yield _of(photo, Kind.ORDER, sentence)
    if now.is_thumbnail != before.is_thumbnail:
        word = "is now" if now.is_thumbnail else "is no longer"
        yield _of(photo, Kind.THUMBNAIL, f"image {now.id} {word} the thumbnail of its product")


def _gone(photo: Photo) -> Difference:
    image = photo.image
    assert image is not None  # noqa: S101 - that is what STORED means
    return _of(
        photo,
        Kind.GONE,
        f"product {image.product_id} is not in the shop any more, and image {image.id} with it",
    )


def _of(photo: Photo, kind: Kind, sentence: str) -> Difference:
    image, place = photo.image, photo.placement
    assert image is not None  # noqa: S101 - that is what STORED means
    assert place is not None  # noqa: S101
    return Difference(
        kind=kind,
        product_id=place.product_id,
        image_id=image.id,
        photo=photo,
        sentence=sentence,
    )


def _twice(photo: Photo, verdict: Verdict) -> Difference:
    other = verdict.other
    return Difference(
        kind=Kind.TWICE,
        product_id=other.product_id,
        image_id=other.id,
        photo=photo,
        sentence=f"image {other.id} ({other.image_file}) {verdict.sentence}",
        twins=verdict,
    )


def _unknown(image: StoredImage, photo: Photo | None, what: str) -> Difference:
    return Difference(
        kind=Kind.UNKNOWN,
        product_id=image.product_id,
        image_id=image.id,
        photo=photo,
        sentence=f"image {image.id} ({image.image_file}) {what}",
    )
