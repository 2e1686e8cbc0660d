"""A file that shows what the store has already is not sent again, whatever else is in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pipeline.engine.ports import Stages
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.values import Claim, Picture
from pipeline.wording import encodable

__all__ = ["left_to_same"]


def left_to_same(
    ledger: Ledger,
    stages: Stages,
    say: Callable[[str], None],
    claim: Claim,
    picture: Picture,
    *,
    not_before: datetime,
) -> bool:
    """Whether another photograph of the same product has a claimed one's place, or may have it.

    A photograph that shows the same as a stored one becomes part of that one. Where it is only in
    doubt whether the other is in the store, that is settled before this one is sent.

    Args:
        ledger: knows the others.
        stages: forget a picture that is not needed.
        say: gets a sentence where it became part of another.
        claim: on the photograph, which is then given back.
        picture: what was made of it.
        not_before: when to ask again, where the other one is in doubt.
    """
    photo, same = claim.photo, ledger.shown_already(claim, picture)
    if same is None or (same.state is State.UPLOADING and photo.state is not State.PREPARED):
        return False
    if same.state is State.UPLOADING:
        sentence = f"{encodable(same.path)} shows the same: whether it is in the shop comes first"
        later = max(not_before, same.not_before or not_before)
        ledger.postpone(claim, sentence, not_before=later, attempts=photo.attempts)
        return True
    stages.forget(picture)
    image = "" if same.image is None else f" (image {same.image.id})"
    say(f"{encodable(photo.path)} shows what the shop has already{image}: it is not sent again")
    return True
