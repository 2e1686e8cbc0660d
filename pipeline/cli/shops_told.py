"""Of which shops a command tells: of the one in use, another one, or all; and their first lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import click

from pipeline.cli.options import say_aside
from pipeline.home_shops import HomeShop, all_shops, never_answered, shop_asked_about
from pipeline.ledger import LedgerReader
from pipeline.opening import reader_for
from pipeline.settings import Settings
from pipeline.wording import plain

__all__ = ["Told", "all_shops_option", "never_answered_sentences", "readers", "shops_told"]

all_shops_option: Final = click.option(
    "--all-shops", is_flag=True, help="Of all shops of this home, one after the other."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The shops of which a command tells, and what it has to say besides."""

    asked: HomeShop
    """The one that is in use, or was named; where none can be, all that the ledger holds."""

    shops: Sequence[HomeShop]
    missing: str | None
    """What is missing of the one in use, as a sentence; None where nothing is."""

    never_answered: Mapping[str, int]
    """How many photographs are written down for an address that never answered."""

    def say_missing(self) -> None:
        """Say aside what is missing of the shop in use, if something is."""
        if self.missing is not None:
            say_aside(f"pipeline: {plain(self.missing)}")

    def first_line(self, shop: HomeShop) -> str | None:
        """Return the line with which the answer about a shop begins; None: it is about all."""
        if shop.identity is None:
            return None
        silent = "" if shop.answered else ", which has never answered"
        return plain(f"Shop: {shop.words}{silent}")


def shops_told(settings: Settings, flags: Mapping[str, object], *, every: bool) -> Told:
    """Return of which shops a command tells.

    Args:
        settings: in force.
        flags: of the command.
        every: of all of them.

    Raises:
        UsageError: one is named, and all are wanted.
        LedgerError: the ledger cannot be read.
    """
    if every and (flags.get("shop") or flags.get("test_shop")):
        raise click.UsageError("give --shop or --all-shops, not both")
    with reader_for(settings, None, say_aside) as reader:
        asked, missing = shop_asked_about(settings, reader)
        return Told(
            asked=asked,
            shops=all_shops(settings, reader) if every else (asked,),
            missing=missing,
            never_answered=never_answered(settings, reader),
        )


def readers(settings: Settings, told: Told) -> Iterator[tuple[HomeShop, LedgerReader]]:
    """Yield each shop, and the ledger for questions about it alone."""
    for shop in told.shops:
        with reader_for(settings, shop.identity, say_aside) as reader:
            yield shop, reader


def never_answered_sentences(told: Told) -> Iterator[str]:
    """Yield what is to be said of addresses that never answered, but for the one in use."""
    shown = {shop.identity for shop in told.shops}
    for address, number in told.never_answered.items():
        if address not in shown:
            photographs = "1 photograph is" if number == 1 else f"{number:,} photographs are"
            yield plain(
                f"{photographs} written down for {address}, which never answered: "
                f"`pipeline shop forget {address}` drops them"
            )
