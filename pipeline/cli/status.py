"""`pipeline status`: how many photographs there are in each state, and how the watcher does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import json_document, loaded, print_json, say_aside, shop_options
from pipeline.cli.shops_told import (
    Told,
    all_shops_option,
    never_answered_sentences,
    readers,
    shops_told,
)
from pipeline.cli.terminal import say, say_styled
from pipeline.home_shops import HomeShop
from pipeline.ledger import LedgerReader
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.opening import reader_for
from pipeline.report.documents import Outcome, counts_document, met_document, store_document
from pipeline.report.schemas import Document
from pipeline.report.wording import (
    NOT_FINISHED,
    OUTCOME_NAMES,
    STATE_MEANINGS,
    met_sentences,
    of_test_shop,
    today_of,
)
from pipeline.service.heartbeat import midnight, watch_state
from pipeline.settings import Settings
from pipeline.values import Tally
from pipeline.wording import plain

if TYPE_CHECKING:
    from pipeline.cli.shots_left import ShotsLeft

__all__ = ["status"]


@click.command()
@json_document
@all_shops_option
@shop_options
@common_options
def status(as_json: bool, all_shops: bool, **flags: object) -> int:
    """Say how many photographs there are in each state, and what the watcher does.

    Those of the shop in use, of --shop, or with --all-shops of each.
    """
    settings = loaded(flags).settings
    told = shops_told(settings, flags, every=all_shops)
    if as_json:
        print_json(Document.STATUS, _document(settings, told, all_shops=all_shops))
        return EXIT_OK
    for number, (shop, reader) in enumerate(readers(settings, told)):
        if number:
            say("")
        _tell(settings, told, shop, reader)
    for sentence in never_answered_sentences(told):
        say(sentence)
    return EXIT_OK


def _tell(settings: Settings, told: Told, shop: HomeShop, reader: LedgerReader) -> None:
    tally = reader.tally()
    if shop.is_test:
        say(of_test_shop())
    elif (line := told.first_line(shop)) is not None:
        say(line)
    if shop == told.asked:
        if told.missing is not None:
            say(plain(told.missing))
        watch = watch_state(settings.home, reader, tally, shop.identity)
        for sentence in watch.sentences():
            say(plain(sentence))
        say(today_of(watch.today, watch.stored_today))
    else:
        say(today_of(*_today(reader)))
    _print_counts(tally)
    if shop == told.asked and (left := _shots_left(settings, reader, shop.identity)) is not None:
        for sentence in left.sentences():
            say(plain(sentence))
    for sentence in met_sentences(reader.met()):
        say(sentence)


def _document(settings: Settings, told: Told, *, all_shops: bool) -> dict[str, Any]:
    with reader_for(settings, told.asked.identity, say_aside) as reader:
        tally = reader.tally()
        document = {
            **_numbers(None if told.missing else told.asked, reader, tally),
            "no_shop": told.missing,
            **watch_state(settings.home, reader, tally).document(),
        }
        left = _shots_left(settings, reader, told.asked.identity)
        document["shot_list"] = None if left is None else left.document()
    document["never_answered"] = [
        {"address": address, "photographs": number}
        for address, number in told.never_answered.items()
    ]
    if all_shops:
        document["shops"] = [
            {
                **_numbers(shop, reader, reader.tally()),
                **_today_document(reader),
                "in_use": shop == told.asked,
                "stored_in_24_hours": reader.stored_since(datetime.now(UTC) - timedelta(hours=24)),
            }
            for shop, reader in readers(settings, told)
        ]
    return document


def _today(reader: LedgerReader) -> tuple[Tally, int]:
    """Return what was found today, and how many came into the shop today."""
    return reader.arrived_since(midnight()), reader.stored_since(midnight())


def _today_document(reader: LedgerReader) -> dict[str, Any]:
    found, stored = _today(reader)
    return {"stored_today": stored, "today": counts_document(found)}


def _numbers(shop: HomeShop | None, reader: LedgerReader, tally: Tally) -> dict[str, Any]:
    counts = counts_document(tally)
    return {
        "store": None if shop is None else store_document(shop),
        "counts": counts,
        "total": sum(counts.values()),
        "met": met_document(reader.met()),
    }


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


def _shots_left(settings: Settings, reader: LedgerReader, shop: str | None) -> ShotsLeft | None:
    """Return what of the shot list is here; without a list its rooms are not loaded."""
    if settings.shot_list is None:
        return None
    from pipeline.cli.shots_left import shots_left

    return shots_left(settings, reader, shop)
