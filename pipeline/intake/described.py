"""The words for a photograph (the shop's alt text): who has some, in which order they are asked.

What a map says comes with its placement. A text that somebody set in the shop by hand is never
touched: words are given with the picture, once, when it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipeline.alt_text import (
    CUSTOMARY_WORDS,
    WordsFrom,
    alt_text,
    fields_of,
    filled_in,
    is_by_machine,
)
from pipeline.captions import NO_CAPTIONS, Captions, filled_up
from pipeline.intake.side_files import captions_beside, text_beside
from pipeline.values import Original, Placement, ProductName

__all__ = ["Describing", "captions_about", "described"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Describing:
    """How words are found.

    Attributes:
        sources: who is asked, in this order.
        form: how words are made where nobody has any; empty: there are none then.
        most: characters, at most.
        name_of: what the shop calls a product; None where it cannot tell.
    """

    sources: Sequence[WordsFrom] = CUSTOMARY_WORDS
    form: str = ""
    most: int = 255
    name_of: Callable[[int], ProductName | None] = lambda product_id: None


def described(original: Original, placement: Placement, how: Describing) -> Placement:
    """Return where a photograph belongs, with the words that it is to have there.

    Args:
        original: the photograph, with what its metadata say.
        placement: what is known so far; its words are a map's, but for those that a person decided.
        how: by which settings.

    Raises:
        StoreError: a form needs the product's name, and the shop could not be asked.
    """
    if "description" in placement.decided:
        return replace(
            placement,
            description=alt_text(placement.description or "", how.most),
            words_from="as it was assigned",
        )
    for source in how.sources:
        text = alt_text(_said(source, original, placement), how.most)
        if text:
            return replace(placement, description=text, words_from=_FROM[source])
    text = alt_text(_by_form(placement, how), how.most)
    if text:
        return replace(placement, description=text, words_from="as the settings say")
    return replace(placement, description=None)


_FROM: Final = {
    WordsFrom.MAP: "from the map",
    WordsFrom.TEXT_FILE: "from the text file beside it",
    WordsFrom.CAPTION: "from its caption",
}


def _said(source: WordsFrom, original: Original, placement: Placement) -> str:
    if source is WordsFrom.MAP:
        return placement.description or ""
    if source is WordsFrom.TEXT_FILE:
        return text_beside(original)
    caption = captions_about(original).caption
    return "" if is_by_machine(caption, original.path.stem) else caption


def captions_about(original: Original) -> Captions:
    """Return what a sidecar says, and then what stands in the picture itself."""
    return filled_up(captions_beside(original), original.captions or NO_CAPTIONS)


def _by_form(placement: Placement, how: Describing) -> str:
    if not how.form:
        return ""
    values = {"view": placement.view or ""}
    if {"product_name", "sku"} & set(fields_of(how.form)):
        product = how.name_of(placement.product_id)
        if product is not None:
            values |= {"product_name": product.name, "sku": product.sku}
    return filled_in(how.form, values)
