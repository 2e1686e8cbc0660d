"""Which views of the product on the table are there already, and which comes next."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pipeline.cli.options import say_aside
from pipeline.cli.shots_left import not_read
from pipeline.home_shops import shop_asked_about
from pipeline.intake.complete import views_shot
from pipeline.intake.in_categories import KeptCategories
from pipeline.intake.next_view import DOES_NOT_COUNT
from pipeline.intake.shot_list import read_shot_list
from pipeline.intake.views import ViewWords
from pipeline.lifecycle import State
from pipeline.opening import reader_for
from pipeline.settings import Settings
from pipeline.wanted import Wanted

__all__ = ["views_in_words", "views_left"]


def views_left(settings: Settings, shot_list: Path, sku: str) -> str:
    """Return which views a product needs by the shot list, and which were shot, in words.

    Raises:
        ConfigError: the list cannot be read.
        LedgerError: the ledger cannot be read.
    """
    words = ViewWords(settings.views, settings.view_words)
    shots = read_shot_list(shot_list, words)
    with reader_for(settings, None, say_aside) as every:
        shop, _ = shop_asked_about(settings, every)
    there = KeptCategories(settings.home, shop.identity).of(shots.categories)
    needed = shots.with_products(there.skus).of(sku)
    if not needed:
        if there.not_read:
            return f"It is not on the shot list, as far as is known: {not_read(there.not_read)}."
        return "It is not on the shot list."
    with reader_for(settings, shop.identity, say_aside) as reader:
        photos = reader.wanted(Wanted(sku=sku))
        shot = views_shot(photos, sku, words, frozenset(State) - DOES_NOT_COUNT)
    return views_in_words(needed, shot)


def views_in_words(needed: tuple[str, ...], shot: Collection[str | None]) -> str:
    """Return the views in their order, each with whether it was shot, or comes next."""
    left = [view for view in needed if view not in shot]
    if not left:
        return f"All views are there: {', '.join(needed)}."
    notes = {left[0]: " next", **dict.fromkeys(set(needed) - set(left), " done")}
    return f"Views: {', '.join(f'{view}{notes.get(view, str())}' for view in needed)}."
