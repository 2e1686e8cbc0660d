"""Two images of a product with the same mark: are they one picture twice, and which one may go?

The mark is a part of the original's digest in the name. Who retouches a picture of the shop and
puts it back under its old name makes two with one mark that are not alike; and somebody may have
set the words, the place or the main picture by hand at either. So nobody is advised to delete one
before all of that was compared, and the pictures themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pipeline.upload_name import uploaded_as
from pipeline.values import Photo, StoredImage

__all__ = ["Verdict", "judge"]

COMPARED: Final = "names, times, order, main picture and words were compared"

LOOK: Final = "look at both in the shop before you do anything about it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be done about two images with the same mark.

    Attributes:
        keep: the one that stays, or would.
        other: the other one.
        removable: `other` is proven to be the same picture, and nothing is lost with it. Where it
            is not, a person must look at both.
        sentence: what was compared and what is advised, about `other` and then `keep`.
    """

    keep: StoredImage
    other: StoredImage
    removable: bool
    sentence: str


def judge(
    photo: Photo,
    one: StoredImage,
    another: StoredImage,
    alike: Callable[[StoredImage, StoredImage], bool | None],
) -> Verdict:
    """Return what is to be done about two images of a product that carry a photograph's mark.

    The later one goes, unless something was set by hand there, and nothing at the earlier one.

    Args:
        photo: the photograph: what was sent with it, and its image as the store answered then.
        one: an image, as it is now.
        another: another image, as it is now; their order does not matter.
        alike: whether the pictures of both are the same, pixel by pixel; None where that cannot
            be seen. Asked only where everything else allows that one goes.
    """
    earlier, later = sorted((one, another), key=lambda image: image.id)
    at_earlier, at_later = _alone(photo, earlier, later), _alone(photo, later, earlier)
    keep, other = (later, earlier) if at_later and not at_earlier else (earlier, later)

    def verdict(found: str, advice: str, *, removable: bool = False) -> Verdict:
        return Verdict(
            keep=keep,
            other=other,
            removable=removable,
            sentence=f"has the same mark as image {keep.id}: {found}; {advice}",
        )

    if at_earlier and at_later:
        return verdict(
            f"{COMPARED}: image {earlier.id} has {_listed(at_earlier)}, image {later.id} has "
            f"{_listed(at_later)}",
            LOOK,
        )
    same = alike(earlier, later)
    if same is None:
        return verdict(f"{COMPARED}; whether they show the same could not be seen", LOOK)
    if not same:
        return verdict(f"{COMPARED}, and pixel by pixel they are not the same", LOOK)
    kept = f" and has {_listed(at_later)}" if at_later else ""
    return verdict(
        f"{COMPARED}, and pixel by pixel they are the same{_names(keep, other)}; image {later.id} "
        f"came {_later(earlier, later)}{kept}",
        f"delete image {other.id}",
        removable=True,
    )


def _alone(photo: Photo, image: StoredImage, other: StoredImage) -> tuple[str, ...]:
    """Return what would be lost with an image: what neither the other has nor we gave it."""
    sent, before = photo.placement, photo.image
    found = []
    if image.is_thumbnail and not other.is_thumbnail:
        found.append("the main picture's place")
    # What the ledger recorded is no measure: it may have adopted what somebody had set by then.
    description = "" if sent is None else sent.description or ""
    if image.description not in (other.description, description):
        found.append("words of its own")
    given = None if sent is None else sent.order
    if given is None and before is not None and before.id == image.id:
        # The store chose the place, which can only be seen to have changed.
        given = before.sort_order
    if given is not None and image.sort_order not in (other.sort_order, given):
        found.append("an order of its own")
    return tuple(found)


def _names(keep: StoredImage, other: StoredImage) -> str:
    names = {uploaded_as(image.image_file): None for image in (keep, other)}
    return "" if len(names) == 1 else f" under two names ({', '.join(names)})"


def _later(earlier: StoredImage, later: StoredImage) -> str:
    """Say how much later an image came, as far as the times tell: a change sets them anew."""
    first, second = earlier.modified, later.modified
    if first is None or second is None or second < first:
        return "later"
    return f"{_duration(second - first)} later"


def _duration(time: timedelta) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if number := int(time.total_seconds() // length):
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "less than a minute"


def _listed(things: tuple[str, ...]) -> str:
    return " and ".join(things)
