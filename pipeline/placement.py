"""Where in the shop a photograph belongs, which rule said so, and what the other rules said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

__all__ = ["CUSTOMARY_RULES", "Placement", "Rule", "says_otherwise"]


class Rule(StrEnum):
    """What says whose a photograph is; the first three are always asked first."""

    HAND = "hand"
    """A person decided it of this very photograph (`pipeline assign`): it outweighs all others."""
    GIVEN = "given"
    TABLE = "table"
    MAP = "map"
    METADATA = "metadata"
    NAME = "name"
    FOLDER = "folder"


_OF_THE_PICTURE: Final = ("order", "thumbnail", "description", "view")
"""What other rules may say of a photograph whose product was told."""

CUSTOMARY_RULES: Final = (Rule.MAP, Rule.METADATA, Rule.NAME, Rule.FOLDER)
"""The rules that a setting may put into another order, in their usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where in the store a photograph belongs, and the rule that said so.

    Attributes:
        product_id: of the product.
        rule: why it is that product's, in words.
        order: the store's sort order (higher comes later), None to let the store append.
        thumbnail: whether it is the product's main picture; None where nobody said.
        description: its alt text; None where nobody said.
        view: which side of the product it shows; None where nobody said.
        by: the rule that answered; None where an earlier version placed it.
        others: what the other rules said, a clause each (`its folder says SM-13`).
        standing: the text by which it stands before or after the others of its product
            (`pipeline.standing`).
        words_from: where the alt text comes from (`from the map`); empty where there is none.
        exact: it was in the store before, and comes back to the very order that it had there.
        decided: the names of those of these facts that a person decided with the product: no rule
            has another say in them.
        taken: when the camera took it (`moment_taken`); empty where it did not say.
        also: the other products that the same picture belongs to.
        beside: what was said of it at these; only until each has a photograph of its own.
    """

    product_id: int
    rule: str
    order: int | None = None
    thumbnail: bool | None = None
    description: str | None = None
    view: str | None = None
    by: Rule | None = field(default=None, compare=False)
    others: tuple[str, ...] = field(default=(), compare=False)
    standing: str = field(default="", compare=False)
    words_from: str = field(default="", compare=False)
    exact: bool = field(default=False, compare=False)
    decided: tuple[str, ...] = field(default=(), compare=False)
    taken: str = field(default="", compare=False)
    also: tuple[int, ...] = field(default=(), compare=False)
    beside: tuple[Placement, ...] = field(default=(), compare=False)

    @property
    def why(self) -> str:
        """Return why it is that product's, what else was said of it, and its alt text, in words."""
        words = f"alt text “{self.description}” {self.words_from}" if self.words_from else ""
        return "; ".join((self.rule, *self.others, *([words] if words else [])))

    @property
    def is_told(self) -> bool:
        """Whether a person decided it, the caller said so, or what was on the table."""
        return self.by in (Rule.HAND, Rule.GIVEN, Rule.TABLE)

    @property
    def as_told(self) -> Placement:
        """What was said with the product alone, without what other rules added since."""
        facts: dict[str, Any] = {name: None for name in _OF_THE_PICTURE if name not in self.decided}
        return replace(self, **facts)


def says_otherwise(told: Placement, known: Placement | None) -> bool:
    """Whether what a caller says of a photograph is not what is known of it.

    Of what the caller does not say, other rules may have.
    """
    if known is None:
        return True
    return told != replace(
        known,
        order=None if told.order is None else known.order,
        thumbnail=None if told.thumbnail is None else known.thumbnail,
        description=None if told.description is None else known.description,
        view=None if told.view is None else known.view,
    )
