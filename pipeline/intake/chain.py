"""What each rule says of a photograph's product, and how what several say is weighed.

A rule only says what it knows, from the photograph's path or from what lies beside it or in it; the
shop's catalogue decides which of the names count. Two rules that name different products are a
doubt, and no rule overrules another there: but a bare number, which may be a date, a measure or a
count, never outweighs a SKU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pipeline.intake.numbers import is_bare_number
from pipeline.refusals import product_ambiguous, product_doubtful
from pipeline.skus import is_gtin
from pipeline.values import Original, Rule

__all__ = [
    "EXACT",
    "Asked",
    "Heard",
    "Said",
    "Says",
    "Verdict",
    "others_said",
    "refuse_another",
    "weighed",
]

EXACT: Final = frozenset({Rule.GIVEN, Rule.TABLE, Rule.MAP})
"""Where somebody wrote a product down: the names are meant as such, and none of them is a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a rule says of a photograph.

    Attributes:
        rule: that says it.
        names: what the product may be called, the best first: a SKU, a barcode's number, or an id
            that is called one (`id 158`). None where it says nothing of a product.
        source: who says it, as in "its folder says SM-13".
        because: the beginning of "its folder is named SM-13"; empty: the source says it.
        view: which side of the product it shows.
        order: the store's sort order.
        description: its alt text.
        is_main: it is the product's main picture.
        also: what others of its lines call the product: each of them has to be the same one.
        all_count: of all its names that the catalogue knows each has to be of the same product;
            else the first that is known counts.
        doubt: why nobody can tell whether it speaks of this photograph; empty where it does.
        is_meant: its names are meant as a product's, and none is only what a name begins with:
            they need not look like a SKU, and a number among them is no mere number.
        rows: what each of its lines says by itself, where several of one map may name a product
            each; none where that cannot be.
    """

    rule: Rule
    names: tuple[str, ...]
    source: str
    because: str = ""
    view: str | None = None
    order: int | None = None
    description: str | None = None
    is_main: bool | None = None
    also: tuple[tuple[str, ...], ...] = ()
    all_count: bool = False
    doubt: str = ""
    is_meant: bool = False
    rows: tuple[Said, ...] = ()

    @property
    def all_names(self) -> tuple[str, ...]:
        """All names that it says, the best first."""
        return (*self.names, *(name for names in self.also for name in names))


Says: TypeAlias = Callable[[Original], Said | None]
"""What a rule says of a photograph; None where it knows nothing of it. Nobody is asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A rule as it is asked.

    Attributes:
        rule: which one.
        says: what it says; quick, for it is asked several times of each photograph.
        by_path: what it says follows from the path alone. Where it does not, a photograph may be
            any product's until it is placed.
        version: changes with what it says of the same path: that of a map, say.
    """

    rule: Rule
    says: Says
    by_path: bool = True
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A rule's word, and the first of its names that the catalogue knows.

    Attributes:
        said: by the rule.
        name: of a product.
        products: that bear it; one at least.
        besides: what else is to be told of why, as a clause.
    """

    said: Said
    name: str
    products: frozenset[int]
    besides: str = ""

    @property
    def clause(self) -> str:
        """`its folder says SM-13`."""
        return f"{self.said.source} says {self.name}"

    @property
    def because(self) -> str:
        """`its folder is named SM-13`."""
        because = f"{self.said.because} {self.name}" if self.said.because else self.clause
        return f"{because}, {self.besides}" if self.besides else because

    @property
    def is_number(self) -> bool:
        """Whether it is a bare number that nobody wrote down as a product's, and no barcode's."""
        is_meant = self.said.rule in EXACT or self.said.is_meant or is_gtin(self.name)
        return not is_meant and is_bare_number(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whose a photograph is.

    Attributes:
        product_id: of the product.
        heard: the rule that answered.
        others: what the other rules said that name a product, in the order in which they are asked.
        agreeing: the rules that name this product, that one first.
    """

    product_id: int
    heard: Heard
    others: tuple[Heard, ...]
    agreeing: tuple[Heard, ...]


def weighed(heard: Sequence[Heard]) -> Verdict:
    """Return whose a photograph is by what its rules say.

    Args:
        heard: one at least, in the order in which the rules are asked.

    Raises:
        ProductUnknown: two name different products, or all of them several.
    """
    sure = [one for one in heard if not one.is_number] or list(heard)
    first = sure[0]
    products = first.products
    for one in sure[1:]:
        if not products & one.products:
            raise product_doubtful([each.clause for each in _different(sure)])
        products &= one.products
    if len(products) > 1:
        raise product_ambiguous(first.name, products)
    (product_id,) = products
    return Verdict(
        product_id=product_id,
        heard=first,
        others=tuple(one for one in heard if one is not first),
        agreeing=tuple(one for one in (first, *heard) if product_id in one.products),
    )


def refuse_another(heard: Iterable[Heard], meant: Iterable[int], clause: str) -> None:
    """Leave in doubt what is another product's by another rule than the one that names several.

    Raises:
        ProductUnknown: it is.
    """
    products = set(meant)
    for one in heard:
        if not one.is_number and not one.products & products:
            raise product_doubtful([one.clause, clause])


def others_said(others: Sequence[Heard]) -> tuple[str, ...]:
    """Return what other rules said, a clause each."""
    return tuple(one.clause for one in others)


def _different(sure: Sequence[Heard]) -> list[Heard]:
    """Return those that name different products, the weakest first."""
    found: list[Heard] = []
    for one in sure:
        if not any(one.products & other.products for other in found):
            found.append(one)
    return found[::-1]
