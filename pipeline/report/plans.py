"""What a dry run says would go up: by product, its pictures in the order that they would have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.engine import key_of
from pipeline.report.documents import Outcome, RunEnd
from pipeline.values import Photo, ProductName, RunReport
from pipeline.wording import data_size, encodable, pixels, plain, shown

__all__ = ["Plan", "Planned", "plan_document", "plan_lines", "planned_products", "plans"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One picture that would go up; the little of its photograph that is told.

    Attributes:
        path: where the photograph lies.
        key: the text by which it comes before or after the others of its product.
        order: the sort order that somebody gave it; None where nobody did.
        upload_name: the name that it would go up under.
        made: its size and what was done to it, in words.
        rule: why it is that product's, in words.
    """

    path: Path
    key: str
    order: int | None
    upload_name: str
    made: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would go to one product: `pictures` in the order that they would have."""

    product_id: int
    name: ProductName | None
    pictures: Sequence[Planned]


def plans(run_report: RunReport, end: RunEnd) -> Iterator[Plan]:
    """Yield what a dry run would send, by product, in the order in which they came.

    Only what it prepared is held, and of that only what is told.
    """
    found: dict[int, list[Planned]] = {}
    for product_id, picture in _planned(run_report, end):
        found.setdefault(product_id, []).append(picture)
    for product_id in list(found):
        yield Plan(
            product_id=product_id,
            name=end.names.get(product_id),
            pictures=sorted(found.pop(product_id), key=lambda one: one.key),
        )


def planned_products(run_report: RunReport, end: RunEnd) -> Sequence[int]:
    """Return the ids of the products that a dry run would send pictures to, in rising order."""
    return sorted({product_id for product_id, _ in _planned(run_report, end)})


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the lines of one product for people: whose pictures they are, and each of them."""
    name = plan.name
    # Where the one is the other, once.
    parts = () if name is None else dict.fromkeys(filter(None, (name.sku, name.name)))
    called = f" ({', '.join(parts)})" if parts else ""
    yield plain(f"Product {plan.product_id}{called}:")
    wide = len(str(len(plan.pictures)))
    for number, one in enumerate(plan.pictures, start=1):
        order = "" if one.order is None else f", order {one.order}"
        yield plain(f"  {number:>{wide}}  {shown(one.path)}: {one.made}{order}; {one.rule}")


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return what would go to one product, for programs."""
    return {
        "product_id": plan.product_id,
        "name": None if plan.name is None else plan.name.name,
        "sku": None if plan.name is None else plan.name.sku,
        "pictures": [
            {
                "number": number,
                "path": encodable(one.path),
                "order": one.order,
                "upload_name": one.upload_name,
            }
            for number, one in enumerate(plan.pictures, start=1)
        ],
    }


def _planned(run_report: RunReport, end: RunEnd) -> Iterator[tuple[int, Planned]]:
    """Yield each picture that a dry run would send, and its product; of another run nothing."""
    for file in run_report.lines if end.rehearsed else ():
        # Of a photograph that came as several files one counts as stored.
        if end.outcome(file) is Outcome.STORED:
            yield from _planned_of(file.photo)


def _planned_of(photo: Photo) -> Iterator[tuple[int, Planned]]:
    picture, placement = photo.picture, photo.placement
    if picture is None or placement is None:
        return
    size = f"{pixels((picture.width, picture.height))}, {data_size(picture.size)}"
    yield (
        placement.product_id,
        Planned(
            path=photo.path,
            key=key_of(photo),
            order=placement.order,
            upload_name=picture.upload_name,
            made=f"{size} ({', '.join(picture.work)})",
            rule=placement.rule,
        ),
    )
