"""What is said of photographs that a person gave to a product: to people, and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipeline.ledger.port.assigning import Obstacle
from pipeline.lifecycle import State
from pipeline.report.documents import photo_document
from pipeline.report.wording import word_of
from pipeline.values import Photo
from pipeline.wording import encodable, plain, shown

if TYPE_CHECKING:
    from pipeline.engine import Given

__all__ = ["given_document", "given_sentence"]

_WHY_NOT: Final = {
    Obstacle.GOING_UP: "it may have reached the shop, which is not known yet: try again in some "
    "minutes, or see `pipeline ledger settle`",
    Obstacle.IN_HAND: "it is being worked on just now: try again in a moment",
}


def given_sentence(given: Given, now: Photo | None, *, rehearsed: bool) -> str:
    """Return what became of a file, or would become.

    Args:
        given: the file.
        now: its photograph now, if it has one.
        rehearsed: nothing was changed.
    """
    name, product_id = shown(given.path), given.product_id
    if not given.is_done:
        return f"{name}: not assigned: {_why_not(given)}"
    if rehearsed:
        return f"{name}: {_before(given.photo)}, would go to product {product_id}"
    if now is None or now.state not in (State.STORED, State.REMOVED):
        why = "" if now is None else f" ({plain(now.sentence)})"
        word = "taken in" if now is None else word_of(now)
        return f"{name}: of product {product_id} from now on, {word}{why}"
    if now.state is State.REMOVED:
        return f"{name}: was deleted from the shop: `pipeline retry` brings it back"
    image = "" if now.image is None else f", image {now.image.id}"
    return f"{name}: in the shop at product {product_id}{image}"


def given_document(given: Given, now: Photo | None) -> dict[str, Any]:
    """Return the same as a JSON object."""
    return {
        "path": encodable(given.path),
        "product_id": given.product_id,
        "assigned": given.is_done,
        "obstacle": None if given.obstacle is None else str(given.obstacle),
        "why_not": None if given.is_done else _why_not(given),
        "photograph": None if now is None else photo_document(now),
    }


def _why_not(given: Given) -> str:
    if given.obstacle is None:
        return plain(given.sentence)
    if given.obstacle is Obstacle.IN_SHOP and given.photo is not None and given.photo.image:
        image = given.photo.image
        return f"it is in the shop at product {image.product_id}, as image {image.id}"
    return _WHY_NOT[given.obstacle]


def _before(photo: Photo | None) -> str:
    if photo is None:
        return "new"
    product = "" if photo.placement is None else f" at product {photo.placement.product_id}"
    return f"{word_of(photo)}{product}"
