"""What is said of a photograph: the line for people."""

from __future__ import annotations

from pipeline.lifecycle import Reason, State
from pipeline.values import Photo
from pipeline.wording import data_size, shown

__all__ = ["line_of"]


def line_of(photo: Photo) -> str | None:
    """Give the line for a photograph that has ended or has to wait; None where it goes on."""
    name = shown(photo.path)
    if photo.reason is Reason.NOT_FOR_UPLOAD:
        return None
    if photo.state is State.STORED and photo.picture and photo.image:
        return (
            f"stored   {name}: product {photo.image.product_id}, image {photo.image.id}, "
            f"{photo.picture.width} × {photo.picture.height}, {data_size(photo.picture.size)}"
        )
    if photo.state in (State.WAITING, State.REFUSED, State.FAILED):
        return f"{photo.state:<8} {name}: {photo.sentence}"
    if photo.not_before is not None:
        return f"later    {name}: {photo.sentence}"
    return None
