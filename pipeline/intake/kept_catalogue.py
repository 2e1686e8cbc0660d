"""The store's SKUs, kept from one run to the next, and when what is kept may be believed.

Three things are known of stores, and one is not. A product that is added, or whose SKU is changed,
has a later `date_modified`; one that is deleted is simply no more; and a variant that is added or
changed leaves its product's `date_modified` as it was. So what is kept is believed:

- as it is, for `FRESH_SECONDS` after all was read;
- for `WHOLE_SECONDS`, after what changed since was read, and only of products that the store was
  asked for again: each still bears the SKU that it is to be found by.

What nobody here knows is asked for by its name, and so is whatever is kept otherwise than the store
has it now. Where an answer shows that something was missed, nothing that is kept is believed any
more until all is read again.

All is read where that takes no more questions than were asked by name since it was read last: so
both together are never more than twice as many as the better of the two would have been.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from pipeline.skus import CatalogueAge, SkuPage

__all__ = ["FRESH_SECONDS", "KeptCatalogue", "Memory", "SkuQuestions"]

FRESH_SECONDS: Final = 600.0
"""For so long an answer of the store is believed, as what it shows of images is."""

WHOLE_SECONDS: Final = 3600.0
"""For so long it is believed that no variant has got a SKU that nothing had when all was read:
nothing tells of it, until it is asked for by name."""

OVERLAP: Final = timedelta(minutes=10)
"""What changed is asked for from a little earlier on: a store may be slow to show it."""

NAMES_A_QUESTION: Final = 250
"""How many SKUs are asked for at once, at most: as many products as come on a page."""

PRODUCTS_A_QUESTION: Final = 250

MOST_CONFIRMED: Final = 100_000
"""Products of which it is remembered when they were asked for."""


class Memory(Protocol):
    """See `pipeline.ledger.port.Catalogue`, which is what keeps them."""

    def catalogue_age(self) -> CatalogueAge:  # noqa: D102
        ...

    def age_catalogue(self, before: CatalogueAge, age: CatalogueAge) -> bool:  # noqa: D102
        ...

    def products_bearing(self, skus: Collection[str]) -> Mapping[str, frozenset[int]]:  # noqa: D102
        ...

    def keep_skus(self, skus: Mapping[int, Collection[str]]) -> None:  # noqa: D102
        ...

    def note_skus(self, products: Mapping[str, Collection[int]]) -> None:  # noqa: D102
        ...

    def keep_page(  # noqa: D102
        self, skus: Mapping[int, Collection[str]], *, above: int, up_to: int | None
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuQuestions:
    """What the store is asked; each returns None where it does not answer such a question.

    Attributes:
        above: a page of the products whose ids are above one.
        changed: the SKUs of the products that changed since a time by the store's clock.
        of: the SKUs of some products, 250 at most; of those that are there.
        clock_ahead: by how much the store's clock is ahead of ours, by its last answer.
    """

    above: Callable[[int], SkuPage | None]
    changed: Callable[[datetime], Mapping[int, frozenset[str]] | None]
    of: Callable[[Collection[int]], Mapping[int, frozenset[str]] | None]
    clock_ahead: Callable[[], timedelta]


class KeptCatalogue:
    """Answers of SKUs whose products they are, as far as that is certain; one thread at a time."""

    def __init__(
        self,
        memory: Memory,
        store: SkuQuestions,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask for nothing yet.

        Args:
            memory: keeps the SKUs, and how old they are.
            store: answers of them.
            now: gives aware UTC.
            monotonic: gives seconds.
        """
        self._memory = memory
        self._store = store
        self._now = now
        self._monotonic = monotonic
        self._confirmed: dict[int, float] = {}
        self._unreadable = False
        """The store does not answer when it is asked for all."""
        self._unfollowed = False
        """It does not say what has changed, or what some products are."""

    def products(self, names: Sequence[str]) -> dict[str, frozenset[int]]:
        """Return the products of those SKUs for which that is certain, of the first ones if at all.

        Of what is not there the store is to be asked by name.

        Raises:
            StoreError: it could not be asked.
            LedgerError: what is kept could not be read or written.
        """
        now, age = self._now(), self._memory.catalogue_age()
        if _is_within(age.read_at, now, FRESH_SECONDS):
            return self._as_kept(names)
        if self._is_followed(age, now):
            return self._confirmed_of(names)
        by_name = 2 * -(-len(names) // NAMES_A_QUESTION)
        if self._is_worth_reading(age, age.asked + by_name) and self._read(
            age, age.asked + by_name
        ):
            return self._as_kept(names)
        now_known = self._memory.catalogue_age()
        # As many as are asked before this is asked again.
        asked = now_known.asked + 2
        self._memory.age_catalogue(now_known, replace(now_known, asked=asked))
        return {}

    def heard(self, answers: Mapping[str, frozenset[int]]) -> bool:
        """Hold what the store answered, asked by name, against what is kept of the same SKUs.

        Returns:
            Whether something was missed: then nothing that is kept is believed any more.

        Raises:
            LedgerError: what is kept could not be read or written.
        """
        if not answers:
            return False
        if (age := self._memory.catalogue_age()).read_at is None:
            # Nothing that is kept is believed; but people ask for photographs by these SKUs.
            self._memory.note_skus(answers)
            return False
        kept = self._memory.products_bearing(answers)
        if all(kept.get(sku, frozenset()) == products for sku, products in answers.items()):
            return False
        while not self._memory.age_catalogue(age, replace(age, read_at=None)):
            age = self._memory.catalogue_age()
        return True

    def known(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """Return what is kept of names, however old it is; the store is asked for nothing.

        Raises:
            LedgerError: what is kept could not be read.
        """
        return self._memory.products_bearing(names) if names else {}

    def _as_kept(self, names: Iterable[str]) -> dict[str, frozenset[int]]:
        found = self._memory.products_bearing(list(names))
        return {name: found.get(name, frozenset()) for name in names}

    def _is_followed(self, age: CatalogueAge, now: datetime) -> bool:
        """Whether it is known what changed since all was read; the store is asked for it."""
        if self._unfollowed or not _is_within(age.read_at, now, WHOLE_SECONDS):
            return False
        is_brought = _is_within(age.brought_at, now, FRESH_SECONDS)
        if self._is_worth_reading(age, 1 if is_brought else 2):
            return False
        if is_brought:
            return True
        assert age.shown_at is not None  # noqa: S101 - it came with `read_at`
        changed = self._store.changed(age.shown_at - OVERLAP)
        if changed is None:
            self._unfollowed = True
            return False
        self._memory.keep_skus(changed)
        self._confirm(changed)
        brought = replace(age, brought_at=now, shown_at=now + self._store.clock_ahead())
        return self._memory.age_catalogue(age, brought)

    def _is_worth_reading(self, age: CatalogueAge, questions: int) -> bool:
        return not self._unreadable and age.questions <= questions

    def _read(self, age: CatalogueAge, most: int) -> bool:
        """Read all, if that takes no more than so many questions; return whether it was done."""
        began, last, asked = self._now(), 0, 0
        while (page := self._store.above(last)) is not None:
            asked += 1
            if asked == 1 and page.left + 1 > most:
                self._memory.age_catalogue(age, replace(age, questions=page.left + 1))
                return False
            is_last = page.left == 0
            self._memory.keep_page(page.skus, above=last, up_to=None if is_last else page.last)
            last = page.last
            if is_last:
                read = CatalogueAge(
                    read_at=began,
                    brought_at=began,
                    shown_at=began + self._store.clock_ahead(),
                    questions=asked,
                )
                return self._memory.age_catalogue(age, read)
        self._unreadable = True
        return False

    def _confirmed_of(self, names: Sequence[str]) -> dict[str, frozenset[int]]:
        """Return of those names what is kept, and is so still: their products are asked for."""
        kept = self._memory.products_bearing(names)
        certain, wanted = [], set[int]()
        for name in names:
            bearing = kept.get(name, frozenset())
            more = {one for one in bearing if not self._is_confirmed(one)} - wanted
            if len(wanted) + len(more) <= PRODUCTS_A_QUESTION:
                wanted |= more
                certain.append(name)
        if not wanted:
            return {name: kept.get(name, frozenset()) for name in certain}
        there = self._store.of(wanted)
        if there is None:
            self._unfollowed = True
            return {}
        self._memory.keep_skus({one: there.get(one, frozenset()) for one in wanted})
        self._confirm(wanted)
        now_kept = self._as_kept(certain)
        return {
            name: bearing
            for name, bearing in now_kept.items()
            if bearing == kept.get(name, frozenset())
        }

    def _is_confirmed(self, product_id: int) -> bool:
        at = self._confirmed.get(product_id)
        return at is not None and self._monotonic() - at < FRESH_SECONDS

    def _confirm(self, product_ids: Iterable[int]) -> None:
        if len(self._confirmed) > MOST_CONFIRMED:
            self._confirmed.clear()
        self._confirmed.update(dict.fromkeys(product_ids, self._monotonic()))


def _is_within(moment: datetime | None, now: datetime, seconds: float) -> bool:
    # One from the future was written before the clock was set back.
    return moment is not None and timedelta() <= now - moment < timedelta(seconds=seconds)
