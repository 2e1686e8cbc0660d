"""The rules that read a photograph's path: its file name, and the folders in which it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path

from pipeline.intake.chain import Asked, Said
from pipeline.intake.name_pattern import NamePattern
from pipeline.intake.name_rules import folder_names, is_numbered_below_a_sku, leading_names
from pipeline.placement import CUSTOMARY_RULES
from pipeline.values import Original, Rule

__all__ = ["by_folder", "by_name", "chain_of"]


def by_name(
    original: Original, *, plain_ids: bool = False, pattern: NamePattern | None = None
) -> Said | None:
    """Return what a file name says: by the studio's pattern, else what it begins with."""
    by_pattern = None if pattern is None else pattern.said(original)
    if by_pattern is not None:
        return by_pattern
    return _by_beginning(original.path, plain_ids=plain_ids)


@lru_cache(maxsize=1024)
def _by_beginning(path: Path, *, plain_ids: bool) -> Said | None:
    # It is asked when a file arrives, and when it is placed, and many come in between.
    names = tuple(
        name
        for name in leading_names(path, plain_ids=plain_ids)
        if not is_numbered_below_a_sku(path, name)
    )
    if not names:
        return None
    return Said(rule=Rule.NAME, names=names, source="its name", because="its file name begins with")


def by_folder(original: Original, *, plain_ids: bool = False) -> Said | None:
    """Return what the folders say, from the nearest up to the one that was named."""
    names = folder_names(original.path, original.root, plain_ids=plain_ids)
    if not names:
        return None
    return Said(rule=Rule.FOLDER, names=names, source="its folder", because="its folder is named")


def chain_of(
    order: Sequence[Rule] = CUSTOMARY_RULES,
    *,
    plain_ids: bool = False,
    pattern: NamePattern | None = None,
    more: Mapping[Rule, Asked] | None = None,
) -> tuple[Asked, ...]:
    """Return the rules in the order in which they are asked.

    Args:
        order: as a setting says; a rule that is not among them is not asked.
        plain_ids: bare numbers are product ids.
        pattern: of the studio's own file names.
        more: the rules that read something beside the path.
    """
    known = {
        Rule.NAME: Asked(
            rule=Rule.NAME,
            says=partial(by_name, plain_ids=plain_ids, pattern=pattern),
            version="" if pattern is None else pattern.text,
        ),
        Rule.FOLDER: Asked(rule=Rule.FOLDER, says=partial(by_folder, plain_ids=plain_ids)),
        **(more or {}),
    }
    return tuple(known[rule] for rule in order if rule in known)
