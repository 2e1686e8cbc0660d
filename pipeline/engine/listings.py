"""What the store shows of a product, looked at before this process's first create for it.

A ledger knows only what went through it. Another user's, another computer's, a lost, emptied or
older one knows nothing of what the store has, and would send it again. So nothing is sent to a
product whose images this process has not listed lately; what is there already, under our own mark,
is taken over instead. Which of those ledgers it was need not be known.
"""

from __future__ import annotations

import shlex
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pipeline.engine.ports import MOST_PRODUCTS, Clock, Observer, Stages
from pipeline.errors import StoreError
from pipeline.ledger import Ledger
from pipeline.ledger.port import Meetings
from pipeline.values import Claim, Meeting, MetImage, Photo, ProductImages, StoredImage
from pipeline.wording import shown

__all__ = ["Listings", "bearing", "no_longer_there", "note_listing", "take_over"]

FRESH_SECONDS: Final = 600.0
"""How long a listing tells what others sent. Two computers that work on one folder at once may send
a photograph twice within it; a run comes through the products of one question in less."""

MOST_IMAGES: Final = 20_000
"""Images that are remembered, of the products listed last: some 30 MB."""

MOST_GONE: Final = 1_000
"""Photographs that are remembered as deleted in the shop; `pipeline verify` says all."""

REST_SECONDS: Final = 30.0
"""After a listing that failed, pictures are made for so long without asking: there is time to ask
before they are sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The images of a product that carry a mark, by mark, and when the store was asked."""

    at: datetime
    tick: float
    """The same by the monotonic clock, in seconds."""
    marked: Mapping[str, Sequence[StoredImage]]
    complete: bool
    """Whether these are certainly all: what is not among them may be there all the same."""
    last_id: int
    """The highest id of all its images, with a mark or without; 0 where there is none."""

    @property
    def number(self) -> int:
        """Return how many images are remembered."""
        return sum(map(len, self.marked.values()))


class Listings:
    """What the store showed of products, and what is taken over of it; threads may share it."""

    def __init__(
        self,
        ledger: Ledger,
        stages: Stages,
        clock: Clock,
        observer: Observer,
        slow_seconds: float,
    ) -> None:
        """Ask for nothing yet.

        Args:
            ledger: knows what is stored.
            stages: ask the store.
            clock: tells how old a listing is.
            observer: is told what should not be.
            slow_seconds: how long after it was stored a store may not list an image yet.
        """
        self._observer = observer
        self._ledger = ledger
        self._stages = stages
        self._clock = clock
        self._kept: OrderedDict[int, _Listing] = OrderedDict()
        self._keeping = threading.Lock()
        self._asking = threading.Lock()
        self._rest_until = float("-inf")
        self._said_others = False
        self._slow = timedelta(seconds=slow_seconds)
        self._gone: OrderedDict[str, Photo] = OrderedDict()

    @property
    def remembered(self) -> int:
        """Return of how many images is remembered that the store has them."""
        with self._keeping:
            return sum(kept.number for kept in self._kept.values())

    def taken_over(self, claim: Claim) -> bool:
        """Whether a photograph that is to be sent is in the store already: then it is STORED now.

        Raises:
            StoreError: the store could not be asked, so it must not be sent.
            LostClaim, LedgerError: it could not be recorded.
        """
        photo = claim.photo
        ended_at = self._ledger.attempt_ended_at(photo)
        listing = self._listing(photo, ended_at)
        found = _of(photo, listing)
        if found and listing.at < photo.changed_at:
            # It may have been deleted since, and that be why it is to be sent.
            with self._asking:
                found = _of(photo, self._ask(photo))
        return take_over(self._ledger, claim, found) is not None

    def taken_over_early(self, claim: Claim) -> bool:
        """Whether it is there already, asked before a picture is made of it, to save the work.

        Where the store cannot be asked just now, the answer is no: it is asked again before it is
        sent.

        Raises:
            LostClaim, LedgerError: it could not be recorded.
        """
        if self._clock.monotonic() < self._rest_until or self._stages.store_pause() > 0:
            return False
        try:
            return self.taken_over(claim)
        except StoreError:
            self._rest_until = self._clock.monotonic() + REST_SECONDS
            return False

    def was_there(self, image: StoredImage) -> bool:
        """Whether an image that is said to be new is no newer than those of the last listing.

        A store's ids go up (the store's reference).
        """
        with self._keeping:
            kept = self._kept.get(image.product_id)
            return kept is not None and image.id <= kept.last_id

    def forget(self, photo: Photo) -> None:
        """Have its product listed again before anything more is sent there."""
        with self._keeping:
            self._kept.pop(_product_of(photo), None)

    @property
    def gone(self) -> Sequence[Photo]:
        """Return the stored photographs that listings did not show, the last of very many.

        Somebody deleted them in the shop. Nothing is done about it unasked.
        """
        with self._keeping:
            return tuple(self._gone.values())

    def heard(self, product_id: int, images: Sequence[StoredImage]) -> None:
        """Note what a listing of a product, made for whatever reason, shows that should not be.

        What is new is said: each that is there twice, each that is there no longer, and once that
        others' are there.

        Raises:
            LedgerError: it could not be noted.
        """
        for met in note_listing(self._ledger, self._stages.digest_tag, product_id, images):
            if met.kind is Meeting.TWICE:
                self._observer.warned(_twice(met))
            elif not self._said_others:
                self._said_others = True
                self._observer.said(OTHERS)
        before = self._clock.now() - self._slow
        for photo in self._ledger.gone(product_id, {image.id for image in images}, before):
            with self._keeping:
                known = photo.id in self._gone
                self._gone[photo.id] = photo
                if len(self._gone) > MOST_GONE:
                    self._gone.popitem(last=False)
            if not known:
                self._observer.said(no_longer_there(photo))

    def _listing(self, photo: Photo, ended_at: datetime | None) -> _Listing:
        kept = self._usable(photo, ended_at)
        if kept is not None:
            return kept
        # One asks, for all; the others find there what they wanted.
        with self._asking:
            return self._usable(photo, ended_at) or self._ask(photo)

    def _usable(self, photo: Photo, ended_at: datetime | None) -> _Listing | None:
        """Return what is remembered of its product, where it is fresh, and asked for since."""
        with self._keeping:
            kept = self._kept.get(_product_of(photo))
            if kept is None or not self._is_fresh(kept):
                return None
            self._kept.move_to_end(_product_of(photo))
        if ended_at is not None and kept.at <= ended_at:
            return None
        return kept if kept.complete or _of(photo, kept) else None

    def _is_fresh(self, kept: _Listing) -> bool:
        age = self._clock.monotonic() - kept.tick
        # One from the future was made before the clock was set back.
        return age < FRESH_SECONDS and kept.at <= self._clock.now()

    def _ask(self, photo: Photo) -> _Listing:
        """List its product, and with it those that come next."""
        now, tick = self._clock.now(), self._clock.monotonic()
        product_id = _product_of(photo)
        listed = self._listed(photo)
        with self._keeping:
            for product, shown in listed.items():
                marked = _marked(shown.images, self._stages.digest_tag)
                self._kept[product] = _Listing(
                    at=now,
                    tick=tick,
                    marked=marked,
                    complete=shown.complete,
                    last_id=max((image.id for image in shown.images), default=0),
                )
                self._kept.move_to_end(product)
            self._kept.move_to_end(product_id)
            total = sum(kept.number for kept in self._kept.values())
            while total > MOST_IMAGES and len(self._kept) > 1:
                total -= self._kept.popitem(last=False)[1].number
            return self._kept[product_id]

    def _listed(self, photo: Photo) -> Mapping[int, ProductImages]:
        product_id = _product_of(photo)
        # What is in haste waits for no others' images.
        ahead = () if photo.in_haste else self._ledger.products_ahead(MOST_PRODUCTS)
        with self._keeping:
            fresh = {id_ for id_, kept in self._kept.items() if self._is_fresh(kept)}
        wanted = dict.fromkeys((product_id, *(id_ for id_ in ahead if id_ not in fresh)))
        # What came along with others was not enough for this one, or is too old for it.
        alone = product_id in fresh or len(wanted) == 1
        found = {} if alone else self._stages.images_of(list(wanted)[:MOST_PRODUCTS])
        shown = found.get(product_id)
        tag = self._stages.digest_tag
        if shown is not None and (shown.complete or bearing(photo, shown.images, tag)):
            return found
        # What is not known for certain, and that the store has no such product, it says itself.
        images = tuple(self._stages.images(product_id))
        return {**found, product_id: ProductImages(images=images, complete=True)}


def bearing(
    photo: Photo, images: Iterable[StoredImage], digest_tag: Callable[[StoredImage], str | None]
) -> list[StoredImage]:
    """Return those of the images that carry a photograph's mark."""
    tagged = ((digest_tag(image), image) for image in images)
    return [image for tag, image in tagged if tag and photo.sha256.startswith(tag)]


def note_listing(
    ledger: Meetings,
    digest_tag: Callable[[StoredImage], str | None],
    product_id: int,
    images: Iterable[StoredImage],
) -> Sequence[MetImage]:
    """Note what a whole listing of a product shows that is not as the ledger has it.

    Returns:
        What was not known before.

    Raises:
        LedgerError: it could not be noted.
    """
    return ledger.listed(product_id, _marked(images, digest_tag))


def _marked(
    images: Iterable[StoredImage], digest_tag: Callable[[StoredImage], str | None]
) -> Mapping[str, Sequence[StoredImage]]:
    marked: dict[str, list[StoredImage]] = defaultdict(list)
    for image in images:
        if tag := digest_tag(image):
            marked[tag].append(image)
    return dict(marked)


OTHERS: Final = (
    "the shop has images with this program's mark that are not in our records: another "
    "computer, another user or older records sent them; `pipeline status` counts them"
)


def _twice(met: MetImage) -> str:
    return (
        f"product {met.product_id} has a photograph twice: image {met.image_id} ({met.name}) is "
        "one too many; `pipeline verify` says more, `pipeline verify --repair` puts it right"
    )


def no_longer_there(photo: Photo) -> str:
    """Return that a photograph was deleted in the shop, and what brings it back."""
    assert photo.image is not None  # noqa: S101 - that is what STORED means
    name = shown(photo.path)
    return (
        f"No longer in the shop: {name} (image {photo.image.id} of product "
        f"{photo.image.product_id} was deleted there); `pipeline retry {shlex.quote(name)}` "
        "sends it again"
    )


def take_over(ledger: Ledger, claim: Claim, found: Iterable[StoredImage]) -> StoredImage | None:
    """Record that a photograph is in the store already: VALIDATED or PREPARED → STORED.

    Args:
        ledger: records it.
        claim: the ticket.
        found: the images of its product that carry its mark.

    Returns:
        The image that it is, the one of the lowest id; None where each is another photograph's.

    Raises:
        LostClaim, LedgerError: it could not be recorded.
    """
    for image in sorted(found, key=lambda one: one.id):
        sentence = f"was in the shop already, as image {image.id} ({image.image_file})"
        if ledger.adopted(claim, image, sentence):
            return image
    return None


def _of(photo: Photo, listing: _Listing) -> Sequence[StoredImage]:
    return [
        image
        for tag, images in listing.marked.items()
        if photo.sha256.startswith(tag)
        for image in images
    ]


def _product_of(photo: Photo) -> int:
    assert photo.placement is not None  # noqa: S101 - that is what VALIDATED means
    return photo.placement.product_id
