"""`pipeline verify`: the shop held against our records, each difference told as it is read.

However much differs, no more is held at a time than some thousands: what is repaired is repaired
in parts of that size, and each part is told when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from typing import Any, Final, TypeAlias

import click

from pipeline.assembly import engine_for, run_engine
from pipeline.batches import BatchKind
from pipeline.cli.display import RunObserver, reading_shown
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.observing import observing
from pipeline.cli.options import (
    json_array,
    loaded,
    may_remove,
    print_json_array,
    say_aside,
    shop_options,
)
from pipeline.cli.pager import no_pager_option, paged
from pipeline.cli.shops_told import all_shops_option
from pipeline.cli.terminal import say, say_shop
from pipeline.engine import (
    MOST_HELD,
    Changing,
    Difference,
    Engine,
    Verdict,
    WorkResult,
    differences,
    remove_superfluous,
    repaired,
    superfluous,
)
from pipeline.lifecycle import State
from pipeline.opening import name_at
from pipeline.report.documents import difference_document, image_now, store_document
from pipeline.report.schemas import Document
from pipeline.report.wording import difference_of, given_up
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import StoreInForce, store_in_force
from pipeline.settings import Settings
from pipeline.shops import api_address
from pipeline.values import Door, Photo, StoredImage

__all__ = ["verify"]

_INDENT: Final = 11
"""Columns of the kind of a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mended:
    """What a repair made of some differences.

    Attributes:
        now: the photographs that were missing, as they are now, by id.
        removed: the image that stays, by the id of each that was removed for it.
    """

    now: Mapping[str, Photo] = field(default_factory=dict)
    removed: Mapping[int, StoredImage] = field(default_factory=dict)


_Told: TypeAlias = tuple[Difference, _Mended]


@dataclass(slots=True, kw_only=True)
class _Sum:
    """How many differences were told, how many of them are mended, and how repairing ended."""

    found: int = 0
    mended: int = 0
    ends: list[WorkResult] = field(default_factory=list)

    def note(self, one: Difference, mended: _Mended) -> None:
        self.found += 1
        self.mended += image_now(one, mended.now, mended.removed) is not None

    def sentence(self) -> str:
        return f"{self.found} differences, {self.mended} mended"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the call wants: see its options."""

    repair: bool
    yes: bool
    as_json: bool


@click.command()
@click.option(
    "--repair", is_flag=True, help="Put back what is missing; remove what is there twice."
)
@click.option("--yes", is_flag=True, help="Remove what is there twice without asking.")
@json_array
@all_shops_option
@shop_options
@common_options
@no_pager_option
def verify(repair: bool, yes: bool, as_json: bool, all_shops: bool, **flags: object) -> int:
    """Compare our records with the shop, and say every difference.

    It says which photographs are missing in the shop, which images this program did not upload,
    which photographs are there twice, which images got another order, thumbnail or picture there,
    and which products are gone. With --repair what is missing is uploaded again from its original,
    and of a photograph that is there twice the later image is removed (or the earlier, where
    words, order or main picture were set by hand at the later), if both are the same, pixel by
    pixel: each is said before, and you are asked. Where nobody can be asked, none is removed
    without --yes. Nothing else is changed or deleted. With --all-shops one shop is asked after the
    other.
    """
    clock = SystemClock()
    asked = _Asked(repair=repair, yes=yes, as_json=as_json)
    statuses: list[int] = []
    shops = _each_shop(flags, every=all_shops)
    if as_json:
        each = (_documents(settings, clock, asked, statuses) for settings in shops)
        print_json_array(Document.VERIFY, chain.from_iterable(each))
    else:
        for number, settings in enumerate(shops):
            if number:
                say("")
            _print(settings, clock, asked, statuses)
            if clock.stopping():
                break
    return max(statuses, default=EXIT_OK)


def _each_shop(flags: dict[str, object], *, every: bool) -> Iterator[Settings]:
    """Yield the settings with which each shop is asked: the one in use, or all that are set."""
    settings = loaded(flags).settings
    if not every:
        yield settings
        return
    if flags.get("shop") or flags.get("test_shop"):
        raise click.UsageError("give --shop or --all-shops, not both")
    names = [shop.name for shop in settings.shops]
    url = api_address(settings.store_hash, settings.store_url)
    if not names or (url is not None and name_at(settings, url) is None):
        yield settings
    for name in names:
        yield loaded({**flags, "shop": name}).settings


def _documents(
    settings: Settings, clock: SystemClock, asked: _Asked, statuses: list[int]
) -> Iterator[dict[str, Any]]:
    """Yield the differences of a shop for programs, as they are found; note its exit status."""
    if clock.stopping():
        return
    with ExitStack() as stack:
        engine, store = _opened(settings, clock, stack, asked)
        shop = {"store": store_document(store.address)}
        total = _Sum()
        for part in _parts(settings, engine, asked, total):
            for one, mended in part:
                total.note(one, mended)
                yield {**difference_document(one, mended.now, mended.removed), **shop}
        engine.observer.said(total.sentence())
        statuses.append(_status(total, stopped=clock.stopping()))


def _print(settings: Settings, clock: SystemClock, asked: _Asked, statuses: list[int]) -> None:
    """Print the differences of a shop for people, as they are found; note its exit status."""
    with ExitStack() as stack:
        engine, store = _opened(settings, clock, stack, asked)
        total = _Sum()
        for number, part in enumerate(_parts(settings, engine, asked, total)):
            with paged():
                if number == 0:
                    say_shop(store)
                for one, mended in part:
                    total.note(one, mended)
                    what = difference_of(one, mended.now, mended.removed)
                    line = f"{one.kind:9}  product {one.product_id}  {what}"
                    say(line, indent=_INDENT, cut=True)
        stored = engine.ledger.tally()[State.STORED]
        engine.observer.said(total.sentence())
        say(f"{stored} stored, {total.sentence()}")
        statuses.append(_status(total, stopped=clock.stopping()))


def _opened(
    settings: Settings, clock: SystemClock, stack: ExitStack, asked: _Asked
) -> tuple[Engine, StoreInForce]:
    """Open the shop and our records; what is changed in them is written into a log."""
    observer = RunObserver()
    if asked.repair:
        observer = stack.enter_context(observing(settings.home, "verify", quiet=True))
    stack.enter_context(stopping_on_signals(clock, say_aside))
    store = stack.enter_context(store_in_force(settings, say=say_aside))
    engine = stack.enter_context(engine_for(settings, store.address, clock, observer, Door.RUN))
    return engine, store


def _parts(
    settings: Settings, engine: Engine, asked: _Asked, total: _Sum
) -> Iterator[Iterable[_Told]]:
    """Yield the differences in parts, the first one also where there is none.

    Where nothing is repaired there is one part: its beginning has been read, and while that went
    on it was shown how far; the rest is read as it is asked for.
    """
    with reading_shown(quiet=asked.as_json) as progress:
        found = differences(engine, progress)
        if not asked.repair:
            held = list(islice(found, MOST_HELD))
        else:
            held = next(whole := _whole_products(found), [])
    if not asked.repair:
        yield ((one, _Mended()) for one in chain(held, found))
        return
    begun = False
    for part in chain([held], whole):
        if part and not begun:
            begun = engine.ledger.begin_batch(BatchKind.COMMAND) > 0
        mended = _repaired(settings, engine, asked, part, total.ends)
        yield [(one, mended) for one in part]
        if engine.clock.stopping():
            return


def _whole_products(found: Iterable[Difference]) -> Iterator[list[Difference]]:
    """Yield differences, as many as are held at a time, those of a product together."""
    part: list[Difference] = []
    for _, of_one in groupby(found, key=lambda one: one.product_id):
        part += of_one
        if len(part) >= MOST_HELD:
            yield part
            part = []
    if part:
        yield part


def _repaired(
    settings: Settings,
    engine: Engine,
    asked: _Asked,
    found: Sequence[Difference],
    ends: list[WorkResult],
) -> _Mended:
    """Put back what is missing, and remove what is there twice as far as somebody agrees."""

    def told(sentence: str) -> None:
        engine.observer.said(sentence)
        (say_aside if asked.as_json else say)(sentence)

    agreed = _agreed(superfluous(engine, found), told, yes=asked.yes)
    removed = remove_superfluous(engine, found, Changing.of(engine).delete, told, agreed)
    now = repaired(engine, found, lambda: ends.append(run_engine(settings, engine, ())))
    return _Mended(now=now, removed=removed)


def _agreed(
    too_many: Mapping[int, Verdict], told: Callable[[str], None], *, yes: bool
) -> Collection[int]:
    """Return the ids of those images that may be removed, after saying which and asking."""
    if not too_many:
        return ()
    if not yes:
        for image_id, verdict in too_many.items():
            other = verdict.other
            told(
                f"one too many: image {image_id} ({other.image_file}) of product "
                f"{other.product_id}; it is the same as image {verdict.keep.id}, which stays"
            )
    number = "1 image" if len(too_many) == 1 else f"{len(too_many)} images"
    if may_remove(f"Remove {number} from the shop?", yes=yes):
        return too_many.keys()
    say_aside(f"pipeline: {number} not removed: give --yes with --repair if it is meant")
    return ()


def _status(total: _Sum, *, stopped: bool) -> int:
    """Say what put an end to the repair before it was done, and return the exit status.

    Raises:
        PipelineError: what concerned all of it.
    """
    left = total.mended < total.found
    for end in total.ends:
        if end.error is not None:
            raise end.error
        if (sentence := given_up(end)) is not None:
            say(f"pipeline: {sentence}", err=True)
            left = True
    if stopped:
        return EXIT_INTERRUPTED
    return EXIT_TROUBLE if left else EXIT_OK
