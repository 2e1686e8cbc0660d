"""What is said of products that lack something, to people and to programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pipeline.lacking import Here, Lacks
from pipeline.report.accounts import no_formula

__all__ = ["CSV_COLUMNS", "lacks_document", "lacks_in_words", "lacks_row", "missing_sentences"]

CSV_COLUMNS: Final = (
    *("product_id", "sku", "name", "pictures", "too_few", "no_main", "without_text", "views"),
    *("here_not_finished", "here_refused", "here_failed"),
)
"""The columns of the table for a spreadsheet: what a product lacks, and what of it is here."""


def lacks_in_words(lacks: Lacks, here: Here) -> str:
    """Return what a product lacks, and what of it is here, in a phrase."""
    parts = []
    if not lacks.pictures:
        parts.append("no picture")
    elif lacks.too_few:
        parts.append(f"{lacks.too_few} more needed")
    if lacks.no_main:
        parts.append("no main picture")
    if lacks.without_text:
        parts.append(f"{lacks.without_text} without alt text")
    if lacks.views:
        parts.append(f"no {', '.join(lacks.views)}")
    waiting = [
        f"{number} {what}"
        for number, what in (
            (here.not_finished, "not finished"),
            (here.refused, "refused"),
            (here.failed, "failed"),
        )
        if number
    ]
    beside = f" (here: {', '.join(waiting)})" if waiting else ""
    return f"{'; '.join(parts)}{beside}"


def lacks_document(lacks: Lacks, here: Here) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "product_id": lacks.product_id,
        "sku": lacks.sku,
        "name": lacks.name,
        "pictures": lacks.pictures,
        "too_few": lacks.too_few,
        "no_main": lacks.no_main,
        "without_text": lacks.without_text,
        "views": list(lacks.views),
        "here": {
            "not_finished": here.not_finished,
            "refused": here.refused,
            "failed": here.failed,
        },
    }


def lacks_row(lacks: Lacks, here: Here) -> Sequence[str]:
    """Return the same as a row for a spreadsheet, in the order of `CSV_COLUMNS`."""
    return (
        str(lacks.product_id),
        no_formula(lacks.sku),
        no_formula(lacks.name),
        str(lacks.pictures),
        str(lacks.too_few),
        "yes" if lacks.no_main else "",
        str(lacks.without_text),
        ", ".join(lacks.views),
        str(here.not_finished),
        str(here.refused),
        str(here.failed),
    )


def missing_sentences(
    products: int, lacking: int, bare: int, no_main: int, without_text: int
) -> Iterator[str]:
    """Yield what it comes to.

    Args:
        products: how many were read.
        lacking: how many of them lack something.
        bare: how many have no picture.
        no_main: how many have pictures, and no main picture.
        without_text: how many have a picture without alt text.
    """
    number = "1 product" if products == 1 else f"{products:,} products"
    if not lacking:
        yield f"{number}: none lacks anything." if products else "The shop has no products."
        return
    parts = [
        f"{count:,} {what}"
        for count, what in (
            (bare, "without a picture"),
            (no_main, "without a main picture"),
            (without_text, "with a picture without alt text"),
        )
        if count
    ]
    among = f": {', '.join(parts)}" if parts else ""
    yield f"{number}, of which {lacking:,} lack something{among}."
