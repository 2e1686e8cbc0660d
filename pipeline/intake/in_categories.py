"""Which products are in the categories that a shot list names, kept with an age.

Only those of the categories of the list are kept, in a small file of the home: whoever works for
the shop asks it again once an hour, and who only tells of the list asks nobody.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from pipeline.durable import replace_file
from pipeline.errors import StoreUnavailable
from pipeline.home import CATEGORIES_FILE
from pipeline.skus import compared

__all__ = ["AskCategories", "InCategories", "KeptCategories"]

FRESH_SECONDS: Final = 3600.0
"""For so long it is believed what is in a category: people sort products in by hand, and rarely."""

AGAIN_SECONDS: Final = 60.0
"""After so long a shop that did not answer is asked again, where something is kept meanwhile."""

AskCategories: TypeAlias = Callable[[Collection[str]], Mapping[str, Sequence[str] | None]]
"""Asks the shop for the SKUs of the products in each of some categories, which are named by name or
id; None for a category that it does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InCategories:
    """What is in the categories of a list.

    Attributes:
        asked_at: when the shop said so, in seconds since 1970; 0: never.
        skus: of the products in each, by the category's name as it compares.
        unknown: those that the shop does not have, as the list writes them.
        not_read: those of which nothing is known here, as the list writes them.
    """

    asked_at: float = 0.0
    skus: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()


class KeptCategories:
    """Keeps what is in the categories of a shop's list; threads may share it."""

    def __init__(
        self,
        home: Path,
        store: str | None,
        ask: AskCategories | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Know nothing yet.

        Args:
            home: in which it is kept.
            store: the shop's identity; None: nobody knows which.
            ask: asks the shop; None: nobody asks, and what is kept is believed.
            now: gives seconds since 1970.
        """
        self._file = None if store is None else home / _name(store)
        self._ask = ask
        self._now = now
        self._lock = threading.Lock()
        self._wanted: tuple[str, ...] = ()
        self._known: InCategories | None = None
        self._tried_at = 0.0

    def of(self, categories: Sequence[str]) -> InCategories:
        """Return what is in these categories, the same object for as long as nothing has changed.

        Args:
            categories: their names or ids, as the list writes them.

        Raises:
            StoreError: nothing is kept of one of them, and the shop could not be asked.
        """
        wanted = tuple(categories)
        with self._lock:
            if self._known is None or wanted != self._wanted:
                self._known, self._wanted = self._kept(wanted), wanted
            known, now = self._known, self._now()
            # A clock that was set back makes nothing young.
            fresh = 0 <= now - known.asked_at < FRESH_SECONDS and not known.not_read
            if self._ask is None or fresh:
                return known
            if not known.not_read and 0 <= now - self._tried_at < AGAIN_SECONDS:
                return known
            self._tried_at = now
            try:
                self._known = self._asked(wanted, now, self._ask)
            except StoreUnavailable:
                if known.not_read:
                    raise
            return self._known

    def _asked(self, wanted: Sequence[str], now: float, ask: AskCategories) -> InCategories:
        found = ask(wanted)
        if self._file is not None:
            document = {"asked_at": now, "categories": {compared(one): found[one] for one in found}}
            with suppress(OSError):  # then it is asked again
                replace_file(str(self._file), json.dumps(document).encode(), durable=False)
        return _in_categories(wanted, now, {compared(one): found[one] for one in found})

    def _kept(self, wanted: Sequence[str]) -> InCategories:
        document: Any = None
        with suppress(OSError, ValueError):
            document = None if self._file is None else json.loads(self._file.read_bytes())
        if not isinstance(document, dict):
            return _in_categories(wanted, 0.0, {})
        at, found = document.get("asked_at"), document.get("categories")
        if not isinstance(at, float | int) or not isinstance(found, dict):
            return _in_categories(wanted, 0.0, {})
        return _in_categories(wanted, float(at), found)


def _in_categories(wanted: Sequence[str], at: float, found: Mapping[str, Any]) -> InCategories:
    skus: dict[str, tuple[str, ...]] = {}
    for one in wanted:
        there = found.get(compared(one))
        if isinstance(there, list | tuple):
            skus[compared(one)] = tuple(sku for sku in there if isinstance(sku, str))
    return InCategories(
        asked_at=at,
        skus=skus,
        unknown=tuple(
            one for one in wanted if compared(one) in found and compared(one) not in skus
        ),
        not_read=tuple(one for one in wanted if compared(one) not in found),
    )


def _name(store: str) -> str:
    """Return the file's name: an identity may hold what a file's name cannot."""
    return f"{CATEGORIES_FILE}@{hashlib.sha256(store.encode()).hexdigest()[:16]}"
