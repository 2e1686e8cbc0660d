"""Whether a product has every view that the shot list asks for, and what of them it lacks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.errors import ConfigError
from pipeline.intake.in_categories import InCategories
from pipeline.intake.shop_views import view_of_photo
from pipeline.intake.shot_list import ShotList, read_shot_list
from pipeline.intake.views import ViewWords
from pipeline.lifecycle import State
from pipeline.values import Photo
from pipeline.wording import shown

__all__ = ["CERTAIN", "Completeness", "FollowedList", "views_shot"]

CERTAIN: Final = frozenset({State.PREPARED, State.UPLOADING, State.STORED})
"""A photograph in these states is certainly a picture of its product: one that is not prepared yet
may still turn out to be damaged."""

LOOKED_AGAIN: Final = 2.0
"""Seconds until it is looked again whether the list was changed."""


class FollowedList:
    """A shot list that is read again once it was changed; threads may share it."""

    def __init__(
        self,
        path: Path,
        words: ViewWords,
        *,
        say: Callable[[str], None] = lambda sentence: None,
        monotonic: Callable[[], float] = time.monotonic,
        in_categories: Callable[[Sequence[str]], InCategories] = lambda categories: InCategories(),
    ) -> None:
        """Read it.

        Args:
            path: of the table.
            words: by which views are called.
            say: is told of a list that cannot be read any more: what it said before counts then.
            monotonic: gives seconds.
            in_categories: says which products are in categories; it may raise a `StoreError`.

        Raises:
            ConfigError: it cannot be read.
        """
        self.words = words
        self._path = path
        self._say = say
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._looked_at = monotonic()
        self._in_categories = in_categories
        self._signature = _signature(path)
        self._read = self._whole = read_shot_list(path, words)
        self._there = self._asked_of_there = InCategories()
        self._asked_of = self._signature
        self._unknown: frozenset[str] = frozenset()

    def changed(self) -> bool:
        """Whether the list was changed since this was asked last, or means other products."""
        with self._lock:
            self._look()
            was, self._asked_of = self._asked_of, self._signature
            there, self._asked_of_there = self._asked_of_there, self._there
            if was != self._signature:
                return True
            return there is not self._there and there.skus != self._there.skus

    def now(self) -> ShotList:
        """Return what the list says by now, with the products of its categories on it.

        Raises:
            StoreError: the shop could not be asked what is in a category.
        """
        with self._lock:
            if self._monotonic() - self._looked_at >= LOOKED_AGAIN:
                self._look()
            if not self._read.categories:
                return self._read
            there = self._in_categories(self._read.categories)
            if there is not self._there:
                self._there = there
                self._whole = self._read.with_products(there.skus)
                self._say_unknown(there)
            return self._whole

    def _say_unknown(self, there: InCategories) -> None:
        for name in there.unknown:
            if name not in self._unknown:
                self._say(f"{shown(self._path)}: the shop has no category {name}")
        self._unknown = frozenset(there.unknown)

    def _look(self) -> None:
        self._looked_at = self._monotonic()
        signature = _signature(self._path)
        if signature is None or signature == self._signature:
            return
        self._signature = signature
        try:
            self._read = self._whole = read_shot_list(self._path, self.words)
            self._there = InCategories()  # it is put on the new list
        except ConfigError as error:
            self._say(str(error))


class Completeness:
    """Says what the product of a photograph lacks of its list; threads may share it."""

    def __init__(
        self,
        shots: FollowedList,
        of_product: Callable[[int], Iterable[Photo]],
        skus_of: Callable[[int], Collection[str]],
        named: Callable[[int], str],
    ) -> None:
        """Know the list.

        Args:
            shots: the list.
            of_product: returns the photographs of a product.
            skus_of: returns the SKUs that are known of a product, without asking anybody.
            named: asks the shop for the SKU of a product; raises a `StoreError`.
        """
        self._shots = shots
        self._of_product = of_product
        self._skus_of = skus_of
        self._named = named

    def lacks(self, photo: Photo) -> str:
        """Return what the product of a photograph lacks, as `SM-13 lacks back`; empty: nothing.

        What counts is what is certain: a view that is ready here, or that went up from here. A
        product that is not on the list lacks nothing.

        Raises:
            StoreError: the shop could not be asked.
        """
        if photo.placement is None:
            return ""
        shots, product_id = self._shots.now(), photo.placement.product_id
        if (sku := shots.one_of(self._names(photo.sku, product_id))) is None:
            return ""
        there = views_shot(self._of_product(product_id), sku, self._shots.words, CERTAIN)
        left = [view for view in shots.of(sku) if view not in there]
        return f"{sku} lacks {', '.join(left)}" if left else ""

    def _names(self, given: str | None, product_id: int) -> Iterator[str]:
        if given is not None:
            yield given
        known = sorted(self._skus_of(product_id))
        yield from known
        if not (known or given) and (sku := self._named(product_id)):
            yield sku


def views_shot(
    photos: Iterable[Photo], sku: str, words: ViewWords, states: Collection[State]
) -> set[str]:
    """Return the views that photographs of a product show, of those in some states."""
    views = (view_of_photo(photo, sku, words) for photo in photos if photo.state in states)
    return {view for view in views if view is not None}


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
