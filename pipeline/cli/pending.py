"""`pipeline resume` and `drop`: what an earlier command left unfinished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from pipeline.assembly import engine_for, run_engine
from pipeline.claimable import ANYBODYS
from pipeline.cli.batches import known_batch
from pipeline.cli.main import (
    EXIT_OK,
    EXIT_TROUBLE,
    common_options,
)
from pipeline.cli.observing import observing
from pipeline.cli.options import (
    agreed_to,
    json_document,
    loaded,
    log_options,
    print_json_with,
    say_aside,
    setting_options,
    shop_options,
)
from pipeline.cli.report import tell
from pipeline.cli.terminal import say
from pipeline.engine import RUN, Engine, SilentObserver
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.report.documents import RunEnd, Took, store_document
from pipeline.report.schemas import Document
from pipeline.report.wording import STATE_MEANINGS, photographs, sum_of
from pipeline.scope import EVERYTHING, Scope
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.service.logs import Shown
from pipeline.values import Door, Photo
from pipeline.wording import encodable, shown

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
    began = clock.now()
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
        took = Took(began_at=began, ended_at=clock.now())
        ending = RunEnd.of(result, took=took, batch=engine.ledger.batch_so_far())
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
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    help="What came in through this batch (see `pipeline batches`).",
)
@click.option("--all-pending", is_flag=True, help="All of them, wherever they lie.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_document
@shop_options
@common_options
def drop(
    paths: Sequence[Path],
    batch: int | None,
    all_pending: bool,
    yes: bool,
    as_json: bool,
    **flags: object,
) -> int:
    """Forget photographs that are not finished: nothing of them goes to the shop.

    Those of PATHS, files and folders, those of --batch, or with --all-pending all. Also those that
    wait because nobody knows their product. Your files stay as they are. What may have reached the
    shop is looked for there first; what is in the shop stays there, and is not forgotten. A
    photograph that comes again later is a new one.
    """
    if sum((bool(paths), batch is not None, all_pending)) != 1:
        raise click.UsageError(
            "name files or folders, or give --batch or --all-pending: one of these"
        )
    settings = loaded(flags).settings
    clock = SystemClock()
    told = say_aside if as_json else say
    with ExitStack() as stack:
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        engine = stack.enter_context(
            engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
        )
        engine.ledger.recover()
        meant = _Meant(engine.ledger, paths, batch)
        _settle(engine, meant.photos())
        pending = [(one.id, one.path, one.state) for one in meant.photos()]
        doubtful = [path for _, path, state in pending if state is State.UPLOADING]
        dropped = [one for one in pending if one[2] is not State.UPLOADING]
        for path in doubtful:
            say_aside(
                f"pipeline: {shown(path)} may have reached the shop, which is not known yet: it "
                "is kept; try again in some minutes"
            )
        forgotten: set[str] = set()
        if dropped:
            _show(dropped, told)
            agreed_to(f"Forget {photographs(len(dropped))}?", yes=yes)
            forgotten = {photo_id for photo_id, _, _ in dropped if _forget(engine, photo_id)}
    if as_json:
        document = {"store": store_document(store.address), "forgotten": len(forgotten)}
        each = (_document(one, forgotten=one[0] in forgotten) for one in pending)
        print_json_with(Document.DROP, document, "photographs", each)
    elif dropped:
        say(f"Forgotten: {photographs(len(forgotten))}. The files are where they were.")
    elif not doubtful:
        say("There is nothing to forget: nothing there is unfinished.")
    return EXIT_TROUBLE if len(forgotten) < len(pending) else EXIT_OK


class _Meant:
    """Which photographs that are not finished somebody means."""

    def __init__(self, ledger: Ledger, paths: Sequence[Path], batch: int | None) -> None:
        """Take what was given.

        Raises:
            UsageError: the shop has no batch of that number.
        """
        self._ledger = ledger
        self._scope = _scope(paths)
        self._batch = None if batch is None else known_batch(ledger, batch).number

    def photos(self) -> Iterator[Photo]:
        """Yield them as they are now."""
        if self._batch is not None:
            return self._ledger.pending_of(self._batch)
        return self._ledger.pending(self._scope)


def _document(pending: tuple[str, Path, State], *, forgotten: bool) -> dict[str, Any]:
    photo_id, path, state = pending
    return {
        "id": photo_id,
        "path": encodable(path),
        "state": str(state),
        "forgotten": forgotten,
    }


def _scope(paths: Sequence[Path]) -> Scope:
    return Scope.of(paths) if paths else EVERYTHING


def _settle(engine: Engine, photos: Iterable[Photo]) -> None:
    """Ask the shop for those that may have reached it."""
    for photo in [one for one in photos if one.state is State.UPLOADING]:
        claim = engine.ledger.claim(photo.id)
        if claim is not None:
            engine.advance(claim)


def _show(dropped: Sequence[tuple[str, Path, State]], told: Callable[[str], object]) -> None:
    for _, path, state in dropped[:_NAMED]:
        told(f"  {shown(path)}: {STATE_MEANINGS[state]}")
    if len(dropped) > _NAMED:
        folders = Counter(path.parent for _, path, _ in dropped[_NAMED:])
        told(f"  and {len(dropped) - _NAMED} more in {len(folders)} folders")


def _forget(engine: Engine, photo_id: str) -> bool:
    photo = engine.ledger.photo(photo_id)
    if photo is None or not engine.ledger.drop(photo_id):
        return False
    if (picture := photo.picture) is not None:
        engine.ledger.when_durable(lambda: engine.stages.forget(picture))
    engine.ledger.when_durable(lambda: engine.stages.release(photo.sha256))
    return True
