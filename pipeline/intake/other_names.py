"""What a name stands for that no product bears as its SKU, nor as the number of a barcode.

It is a SKU with slashes in it, which a file name cannot hold, or else a product's MPN (the
manufacturer's part number). Neither is asked for where any of a photograph's names is a SKU: so a
SKU always goes before an MPN. A bare number that nobody wrote down as a product's is no MPN, for
it is mostly a date, a measure or a count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.intake.chain import Heard, Said
from pipeline.intake.name_rules import spelt_id
from pipeline.intake.numbers import is_bare_number
from pipeline.intake.spellings import read_as
from pipeline.intake.whose_name import Kept, Lookup, NothingKept, WhoseName, can_be_asked
from pipeline.refusals import mpn_ambiguous, product_spelt
from pipeline.skus import mpn_kept, name_kept
from pipeline.values import Rule

__all__ = ["OtherNames"]


class OtherNames:
    """Answers whose such names are, asking the catalogue once for each; threads may share it."""

    def __init__(
        self,
        whose: WhoseName,
        by_mpn: Lookup | None,
        kept: Kept | None,
        monotonic: Callable[[], float],
    ) -> None:
        """Know nothing yet.

        Args:
            whose: answers of SKUs, and knows the names of the photographs that are expected.
            by_mpn: looks products up by their MPN; None: nobody can.
            kept: knows the store's SKUs and MPNs; None: each name is asked for.
            monotonic: gives seconds.
        """
        self._whose = whose
        self._mpns = WhoseName(
            by_mpn or (lambda mpns: {}),
            lambda ids: (),
            _KeptMpns(kept or NothingKept()),
            is_open=False,
            asking=whose.asking,  # what is kept is for one thread at a time
            monotonic=monotonic,
        )

    def heard(self, said: Sequence[Said]) -> list[Heard]:
        """Return what the catalogue knows of what rules say, none of whose names is a SKU.

        Raises:
            ProductUnknown: a name stands for several SKUs, or is several products' MPN.
            StoreError: the catalogue could not be asked.
            LedgerError: what is kept could not be read or written.
        """
        return self._spelt(said) or self._numbered(said)

    def forget_unknown(self) -> None:
        """Ask again for what was nobody's: products are added while we run."""
        self._mpns.forget_unknown()

    def _spelt(self, said: Sequence[Said]) -> list[Heard]:
        """Return what names say that stand for a SKU with slashes."""
        path_rules = [one for one in said if one.rule in (Rule.NAME, Rule.FOLDER)]
        own = [one for said_one in path_rules for name in said_one.names for one in read_as(name)]
        if not own:
            return []
        others = (reading for name in self._unknown_names() for reading in read_as(name))
        bearing = self._whose.bearing(own, others)
        found = (_read(one, bearing) for one in path_rules)
        return [one for one in found if one is not None]

    def _numbered(self, said: Sequence[Said]) -> list[Heard]:
        """Return what names say that are a product's MPN."""
        own = [name for one in said for name in _may_be_mpns(one)]
        if not own:
            return []
        others = (name for name in self._unknown_names() if _may_be_mpn(name))
        bearing = self._mpns.bearing(own, others)
        found = []
        for one in said:
            of_it = [name for name in _may_be_mpns(one) if bearing.get(name)]
            for name in of_it if one.all_count else of_it[:1]:
                found.append(_as_mpn(one, name, bearing[name]))
        return found

    def _unknown_names(self) -> Iterator[str]:
        """Yield the names of other photographs that will come to this point, too.

        They are asked for with the same question.
        """
        for names in self._whose.coming():
            if not self._whose.is_somebodys(names):
                yield from names


@dataclass(frozen=True, slots=True)
class _KeptMpns:
    """The MPNs among what is kept of the store."""

    kept: Kept

    def products(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        return _by_name(self.kept.products([mpn_kept(name) for name in names]))

    def heard(self, answers: Mapping[str, frozenset[int]]) -> bool:
        # A store that cannot be asked by MPN answers nothing, which is no word against what is
        # kept.
        return False

    def known(self, names: Sequence[str]) -> Mapping[str, frozenset[int]]:
        return _by_name(self.kept.known([mpn_kept(name) for name in names]))


def _by_name(kept: Mapping[str, frozenset[int]]) -> dict[str, frozenset[int]]:
    return {name_kept(name): products for name, products in kept.items()}


def _may_be_mpns(said: Said) -> Collection[str]:
    return [name for name in said.names if _may_be_mpn(name, is_meant=said.is_meant)]


def _may_be_mpn(name: str, *, is_meant: bool = False) -> bool:
    is_number = is_bare_number(name) and not is_meant
    return not is_number and not spelt_id(name) and can_be_asked(name)


def _as_mpn(said: Said, name: str, products: frozenset[int]) -> Heard:
    """Return whose MPN a name is.

    Raises:
        ProductUnknown: it is several products'.
    """
    if len(products) > 1:
        raise mpn_ambiguous(name, products)
    (product_id,) = products
    besides = f"which is the MPN of the product {product_id}"
    return Heard(said=said, name=name, products=products, besides=besides)


def _read(said: Said, bearing: Mapping[str, frozenset[int]]) -> Heard | None:
    """Return the first of the names that stands for a SKU, and for which.

    Raises:
        ProductUnknown: it stands for several.
    """
    for name in said.names:
        readings = [one for one in read_as(name) if bearing.get(one)]
        if len(readings) > 1:
            raise product_spelt(name, readings)
        if readings:
            (sku,) = readings
            besides = f"which stands for the SKU {sku}"
            return Heard(said=said, name=name, products=bearing[sku], besides=besides)
    return None
