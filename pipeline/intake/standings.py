"""What a photograph's name says of where it stands among the others of its product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.intake.name_rules import shot_order, spelt_id
from pipeline.intake.views import ViewWords, view_said
from pipeline.standing import MAIN, VIEWS, standing
from pipeline.values import Placement

__all__ = ["Standings"]


class Standings:
    """Completes placements by what names say, in the studio's words and order of views."""

    def __init__(self, views: Sequence[str] = VIEWS, words: Iterable[str] = ()) -> None:
        """Take the list of views, in their order, and further words for them, each `WORD=VIEW`."""
        self._views = tuple(views)
        self._words = ViewWords(views, words)

    def of(self, placement: Placement, path: Path, called: Iterable[str]) -> Placement:
        """Return a placement with what the file's name adds to what was said.

        Args:
            placement: of the photograph; an order and a view that it has were said, and stay.
            path: of the file.
            called: the names by which its product may be called there (its SKU, its id).
        """
        names = [name for one in called for name in (one, spelt_id(one)) if name]
        said = max(
            (view_said(path, name, self._words) for name in (*names, None)),
            key=lambda one: one.by_product,
        )
        orders = (shot_order(path, name) for name in names)
        number = next((order for order in orders if order is not None), None)
        # Who said it may have said it in another word, as a list in German does.
        given = placement.view and (self._words.named(placement.view) or placement.view)
        view = given or said.view
        stands_as = MAIN if said.bare and view is None else view
        return replace(
            placement,
            order=number if placement.order is None else placement.order,
            view=view,
            standing=standing(
                placement.order, stands_as, said.number if number is None else number, self._views
            ),
        )
