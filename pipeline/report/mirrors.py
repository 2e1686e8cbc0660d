"""What is said of a product that is to be as a folder has it: before it is done, and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.engine.mirroring import Mirroring
from pipeline.values import ProductName
from pipeline.wording import encodable, plain, shown

__all__ = ["called", "mirror_document", "mirror_lines"]


def called(product_id: int, name: ProductName | None) -> str:
    """Return a product in words: `Product 158 (SM-13, Blue mug)`."""
    # Where the one is the other, once.
    parts = () if name is None else dict.fromkeys(filter(None, (name.sku, name.name)))
    return plain(f"Product {product_id}" + (f" ({', '.join(parts)})" if parts else ""))


def mirror_lines(found: Mirroring, name: ProductName | None) -> Iterator[str]:
    """Yield the lines of one product for people; none where nothing is to be done."""
    if not found.anything:
        return
    yield f"{called(found.product_id, name)}:"
    for photo in found.created:
        yield f"  new      {shown(photo.path)}"
    for photo in found.back:
        yield f"  again    {shown(photo.path)}: it was in the shop before"
    for removal in found.removed:
        yield plain(
            f"  removed  image {removal.image.id}, {shown(removal.photo.path)}: "
            "the folder does not hold it any more"
        )
    if list(found.before) != list(found.after):
        yield plain(f"  order    {_listed(found.before)} → {_listed(found.after)}")
    if found.main_after and found.main_before != found.main_after:
        yield plain(f"  main     {found.main_before or 'none'} → {found.main_after}")
    for change in found.changes:
        if (words := change.facts.get("description")) is not None:
            before = change.image.description
            yield plain(f"  words    image {change.image.id}: “{before}” → “{words}”")


def mirror_document(found: Mirroring, name: ProductName | None) -> dict[str, Any]:
    """Return what is to become of one product, for programs."""
    return {
        "product_id": found.product_id,
        "name": None if name is None else name.name,
        "sku": None if name is None else name.sku,
        "created": [encodable(photo.path) for photo in found.created],
        "again": [encodable(photo.path) for photo in found.back],
        "removed": [
            {"image_id": one.image.id, "path": encodable(one.photo.path)} for one in found.removed
        ],
        "order_before": list(found.before),
        "order_after": list(found.after),
        "main_before": found.main_before or None,
        "main_after": found.main_after or None,
        "words": [
            {
                "image_id": change.image.id,
                "before": change.image.description,
                "after": change.facts["description"],
            }
            for change in found.changes
            if "description" in change.facts
        ],
    }


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"
