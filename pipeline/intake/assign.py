"""Decide to which product a photograph belongs: by rule, in order, and never by guessing.

The rules, the first that applies:

1. the product or SKU that the caller gave,
2. for a shot that the hook notes down, what is on the table (`pipeline table`),
3. the nearest folder that is named by a SKU, or by an id that is called one (`id 158`),
4. a file name that begins with such a name.

A name counts only when the store's catalogue knows it, and knows it of one product. A bare number
is an id only where the settings say so (`plain_ids`), for most numbers are dates, measures and
counts. Where 3 and 4 say different products neither is believed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import nullcontext
from typing import Final
from urllib.parse import quote

from pipeline.intake.name_rules import (
    folder_names,
    how_given,
    is_likely_sku,
    is_numbered_below_a_sku,
    leading_names,
    shot_order,
    spelt_id,
)
from pipeline.intake.names_of import NamesOf, SkusOf
from pipeline.intake.numbers import is_bare_number, is_picture_number
from pipeline.refusals import (
    product_ambiguous,
    product_contradicted,
    product_unknown,
    sku_unknown,
)
from pipeline.skus import alike
from pipeline.values import Original, Placement

__all__ = ["Assigner", "IdLookup", "Lookup", "is_product_id"]

NAMES_A_QUESTION: Final = 40
"""How many SKUs are asked for at once, at most."""

LETTERS_A_QUESTION: Final = 1_500
"""How long they may be together: an address must stay within some 2,000 characters."""

CANARY: Final = "no-such-sku-7f3a9c52"
"""A catalogue that knows this name knows every name; what it says of unlikely ones is no proof."""

LARGEST_ID: Final = 2**31 - 1
"""The store counts its products in 32 bits."""


Lookup = Callable[[Collection[str]], Mapping[str, frozenset[int]]]
"""Asks the store: SKUs in, for each the ids of the products that bear it or whose variants do."""

IdLookup = Callable[[Collection[int]], Collection[int]]
"""Asks the store which of these ids are a product's."""


class Assigner:
    """Answers whose photograph it is, asking the catalogue once for each name.

    Threads may share it. What it remembers lasts as long as it does: one run, or until
    `forget_unknown` is called.
    """

    def __init__(
        self,
        by_sku: Lookup,
        by_id: IdLookup,
        skus_of: SkusOf = lambda product_id: None,
        *,
        plain_ids: bool = False,
    ) -> None:
        """Know nothing yet.

        Args:
            by_sku: looks products up by SKU.
            by_id: looks products up by id.
            skus_of: asks the store for every SKU of a product; None where that cannot be told.
            plain_ids: bare numbers are product ids.
        """
        self._plain_ids = plain_ids
        self._by_sku = by_sku
        self._by_id = by_id
        self._known: dict[str, frozenset[int]] = {}
        self._given_skus: dict[str, frozenset[int]] = {}
        self._expected: dict[str, None] = {}
        self._names_of = NamesOf(skus_of)
        self._open: bool | None = None
        # One question at a time: what one thread asks is mostly what the others need as well.
        # Whoever needs nothing that is unknown does not wait for it.
        self._asking = threading.RLock()
        # What the caller gave is asked for by itself: a shot waits for no names of a backlog.
        self._asking_given = threading.Lock()

    def expect(self, original: Original) -> None:
        """Note the names of a photograph, so that many are asked for with one question."""
        if original.placement is None and len(self._expected) < 100_000:
            self._expected.update(dict.fromkeys(self._names(original)))

    def place(self, original: Original) -> Placement:
        """Return the product of a photograph, and the rule that said so.

        Raises:
            ProductUnknown: no rule applies, or one applies to several products.
            StoreError: the catalogue could not be asked.
        """
        if original.sku is not None:
            return self._by_given_sku(original, original.sku)
        by_folder = self._first_known(self._folder_names(original))
        by_name = self._first_known(self._leading_names(original, in_product=bool(by_folder)))
        if by_folder and by_name and not by_folder[1] & by_name[1]:
            raise product_contradicted(*by_folder, *by_name)
        if by_folder:
            name, products = by_folder
            return _placement(original, products, name, f"its folder is named {name}")
        if by_name:
            name, products = by_name
            return _placement(original, products, name, f"its file name begins with {name}")
        raise product_unknown()

    def may_be_of(self, original: Original, product_id: int) -> bool | None:
        """Whether a photograph may be of a product, by its name alone; the store is not asked.

        It certainly is not where `place` would look for no name that is one of the product's. None
        while these are not known: `learn` asks for them.
        """
        names = self._names_of.of(product_id)
        if names is None:
            return None
        if original.sku is not None:
            return alike(original.sku) in names
        folders = self._folder_names(original)
        return any(
            alike(name) in names or self._id_in(name) == product_id
            for name in (*folders, *self._proposed(original, in_product=False))
        )

    def learn(self) -> bool:
        """Ask the store for the names of products that `may_be_of` missed; whether there were any.

        Raises:
            StoreError: the store could not be asked.
        """
        return self._names_of.learn()

    def forget_unknown(self) -> None:
        """Ask again for what the catalogue did not know: products are added while we run."""
        with self._asking, self._asking_given:
            self._known = _known_ones(self._known)
            self._given_skus = _known_ones(self._given_skus)
            # What was expected so long ago has been asked for by now, or is asked for by itself.
            self._expected.clear()

    def _by_given_sku(self, original: Original, sku: str) -> Placement:
        products = self._given_skus.get(sku)
        if products is None:
            with self._asking_given:
                products = self._given_skus.get(sku)
                if products is None:
                    asked = self._by_sku([sku]) if _can_be_asked(sku) else {}
                    products = self._given_skus[sku] = asked.get(sku, frozenset())
        if not products:
            raise sku_unknown(sku)
        return _placement(original, products, sku, f"the SKU {sku} {how_given(original)}")

    def _first_known(self, names: Iterable[str]) -> tuple[str, frozenset[int]] | None:
        for name in names:
            if products := self._products(name):
                return name, products
        return None

    def _products(self, name: str) -> frozenset[int]:
        if not _can_be_asked(name):
            return frozenset()
        if self._id_in(name) is None and not is_likely_sku(name) and self._catalogue_is_open():
            return frozenset()
        products = self._known.get(name)
        if products is None:
            with self._asking:
                products = self._known.get(name)
                if products is None:
                    answers = self._ask(self._batch(name))
                    self._known.update(answers)
                    products = answers[name]
        return products

    def _id_in(self, name: str) -> int | None:
        """Return the id that a name is, where it is called one or bare numbers are."""
        digits = spelt_id(name) or (name if self._plain_ids else "")
        return int(digits) if _is_id(digits) else None

    def _names(self, original: Original) -> Iterable[str]:
        if original.sku is not None:
            return ()
        folders = self._folder_names(original)
        return (*folders, *self._proposed(original, in_product=bool(folders)))

    def _folder_names(self, original: Original) -> tuple[str, ...]:
        return folder_names(original.path, original.root, plain_ids=self._plain_ids)

    def _proposed(self, original: Original, *, in_product: bool) -> tuple[str, ...]:
        """Return what a file name begins with; a mere number says nothing in a product's folder."""
        path = original.path
        return tuple(
            name
            for name in leading_names(path, plain_ids=self._plain_ids)
            if not (in_product and is_picture_number(name, path.stem.strip()))
            and not is_numbered_below_a_sku(path, name)
        )

    def _leading_names(self, original: Original, *, in_product: bool) -> tuple[str, ...]:
        """Return the names, the longest first, for a SKU may begin another.

        Where every name is known the longest proves nothing: there the shortest that looks like
        a SKU is taken.
        """
        names = self._proposed(original, in_product=in_product)
        if names and self._catalogue_is_open():
            shortest_first = reversed(names)
            return tuple(
                name for name in shortest_first if is_likely_sku(name) or self._id_in(name)
            )
        return names

    def _batch(self, name: str) -> list[str]:
        """Return the name and others that will be needed soon, in the order of their arrival."""
        batch, letters = [name], len(quote(name))
        if self._catalogue_is_open():
            return batch
        for other in list(self._expected):
            if len(batch) >= NAMES_A_QUESTION:
                break
            if other != name and other not in self._known and _can_be_asked(other):
                letters += len(quote(other)) + 1
                if letters > LETTERS_A_QUESTION:
                    break
                batch.append(other)
            self._expected.pop(other)
        return batch

    def _ask(self, names: list[str]) -> dict[str, frozenset[int]]:
        # The ids first: an open catalogue makes a product with its id as its SKU.
        ids = {name: self._id_in(name) for name in names}
        spelt = [id_ for id_ in ids.values() if id_ is not None]
        known = self._by_id(spelt) if spelt else ()
        by_id = {name: {id_} for name, id_ in ids.items() if id_ is not None and id_ in known}
        asked = [name for name in names if ids[name] is None or not self._catalogue_is_open()]
        by_sku = self._by_sku(asked) if asked else {}
        return {name: by_sku.get(name, frozenset()) | by_id.get(name, set()) for name in names}

    def _catalogue_is_open(self) -> bool:
        with self._asking if self._open is None else nullcontext():
            if self._open is None:
                self._open = bool(self._by_sku([CANARY]).get(CANARY))
            return self._open


def is_product_id(number: int) -> bool:
    """Whether a product of the store may have that id."""
    return 1 <= number <= LARGEST_ID


def _placement(original: Original, products: frozenset[int], name: str, rule: str) -> Placement:
    if len(products) > 1:
        raise product_ambiguous(name, products)
    (product_id,) = products
    order = shot_order(original.path, name)
    if order is None and (digits := spelt_id(name)):
        order = shot_order(original.path, digits)
    return Placement(product_id=product_id, rule=rule, order=order)


def _known_ones(answers: Mapping[str, frozenset[int]]) -> dict[str, frozenset[int]]:
    return {name: products for name, products in answers.items() if products}


def _is_id(name: str) -> bool:
    # As the store writes it: `0158` is no id, but may be a SKU.
    digits = len(name) <= 10 and is_bare_number(name)
    return digits and name[0] != "0" and is_product_id(int(name))


def _can_be_asked(name: str) -> bool:
    # A comma would end a SKU within `sku:in`; the store's SKUs have at most 255 characters.
    return 0 < len(name) <= 255 and "," not in name and name.isprintable()
