"""The rule of the metadata: whose picture a file is by what its metadata, or a sidecar, say of it.

Only a whole value counts that the shop knows as a SKU: a title `SM-13` does, `SM-13, red` does not.
Which of the fields may name a product is a setting, for photographers use them for other things.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pipeline.captions import Captions, ProductField
from pipeline.intake.chain import Asked, Said
from pipeline.intake.described import captions_about
from pipeline.intake.numbers import may_name_a_product
from pipeline.values import Original, Rule

__all__ = ["by_metadata", "metadata_rule"]


def by_metadata(
    original: Original, fields: Sequence[ProductField], *, plain_ids: bool = False
) -> Said | None:
    """Return what a photograph's metadata say, once it was looked into; before, nobody knows."""
    if original.captions is None:
        return None
    found = captions_about(original)
    values = dict.fromkeys(value for field in fields for value in _values(found, field))
    names = tuple(
        value for value in values if may_name_a_product(value, value, plain_ids=plain_ids)
    )
    if not names:
        return None
    return Said(
        rule=Rule.METADATA,
        names=names,
        source="its metadata",
        because="its metadata name",
        all_count=True,
    )


def metadata_rule(fields: Sequence[ProductField], *, plain_ids: bool = False) -> Asked:
    """Return the rule as it is asked; its answer lies in the file, and not in its path."""
    return Asked(
        rule=Rule.METADATA,
        says=partial(by_metadata, fields=tuple(fields), plain_ids=plain_ids),
        by_path=False,
        version=" ".join(fields),
    )


def _values(found: Captions, field: ProductField) -> Sequence[str]:
    if field is ProductField.KEYWORDS:
        return found.keywords
    if field is ProductField.TITLE:
        return (found.title,) if found.title else ()
    if field is ProductField.HEADLINE:
        return (found.headline,) if found.headline else ()
    return (found.caption,) if found.caption else ()
