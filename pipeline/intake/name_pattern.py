"""A studio's own pattern for its file names: an expression whose groups say what is what."""

from __future__ import annotations

import re
from unicodedata import normalize

from pipeline.intake.chain import Said
from pipeline.safe_pattern import LONGEST_NAME, checked_pattern
from pipeline.values import Original, Rule

__all__ = ["NamePattern"]


class NamePattern:
    """Reads file names as a studio writes them."""

    def __init__(self, pattern: str) -> None:
        """Take the pattern.

        Raises:
            WrongPattern: it is not taken; see `checked_pattern`.
        """
        self._pattern = checked_pattern(pattern)
        self.text = pattern
        self._below = "/" in pattern

    def said(self, original: Original) -> Said | None:
        """Return what a file's name says by the pattern; None where it is not written so.

        A pattern with `/` in it is held against the whole path below the folder that was named.
        """
        path = original.path.with_suffix("")
        if self._below and path.is_relative_to(original.root):
            text = path.relative_to(original.root).as_posix()
        else:
            text = path.name
        text = normalize("NFC", text).strip()
        match = self._pattern.fullmatch(text) if len(text) <= LONGEST_NAME else None
        if match is None:
            return None
        groups = {name: (part or "").strip() for name, part in match.groupdict().items()}
        product_id = groups.pop("product_id", "")
        names = [groups.get("sku"), groups.get("gtin"), product_id and f"id {product_id}"]
        order = groups.get("order", "")
        return Said(
            rule=Rule.NAME,
            names=tuple(name for name in names if name),
            source="its name",
            because="its file name says, by the pattern,",
            view=groups.get("view") or None,
            order=int(order) if re.fullmatch(r"[0-9]{1,9}", order) else None,
            description=groups.get("description") or None,
            is_meant=True,
        )
