"""What is in the store twice is put right: the one too many is removed, where that is proven.

This is the only place where the program deletes an image that nobody named. So it is done only
where somebody asked for it, and where both were compared and found alike (`twins`); and just before
it is done, both are looked at once more. The ledger names the one that stays before the other is
deleted: whenever the program dies, it names an image that is there, and the next look says what is
there twice still.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from pipeline.engine.differences import Difference, Kind, stored_images
from pipeline.engine.engine import Engine
from pipeline.engine.listings import bearing
from pipeline.engine.twins import Verdict, judge
from pipeline.errors import LostClaim, StoreDenied, StoreError, StoreRejected
from pipeline.lifecycle import State
from pipeline.values import Photo, StoredImage

__all__ = ["remove_superfluous", "superfluous"]


def superfluous(engine: Engine, found: Iterable[Difference]) -> dict[int, Verdict]:
    """Return which images would be removed, by their ids and in order; nothing is changed.

    Args:
        engine: knows the ledger and the store.
        found: the differences, of whatever kind.

    Returns:
        For each the verdict that it is proven to be the same as another one, which stays. What
        cannot be looked at is left out.

    Raises:
        StoreDenied: the store does not take the token.
    """
    too_many: dict[int, Verdict] = {}
    for photo_id in _there_twice(found):
        try:
            photo, images = _images_of(engine, photo_id)
            while photo is not None and (verdict := _first(engine, photo, images)) is not None:
                too_many[verdict.other.id] = verdict
                del images[verdict.other.id]
                photo = replace(photo, image=verdict.keep)
        except StoreDenied:
            raise
        except StoreError:
            continue
    return too_many


def remove_superfluous(
    engine: Engine,
    found: Iterable[Difference],
    delete: Callable[[int, int], None],
    say: Callable[[str], None],
    agreed: Collection[int],
) -> dict[int, StoredImage]:
    """Remove images whose photograph is there under another id and that are proven to be the same.

    Args:
        engine: knows the ledger and the store.
        found: the differences, of whatever kind.
        delete: deletes an image of a product from the store.
        say: is told of each before, and after.
        agreed: the ids of the images that may go (see `superfluous`); no other one does.

    Returns:
        The image that stays, by the id of each that was removed for it.

    Raises:
        StoreDenied: the store does not take the token.
        LedgerError: it could not be recorded that one is to be removed, or was.
    """
    removed: dict[int, StoredImage] = {}
    for photo_id in _there_twice(found):
        try:
            while (
                not engine.clock.stopping()
                and (verdict := _next(engine, photo_id, agreed)) is not None
            ):
                _remove(engine, photo_id, verdict, delete, say)
                removed[verdict.other.id] = verdict.keep
        except StoreDenied:
            raise
        except (StoreError, LostClaim) as error:
            say(f"left as it is: {error}")
    return removed


def _there_twice(found: Iterable[Difference]) -> list[str]:
    """Return the ids of the photographs that are there twice, each once."""
    twice = (one.photo for one in found if one.kind is Kind.TWICE and one.photo is not None)
    return list(dict.fromkeys(photo.id for photo in twice))


def _next(engine: Engine, photo_id: str, agreed: Collection[int]) -> Verdict | None:
    """Return the next of a photograph's images that may go, by what the store shows now."""
    photo, images = _images_of(engine, photo_id)
    return None if photo is None else _first(engine, photo, images, agreed)


def _images_of(engine: Engine, photo_id: str) -> tuple[Photo | None, dict[int, StoredImage]]:
    """Return a stored photograph and the images of its product by id; None where it is no more."""
    photo = engine.ledger.photo(photo_id)
    if photo is None or photo.state is not State.STORED or photo.image is None:
        return None, {}
    return photo, {image.id: image for image in engine.stages.images(photo.image.product_id)}


def _first(
    engine: Engine,
    photo: Photo,
    images: Mapping[int, StoredImage],
    agreed: Collection[int] | None = None,
) -> Verdict | None:
    """Return the first of a photograph's images that may go; `agreed`: one of these alone."""
    assert photo.image is not None  # noqa: S101 - that is what STORED means
    ours = images.get(photo.image.id)
    if ours is None:
        return None
    for image in _others(engine, photo, images.values()):
        verdict = judge(photo, ours, image, engine.stages.alike)
        if verdict.removable and (agreed is None or verdict.other.id in agreed):
            return verdict
    return None


def _others(engine: Engine, photo: Photo, images: Iterable[StoredImage]) -> Iterator[StoredImage]:
    """Yield the images that carry its mark, and that the ledger has for no photograph."""
    assert photo.image is not None  # noqa: S101 - that is what STORED means
    known = stored_images(engine.ledger, photo.image.product_id).keys() | {photo.image.id}
    for image in bearing(photo, images, engine.stages.digest_tag):
        if image.id not in known:
            yield image


def _remove(
    engine: Engine,
    photo_id: str,
    verdict: Verdict,
    delete: Callable[[int, int], None],
    say: Callable[[str], None],
) -> None:
    keep, other = verdict.keep, verdict.other
    what = f"image {other.id} ({other.image_file}) of product {other.product_id}"
    say(f"removing {what}: it is the same as image {keep.id}, which stays")
    intention = f"is image {keep.id} ({keep.image_file}); {what} is one too many: removing it"
    if not engine.ledger.stays(photo_id, (keep.id, other.id), keep, intention):
        raise LostClaim("another process has changed our record of it")
    try:
        delete(other.product_id, other.id)
    except StoreRejected as error:
        if not error.is_of_one_product:
            raise
    engine.ledger.stays(photo_id, (keep.id,), keep, f"{what} was removed from the shop")
    engine.ledger.removed(other.product_id, other.id)
    say(f"removed {what}")
