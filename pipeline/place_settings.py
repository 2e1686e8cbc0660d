"""The settings of whose a photograph is, where it stands among the others, and with what words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.alt_text import CUSTOMARY_WORDS, FIELDS, WordsFrom
from pipeline.captions import ProductField
from pipeline.placement import CUSTOMARY_RULES, Rule
from pipeline.safe_pattern import pattern_given
from pipeline.setting_kinds import (
    about,
    form,
    meanings,
    one_of,
    path,
    several_of,
    switch,
    text,
    texts,
    whole,
)
from pipeline.standing import VIEWS

__all__ = ["Hold", "PlaceSettings"]


class Hold(StrEnum):
    """Until when the pictures of a product that is on the shot list are held."""

    NEVER = "never"
    COMPLETE = "complete"


@dataclass(frozen=True, kw_only=True)
class PlaceSettings:
    """What is in force of them; all others are in `Settings`."""

    # Most numbers in names are dates, measures and counts, and shops have products of small ids.
    plain_ids: bool = about(
        "take bare numbers in folder and file names for product ids",
        switch,
        default=False,
        example=True,
    )
    # What the caller said, and what is on the table, always comes first.
    rules: tuple[Rule, ...] = about(
        "what says whose a photograph is, in the order in which they are asked",
        several_of(CUSTOMARY_RULES),
        default=CUSTOMARY_RULES,
        example=("name", "folder"),
    )
    name_pattern: str | None = about(
        "how file names are written: a regular expression with groups sku, gtin, product_id …",
        pattern_given,
        default=None,
        example=r"(?P<sku>[A-Z]+-\d+)_(?P<view>[a-z]+)_(?P<order>\d+)",
    )
    views: tuple[str, ...] = about(
        "views of a product, in the order in which the shop shows them; the first is its main one",
        texts,
        default=VIEWS,
        example=("main", "front", "back", "detail"),
    )
    view_words: tuple[str, ...] = about(
        "further words in names that mean a view, each as WORD=VIEW",
        meanings,
        default=(),
        example=("vitrine=lifestyle", "etikett=label"),
    )
    impose_main: bool = about(
        "make the shoot's first picture the main one, also where the shop has another by hand",
        switch,
        default=False,
        example=True,
    )
    shot_list: Path | None = about(
        "a table (sku,views) of what each product needs: `pipeline table` says what comes next",
        path,
        default=None,
        example="/photos/shot-list.csv",
    )
    hold: Hold = about(
        "hold the pictures of a product until it is complete by the shot list: never or complete",
        one_of(tuple(Hold)),
        default=Hold.NEVER,
        example=Hold.COMPLETE,
    )
    labels: bool = about(
        "a photograph of a bar code or QR label says whose the pictures after it are",
        switch,
        default=False,
        example=True,
    )
    label_prefix: str = about(
        "what labels begin with: then a code of any size is one; empty: only large codes are",
        text,
        default="",
        example="SKU:",
    )
    maps: tuple[str, ...] = about(
        "names of CSV files in folders that say whose the pictures there and below are; none: none",
        texts,
        default=(),
        example=("*.csv",),
    )
    # Photographers use them for other things: that a value is a SKU as well may be an accident.
    product_field: tuple[ProductField, ...] = about(
        "what in a picture's metadata, or in its .xmp file, may name its product",
        several_of(tuple(ProductField)),
        default=(),
        example=("title", "keywords"),
    )
    alt_text_from: tuple[WordsFrom, ...] = about(
        "who has the alt text of a picture: the first that has one",
        several_of(tuple(WordsFrom)),
        default=CUSTOMARY_WORDS,
        example=("map", "txt", "caption"),
    )
    alt_text: str = about(
        "the alt text where nobody has one, of {product_name}, {sku}, {view}; empty: none",
        form(FIELDS),
        default="",
        example="{product_name}, {view}",
    )
    # What is read aloud to a buyer is a sentence; older shops' themes cut there, too.
    alt_text_length: int = about(
        "characters of an alt text, at most", whole(20, 1_000), default=255
    )
