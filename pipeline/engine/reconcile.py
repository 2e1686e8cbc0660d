"""Takes into the ledger what is in the store already, and makes due what is missing there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.engine.compare import Difference, Kind, compare
from pipeline.engine.engine import Engine
from pipeline.engine.ports import StoreHealth
from pipeline.errors import StoreError
from pipeline.lifecycle import State
from pipeline.values import Arrival, Photo, StoredImage

__all__ = ["Adopted", "adopt", "differences", "requeue_missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What was found.

    Attributes:
        known: the ledger said already that they are stored.
        adopted: taken over from the store just now.
        others: not in the store, or waiting, refused or failed.
        elsewhere: those of the others that one of the products looked at has, which is not theirs.
        unmarked: images of those products whose names bear no mark: where a shop renames what is
            uploaded, a photograph may be among them.
    """

    known: tuple[Photo, ...]
    adopted: tuple[Photo, ...]
    others: tuple[Photo, ...]
    elsewhere: tuple[tuple[Photo, StoredImage], ...]
    unmarked: int


def adopt(engine: Engine, arrivals: Iterable[Arrival]) -> Adopted:
    """Submit every arrival, and take over from the store those that it has already.

    Nothing is sent. What is not in the store stays where it is: the next run goes on with it.

    Raises:
        StoreError: the store could not be asked.
        LedgerError: it could not be recorded.
    """
    engine.ledger.recover()
    for arrival in arrivals:
        engine.submit(arrival)
    return _take_over(engine, [line.photo.id for line in engine.ledger.run_report().lines])


def differences(engine: Engine) -> list[Difference]:
    """Give everything in which the ledger and the store differ.

    What seems to be missing is looked for a second time, half a waiting time later: a store may
    be slow to list what it has.

    Raises:
        StoreError: the store could not be asked.
    """
    images = cache(engine.stages.images)
    found = list(compare(engine.ledger.photos(), images, engine.stages.digest_tag))
    if any(one.kind is Kind.UNKNOWN for one in found):
        # Others upload meanwhile: what has come from there since is no stranger.
        again = compare(engine.ledger.photos(), images, engine.stages.digest_tag)
        strangers = [one for one in again if one.kind is Kind.UNKNOWN]
        found = [one for one in found if one.kind is not Kind.UNKNOWN] + strangers
        found.sort(key=lambda one: one.product_id)
    missing = {one.product_id for one in found if one.kind is Kind.MISSING}
    if not missing or engine.clock.wait(engine.retry_times.settle / 2):
        return found
    photos = [
        photo
        for photo in engine.ledger.photos()
        if photo.placement is None or photo.placement.product_id in missing
    ]
    again = compare(photos, engine.stages.images, engine.stages.digest_tag)
    return [one for one in found if one.product_id not in missing] + list(again)


def requeue_missing(engine: Engine, missing: Iterable[Difference]) -> Adopted:
    """Make the photographs due whose images are gone; take over those there under another id.

    Raises:
        StoreError: the store could not be asked.
    """
    due: list[str] = []
    for one in missing:
        if one.kind is Kind.MISSING and one.photo is not None:
            sentence = f"{one.sentence}: it is put back"
            if engine.ledger.requeue_missing(one.photo.id, sentence) is not None:
                due.append(one.photo.id)
    return _take_over(engine, due)


def _take_over(engine: Engine, photo_ids: Iterable[str]) -> Adopted:
    listed: dict[int, Sequence[StoredImage]] = {}

    def images(product_id: int) -> Sequence[StoredImage]:
        if product_id not in listed:
            listed[product_id] = engine.stages.images(product_id)
        return listed[product_id]

    known: list[Photo] = []
    adopted: list[Photo] = []
    others: list[Photo] = []
    for photo_id in dict.fromkeys(photo_ids):
        photo = engine.ledger.photo(photo_id)
        if photo is not None and photo.state is State.RECEIVED:
            claim = engine.ledger.claim(photo_id)
            if claim is not None and engine.advance(claim) is not StoreHealth.WELL:
                raise StoreError("the store could not be asked: try again later")
            photo = engine.ledger.photo(photo_id)
        if photo is None:
            continue
        if photo.state is State.STORED:
            known.append(photo)
            continue
        taken = None
        if photo.state in (State.VALIDATED, State.PREPARED):
            taken = _adopted(engine, photo, images)
        (others if taken is None else adopted).append(taken or photo)
    there = [image for images in listed.values() for image in images]
    marks = [(mark, image) for image in there if (mark := engine.stages.digest_tag(image))]
    return Adopted(
        known=tuple(known),
        adopted=tuple(adopted),
        others=tuple(others),
        elsewhere=tuple(
            (photo, image)
            for photo in others
            for mark, image in marks
            if photo.sha256.startswith(mark)
        ),
        unmarked=len(there) - len(marks),
    )


def _adopted(
    engine: Engine, photo: Photo, images: Callable[[int], Sequence[StoredImage]]
) -> Photo | None:
    assert photo.placement is not None  # noqa: S101 - that is what VALIDATED means
    found = [
        image
        for image in images(photo.placement.product_id)
        if (mark := engine.stages.digest_tag(image)) and photo.sha256.startswith(mark)
    ]
    claim = engine.ledger.claim(photo.id) if found else None
    if claim is None:
        return None
    image = min(found, key=lambda one: one.id)
    sentence = f"was in the store already, as image {image.id} ({image.image_file})"
    engine.ledger.adopted(claim, image, sentence)
    return engine.ledger.photo(photo.id)
