"""`pipeline retry`: what stands aside is to be tried anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import json_array, loaded, print_json_array, say_aside, shop_options
from pipeline.cli.terminal import say
from pipeline.cli.wanted import absolute, reason_option, state_option, states_of
from pipeline.engine import put_back
from pipeline.ledger import Ledger
from pipeline.lifecycle import Reason, State
from pipeline.opening import ledger_for
from pipeline.report.documents import store_document
from pipeline.report.schemas import Document
from pipeline.report.wording import held_sentence, word_of
from pipeline.values import Door, Photo
from pipeline.wanted import Wanted
from pipeline.wording import encodable, shown

__all__ = ["retry"]

_NAMED: Final = 20
"""Photographs that are named, one a line."""

_WORTH_IT: Final = frozenset({State.WAITING, State.REFUSED, State.FAILED})
"""What is taken up of many: what was deleted from the shop comes back only where it is named."""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--failed", "all_failed", is_flag=True, help="The same as --state failed.")
@state_option
@reason_option
@json_array
@shop_options
@common_options
def retry(
    paths: Sequence[Path],
    all_failed: bool,
    state: str | None,
    reason: str | None,
    as_json: bool,
    **flags: object,
) -> int:
    """Try again photographs that were refused, failed, wait or were removed.

    Those of PATHS, files and folders; without PATHS those of --state or --reason, wherever they
    lie. Of a folder, what was deleted from the shop by hand comes back only with --state removed.
    They are only marked: `pipeline resume` sends them, or `pipeline run` with their folder.
    """
    if all_failed and state is not None:
        raise click.UsageError("give --failed or --state, not both")
    state = str(State.FAILED) if all_failed else state
    if not (paths or state or reason):
        raise click.UsageError("name files or folders, or give --failed, --state or --reason")
    from pipeline.service.clock import SystemClock
    from pipeline.service.embedded_store import store_in_force

    settings = loaded(flags).settings
    wanted = Wanted(
        states=states_of(state),
        reason=None if reason is None else Reason(reason),
    )
    with (
        store_in_force(settings, say=say_aside) as store,
        ledger_for(settings, store.address, SystemClock(), Door.RUN, say_aside) as ledger,
    ):

        def sent_again(photo: Photo) -> bool:
            """Whether a stored photograph was deleted in the shop, and is due again."""
            from pipeline.assembly import client_for

            return put_back(client_for(settings, store.address).list_images, ledger, photo)

        missed: list[Path] = []
        tried = _tried(ledger, paths, wanted, sent_again, missed)
        if as_json:
            store_of = {"store": store_document(store.address)}
            print_json_array(Document.RETRY, ({**_document(*one), **store_of} for one in tried))
        else:
            _tell(tried)
    for path in missed:
        say_aside(f"pipeline: nothing is known of {shown(path)}")
    return EXIT_TROUBLE if missed else EXIT_OK


def _tried(
    ledger: Ledger,
    paths: Sequence[Path],
    wanted: Wanted,
    sent_again: Callable[[Photo], bool],
    missed: list[Path],
) -> Iterator[tuple[Photo, bool]]:
    """Yield each photograph that is meant, as it was, and whether it is tried again from now on.

    Paths of which nothing is known are `missed`.
    """
    for path in paths or (None,):
        known = False
        for photo in _meant(ledger, path, wanted):
            known = True
            again = ledger.retry(photo.id) is not None or (
                path is not None and photo.state is State.STORED and sent_again(photo)
            )
            yield photo, again
        if not known and path is not None and not _is_known(ledger, path):
            missed.append(path)


def _tell(tried: Iterator[tuple[Photo, bool]]) -> None:
    done: Counter[bool] = Counter()
    for photo, again in tried:
        done[again] += 1
        if done.total() <= _NAMED:
            say(f"{shown(photo.path)} {_told(photo, again=again)}")
    _say_number(done)


def _told(photo: Photo, *, again: bool) -> str:
    if again:
        return "will be tried again"
    if photo.reason is Reason.HELD:
        return f"is {held_sentence(photo)}"
    return f"is {word_of(photo)}: nothing to try again"


def _document(photo: Photo, again: bool) -> dict[str, Any]:
    return {
        "id": photo.id,
        "path": encodable(photo.path),
        "state": str(photo.state),
        "reason": None if photo.reason is None else str(photo.reason),
        "tried_again": again,
    }


def _meant(ledger: Ledger, path: Path | None, wanted: Wanted) -> Iterator[Photo]:
    """Yield what is meant by a path, or by none."""
    if path is not None and (of_file := ledger.at_path(absolute(path))):
        yield from filter(wanted.takes, of_file)
        return
    states = wanted.states or _WORTH_IT
    within = None if path is None else absolute(path)
    for photo in ledger.wanted(replace(wanted, states=states, within=within)):
        # Raw files and the like are noted, and nobody means them.
        if photo.reason is wanted.reason or photo.reason is not Reason.NOT_FOR_UPLOAD:
            yield photo
    # Nothing keeps these from going up but the shot list: whoever asks is told so.
    if not wanted.states and wanted.reason in {None, Reason.HELD}:
        yield from ledger.wanted(
            replace(wanted, states=frozenset({State.PREPARED}), reason=Reason.HELD, within=within)
        )


def _is_known(ledger: Ledger, path: Path) -> bool:
    if ledger.at_path(absolute(path)):
        return True
    return next(ledger.wanted(Wanted(within=absolute(path))), None) is not None


def _say_number(done: Counter[bool]) -> None:
    if done.total() > _NAMED:
        say(f"and {done.total() - _NAMED} more")
    if not done.total():
        say("Nothing there is to be tried again.")
    if number := done[True]:
        photographs = "1 photograph is" if number == 1 else f"{number} photographs are"
        say(f"{photographs} to be tried again: `pipeline resume` does it now.")
