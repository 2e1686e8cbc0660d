"""What a process may claim, and what tells whether that has to wait for what came before it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from pipeline.values import Original

__all__ = ["ANYBODYS", "OWN", "Claimable", "NameRules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """By which names a photograph whose product is not known yet may be of a product.

    Names are given as they compare (`pipeline.skus.alike`); nobody is asked for them.

    Attributes:
        rules: by which `proposed` goes, as a number that changes with them; never 0.
        proposed: returns under which names a photograph is looked for, by its path and SKU alone.
        of_product: returns all names of the product of that id; None where nobody can tell yet.
    """

    rules: int
    proposed: Callable[[Original], Collection[str]]
    of_product: Callable[[int], Collection[str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimable:
    """What a process may claim.

    Attributes:
        any_owner: any photograph of its store; else only those that arrived through this process,
            and those whose sending is in doubt.
        shots: what is in haste and was noted down by a hook, too, whoever took it in.
        only_haste: nothing that is in no haste.
    """

    any_owner: bool = False
    shots: bool = False
    only_haste: bool = False


OWN: Final = Claimable()
ANYBODYS: Final = Claimable(any_owner=True)
