"""The ledger held against the store: what differs, what is taken over, what is made due again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pipeline.engine.engine import Engine, upload_of
from pipeline.engine.listings import take_over
from pipeline.engine.ports import StoreHealth
from pipeline.engine.twins import Verdict, judge
from pipeline.errors import LedgerError, StoreError
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.values import Arrival, Photo, StoredImage
from pipeline.wording import shown

__all__ = [
    "Adopted",
    "Difference",
    "Kind",
    "adopt",
    "ask_again",
    "compare",
    "delete_image",
    "differences",
    "image_in_product",
    "in_doubt",
    "repaired",
    "requeue_missing",
    "settle",
]


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
    """Return everything in which the ledger and the store differ.

    What seems to be missing is looked for a second time, half a waiting time later: a store may
    be slow to list what it has.

    Raises:
        StoreError: the store could not be asked.
    """
    images = cache(engine.stages.images)
    found = list(
        compare(engine.ledger.photos(), images, engine.stages.digest_tag, engine.stages.alike)
    )
    if any(one.kind is Kind.UNKNOWN for one in found):
        # Others upload meanwhile: what has come from there since is no stranger.
        again = compare(
            engine.ledger.photos(), images, engine.stages.digest_tag, engine.stages.alike
        )
        strangers = [one for one in again if one.kind is Kind.UNKNOWN]
        found = [one for one in found if one.kind is not Kind.UNKNOWN] + strangers
        found.sort(key=lambda one: one.product_id)
    missing = {one.product_id for one in found if one.kind is Kind.MISSING}
    if not missing or engine.clock.wait(engine.retry_times.confirm_after / 2):
        return found
    photos = (
        photo
        for photo in engine.ledger.photos()
        if photo.placement is None or photo.placement.product_id in missing
    )
    again = compare(photos, engine.stages.images, engine.stages.digest_tag, engine.stages.alike)
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


def image_in_product(engine: Engine, photo: Photo, image_id: int) -> StoredImage | None:
    """Return the image of that id of the photograph's product; None where it has none.

    Raises:
        StoreError: the store could not be asked.
    """
    _, placement = upload_of(photo)
    images = engine.stages.images(placement.product_id)
    return next((image for image in images if image.id == image_id), None)


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
    else:
        sentence = "is not in the store, as somebody said: the next run sends it again"
        ledger.not_sent(claim, sentence, not_before=None, attempts=0)
    return sentence


def ask_again(engine: Engine) -> None:
    """Ask anew for the products of all that waits: the shop may have got them meanwhile."""
    engine.stages.forget_unknown()
    for photo in engine.ledger.photos(State.WAITING):
        engine.ledger.retry(photo.id)


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
    tagged = [(tag, image) for image in there if (tag := engine.stages.digest_tag(image))]
    return Adopted(
        known=tuple(known),
        adopted=tuple(adopted),
        others=tuple(others),
        elsewhere=tuple(
            (photo, image)
            for photo in others
            for tag, image in tagged
            if photo.sha256.startswith(tag)
        ),
        unmarked=len(there) - len(tagged),
    )


def _adopted(
    engine: Engine, photo: Photo, images: Callable[[int], Sequence[StoredImage]]
) -> Photo | None:
    assert photo.placement is not None  # noqa: S101 - that is what VALIDATED means
    found = [
        image
        for image in images(photo.placement.product_id)
        if (tag := engine.stages.digest_tag(image)) and photo.sha256.startswith(tag)
    ]
    claim = engine.ledger.claim(photo.id) if found else None
    if claim is None:
        return None
    if take_over(engine.ledger, claim, found) is None:
        engine.ledger.release(claim)
        return None
    return engine.ledger.photo(photo.id)


def compare(
    photos: Iterable[Photo],
    images_of: Callable[[int], Sequence[StoredImage]],
    digest_tag: Callable[[StoredImage], str | None],
    alike: Callable[[StoredImage, StoredImage], bool | None],
) -> Iterator[Difference]:
    """Yield every difference, product by product.

    Args:
        photos: of the ledger, in whatever state; only products with a stored one are looked at.
        images_of: asks the store for all images of a product; raises a `StoreError`.
        digest_tag: reads the part of a photograph's digest in an image's name.
        alike: whether two images show the same; None where that cannot be seen.
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
            tag = digest_tag(image)
            other = _with_digest(tag, others)
            if other is not None and other.state is State.UPLOADING:
                # On its way, or in doubt: whoever works on it finds its image.
                continue
            twin = _with_digest(tag, ours)
            before = None if twin is None or twin.image is None else images.get(twin.image.id)
            if twin is not None and before is not None:
                yield _twice(product_id, twin, judge(twin, before, image, alike))
            else:
                yield _unknown(product_id, image, twin, other)


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


def _twice(product_id: int, photo: Photo, verdict: Verdict) -> Difference:
    other = verdict.other
    return Difference(
        kind=Kind.TWICE,
        product_id=product_id,
        image_id=other.id,
        photo=photo,
        sentence=f"image {other.id} ({other.image_file}) {verdict.sentence}",
        twins=verdict,
    )


def _unknown(
    product_id: int, image: StoredImage, twin: Photo | None, other: Photo | None
) -> Difference:
    """Say what an image is: one that is stored and missing, another photograph, or a stranger."""

    def differs(photo: Photo | None, what: str) -> Difference:
        return Difference(
            kind=Kind.UNKNOWN,
            product_id=product_id,
            image_id=image.id,
            photo=photo,
            sentence=f"image {image.id} ({image.image_file}) {what}",
        )

    if twin is not None and twin.image is not None:
        return differs(twin, f"is the one that is missing as {twin.image.id}")
    if other is not None:
        return differs(
            other,
            f"is this photograph, which the ledger calls {other.state}: `pipeline ledger rebuild` "
            "takes it over",
        )
    return differs(None, "did not come from here")


def _with_digest(tag: str | None, photos: Iterable[Photo]) -> Photo | None:
    if not tag:
        return None
    return next((photo for photo in photos if photo.sha256.startswith(tag)), None)
