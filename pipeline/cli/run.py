"""`pipeline run`: files and folders, once, all the way to the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from pipeline.assembly import choice_for, engine_for, run_engine
from pipeline.cli.display import RunObserver
from pipeline.cli.given_paths import ThereAlready
from pipeline.cli.main import (
    common_options,
)
from pipeline.cli.mirror import mirror_options
from pipeline.cli.named_product import refuse_unknown
from pipeline.cli.observing import observing
from pipeline.cli.options import (
    loaded,
    log_options,
    main_option,
    map_option,
    product_options,
    say_aside,
    setting_options,
    shop_options,
)
from pipeline.cli.plan_options import plan_options
from pipeline.cli.plans import plans_of
from pipeline.cli.report import tell
from pipeline.cli.saved_plans import SavedPlan
from pipeline.cli.terminal import say
from pipeline.cli.which import LastRun, list_options, newer_run_option, pattern_options
from pipeline.engine import REHEARSAL, RUN, changed_since_last_run, look_at
from pipeline.intake import Choice, NewerThan, copies_left_out, natural, scan
from pipeline.intake.maps import Maps
from pipeline.left_out import LeftOutCount
from pipeline.opening import rehearsal_home
from pipeline.placing import maps_for
from pipeline.report.documents import RunEnd, Took
from pipeline.report.wording import left_behind_sentences, sum_of
from pipeline.scope import Scope
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.service.logs import Shown
from pipeline.settings import Settings
from pipeline.values import Arrival, Door, RunReport
from pipeline.wording import shown as in_words

__all__ = ["run"]


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    # Whether it can be read is told of each file: one that cannot must not keep back the others.
    type=ThereAlready(),
)
@product_options
@map_option
@main_option
@pattern_options
@newer_run_option
@list_options
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Take only the first N that are not stored yet; the rest is left for another run.",
)
@click.option(
    "--dry-run", is_flag=True, help="Do everything but upload and write; say what would happen."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and only that.")
@click.option("--quiet", "-q", is_flag=True, help="Show no progress and no table.")
@click.option(
    "--check-content",
    is_flag=True,
    help="Read every file, also one whose size and times say that it is as it was.",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Then compare all products of the run with the shop: say what was deleted there.",
)
@log_options
@setting_options
@shop_options
@common_options
@plan_options
@mirror_options
def run(
    paths: Sequence[Path],
    product: int | None,
    sku: str | None,
    map_files: Sequence[Path],
    include: Sequence[str],
    exclude: Sequence[str],
    newer_than: NewerThan | LastRun | None,
    listed: Sequence[Path] | None,
    limit: int | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    check_content: bool,
    shown: Shown,
    verify: bool,
    save: SavedPlan | None,
    **flags: object,
) -> int:
    """Bring photographs from files and folders into the shop, once.

    A photograph's product is the one given by --product or --sku, else the one whose id or SKU
    its folder is named after, or its file name begins with. One whose product nobody knows waits;
    where the shop has no product that was given, nothing is done.
    Running again uploads nothing twice, and goes on with what was not finished. A file that is
    stored, and is as it was by its size and times, is not even read.
    """
    paths = _in_order(paths, listed, limit)
    last_run = isinstance(newer_than, LastRun)
    _refuse_together(verify=verify, dry_run=dry_run, last_run=last_run, check_content=check_content)
    since = None if isinstance(newer_than, LastRun) else newer_than
    settings = replace(loaded(flags).settings, map_files=tuple(map_files))
    clock = SystemClock()
    began = clock.now()
    with ExitStack() as stack:
        display = stack.enter_context(ExitStack())
        observer = display.enter_context(
            observing(
                None if dry_run else settings.home,
                "run",
                shown=shown,
                quiet=quiet,
                tells_end=not as_json,
            )
        )
        # Before anything is started or recorded, so that a Ctrl-C at any moment ends cleanly.
        stack.enter_context(stopping_on_signals(clock, observer.said))
        store = stack.enter_context(
            store_in_force(settings, say=say_aside if quiet else observer.said, scratch=dry_run)
        )
        refuse_unknown(settings, store.address, clock.wait, product=product, sku=sku)
        if dry_run:
            settings = _rehearsed(settings, stack)
        choice = choice_for(settings, include=include, exclude=exclude, newer_than=since)
        maps = _compared(maps_for(settings, observer.said), paths, choice, clock, observer)
        engine = stack.enter_context(
            engine_for(settings, store.address, clock, observer, Door.RUN, maps)
        )
        links: list[Path] = []
        copies: list[Path] = []
        left_out = LeftOutCount()
        arrivals = scan(
            paths,
            door=Door.RUN,
            now=clock.now(),
            product_id=product,
            sku=sku,
            link_skipped=links.append,
            copy_skipped=copies.append,
            choice=choice,
            left_out=left_out,
            stamps=not check_content,
        )
        if last_run:
            arrivals = changed_since_last_run(arrivals, engine.ledger.known_files, left_out)
        # Whoever chose among the files meant only those: what was chosen arrives by itself.
        meant = () if include or exclude or since or listed is not None or limit else paths
        mode = replace(
            REHEARSAL if dry_run else RUN,
            lists_known=as_json or verify or save is not None,
            limit=limit,
            scope=Scope.of(meant, hook=not dry_run),
        )
        result = run_engine(settings, engine, _counted(arrivals, observer), mode)
        run_report = engine.ledger.run_report()
        if verify and not (result.stopped or result.error):
            look_at(engine, _products_of(run_report), observer.compared)
        behind = engine.ledger.left_behind()
        _tell_passed_over(paths, links, copies, observer)
        ending = RunEnd.of(
            result,
            rehearsed=dry_run,
            left_out=left_out.all,
            gone=engine.listings.gone,
            took=Took(began_at=began, ended_at=clock.now()),
            batch=engine.ledger.batch_so_far(),
        )
        plans = plans_of(settings, store.address, engine, ending, save)
        sums = ending.sums(run_report)
        observer.noted(sum_of(sums.counts))
        display.close()
        # While the ledger is open: its files are read as they are told.
        told = tell(
            run_report, ending, sums, store=store, as_json=as_json, quiet=quiet, plans=plans
        )
    for sentence in left_behind_sentences(behind):
        say(f"pipeline: {sentence}", err=True)
    return told


def _tell_passed_over(
    paths: Sequence[Path], links: Sequence[Path], copies: Sequence[Path], observer: RunObserver
) -> None:
    """Say that a list was empty, which links were not followed, which copies were left out."""
    if not paths:
        observer.said("the list names no file")
    if links:
        number = f"{len(links)} links were" if len(links) > 1 else "one link was"
        observer.said(
            f"{number} not followed ({in_words(links[0])}{' …' if len(links) > 1 else ''}): "
            "give the file or folder behind it if it is meant"
        )
    if copies:
        observer.said(copies_left_out(copies))


def _refuse_together(*, verify: bool, dry_run: bool, last_run: bool, check_content: bool) -> None:
    if verify and dry_run:
        raise click.UsageError("give --verify or --dry-run, not both")
    if last_run and check_content:
        raise click.UsageError("--check-content reads every file, and last-run leaves most out")


def _compared(
    maps: Maps, paths: Sequence[Path], choice: Choice, clock: SystemClock, observer: RunObserver
) -> Maps:
    """Return the maps, once it is said what they and the files that lie there lack."""
    arrivals = scan(paths, door=Door.RUN, now=clock.now(), choice=choice)
    for sentence in maps.compare(arrival.path for arrival in arrivals):
        observer.said(sentence)
    return maps


def _in_order(
    paths: Sequence[Path], listed: Sequence[Path] | None, limit: int | None
) -> Sequence[Path]:
    """Return what was named; in shot order where only the first are taken.

    A list may be empty: whoever looked for new files found none.
    """
    if not paths and listed is None:
        raise click.UsageError("name files or folders, or give --files-from")
    named = [*paths, *(listed or ())]
    if limit is None:
        return named
    return sorted(named, key=lambda path: natural(str(path.absolute())))


def _products_of(run_report: RunReport) -> Sequence[int]:
    places = (file.photo.placement for file in run_report.lines)
    return sorted({place.product_id for place in places if place is not None})


def _counted(arrivals: Iterator[Arrival], observer: RunObserver) -> Iterator[Arrival]:
    for number, arrival in enumerate(arrivals, start=1):
        observer.found(number)
        yield arrival
    observer.found_all()


def _rehearsed(settings: Settings, stack: ExitStack) -> Settings:
    home = stack.enter_context(rehearsal_home(settings.home))
    return replace(settings, home=home)
