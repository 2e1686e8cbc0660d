"""One picture for several products: who may say so, and what is said of it at each.

A SKU that is given, or put on the table, may be several with commas between them (`SM-13,SM-14`),
and so may a file's name; a map may have a row for each product. Where the shop has a product that
is called by the whole, that one is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

from pipeline.intake.name_rules import leading_names
from pipeline.placement import Placement
from pipeline.skus import skus_in

__all__ = ["as_one", "names_together", "with_all"]


def names_together(path: Path) -> tuple[tuple[str, ...], ...]:
    """Return what each part of a file's name may call a product, the best first; none: one part.

    `SM-13,SM-14_front.jpg` gives `SM-13`, and for the last part `SM-14_front`, `SM-14` and `SM`.
    """
    parts = skus_in(normalize("NFC", path.stem))
    if not parts:
        return ()
    last = leading_names(path.with_name(f"{parts[-1]}{path.suffix}"))
    return (*((part,) for part in parts[:-1]), last)


def as_one(placements: Sequence[Placement]) -> Placement:
    """Return the first, which has the others beside it, each of a product of its own.

    Args:
        placements: one at least; of several of one product the first counts.
    """
    of_product: dict[int, Placement] = {}
    for one in placements:
        of_product.setdefault(one.product_id, one)
    ids, each = list(of_product), list(of_product.values())
    if len(ids) == 1:
        return each[0]
    whole = [
        replace(one, also=tuple(other for other in ids if other != one.product_id), beside=())
        for one in each
    ]
    return replace(whole[0], beside=tuple(whole[1:]))


def with_all(told: Placement) -> Placement:
    """Return what was told of several products with what it says at each of them."""
    if not told.also or told.beside:
        return told
    return as_one([told, *(replace(told, product_id=other) for other in told.also)])
