"""A picture that belongs to several products is made once: each of its photographs sends that one.

They share its place in the spool. Whoever is stored first has its bytes kept, and the next one has
them laid there again; where they are not to be had, the picture is simply made once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.engine.ports import Stages
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.values import Claim, Photo, Picture

__all__ = ["Made", "is_at_hand", "made_for_another"]


_MADE_SOON: Final = "its picture is being made for another of its products"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What there is of a photograph's picture.

    Attributes:
        picture: that was made for another product, and is at hand; None where none is.
        soon: somebody makes it this moment.
    """

    picture: Picture | None = None
    soon: bool = False


def made_for_another(ledger: Ledger, stages: Stages, claim: Claim, later: datetime) -> Made:
    """Return what there is of a photograph's picture, made for another of its products.

    Args:
        ledger: knows the others.
        stages: know whether a picture is at hand.
        claim: on the photograph; given back where somebody makes its picture this moment.
        later: when to look again then.

    Raises:
        LedgerError: that could not be written down.
    """
    photo = claim.photo
    if photo.placement is None or not photo.placement.also:
        return Made()
    others = ledger.beside(photo)
    for other, _ in others:
        picture = other.picture
        if picture is not None and is_at_hand(stages, other, picture):
            return Made(picture=picture)
    soon = any(held and other.state is State.VALIDATED for other, held in others)
    if soon:
        ledger.postpone(claim, _MADE_SOON, not_before=later, attempts=photo.attempts)
    return Made(soon=soon)


def is_at_hand(stages: Stages, photo: Photo, picture: Picture) -> bool:
    """Whether a picture lies in the spool; one that several products share may be laid there."""
    if stages.ready(picture):
        return True
    shared = photo.placement is not None and bool(photo.placement.also)
    return shared and stages.bring_back(picture) and stages.ready(picture)
