"""What is said of products that are put in the shoot's order: how it is now, and how it will be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.engine import Arrangement, Imposed
from pipeline.wording import shown

__all__ = ["arranged_document", "arranged_sentences", "why_not_arranged"]


def arranged_sentences(one: Imposed, plan: Arrangement) -> Iterator[str]:
    """Yield how a product's pictures are shown now, and how they will be."""
    updates = len(plan.changes)
    yield f"product {one.product_id}: {updates} update{'' if updates == 1 else 's'}"
    yield f"  now:  {_in_order(one, plan.before, plan.main_before)}"
    yield f"  then: {_in_order(one, plan.after, plan.main_after)}"
    if one.other_main:
        yield "  The main picture was chosen in the shop, and stays: --main puts ours there."


def why_not_arranged(one: Imposed) -> str:
    """Return why a product cannot be arranged."""
    if one.is_there:
        return f"product {one.product_id} shows no picture that this program uploaded"
    return f"the shop has no product {one.product_id}: check the number"


def arranged_document(one: Imposed, plan: Arrangement) -> dict[str, Any]:
    """Return the same for programs."""
    by_id = {image.image_id: image for image in one.images}

    def documents(order: Sequence[int], main: int | None) -> list[dict[str, Any]]:
        return [
            {
                "image_id": image.image_id,
                "image_file": image.file,
                "path": None if image.path is None else str(image.path),
                "main": image.image_id == main,
            }
            for image in (by_id[image_id] for image_id in order)
        ]

    return {
        "product_id": one.product_id,
        "updates": len(plan.changes),
        "before": documents(plan.before, plan.main_before),
        "after": documents(plan.after, plan.main_after),
        "main_kept": one.other_main,
    }


def _in_order(one: Imposed, order: Sequence[int], main: int | None) -> str:
    names = {
        image.image_id: shown(Path((image.path or Path(image.file)).name)) for image in one.images
    }
    return ", ".join(
        f"{names[image_id]} (main)" if image_id == main else names[image_id] for image_id in order
    )
