"""Whose a name is: what the shop's catalogue says of it, many names in one question.

What was learnt is believed for some minutes, and what is not known only until `forget_unknown`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol
from urllib.parse import quote

from pipeline.intake.kept_catalogue import FRESH_SECONDS, NAMES_A_QUESTION
from pipeline.intake.name_rules import is_likely_sku, spelt_id
from pipeline.intake.numbers import is_bare_number
from pipeline.skus import is_gtin

__all__ = [
    "IdLookup",
    "Kept",
    "Lookup",
    "NothingKept",
    "WhoseName",
    "can_be_asked",
    "is_product_id",
]

LETTERS_A_QUESTION: Final = 3_400
"""How long the SKUs may be together that are asked for at once: with all else an address stays
below 4,096 characters. A store that takes less is asked for fewer."""

LOOKED_UP_AT_ONCE: Final = 2_500
"""How many names are held against the kept catalogue at once."""

MOST_EXPECTED: Final = 100_000

MOST_REMEMBERED: Final = 200_000
"""Names of which it is remembered what they are."""

CANARY: Final = "no-such-sku-7f3a9c52"
"""A catalogue that knows this name knows every name; what it says of unlikely ones is no proof."""

LARGEST_ID: Final = 2**31 - 1
"""The store counts its products in 32 bits."""


Lookup = Callable[[Collection[str]], Mapping[str, frozenset[int]]]
"""Asks the store: SKUs in, for each the ids of the products that bear it or whose variants do."""

IdLookup = Callable[[Collection[int]], Collection[int]]
"""Asks the store which of these ids are a product's."""


class Kept(Protocol):
    """See `pipeline.intake.kept_catalogue.KeptCatalogue`."""

    def products(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:  # noqa: D102
        ...

    def heard(self, answers: Mapping[str, frozenset[int]]) -> bool:  # noqa: D102
        ...

    def known(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:  # noqa: D102
        ...


@dataclass(frozen=True, slots=True)
class NothingKept:
    """Keeps nothing: each name is asked for; what is known besides is only good for a hint."""

    known: Callable[[Sequence[str]], Mapping[str, frozenset[int]]] = lambda names: {}

    def products(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """Return nothing."""
        return {}

    def heard(self, answers: Mapping[str, frozenset[int]]) -> bool:
        """Return that nothing was missed."""
        return False


@dataclass(frozen=True, slots=True)
class _Known:
    """Whose a name is, until when (by the monotonic clock) that is believed."""

    products: frozenset[int]
    until: float
    asked: bool
    """Whether the store was asked for the name itself; else the kept catalogue said so."""


class WhoseName:
    """Answers which products bear a name, asking the catalogue once for each; threads share it."""

    def __init__(
        self,
        by_sku: Lookup,
        by_id: IdLookup,
        kept: Kept | None = None,
        *,
        by_code: Lookup | None = None,
        plain_ids: bool = False,
        is_open: bool | None = None,
        asking: AbstractContextManager[Any] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Know nothing yet; the arguments are those of `Assigner`.

        `is_open` tells whether the catalogue knows every name; None: it is asked. `asking` is held
        while it is asked, where somebody else asks it, too.
        """
        self._kept = kept or NothingKept()
        self._monotonic = monotonic
        self._plain_ids = plain_ids
        self._by_sku = by_sku
        self._by_id = by_id
        self._by_code = by_code or (lambda codes: {})
        self._known: dict[str, _Known] = {}
        self._given_skus: dict[str, _Known] = {}
        self._expected: dict[str, None] = {}
        self._coming: dict[tuple[str, ...], None] = {}
        """The names of each photograph that is expected."""
        self._open = is_open
        # One question at a time: what one thread asks is mostly what the others need as well.
        # Whoever needs nothing that is unknown does not wait for it.
        self.asking = asking or threading.RLock()
        # What the caller gave is asked for by itself: a shot waits for no names of a backlog.
        self._asking_given = threading.Lock()

    def expect(self, names: tuple[str, ...]) -> None:
        """Note the names of a photograph, so that many are asked for with one question."""
        if len(self._expected) < MOST_EXPECTED:
            self._expected.update(dict.fromkeys(names))
            if names and len(self._coming) < MOST_EXPECTED:
                self._coming[names] = None

    def coming(self) -> Sequence[tuple[str, ...]]:
        """Return the names of some photographs that are expected, in the order of their arrival."""
        return tuple(islice(self._coming, LOOKED_UP_AT_ONCE))

    def is_somebodys(self, names: Iterable[str]) -> bool:
        """Whether it is known that a product bears one of some names; nobody is asked."""
        return any(one.products for name in names if (one := self._known.get(name)) is not None)

    def has_come(self, names: tuple[str, ...]) -> None:
        """Note that the photograph of these names is no longer expected: it is here."""
        self._coming.pop(names, None)

    def products(self, name: str, *, exact: bool = False) -> frozenset[int]:
        """Return the products that bear a name.

        Args:
            name: of one.
            exact: somebody wrote it down as a product's: it need not look like a SKU.

        Raises:
            StoreError: the catalogue could not be asked.
        """
        if not can_be_asked(name):
            return frozenset()
        is_certain = exact or self.id_in(name) is not None or is_likely_sku(name)
        if not is_certain and self.is_open():
            return frozenset()
        known = self._believed(self._known, name)
        if known is None:
            with self.asking:
                known = self._believed(self._known, name) or self._look_up(name)
        return known.products

    def bearing(
        self, names: Sequence[str], others: Iterable[str] = ()
    ) -> dict[str, frozenset[int]]:
        """Return the products that bear each of some names, which are asked for together.

        Args:
            names: as somebody wrote them down: they need not look like SKUs.
            others: that will be needed soon: they come along where the store is asked at all.

        Raises:
            StoreError: the catalogue could not be asked.
        """
        bearing: dict[str, frozenset[int]] = {}
        left: list[str] = []
        with self.asking:
            for name in filter(can_be_asked, dict.fromkeys(names)):
                known = self._believed(self._known, name)
                if known is None:
                    left.append(name)
                else:
                    bearing[name] = known.products
            if left and not self.is_open():
                kept = self._kept.products([name for name in left if self.id_in(name) is None])
                self._remember({one: self._learnt(kept[one], asked=False) for one in kept})
                bearing |= kept
                left = [name for name in left if name not in kept]
            wanted = frozenset(left)
            if left:
                along = (
                    name
                    for name in dict.fromkeys(others)
                    if name not in wanted and name not in self._known and can_be_asked(name)
                )
                left += islice(along, max(0, NAMES_A_QUESTION - len(left)))
            while not wanted <= bearing.keys():
                asked = self._ask_and_remember(left)
                bearing |= asked
                left = [name for name in left if name not in asked]
        return {name: bearing[name] for name in names if name in bearing}

    def given(self, sku: str) -> frozenset[int]:
        """Return the products that bear a SKU that a caller gave, asked for by itself.

        Raises:
            StoreError: the catalogue could not be asked.
        """
        known = self._believed(self._given_skus, sku)
        if known is None:
            with self._asking_given:
                known = self._believed(self._given_skus, sku)
                if known is None:
                    asked = dict(self._by_sku([sku])) if can_be_asked(sku) else {}
                    asked |= self._coded({sku: asked.get(sku, frozenset())})
                    known = self._learnt(asked.get(sku, frozenset()), asked=True)
                    _remember(self._given_skus, {sku: known})
        return known.products

    def here(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """Return what is known of names without asking the shop: it may be out of date."""
        return self._kept.known([name for name in names if can_be_asked(name)])

    def forget_unknown(self) -> None:
        """Ask again for what the catalogue did not know: products are added while we run."""
        with self.asking, self._asking_given:
            self._known = _known_ones(self._known)
            self._given_skus = _known_ones(self._given_skus)
            # What was expected so long ago has been asked for by now, or is asked for by itself.
            self._expected.clear()
            self._coming.clear()

    def is_open(self) -> bool:
        """Whether the catalogue knows every name, as the test shop's does: asked once.

        Raises:
            StoreError: the catalogue could not be asked.
        """
        with self.asking if self._open is None else nullcontext():
            if self._open is None:
                self._open = bool(self._by_sku([CANARY]).get(CANARY))
            return self._open

    def id_in(self, name: str) -> int | None:
        """Return the id that a name is, where it is called one or bare numbers are."""
        digits = spelt_id(name) or (name if self._plain_ids else "")
        return int(digits) if _is_id(digits) else None

    def _believed(self, known: Mapping[str, _Known], name: str) -> _Known | None:
        found = known.get(name)
        return found if found is not None and self._monotonic() < found.until else None

    def _learnt(self, products: frozenset[int], *, asked: bool) -> _Known:
        return _Known(products, self._monotonic() + FRESH_SECONDS, asked)

    def _look_up(self, name: str) -> _Known:
        """Return whose a name is, and learn besides of others that will be needed soon."""
        names = self._expected_with(name)
        kept: Mapping[str, frozenset[int]] = {}
        if not self.is_open() and self.id_in(name) is None:
            kept = self._kept.products([one for one in names if self.id_in(one) is None])
            self._remember({one: self._learnt(kept[one], asked=False) for one in kept})
        if name not in kept:
            self._ask_and_remember([one for one in names if one not in kept])
        return self._known[name]

    def _ask_and_remember(self, names: Iterable[str]) -> Mapping[str, frozenset[int]]:
        """Ask for as many of the names, the first ones, as the store takes at once."""
        asked = self._ask(self._batch(names))
        # Of what is kept only SKUs are known.
        if self._kept.heard({one: asked[one] for one in asked if self.id_in(one) is None}):
            self._known = {name: known for name, known in self._known.items() if known.asked}
        asked |= self._coded(asked)
        self._remember({one: self._learnt(asked[one], asked=True) for one in asked})
        return asked

    def _remember(self, learnt: Mapping[str, _Known]) -> None:
        _remember(self._known, learnt)
        for name in learnt:
            self._expected.pop(name, None)

    def make_sure(self, names: Sequence[str]) -> bool:
        """Ask the store for names of which the kept catalogue alone has said what they are.

        Those of others that are expected come along, where nothing is known by any of their names.

        Returns:
            Whether there were any.
        """
        with self.asking:
            unsure = [name for name in names if self._is_as_kept(name)]
            if not unsure:
                return False
            wanted = dict.fromkeys(unsure)
            for others in list(islice(self._coming, LOOKED_UP_AT_ONCE)):
                if all(self._is_as_kept(one, products=False) for one in others):
                    wanted.update(dict.fromkeys(others))
            left = list(wanted)
            while any(self._is_as_kept(name) for name in unsure):
                self._ask_and_remember(left)
                left = [name for name in left if self._is_as_kept(name)]
            return True

    def _is_as_kept(self, name: str, *, products: bool = True) -> bool:
        known = self._known.get(name)
        return known is not None and not known.asked and (products or not known.products)

    def _expected_with(self, name: str) -> list[str]:
        """Return the name and others that will be needed soon, in the order of their arrival."""
        if self.is_open():
            return [name]
        names = [name]
        for other in list(islice(self._expected, LOOKED_UP_AT_ONCE)):
            if other in self._known or not can_be_asked(other):
                self._expected.pop(other)
            elif other != name:
                names.append(other)
        return names

    def _batch(self, names: Iterable[str]) -> list[str]:
        """Return as many of the names, and one at least, as the store can be asked for at once."""
        batch: list[str] = []
        letters = 0
        for name in names:
            letters += len(quote(name, safe="")) + len("%2C")
            if batch and (len(batch) >= NAMES_A_QUESTION or letters > LETTERS_A_QUESTION):
                break
            batch.append(name)
        return batch

    def _ask(self, names: Sequence[str]) -> dict[str, frozenset[int]]:
        # The ids first: an open catalogue makes a product with its id as its SKU.
        ids = {name: self.id_in(name) for name in names}
        spelt = [id_ for id_ in ids.values() if id_ is not None]
        known = self._by_id(spelt) if spelt else ()
        by_id = {name: {id_} for name, id_ in ids.items() if id_ is not None and id_ in known}
        asked = [name for name in names if ids[name] is None or not self.is_open()]
        by_sku = self._by_sku(asked) if asked else {}
        return {name: by_sku.get(name, frozenset()) | by_id.get(name, set()) for name in names}

    def _coded(self, asked: Mapping[str, frozenset[int]]) -> Mapping[str, frozenset[int]]:
        """Return whose the barcodes' numbers are among names that are no product's SKU."""
        codes = [name for name, products in asked.items() if not products and is_gtin(name)]
        return self._by_code(codes) if codes and not self.is_open() else {}


def is_product_id(number: int) -> bool:
    """Whether a product of the store may have that id."""
    return 1 <= number <= LARGEST_ID


def _known_ones(known: Mapping[str, _Known]) -> dict[str, _Known]:
    return {name: one for name, one in known.items() if one.products}


def _remember(known: dict[str, _Known], learnt: Mapping[str, _Known]) -> None:
    if len(known) > MOST_REMEMBERED:
        known.clear()
    known.update(learnt)


def _is_id(name: str) -> bool:
    # As the store writes it: `0158` is no id, but may be a SKU.
    digits = len(name) <= 10 and is_bare_number(name)
    return digits and name[0] != "0" and is_product_id(int(name))


def can_be_asked(name: str) -> bool:
    """Whether a name may be some product's SKU, so that the store can be asked for it."""
    # A comma would end a SKU within `sku:in`; the store's SKUs have at most 255 characters.
    return 0 < len(name) <= 255 and "," not in name and name.isprintable()
