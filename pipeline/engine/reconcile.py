"""The ledger and the store brought together: what is taken over, what is made due again."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.engine.differences import Difference, Kind
from pipeline.engine.engine import Engine, upload_of
from pipeline.engine.listings import bearing, take_over
from pipeline.engine.ports import StoreHealth
from pipeline.engine.reading import Progress, all_images, chunks, in_silence, together
from pipeline.errors import LedgerError, StoreError
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.scope import Scope
from pipeline.values import Arrival, Photo, StoredImage
from pipeline.wording import shown

__all__ = [
    "Adopted",
    "adopt",
    "ask_again",
    "delete_image",
    "images_meant",
    "in_doubt",
    "put_back",
    "repaired",
    "requeue_missing",
    "settle",
    "take_up_appeared",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What was found.

    Attributes:
        known: the ledger said already that they are stored.
        adopted: taken over from the store just now.
        others: not in the store, or waiting, refused or failed.
        elsewhere: those of the others that one of the products looked at has, which is not theirs.
        unmarked: images of those products whose names bear no digest: where a shop renames what
            is uploaded, a photograph may be among them.
    """

    known: tuple[Photo, ...]
    adopted: tuple[Photo, ...]
    others: tuple[Photo, ...]
    elsewhere: tuple[tuple[Photo, StoredImage], ...]
    unmarked: int


def adopt(engine: Engine, arrivals: Iterable[Arrival], progress: Progress = in_silence) -> Adopted:
    """Submit every arrival, and take over from the store those that it has already.

    Nothing is sent. What is not in the store stays where it is: the next run goes on with it.

    Args:
        engine: knows the ledger and the store.
        arrivals: the files.
        progress: is told how many of their products have been read.

    Raises:
        StoreError: the store could not be asked.
        LedgerError: it could not be recorded.
    """
    engine.ledger.recover()
    for arrival in arrivals:
        engine.submit(arrival)
    arrived = (line.photo.id for line in engine.ledger.run_report().lines)
    return _take_over(engine, arrived, progress)


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


def put_back(images: Callable[[int], Sequence[StoredImage]], ledger: Ledger, photo: Photo) -> bool:
    """Make a stored photograph due where its image was deleted in the store; whether it was.

    Args:
        images: lists a product's images.
        ledger: records it.
        photo: stored.

    Raises:
        StoreError: the store could not be asked.
    """
    image = photo.image
    if image is None or any(one.id == image.id for one in images(image.product_id)):
        return False
    sentence = f"image {image.id} is not in the shop any more: it is sent again, as asked for"
    return ledger.requeue_missing(photo.id, sentence) is not None


def repaired(
    engine: Engine, found: Iterable[Difference], bring_in: Callable[[], object]
) -> dict[str, Photo]:
    """Put back what is missing in the store.

    Args:
        engine: knows the ledger and the store.
        found: the differences, of whatever kind.
        bring_in: works until nothing is due.

    Returns:
        The photographs that were missing, as they are now, by id.

    Raises:
        StoreError: the store could not be asked.
    """
    missing = [one for one in found if one.kind is Kind.MISSING and one.photo is not None]
    requeue_missing(engine, missing)
    bring_in()
    now = [engine.ledger.photo(one.photo.id) for one in missing if one.photo is not None]
    return {photo.id: photo for photo in now if photo is not None}


def in_doubt(ledger: Ledger, path: Path) -> list[Photo]:
    """Return what arrived from a file, was perhaps sent, and somebody may settle."""
    return [
        photo
        for photo in ledger.at_path(path)
        if photo.state in (State.FAILED, State.UPLOADING) and photo.picture is not None
    ]


def images_meant(engine: Engine, photos: Sequence[Photo], image_id: int) -> dict[str, StoredImage]:
    """Return the image of that id for those of the photographs whose product has it, by their id.

    Raises:
        StoreError: the store could not be asked.
    """
    products = {photo.id: upload_of(photo)[1].product_id for photo in photos}
    listed = together(engine, sorted(set(products.values())))

    def that_one(images: Iterable[StoredImage]) -> StoredImage | None:
        return next((image for image in images if image.id == image_id), None)

    found = {}
    for photo_id, product_id in products.items():
        shown = listed.get(product_id)
        images = all_images(engine, product_id, shown, lambda some: bool(that_one(some)))
        if (image := that_one(images or ())) is not None:
            found[photo_id] = image
    return found


def settle(ledger: Ledger, photo: Photo, image: StoredImage | None) -> str:
    """Record which image of the store a photograph is, or that (None) it is not there.

    Returns:
        What was recorded, as a sentence about the photograph.

    Raises:
        LedgerError: it is not in doubt, or another process has it in hand.
    """
    if photo.state is State.FAILED:
        ledger.retry(photo.id)
    claim = ledger.claim(photo.id)
    if claim is None or claim.photo.state is not State.UPLOADING:
        raise LedgerError(f"{shown(photo.path)} is not in doubt, or another process has it in hand")
    if image is not None:
        sentence = f"is image {image.id} ({image.image_file}), as somebody said"
        ledger.stored(claim, image, sentence)
        ledger.make_durable()
    else:
        sentence = "is not in the shop, as somebody said: the next run sends it again"
        ledger.not_sent(claim, sentence, not_before=None, attempts=0)
    return sentence


def ask_again(engine: Engine, scope: Scope) -> None:
    """Ask anew for the products of what waits: the shop may have got them meanwhile.

    Args:
        engine: knows the ledger and the store.
        scope: what lies in it is asked for; of the others nobody asked this process.
    """
    engine.stages.forget_unknown()
    for photo in engine.ledger.photos(State.WAITING):
        if scope.holds(photo.path):
            engine.ledger.retry(photo.id)
    engine.ledger.take_up(scope)


def take_up_appeared(engine: Engine, scope: Scope) -> int:
    """Ask anew for the products of what waits for a name that a product has got lately.

    The store is asked one question, and none where nothing waits.

    Args:
        engine: knows the ledger and the store.
        scope: what lies in it is asked for.

    Returns:
        How many were taken up.

    Raises:
        StoreError: the store could not be asked.
    """
    rules = engine.stages.name_rules
    if rules is None or not engine.ledger.tally().counts.get(State.WAITING):
        return 0
    names = frozenset(engine.stages.appeared())
    if not names:
        return 0
    engine.stages.forget_unknown()
    taken_up = 0
    for photo in engine.ledger.photos(State.WAITING):
        if scope.holds(photo.path) and not names.isdisjoint(rules.proposed(photo.original)):
            engine.ledger.retry(photo.id)
            taken_up += 1
    if taken_up:
        engine.ledger.take_up(scope)
    return taken_up


def delete_image(
    delete: Callable[[int, int], None], ledger: Ledger, product_id: int, image_id: int
) -> Photo | None:
    """Delete an image from the store, and remember that we did.

    Returns:
        The photograph that it was; None where the ledger knows none.

    Raises:
        StoreError: `delete` did not get it deleted.
    """
    delete(product_id, image_id)
    return ledger.removed(product_id, image_id)


def _take_over(
    engine: Engine, photo_ids: Iterable[str], progress: Progress = in_silence
) -> Adopted:
    known: list[Photo] = []
    adopted: list[Photo] = []
    others: list[Photo] = []
    sought: dict[int, list[Photo]] = defaultdict(list)
    for photo_id in dict.fromkeys(photo_ids):
        photo = _looked_into(engine, photo_id)
        if photo is None:
            continue
        if photo.state is State.STORED:
            known.append(photo)
        elif photo.state in (State.VALIDATED, State.PREPARED) and photo.placement is not None:
            sought[photo.placement.product_id].append(photo)
        else:
            others.append(photo)
    seen = _Seen(engine, [*others, *(photo for photos in sought.values() for photo in photos)])
    for product_ids in chunks(sorted(sought), progress):
        listed = together(engine, product_ids)
        for product_id in product_ids:
            photos = sought[product_id]
            # One that is overlooked would be sent again.
            enough = partial(seen.has_each, photos)
            images = all_images(engine, product_id, listed.get(product_id), enough) or ()
            seen.note(images)
            for photo in photos:
                taken = _adopted(engine, photo, seen.of(photo, images))
                (others if taken is None else adopted).append(taken or photo)
    engine.ledger.make_durable()
    return Adopted(
        known=tuple(known),
        adopted=tuple(adopted),
        others=tuple(others),
        elsewhere=tuple((photo, image) for photo in others for image in seen.anywhere(photo)),
        unmarked=seen.unmarked,
    )


def _looked_into(engine: Engine, photo_id: str) -> Photo | None:
    """Return a photograph whose product is known by now, as far as it can be known."""
    photo = engine.ledger.photo(photo_id)
    if photo is None or photo.state is not State.RECEIVED:
        return photo
    claim = engine.ledger.claim(photo_id)
    if claim is not None and engine.advance(claim) is not StoreHealth.WELL:
        raise StoreError("the shop could not be asked: try again later")
    return engine.ledger.photo(photo_id)


class _Seen:
    """The images that were met and carry the mark of a photograph that is looked for.

    `unmarked` counts those without any mark.
    """

    def __init__(self, engine: Engine, photos: Iterable[Photo]) -> None:
        self._tag = engine.stages.digest_tag
        self._digests = sorted(photo.sha256 for photo in photos)
        self._marked: dict[str, list[StoredImage]] = defaultdict(list)
        self.unmarked = 0

    def note(self, images: Iterable[StoredImage]) -> None:
        for image in images:
            tag = self._tag(image)
            if not tag:
                self.unmarked += 1
                continue
            at = bisect_left(self._digests, tag)
            if at < len(self._digests) and self._digests[at].startswith(tag):
                self._marked[tag].append(image)

    def of(self, photo: Photo, images: Iterable[StoredImage]) -> list[StoredImage]:
        return bearing(photo, images, self._tag)

    def has_each(self, photos: Iterable[Photo], images: Sequence[StoredImage]) -> bool:
        return all(self.of(photo, images) for photo in photos)

    def anywhere(self, photo: Photo) -> Iterator[StoredImage]:
        for length in {len(tag) for tag in self._marked}:
            yield from self._marked.get(photo.sha256[:length], ())


def _adopted(engine: Engine, photo: Photo, found: Sequence[StoredImage]) -> Photo | None:
    claim = engine.ledger.claim(photo.id) if found else None
    if claim is None:
        return None
    if take_over(engine.ledger, claim, found) is None:
        engine.ledger.release(claim)
        return None
    return engine.ledger.photo(photo.id)
