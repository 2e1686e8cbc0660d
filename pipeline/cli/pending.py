"""`pipeline resume` and `drop`: what an earlier command left unfinished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from pipeline.assembly import engine_for, run_engine
from pipeline.claimable import ANYBODYS
from pipeline.cli.main import (
    EXIT_OK,
    EXIT_TROUBLE,
    common_options,
)
from pipeline.cli.observing import observing
from pipeline.cli.options import (
    agreed_to,
    loaded,
    log_options,
    say_aside,
    setting_options,
    shop_options,
)
from pipeline.cli.report import tell
from pipeline.cli.terminal import say
from pipeline.engine import RUN, Engine, SilentObserver
from pipeline.lifecycle import State
from pipeline.report.documents import RunEnd
from pipeline.report.wording import STATE_MEANINGS, photographs, sum_of
from pipeline.scope import EVERYTHING, Scope
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.service.logs import Shown
from pipeline.values import Door, Photo
from pipeline.wording import shown

__all__ = ["drop", "resume"]

_NAMED: Final = 20
"""Photographs that are named before they are forgotten."""

_paths = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


@click.command()
@_paths
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and only that.")
@click.option("--quiet", "-q", is_flag=True, help="Show no progress and no table.")
@log_options
@setting_options
@shop_options
@common_options
def resume(paths: Sequence[Path], as_json: bool, quiet: bool, shown: Shown, **flags: object) -> int:
    """Go on with photographs that an earlier command left unfinished.

    With PATHS only with those of these files and folders, which may be gone by now; else with all.
    `pipeline status` says which there are.
    """
    settings = loaded(flags).settings
    clock = SystemClock()
    with ExitStack() as stack:
        display = stack.enter_context(ExitStack())
        observer = display.enter_context(
            observing(settings.home, "resume", shown=shown, quiet=quiet, tells_end=not as_json)
        )
        stack.enter_context(stopping_on_signals(clock, observer.said))
        store = stack.enter_context(
            store_in_force(settings, say=say_aside if quiet else observer.said)
        )
        engine = stack.enter_context(engine_for(settings, store.address, clock, observer, Door.RUN))
        result = run_engine(
            settings,
            engine,
            (),
            replace(RUN, claimable=ANYBODYS, scope=_scope(paths)),
        )
        run_report = engine.ledger.run_report()
        ending = RunEnd.of(result)
        sums = ending.sums(run_report)
        observer.noted(sum_of(sums.counts))
        display.close()
        # While the ledger is open: its files are read as they are told.
        if not (as_json or any(True for _ in run_report.lines) or ending.error is not None):
            say("Nothing was left unfinished.")
            return EXIT_OK
        return tell(run_report, ending, sums, store=store, as_json=as_json, quiet=quiet)


@click.command()
@_paths
@click.option("--all-pending", is_flag=True, help="All of them, wherever they lie.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@shop_options
@common_options
def drop(paths: Sequence[Path], all_pending: bool, yes: bool, **flags: object) -> int:
    """Forget photographs that are not finished: nothing of them goes to the shop.

    Those of PATHS, files and folders, or with --all-pending all. Also those that wait because
    nobody knows their product. Your files stay as they are. What may have reached the shop is
    looked for there first; what is in the shop stays there, and is not forgotten. A photograph
    that comes again later is a new one.
    """
    if all_pending == bool(paths):
        raise click.UsageError("name files or folders, or give --all-pending")
    settings = loaded(flags).settings
    clock = SystemClock()
    with ExitStack() as stack:
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        engine = stack.enter_context(
            engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
        )
        engine.ledger.recover()
        scope = EVERYTHING if all_pending else _scope(paths)
        _settle(engine, engine.ledger.pending(scope))
        pending = [(one.id, one.path, one.state) for one in engine.ledger.pending(scope)]
        doubtful = [path for _, path, state in pending if state is State.UPLOADING]
        dropped = [one for one in pending if one[2] is not State.UPLOADING]
        for path in doubtful:
            say(
                f"pipeline: {shown(path)} may have reached the shop, which is not known yet: it "
                "is kept; try again in some minutes",
                err=True,
            )
        if not dropped and doubtful:
            return EXIT_TROUBLE
        if not dropped:
            say("There is nothing to forget: nothing there is unfinished.")
            return EXIT_OK
        _show(dropped)
        agreed_to(f"Forget {photographs(len(dropped))}?", yes=yes)
        forgotten = sum(_forget(engine, photo_id) for photo_id, _, _ in dropped)
    say(f"Forgotten: {photographs(forgotten)}. The files are where they were.")
    return EXIT_TROUBLE if doubtful or forgotten < len(dropped) else EXIT_OK


def _scope(paths: Sequence[Path]) -> Scope:
    return Scope.of(paths) if paths else EVERYTHING


def _settle(engine: Engine, photos: Iterable[Photo]) -> None:
    """Ask the shop for those that may have reached it."""
    for photo in [one for one in photos if one.state is State.UPLOADING]:
        claim = engine.ledger.claim(photo.id)
        if claim is not None:
            engine.advance(claim)


def _show(dropped: Sequence[tuple[str, Path, State]]) -> None:
    for _, path, state in dropped[:_NAMED]:
        say(f"  {shown(path)}: {STATE_MEANINGS[state]}")
    if len(dropped) > _NAMED:
        folders = Counter(path.parent for _, path, _ in dropped[_NAMED:])
        say(f"  and {len(dropped) - _NAMED} more in {len(folders)} folders")


def _forget(engine: Engine, photo_id: str) -> bool:
    photo = engine.ledger.photo(photo_id)
    if photo is None or not engine.ledger.drop(photo_id):
        return False
    if (picture := photo.picture) is not None:
        engine.ledger.when_durable(lambda: engine.stages.forget(picture))
    engine.ledger.when_durable(lambda: engine.stages.release(photo.sha256))
    return True
