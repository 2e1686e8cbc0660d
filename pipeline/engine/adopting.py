"""What the store has already is taken over: its images found by their marks, nothing sent.

Of many photographs none is held for longer than its product is read: what grows with them is the
set of the ids of their products.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from pipeline.engine.engine import Engine
from pipeline.engine.listings import bearing, take_over
from pipeline.engine.ports import StoreHealth
from pipeline.engine.reading import Progress, all_images, chunks, in_silence, together
from pipeline.errors import StoreError
from pipeline.lifecycle import State
from pipeline.values import Arrival, Photo, StoredImage

__all__ = ["Adopted", "Elsewhere", "adopt", "take_over_due"]

Elsewhere: TypeAlias = Callable[[Photo, StoredImage], None]
"""Is told of a photograph that is not stored, and of its image at a product that is not its."""

_SOUGHT: Final = (State.VALIDATED, State.PREPARED)


def _to_nobody(photo: Photo, image: StoredImage) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """How many of what was found.

    Attributes:
        known: the ledger said already that they are stored.
        adopted: taken over from the store just now.
        others: not in the store, or waiting, refused or failed.
        unmarked: images of those products whose names bear no digest: where a shop renames what
            is uploaded, a photograph may be among them.
    """

    known: int
    adopted: int
    others: int
    unmarked: int


def adopt(
    engine: Engine,
    arrivals: Iterable[Arrival],
    elsewhere: Elsewhere = _to_nobody,
    progress: Progress = in_silence,
) -> Adopted:
    """Submit every arrival, and take over from the store those that it has already.

    Nothing is sent. What is not in the store stays where it is: the next run goes on with it.

    Args:
        engine: knows the ledger and the store.
        arrivals: the files.
        elsewhere: is told of each that one of the products looked at has, which is not its own.
        progress: is told how many of their products have been read.

    Raises:
        StoreError: the store could not be asked.
        LedgerError: it could not be recorded.
    """
    engine.ledger.recover()
    for arrival in arrivals:
        engine.submit(arrival)
    meant = engine.ledger.arrived_here
    return _TakingOver(engine, meant, elsewhere).all_of(engine.ledger.arrived_photos(), progress)


def take_over_due(engine: Engine, photo_ids: Sequence[str]) -> Adopted:
    """Take over from the store what it has of these photographs, under whatever id.

    Raises:
        StoreError: the store could not be asked.
    """
    meant = frozenset(photo_ids)
    return _TakingOver(engine, meant.__contains__, _to_nobody).all_of(photo_ids, in_silence)


class _TakingOver:
    """One taking over.

    `meant` says of a photograph's id whether it is one of those that are looked for. What is found
    at another product before its own has been read is held until then: it may be there, too.
    """

    def __init__(self, engine: Engine, meant: Callable[[str], bool], elsewhere: Elsewhere) -> None:
        self._engine = engine
        self._ledger = engine.ledger
        self._tag = engine.stages.digest_tag
        self._meant = meant
        self._elsewhere = elsewhere
        self._known = self._adopted = self._others = self._unmarked = 0
        self._left: set[int] = set()
        self._held: dict[int, list[tuple[str, StoredImage]]] = defaultdict(list)

    def all_of(self, photo_ids: Iterable[str], progress: Progress) -> Adopted:
        for photo_id in photo_ids:
            self._look_into(photo_id)
        for product_ids in chunks(sorted(self._left), progress):
            listed = together(self._engine, product_ids)
            for product_id in product_ids:
                photos = self._sought(product_id)
                # One that is overlooked would be sent again.
                enough = partial(self._has_each, photos)
                images = all_images(self._engine, product_id, listed.get(product_id), enough) or ()
                self._left.discard(product_id)
                self._in_product(product_id, photos, images)
        self._ledger.make_durable()
        return Adopted(
            known=self._known,
            adopted=self._adopted,
            others=self._others,
            unmarked=self._unmarked,
        )

    def _look_into(self, photo_id: str) -> None:
        """Count a photograph, or note that its product is to be read."""
        photo = _looked_into(self._engine, photo_id)
        if photo is None:
            return
        if photo.state is State.STORED:
            self._known += 1
        elif photo.state in _SOUGHT and photo.placement is not None:
            self._left.add(photo.placement.product_id)
        else:
            self._others += 1

    def _sought(self, product_id: int) -> Sequence[Photo]:
        photos = self._ledger.of_product(product_id)
        return [one for one in photos if one.state in _SOUGHT and self._meant(one.id)]

    def _has_each(self, photos: Iterable[Photo], images: Sequence[StoredImage]) -> bool:
        return all(bearing(photo, images, self._tag) for photo in photos)

    def _in_product(
        self, product_id: int, photos: Sequence[Photo], images: Sequence[StoredImage]
    ) -> None:
        taken = {
            photo.id
            for photo in photos
            if self._is_adopted(photo, bearing(photo, images, self._tag))
        }
        self._adopted += len(taken)
        self._others += len(photos) - len(taken)
        for photo_id, image in self._held.pop(product_id, ()):
            photo = self._ledger.photo(photo_id)
            if photo is not None and photo_id not in taken:
                self._elsewhere(photo, image)
        for image in images:
            self._note(product_id, image, photos)

    def _note(self, product_id: int, image: StoredImage, photos: Iterable[Photo]) -> None:
        """Look whose an image is that may be another product's."""
        tag = self._tag(image)
        if not tag:
            self._unmarked += 1
        elif not any(photo.sha256.startswith(tag) for photo in photos):
            for photo in self._ledger.of_content(tag):
                if photo.state is not State.STORED and self._meant(photo.id):
                    self._found_elsewhere(product_id, photo, image)

    def _found_elsewhere(self, product_id: int, photo: Photo, image: StoredImage) -> None:
        own = None if photo.placement is None else photo.placement.product_id
        if own == product_id:
            return
        if own is not None and own in self._left and photo.state in _SOUGHT:
            self._held[own].append((photo.id, image))
        else:
            self._elsewhere(photo, image)

    def _is_adopted(self, photo: Photo, found: Sequence[StoredImage]) -> bool:
        claim = self._ledger.claim(photo.id) if found else None
        if claim is None:
            return False
        if take_over(self._ledger, claim, found) is None:
            self._ledger.release(claim)
            return False
        return True


def _looked_into(engine: Engine, photo_id: str) -> Photo | None:
    """Return a photograph whose product is known by now, as far as it can be known."""
    photo = engine.ledger.photo(photo_id)
    if photo is None or photo.state is not State.RECEIVED:
        return photo
    claim = engine.ledger.claim(photo_id)
    if claim is not None and engine.advance(claim) is not StoreHealth.WELL:
        raise StoreError("the shop could not be asked: try again later")
    return engine.ledger.photo(photo_id)
