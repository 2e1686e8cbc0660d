"""Decide to which product a photograph belongs: by rule, in order, and never by guessing.

What a person decided of the very photograph (`pipeline assign`) outweighs all else. Then what the
caller gave comes first, and for a shot that the hook notes down, what is on the table
(`pipeline table`). Then the rules are asked, in an order that a setting may change: a CSV map,
what the picture's metadata say, its file name, its folders. What they say is weighed in `chain`.

A name counts only when the store's catalogue knows it, and knows it of one product. A bare number
is an id only where the settings say so (`plain_ids`), for most numbers are dates, measures and
counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final
from unicodedata import normalize
from zlib import crc32

from pipeline.claimable import NameRules
from pipeline.errors import ProductUnknown
from pipeline.intake.chain import EXACT, Asked, Heard, Said, others_said, refuse_another, weighed
from pipeline.intake.name_rules import how_given, is_likely_sku
from pipeline.intake.names_of import NamesOf, SkusOf
from pipeline.intake.near import nearest
from pipeline.intake.numbered import Beside, lying_beside, numbered_below, settled
from pipeline.intake.numbers import is_picture_number
from pipeline.intake.other_names import OtherNames
from pipeline.intake.path_rules import chain_of
from pipeline.intake.spellings import SLASH, written_as
from pipeline.intake.standings import Standings
from pipeline.intake.together import as_one, names_together, with_all
from pipeline.intake.whose_name import IdLookup, Kept, Lookup, WhoseName
from pipeline.placement import Placement, Rule
from pipeline.refusals import (
    product_ambiguous,
    product_misspelt,
    product_numbered,
    product_spelt,
    product_unknown,
    said_doubtful,
    said_unknown,
    several_products,
    sku_unknown,
)
from pipeline.skus import alike, skus_in
from pipeline.values import Original

__all__ = ["Assigner"]

RULES: Final = 5
"""Counted up with whatever changes the names that `Assigner.name_rules` proposes: a ledger keeps
some of them from one version of the program to the next."""

ANY: Final = "*"
"""The name under which every product is looked for: of a photograph whose path does not tell by
which names it may be known."""


class Assigner:
    """Answers whose photograph it is, asking the catalogue once for each name.

    Threads may share it. What it remembers lasts some minutes, and what is unknown only until
    `forget_unknown` is called.
    """

    def __init__(
        self,
        by_sku: Lookup,
        by_id: IdLookup,
        skus_of: SkusOf = lambda product_id: None,
        kept: Kept | None = None,
        *,
        by_code: Lookup | None = None,
        by_mpn: Lookup | None = None,
        rules: Sequence[Asked] | None = None,
        plain_ids: bool = False,
        standings: Standings | None = None,
        beside: Beside = lying_beside,
        next_view: Callable[[Original, int], str | None] = lambda original, product_id: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Know nothing yet.

        Args:
            by_sku: looks products up by SKU.
            by_id: looks products up by id.
            skus_of: asks the store for every SKU of a product; None where that cannot be told.
            kept: knows the store's SKUs; None: each name is asked for.
            by_code: looks products up by a barcode's number; None: nobody can.
            by_mpn: looks products up by their MPN, as `by_code` does.
            rules: in the order in which they are asked; None: those that read the path.
            plain_ids: bare numbers are product ids.
            standings: reads what names say of views and numbers; None: in the usual words.
            beside: looks at what else lies in a file's folder.
            next_view: says which view a shot of the product on the table is, where its name does
                not.
            monotonic: gives seconds.
        """
        self._beside = beside
        self._rules = chain_of(plain_ids=plain_ids) if rules is None else tuple(rules)
        self._plain_ids = plain_ids
        self._standings = standings or Standings()
        self._next_view = next_view
        self._whose = WhoseName(
            by_sku, by_id, kept, by_code=by_code, plain_ids=plain_ids, monotonic=monotonic
        )
        self._other_names = OtherNames(self._whose, by_mpn, kept, monotonic)
        self._names_of = NamesOf(skus_of)

    def expect(self, original: Original) -> None:
        """Note the names of a photograph, so that many are asked for with one question."""
        self._whose.expect(self._names(original))

    def place(self, original: Original) -> Placement:
        """Return the product of a photograph, and the rule that said so.

        Of what the caller gave only the product stands fast: what other rules say of the picture
        itself is taken from them, and what they say of its product is noted. The store is asked
        for none of that, unless a person decided it: then there are few of them.

        Raises:
            ProductUnknown: no rule applies, or what applies tells several products.
            StoreError: the catalogue could not be asked.
        """
        if original.placement is not None:
            told = original.placement
            return self._all_told(original, told.as_told) if told.is_told else told
        if original.sku is not None:
            return self._all_told(original, self._by_given_sku(original, original.sku))
        said = self._said_of(original)
        names = _names_in(said, original)
        self._whose.has_come(names)
        try:
            return self._by_rules(original, said)
        except ProductUnknown:
            # Of what is to wait the store itself has said so.
            if not self._whose.make_sure(names):
                raise
        return self._by_rules(original, said)

    @property
    def name_rules(self) -> NameRules:
        """By which names a photograph may be of a product; the store is not asked for them.

        It certainly is not of one where `place` would look for no name that is one of the
        product's. While these are not known, `learn` asks for them.
        """
        asked = [(str(one.rule), one.by_path, one.version) for one in self._rules]
        return NameRules(
            rules=crc32(repr((RULES, self._plain_ids, sorted(asked))).encode()) or 1,
            proposed=self._may_be_named,
            of_product=self._names_of_product,
        )

    def learn(self) -> bool:
        """Ask the store for the names of products that `name_rules` missed; whether there were any.

        Raises:
            StoreError: the store could not be asked.
        """
        return self._names_of.learn()

    def forget_unknown(self) -> None:
        """Ask again for what the catalogue did not know: products are added while we run."""
        self._whose.forget_unknown()
        self._other_names.forget_unknown()

    def _may_be_named(self, original: Original) -> frozenset[str]:
        if original.sku is not None:
            return frozenset(map(alike, (original.sku, *skus_in(original.sku))))
        if not all(one.by_path for one in self._rules):
            return frozenset({ANY})
        names = {name for said in self._said_of(original) for name in said.all_names}
        names |= {name for part in names_together(original.path) for name in part}
        ids = (self._whose.id_in(name) for name in names)
        return frozenset(map(alike, names)) | {_called(id_) for id_ in ids if id_ is not None}

    def _names_of_product(self, product_id: int) -> frozenset[str] | None:
        names = self._names_of.of(product_id)
        if names is None:
            return None
        written = {alike(one) for name in names for one in written_as(name)}
        return names | written | {_called(product_id), ANY}

    def _said_of(self, original: Original) -> list[Said]:
        said = (one.says(original) for one in self._rules)
        return [one for one in said if one is not None]

    def _names(self, original: Original) -> tuple[str, ...]:
        """Return the names that are looked up to place a photograph; see `NameRules.proposed`."""
        if original.sku is not None or original.placement is not None:
            return ()
        return _names_in(self._said_of(original), original)

    def _by_given_sku(self, original: Original, sku: str) -> Placement:
        products = self._whose.given(sku)
        parts = skus_in(sku)
        if parts and (not products or self._whose.is_open()):
            several = as_one([self._by_given_sku(original, part) for part in parts])
            rule = f"the SKUs {' and '.join(parts)} {how_given(original)}"
            return replace(several, rule=rule, beside=())
        if not products:
            found = nearest([sku], self._whose.here)
            raise sku_unknown(sku, found[1] if found else ())
        if len(products) > 1:
            raise product_ambiguous(sku, products)
        (product_id,) = products
        return Placement(
            product_id=product_id,
            rule=f"the SKU {sku} {how_given(original)}",
            by=Rule.TABLE if original.from_current_product else Rule.GIVEN,
        )

    def _all_told(self, original: Original, told: Placement) -> Placement:
        whole = with_all(told)
        return as_one([self._as_told(original, one) for one in (whole, *whole.beside)])

    def _as_told(self, original: Original, told: Placement) -> Placement:
        said = self._said_of(original)
        names = [name for one in said for name in one.names]
        by_hand = told.by is Rule.HAND
        here = self._whose.bearing(names) if by_hand else self._whose.here(names)
        heard = [
            Heard(said=one, name=name, products=here[name])
            for one in said
            if (name := next((name for name in one.names if here.get(name)), None)) is not None
        ]
        facts = {name: getattr(told, name) for name in told.decided}
        placement = replace(_with_facts(told, said), others=others_said(heard), **facts)
        called = original.sku or str(told.product_id)
        stands = self._standings.of(placement, original.path, [called, *skus_in(called)])
        if stands.view is None and placement.by is Rule.TABLE:
            view = self._next_view(original, placement.product_id)
            placement = replace(placement, view=view)
            stands = self._standings.of(placement, original.path, [called])
        return stands

    def _by_rules(self, original: Original, said: Sequence[Said]) -> Placement:
        if (listed := self._listed_apart(original, said)) is not None:
            return listed
        heard = self._heard(original, said)
        if (named := self._named_together(original, said, heard)) is not None:
            return named
        if not heard:
            raise self._unknown(said)
        verdict = weighed(heard)
        told_by = {one.said.rule for one in verdict.agreeing}
        overruled = [one.said for one in heard if one.said.rule not in told_by]
        placement = Placement(
            product_id=verdict.product_id,
            rule=verdict.heard.because,
            by=verdict.heard.said.rule,
            others=others_said(verdict.others),
        )
        placement = _with_facts(placement, [one for one in said if one not in overruled])
        called = [one.name for one in verdict.agreeing]
        return self._standings.of(placement, original.path, called)

    def _named_together(
        self, original: Original, said: Sequence[Said], heard: Sequence[Heard]
    ) -> Placement | None:
        """Return the products that a name calls one after another; None where it is not so."""
        parts = names_together(original.path)
        own = [one for one in said if one.rule is Rule.NAME and not one.is_meant]
        if not parts or not own or any(one.name == own[0].names[0] for one in heard):
            return None  # a SKU with a comma in it is one
        found = [next((name for name in part if self._is_one(name)), None) for part in parts]
        names = [name for name in found if name is not None]
        if len(names) < len(parts):
            return None
        by_name = {name: min(self._whose.products(name)) for name in names}
        others = [one for one in heard if one.said.rule is not Rule.NAME]
        refuse_another(others, by_name.values(), f"its name says {' and '.join(names)}")
        placement = Placement(
            product_id=0,
            rule=f"its file name begins with {' and '.join(names)}",
            by=Rule.NAME,
            others=others_said(others),
        )
        placement = _with_facts(placement, said)
        return as_one(
            [
                self._standings.of(replace(placement, product_id=id_), original.path, names)
                for id_ in by_name.values()
            ]
        )

    def _is_one(self, name: str) -> bool:
        """Whether a name is that of exactly one product, and no guess in an open catalogue."""
        if self._whose.is_open() and not is_likely_sku(name):
            return False
        return len(self._whose.products(name)) == 1

    def _listed_apart(self, original: Original, said: Sequence[Said]) -> Placement | None:
        """Return the products that the rows of one map name for a file; None: they name one."""
        first = next((one for one in said if one.rows), None)
        if first is None:
            return None
        placements: list[Placement] = []
        for row in first.rows:
            heard = self._agreed(row)
            assert heard is not None  # noqa: S101 - what a map says is known, or it is raised
            if len(heard.products) > 1:
                raise product_ambiguous(heard.name, heard.products)
            (product_id,) = heard.products
            placement = Placement(product_id=product_id, rule=heard.because, by=Rule.MAP)
            others = [one for one in said if one is not first]
            placement = _with_facts(placement, (row, *others))
            placements.append(self._standings.of(placement, original.path, [heard.name]))
        one = as_one(placements)
        if not one.also:
            return None
        heard_besides = (
            self._first_known(other, original, in_folder=False)
            for other in said
            if other is not first
        )
        besides = [other for other in heard_besides if other is not None]
        listed = f"{first.source} names {len(one.also) + 1} products"
        refuse_another(besides, (one.product_id, *one.also), listed)
        return one

    def _unknown(self, said: Sequence[Said]) -> ProductUnknown:
        found = nearest([name for one in said for name in one.names], self._whose.here)
        return product_misspelt(*found) if found else product_unknown()

    def _heard(self, original: Original, said: Sequence[Said]) -> list[Heard]:
        """Return what the catalogue knows of what the rules say, in their order."""
        heard: dict[Rule, Heard] = {}
        # A mere number says nothing in a product's folder: so that is looked up first.
        for one in sorted(said, key=lambda one: one.rule is Rule.NAME):
            found = self._first_known(one, original, in_folder=Rule.FOLDER in heard)
            if found is not None:
                heard[one.rule] = found
            elif one.names and one.rule in EXACT:
                raise said_unknown(one.source, one.names[0])
        in_order = [heard[one.rule] for one in said if one.rule in heard]
        if in_order or self._whose.is_open():
            return [self._settled(one, original, in_order) for one in in_order]
        return self._other_names.heard(said)

    def _settled(self, one: Heard, original: Original, heard: Sequence[Heard]) -> Heard:
        """Return it, or another reading of the name, where the shop has that product, too."""
        stem = _stem(original)
        if one.said.rule is not Rule.NAME or one.said.is_meant or self._whose.is_open():
            return one
        self._refuse_longer_reading(one)
        base = numbered_below(one.name, stem)
        if base not in one.said.names or not (products := self._whose.products(base)):
            return one
        shorter = replace(one, name=base, products=products)
        for other in heard:
            if other is not one and not other.is_number:
                is_one, is_other = (bool(each.products & other.products) for each in (one, shorter))
                if is_one or is_other:
                    return one if is_one else shorter
        beside = self._beside(original.path, original.root)
        meant = settled(one.name, base, stem, beside, self._bearing)
        if meant is None:
            raise product_numbered(one.name, base)
        found = one if meant.name == one.name else shorter
        return replace(found, besides=_lying(meant.evidence))

    def _bearing(self, names: Sequence[str]) -> Sequence[str]:
        return [name for name, products in self._whose.bearing(names).items() if products]

    def _refuse_longer_reading(self, one: Heard) -> None:
        """Leave a name in doubt that stands for a longer SKU, too, as `ABC_D` does for `ABC/D`."""
        longer = {
            f"{name[: len(one.name)]}{SLASH}{name[len(one.name) + 1 :]}"
            for name in one.said.names
            if len(name) > len(one.name) + 1 and name[len(one.name)] in "_-"
        }
        here = self._whose.here(sorted(longer))
        if other := next((name for name in sorted(here) if here[name] - one.products), None):
            raise product_spelt(max(one.said.names, key=len), [one.name, other])

    def _first_known(self, said: Said, original: Original, *, in_folder: bool) -> Heard | None:
        if said.doubt:
            raise said_doubtful(said.doubt)
        if said.all_count:
            return self._agreed(said)
        names: Iterable[str] = _looked_for(said, original, in_folder=in_folder)
        if said.rule is Rule.NAME and names and not said.is_meant and self._whose.is_open():
            # Where every name is known the longest proves nothing: there the shortest that looks
            # like a SKU is taken.
            names = [
                name
                for name in reversed(tuple(names))
                if is_likely_sku(name) or self._whose.id_in(name)
            ]
        for name in names:
            if products := self._whose.products(name, exact=said.rule in EXACT or said.is_meant):
                return Heard(said=said, name=name, products=products)
        return None

    def _agreed(self, said: Said) -> Heard | None:
        """Return the product that all names are of which are known; each line has to know one."""
        heard: Heard | None = None
        for names in (said.names, *said.also):
            known = [
                (name, products)
                for name in names
                if (products := self._whose.products(name, exact=said.rule in EXACT))
            ]
            if not known and said.rule in EXACT:
                raise said_unknown(said.source, names[0])
            for name, products in known:
                one = Heard(said=said, name=name, products=products)
                if heard is None:
                    heard = one
                elif heard.products & products:
                    heard = replace(heard, products=heard.products & products)
                else:
                    raise several_products(said.source, heard.name, name)
        return heard


def _names_in(said: Sequence[Said], original: Original) -> tuple[str, ...]:
    """Return the names that are looked up of what the rules say."""
    in_folder = any(one.rule is Rule.FOLDER for one in said)
    names = (name for one in said for name in _looked_for(one, original, in_folder=in_folder))
    together = (name for part in names_together(original.path) for name in part)
    return tuple(dict.fromkeys((*names, *together)))


def _looked_for(said: Said, original: Original, *, in_folder: bool) -> tuple[str, ...]:
    """Return the names that are looked up; a mere number says nothing in a product's folder."""
    if said.rule is not Rule.NAME or said.is_meant or not in_folder:
        return said.all_names
    stem = original.path.stem.strip()
    return tuple(name for name in said.names if not is_picture_number(name, stem))


def _stem(original: Original) -> str:
    return normalize("NFC", original.path.stem).strip()


def _lying(names: Sequence[str]) -> str:
    """`and SM-13_1 and SM-13_3 lie beside it`."""
    *first, last = names
    lie = "lie" if first else "lies"
    return f"and {', '.join(first)}{' and ' if first else ''}{last} {lie} beside it"


def _with_facts(placement: Placement, said: Sequence[Said]) -> Placement:
    """Return it with what the rules say of the picture itself, each fact by the first that does."""

    def first(fact: str) -> Any:
        facts = (getattr(one, fact) for one in said)
        return next((one for one in facts if one is not None), None)

    order, is_main = first("order"), first("is_main")
    return replace(
        placement,
        order=placement.order if order is None else order,
        thumbnail=placement.thumbnail if is_main is None else is_main,
        description=first("description") or placement.description,
        view=first("view") or placement.view,
    )


def _called(product_id: int) -> str:
    """Return an id in the form that stands for all in which one is called so."""
    return f"id {product_id}"
