"""`pipeline status`: how many photographs there are in each state, and how the watcher does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import json_document, loaded, print_json, say_aside
from pipeline.cli.terminal import say, say_styled
from pipeline.errors import ConfigError
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.opening import address_of, missing_shop, reader_for
from pipeline.report.documents import Outcome, counts_document, met_document, store_document
from pipeline.report.schemas import Document
from pipeline.report.wording import (
    NOT_FINISHED,
    OUTCOME_NAMES,
    STATE_MEANINGS,
    met_sentences,
    of_test_shop,
)
from pipeline.service.heartbeat import watch_state
from pipeline.settings import Settings
from pipeline.values import Tally
from pipeline.wording import plain

if TYPE_CHECKING:
    from pipeline.store_address import StoreAddress

__all__ = ["status"]


@click.command()
@json_document
@common_options
def status(as_json: bool, **flags: object) -> int:
    """Count the photographs by state, and tell how the watcher does."""
    settings = loaded(flags).settings
    address, missing = _shop_of(settings)
    with reader_for(settings, None, say_aside) as reader:
        tally = reader.tally()
        met = reader.met()
        watch = watch_state(settings.home, reader, tally)
    if as_json:
        counts = counts_document(tally)
        document = {
            "store": None if missing else store_document(address),
            "no_shop": missing,
            "counts": counts,
            "total": sum(counts.values()),
            "met": met_document(met),
            **watch.document(),
        }
        print_json(Document.STATUS, document)
        return EXIT_OK
    if (sentence := missing or (of_test_shop() if address is None else None)) is not None:
        say(plain(sentence))
    for sentence in watch.sentences():
        say(plain(sentence))
    _print_counts(tally)
    for sentence in met_sentences(met):
        say(sentence)
    return EXIT_OK


def _print_counts(tally: Tally) -> None:
    lines = []
    on_their_way = [state for state in State if state in UNFINISHED_STATES and tally[state]]
    if on_their_way:
        steps = ", ".join(f"{tally[state]} {STATE_MEANINGS[state]}" for state in on_their_way)
        lines.append((sum(tally[state] for state in on_their_way), NOT_FINISHED, steps))
    for state in State:
        number = tally[state] - (tally.not_for_upload if state is State.REFUSED else 0)
        if number and state not in UNFINISHED_STATES:
            lines.append((number, str(state), STATE_MEANINGS[state]))
    if tally.not_for_upload:
        name = OUTCOME_NAMES[Outcome.NOT_FOR_UPLOAD]
        lines.append((tally.not_for_upload, name, "raw files, films, notes and the like"))
    total = sum(tally.counts.values())
    wide, long = len(str(total)), max((len(name) for _, name, _ in lines), default=0)
    for number, name, meaning in lines:
        row = f"{number:>{wide}}  {name:<{long}}  "
        say_styled((row, "plain"), (meaning, "faint"), indent=len(row))
    say_styled((f"{total:>{wide}}", "strong"), ("  in all", "plain"))


def _shop_of(settings: Settings) -> tuple[StoreAddress | None, str | None]:
    """Return the shop that is set, or None for the test shop; and why none can be used, if so."""
    try:
        address = address_of(settings)
        return address, missing_shop(settings)
    except ConfigError as error:
        return None, str(error)
