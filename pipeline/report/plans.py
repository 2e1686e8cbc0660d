"""What is said of what would become of a product: before it is done, with what was and will be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.engine.planning import ProductPlan
from pipeline.values import Photo, ProductName
from pipeline.wording import data_size, encodable, pixels, plain, shown, writable

__all__ = ["pace_of", "plan_document", "plan_lines"]


def plan_lines(plan: ProductPlan, name: ProductName | None) -> Iterator[str]:
    """Yield the lines of one product for people; none where nothing is to be done."""
    if not plan.anything:
        return
    # Where the one is the other, once.
    parts = () if name is None else dict.fromkeys(filter(None, (name.sku, name.name)))
    called = f" ({', '.join(parts)})" if parts else ""
    yield plain(f"Product {plan.product_id}{called}:")
    wide = len(str(len(plan.created)))
    for number, photo in enumerate(plan.created, start=1):
        yield plain(f"  {number:>{wide}}  {shown(photo.path)}: {_made(photo)}")
    for photo in plan.back:
        yield f"  again    {shown(photo.path)}: it was in the shop before"
    for removal in plan.removed:
        yield plain(
            f"  removed  image {removal.image.id}, {shown(removal.photo.path)}: "
            "the folder does not hold it any more"
        )
    if plan.before and list(plan.before) != list(plan.after):
        yield plain(f"  order    {', '.join(plan.before)} → {', '.join(plan.after) or 'none'}")
    if plan.main_before and plan.main_before != plan.main_after:
        yield plain(f"  main     {plan.main_before} → {plan.main_after or 'none'}")
    for change in plan.changes:
        if (words := change.facts.get("description")) is not None:
            before = change.image.description
            yield plain(f"  words    image {change.image.id}: “{before}” → “{words}”")


def pace_of(requests: int, seconds: float | None) -> str:
    """Return how many requests a plan takes, and how long at the shop's pace, as a sentence.

    Args:
        requests: how many.
        seconds: how long; None where the shop did not say how many it allows.
    """
    number = "1 request" if requests == 1 else f"some {requests:,} requests"
    if seconds is None:
        return f"That takes {number}."
    minutes = round(seconds / 60)
    long = "less than a minute" if minutes < 1 else f"{minutes} minute{'s' * (minutes > 1)}"
    return f"That takes {number}: {long}, by what the shop allows."


def plan_document(plan: ProductPlan, name: ProductName | None) -> dict[str, Any]:
    """Return what would become of one product, for programs."""
    return {
        "product_id": plan.product_id,
        "name": None if name is None else name.name,
        "sku": None if name is None else name.sku,
        "pictures": [
            {
                "number": number,
                "path": encodable(photo.path),
                "order": None if photo.placement is None else photo.placement.order,
                "upload_name": None if photo.picture is None else photo.picture.upload_name,
            }
            for number, photo in enumerate(plan.created, start=1)
        ],
        "again": [encodable(photo.path) for photo in plan.back],
        "removed": [
            {"image_id": one.image.id, "path": encodable(one.photo.path)} for one in plan.removed
        ],
        "order_before": _names(plan.before),
        "order_after": _names(plan.after),
        "main_before": _or_none(plan.main_before),
        "main_after": _or_none(plan.main_after),
        "words": [
            {
                "image_id": change.image.id,
                "before": change.image.description,
                "after": change.facts["description"],
            }
            for change in plan.changes
            if "description" in change.facts
        ],
    }


def _names(names: Sequence[str]) -> list[str]:
    return [writable(name) for name in names]


def _or_none(name: str) -> str | None:
    return writable(name) if name else None


def _made(photo: Photo) -> str:
    picture, placement = photo.picture, photo.placement
    if picture is None or placement is None:
        return ""
    size = f"{pixels((picture.width, picture.height))}, {data_size(picture.size)}"
    order = "" if placement.order is None else f", order {placement.order}"
    return f"{size} ({', '.join(picture.work)}){order}; {placement.rule}"
