"""`pipeline names`: what names say of products, tried on real files without touching anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

import click

from pipeline.assembly import assigner_for, choice_for
from pipeline.cli.given_paths import ThereAlready
from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import (
    json_array,
    loaded,
    map_option,
    print_json_array,
    say_aside,
    setting_options,
    shop_options,
)
from pipeline.cli.terminal import say, say_styled
from pipeline.cli.which import list_options, newer_option, pattern_options
from pipeline.errors import LedgerError
from pipeline.home import LEDGER_FILE
from pipeline.intake import Choice, NewerThan, scan
from pipeline.intake.naming import Naming, namings
from pipeline.left_out import LeftOutCount
from pipeline.opening import reader_for
from pipeline.placing import maps_for
from pipeline.report.documents import naming_document
from pipeline.report.schemas import Document
from pipeline.report.wording import MEND, left_out_of, photographs, without_mend
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.settings import Settings
from pipeline.store_address import StoreAddress
from pipeline.values import Door
from pipeline.wording import shown

__all__ = ["names"]

_INDENT: Final = 19
"""Columns before a file's name."""

Known: TypeAlias = Callable[[Sequence[str]], Mapping[str, frozenset[int]]]


@click.command()
@click.argument("paths", nargs=-1, type=ThereAlready())
@map_option
@pattern_options
@newer_option
@list_options
@click.option("--waiting", is_flag=True, help="Only the files that would wait.")
@json_array
@setting_options
@shop_options
@common_options
def names(
    paths: Sequence[Path],
    map_files: Sequence[Path],
    include: Sequence[str],
    exclude: Sequence[str],
    newer_than: NewerThan | None,
    listed: Sequence[Path] | None,
    waiting: bool,
    as_json: bool,
    **flags: object,
) -> int:
    """Say which product each file would go to, by its name and its folders.

    The shop is asked which products there are; no file is opened, and nothing is sent or written
    down. So this is how to try names before the first `pipeline run`. It says at the end which
    files and folders are left out, and by what.
    """
    if not paths and listed is None:
        raise click.UsageError("name files or folders, or give --files-from")
    settings = replace(loaded(flags).settings, map_files=tuple(map_files))
    choice = choice_for(settings, include=include, exclude=exclude, newer_than=newer_than)
    left_out = LeftOutCount()
    with _said(settings, [*paths, *(listed or ())], choice, left_out) as said:
        if as_json:
            chosen = (one for one in said if not waiting or (one.meant and one.placement is None))
            print_json_array(Document.NAMES, map(naming_document, chosen))
        else:
            _print(said, waiting_alone=waiting)
        # Once all has been gone through.
        for sentence in left_out_of(left_out.all):
            (say_aside if as_json else say)(sentence)
    return EXIT_OK


@contextmanager
def _said(
    settings: Settings, paths: Sequence[Path], choice: Choice, left_out: LeftOutCount
) -> Iterator[Iterator[Naming]]:
    clock = SystemClock()
    with (
        stopping_on_signals(clock, say_aside),
        # A test shop of its own, for nothing is to be left behind.
        store_in_force(settings, say=say_aside, scratch=True) as store,
    ):
        maps = maps_for(settings, say_aside)
        if settings.map_files:
            found = scan(paths, door=Door.RUN, now=clock.now(), choice=choice)
            for sentence in maps.compare(arrival.path for arrival in found):
                say_aside(sentence)
        arrivals = scan(paths, door=Door.RUN, now=clock.now(), choice=choice, left_out=left_out)
        with _known(settings, store.address) as known:
            yield namings(arrivals, assigner_for(settings, store.address, clock.wait, maps, known))


@contextmanager
def _known(settings: Settings, address: StoreAddress) -> Iterator[Known]:
    """Give what tells whose names were, by the ledger of the home where there is one."""
    with ExitStack() as stack:
        reader = None
        if (settings.home / LEDGER_FILE).exists():
            with suppress(LedgerError):
                reader = stack.enter_context(reader_for(settings, address.identity))
        yield (lambda names: {}) if reader is None else reader.products_bearing


def _print(said: Iterator[Naming], *, waiting_alone: bool) -> None:
    placed = waits = aside = 0
    products: set[int] = set()
    for number, one in enumerate(said):
        if number == 0:
            say_styled((_line("product", "order", "view", "file", "because"), "strong"))
        if one.placement is not None:
            placed += 1
            products.add(one.placement.product_id)
        elif one.meant:
            waits += 1
        else:
            aside += 1
        if one.meant and not (waiting_alone and one.placement is not None):
            say_styled((_line_of(one), "plain"), indent=_INDENT)
    say(_sum(placed, len(products), waits, aside))
    if waits:
        say(f"What nobody knows: {MEND} to `pipeline run`.")


def _line_of(one: Naming) -> str:
    if one.placement is None:
        # What would mend it is the same for all of them, and is said once.
        return _line("waits", "", "", shown(one.path), without_mend(one.why_not))
    place = one.placement
    order = "" if place.order is None else str(place.order)
    return _line(str(place.product_id), order, place.view or "", shown(one.path), place.why)


def _line(product: str, order: str, view: str, file: str, because: str) -> str:
    # Not in a column of its own: the room is for the paths.
    shows = f"{view}; " if view else ""
    return f"{product:>10}  {order:>5}  {file}: {shows}{because}"


def _sum(placed: int, products: int, waits: int, aside: int) -> str:
    known = f"{photographs(placed)} of {products} product{'' if products == 1 else 's'}"
    others = f"; {waits} would wait" if waits else ""
    beside = f"; {aside} not for upload by their names" if aside else ""
    return f"{known}{others}{beside}"
