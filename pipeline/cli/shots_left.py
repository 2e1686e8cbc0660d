"""What is still missing of today's shot list, as `pipeline status` tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pipeline.errors import ConfigError
from pipeline.intake.complete import views_shot
from pipeline.intake.in_categories import KeptCategories
from pipeline.intake.next_view import DOES_NOT_COUNT
from pipeline.intake.shot_list import read_shot_list
from pipeline.intake.views import ViewWords
from pipeline.ledger import LedgerReader
from pipeline.lifecycle import State
from pipeline.settings import Settings
from pipeline.wording import encodable, shown

__all__ = ["ShotsLeft", "not_read", "shots_left"]

MOST_LOOKED_AT: Final = 1_000
"""Products of a list whose photographs are looked for: a day has fewer, and nobody waits long."""

MOST_NAMED: Final = 10
"""Products that are named with what they lack."""

_COUNTS: Final = frozenset(State) - DOES_NOT_COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotsLeft:
    """What a shot list asks for and what of it is here.

    Attributes:
        path: of the list.
        products: how many are on it.
        looked_at: how many of them were looked at, the first ones.
        missing: the views that those lack, by SKU, in the order of the list.
        not_read: its categories of which nobody has asked yet what is in them.
        error: why the list cannot be read.
    """

    path: Path
    products: int = 0
    looked_at: int = 0
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    not_read: Sequence[str] = ()
    error: str | None = None

    def sentences(self) -> Iterator[str]:
        """Yield what is to be said of it."""
        if self.error is not None:
            yield self.error
            return
        complete = self.looked_at - len(self.missing)
        first = "" if self.looked_at == self.products else f"the first {self.looked_at:,} of "
        word = "product" if self.products == 1 else "products"
        verb = "is" if complete == 1 else "are"
        yield f"Shot list: {complete:,} of {first}{self.products:,} {word} {verb} complete."
        for sku, views in islice(self.missing.items(), MOST_NAMED):
            yield f"  {sku} lacks {', '.join(views)}"
        if (more := len(self.missing) - MOST_NAMED) > 0:
            yield f"  and {more:,} more: `pipeline missing --list {shown(self.path)}`"
        if self.not_read:
            yield f"  {not_read(self.not_read)}"

    def document(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "path": encodable(self.path),
            "products": self.products,
            "looked_at": self.looked_at,
            "complete": self.looked_at - len(self.missing),
            "missing": [{"sku": sku, "views": list(views)} for sku, views in self.missing.items()],
            "categories_not_read": list(self.not_read),
            "error": self.error,
        }


def not_read(categories: Sequence[str]) -> str:
    """Return a sentence, without its stop, for categories of which nobody knows what is in them."""
    named = ", ".join(categories[:MOST_NAMED])
    more = "" if len(categories) <= MOST_NAMED else f" and {len(categories) - MOST_NAMED:,} more"
    word = "category" if len(categories) == 1 else "categories"
    return f"which products are in the {word} {named}{more}, the next `pipeline run` asks the shop"


def shots_left(settings: Settings, reader: LedgerReader, store: str | None) -> ShotsLeft | None:
    """Return what is still missing of the shot list; None where there is none.

    A view is there once a photograph of it is here or in the shop from here, as far as nothing was
    found wrong with it.

    Args:
        settings: in force.
        reader: of the shop's ledger.
        store: the shop's identity; None where nobody knows which is meant.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    if settings.shot_list is None:
        return None
    words = ViewWords(settings.views, settings.view_words)
    try:
        shots = read_shot_list(settings.shot_list, words)
    except ConfigError as error:
        return ShotsLeft(path=settings.shot_list, error=str(error))
    in_categories = KeptCategories(settings.home, store).of(shots.categories)
    shots = shots.with_products(in_categories.skus)
    looked_at = shots.skus[:MOST_LOOKED_AT]
    products = reader.products_bearing(looked_at)
    missing = {}
    for sku in looked_at:
        photos = (photo for one in products.get(sku, ()) for photo in reader.of_product(one))
        there = views_shot(photos, sku, words, _COUNTS)
        if left := [view for view in shots.of(sku) if view not in there]:
            missing[sku] = left
    return ShotsLeft(
        path=settings.shot_list,
        products=len(shots.skus),
        looked_at=len(looked_at),
        missing=missing,
        not_read=in_categories.not_read,
    )
