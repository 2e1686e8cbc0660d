"""What the engine is handed: the stages, a clock, an observer, and how long to wait for what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import Final, Protocol

from pipeline.batches import ImageFacts
from pipeline.claimable import NameRules
from pipeline.errors import StoreUnavailable, StoreUnsure
from pipeline.faultpoints import around
from pipeline.values import (
    Arrival,
    Inspection,
    Original,
    Photo,
    Picture,
    Placement,
    ProductImages,
    SendRecord,
    StoredImage,
)

__all__ = [
    "MOST_PRODUCTS",
    "Clock",
    "Observer",
    "RetryTimes",
    "Shop",
    "SilentObserver",
    "Stages",
    "StoreHealth",
    "shop_with_fault_points",
    "with_fault_points",
]


MANY: Final = 1_000
"""As many requests at once as nobody makes."""

MOST_PRODUCTS: Final = 250
"""Products that the store is asked for with one question: as many as it gives on a page."""


class StoreHealth(Enum):
    """How the store answered in one step with a photograph."""

    WELL = auto()
    """As it should, or it was not asked."""
    BADLY = auto()
    """Not as it should; perhaps it stumbles over this photograph alone."""
    NOTHING = auto()
    """There was no connection, which has nothing to do with the photograph."""


class Clock(Protocol):
    """Time, and waiting in it; the engine has no other."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever go forward, evenly, whatever the time is set to."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the program is asked to stop; return whether it was."""
        ...

    def stopping(self) -> bool:
        """Whether the program was asked to stop."""
        ...

    def random(self) -> float:
        """Return a random number from 0 up to 1, for jitter."""
        ...


class Observer:
    """Whoever shows what goes on; called from several threads, must be quick and never raise.

    Each method does nothing here: an observer has those of what it shows.
    """

    def nothing_to_do(self, number: int) -> None:
        """So many of the files that arrived are done with, as they were before."""

    def began(self, path: Path, doing: str) -> None:
        """A photograph was taken in hand; `doing` is what for (`"checking"`, `"sending"` …)."""

    def progress(self, path: Path, done: int, total: int) -> None:
        """So many bytes of a request body have been handed to the network."""

    def ended(self, photo: Photo) -> None:
        """A step is over; the photograph is as given.

        Another thread may have gone on with it meanwhile: the same end may come twice, and
        the ends of two photographs in any order.
        """

    def said(self, sentence: str) -> None:
        """Something worth a line happened that belongs to no single photograph."""

    def warned(self, sentence: str) -> None:
        """Something is wrong that somebody should mend; said once until it is."""
        self.said(sentence)


class SilentObserver(Observer):
    """Shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The functions that look at images in the store, and change them; each may be repeated.

    Each raises a `StoreError`; what is not there is rejected with 404.

    Attributes:
        images: returns all images of a product.
        image: returns one image, by its product and its id.
        update: changes what is said of an image, and returns its record as it is then.
        delete: deletes an image.
    """

    images: Callable[[int], Sequence[StoredImage]]
    image: Callable[[int, int], StoredImage]
    update: Callable[[int, int, ImageFacts], StoredImage]
    delete: Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsChanged:
    """Which lists of people's are others than before."""

    maps: bool = False
    shot_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The functions that do the work, each from narrow values to a narrow value.

    Attributes:
        accept: reads and digests what arrived; raises `PhotoRefused` or `NotReady`.
        check: looks into the file without decoding it; raises `PhotoRefused`.
        place: says to which product it belongs; raises `ProductUnknown` or a `StoreError`.
        prove: decodes every pixel for nothing but the proof; raises `PhotoRefused`.
        render: makes the picture that fits, and keeps it for the photograph of that id; raises
            `PhotoRefused`.
        ready: whether a picture still lies in the spool, within the present limits.
        deliver: sends it once; raises a `StoreError`, `StoreUnsure` where the answer is unknown,
            `NotReady` where the spool cannot be read.
        find: returns all of the product's images that are it, the one to keep first; raises a
            `StoreError`.
        images: returns all images of a product; raises a `StoreError`.
        images_of: returns the images of many products, a question for up to 250 of them; products
            that the store does not know are left out; raises a `StoreError`.
        alike: whether two images show the same, pixel by pixel; None where that cannot be seen.
        digest_tag: returns the part of a SHA-256 that an image's name in the store ends with,
            or None.
        forget: takes the picture out of the spool.
        keep: takes one that was uploaded out of the spool, and keeps its bytes for a while.
        bring_back: lays a kept picture into the spool once more; whether it was kept; raises
            `LedgerError`.
        release: lets go an original's bytes that are kept, by their SHA-256, where no photograph
            needs them any more.
        at_once: how many requests the store takes at once, as far as that is known.
        name_rules: by which names a photograph whose product is not known yet may be of a
            product; None where nobody can tell; asks nobody.
        learn: asks the store, before all others, for the names of products that `name_rules`
            missed; whether there were any; raises a `StoreError`.
        first: while what it returns lasts, the store is asked by this thread before all others.
        store_pause: seconds that no request should be made for, by what the store last said.
        forget_unknown: has `place` ask again for products that were not known.
        appeared: asks the store which names products have got lately, as they compare; raises a
            `StoreError`.
        answers: asks the store something harmless; whether a good answer came.
        shop: looks at images in the store, and changes them.
        lacks: returns what the product of a prepared photograph lacks before it may go up, as
            `SM-13 lacks back`; empty where it lacks nothing; raises a `StoreError`. None where
            nothing is held.
        lists_changed: whether a map or the shot list is another one than when it was asked last.
        let_go: has the store asked nothing any more, and ends what has not got on for so many
            seconds.
    """

    accept: Callable[[Arrival], Original]
    check: Callable[[Original], Inspection]
    place: Callable[[Original], Placement]
    render: Callable[[Original, Inspection, str], Picture]
    ready: Callable[[Picture], bool]
    deliver: Callable[[Picture, Placement, Callable[[int, int], None]], StoredImage]
    find: Callable[[Picture, Placement, SendRecord], Sequence[StoredImage]]
    forget: Callable[[Picture], None]
    store_pause: Callable[[], float]
    prove: Callable[[Original, Inspection], None] = lambda original, inspection: None
    images: Callable[[int], Sequence[StoredImage]] = lambda product_id: ()
    images_of: Callable[[Collection[int]], Mapping[int, ProductImages]] = lambda product_ids: {}
    alike: Callable[[StoredImage, StoredImage], bool | None] = lambda one, another: None
    digest_tag: Callable[[StoredImage], str | None] = lambda image: None
    forget_unknown: Callable[[], None] = lambda: None
    appeared: Callable[[], Collection[str]] = frozenset
    release: Callable[[str], None] = lambda sha256: None
    answers: Callable[[], bool] = lambda: False
    at_once: Callable[[], int] = lambda: MANY
    name_rules: NameRules | None = None
    learn: Callable[[], bool] = lambda: False
    first: Callable[[], AbstractContextManager[None]] = nullcontext
    let_go: Callable[[float], None] = lambda rest: None
    keep: Callable[[Picture], None] = lambda picture: None
    bring_back: Callable[[Picture], bool] = lambda picture: False
    shop: Shop | None = None
    lacks: Callable[[Photo], str] | None = None
    lists_changed: Callable[[], ListsChanged] = lambda: ListsChanged()


def shop_with_fault_points(shop: Shop) -> Shop:
    """Return the same functions with a fault point before and after each that changes something."""
    return replace(
        shop,
        update=around("update", shop.update, StoreUnavailable),
        delete=around("delete", shop.delete, StoreUnavailable),
    )


def with_fault_points(stages: Stages) -> Stages:
    """Return the same stages with a fault point before and after each that does something."""
    return replace(
        stages,
        accept=around("accept", stages.accept),
        check=around("check", stages.check),
        place=around("place", stages.place, StoreUnavailable),
        render=around("render", stages.render),
        deliver=around("deliver", stages.deliver, StoreUnavailable, after=StoreUnsure),
        find=around("find", stages.find, StoreUnavailable),
        images=around("images", stages.images, StoreUnavailable),
        images_of=around("images_of", stages.images_of, StoreUnavailable),
        forget=around("forget", stages.forget),
        keep=around("keep", stages.keep),
        shop=None if stages.shop is None else shop_with_fault_points(stages.shop),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryTimes:
    """How long the engine waits for what, in seconds.

    Attributes:
        confirm_after: how long after an attempt without an answer the store may still finish it.
            Two looks at least half of it apart, the last no earlier than all of it after the
            attempt's end, must show nothing before the picture is sent again.
        first_pause: the pause after a first failure, doubled with every further one.
        longest_pause: the longest pause between two tries.
        patience: how long a question is asked again that the store does not answer.
    """

    confirm_after: float = 60.0
    first_pause: float = 1.0
    longest_pause: float = 300.0
    patience: float = 150.0
