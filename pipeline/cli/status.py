"""`pipeline status`, `list`, `history` and `retry`: what is known, and is to be tried anew.

What only one of them needs is loaded by it: nobody waits for the others' libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import (
    json_array,
    json_document,
    loaded,
    print_json,
    print_json_array,
    say_aside,
)
from pipeline.cli.terminal import say, say_styled
from pipeline.ledger import LedgerReader
from pipeline.lifecycle import Reason, State
from pipeline.opening import ledger_for, reader_for
from pipeline.report.documents import (
    Outcome,
    counts_document,
    history_document,
    met_document,
    photo_document,
)
from pipeline.report.wording import OUTCOME_NAMES, STATE_MEANINGS, met_sentences
from pipeline.service.heartbeat import watch_state
from pipeline.values import Door, Photo, Tally
from pipeline.wording import data_size, moment, plain, shown

__all__ = ["history", "list_photos", "retry", "status"]


@click.command()
@json_document
@common_options
def status(as_json: bool, **flags: object) -> int:
    """Count the photographs by state, and tell how the watcher does."""
    home = loaded(flags).settings.home
    with _reader(flags) as reader:
        tally = reader.tally()
        met = reader.met()
        watch = watch_state(home, reader, tally)
    if as_json:
        counts = counts_document(tally)
        document = {
            "counts": counts,
            "total": sum(counts.values()),
            "met": met_document(met),
            **watch.document(),
        }
        print_json(document)
        return EXIT_OK
    for sentence in watch.sentences():
        say(plain(sentence))
    _print_counts(tally)
    for sentence in met_sentences(met):
        say(sentence)
    return EXIT_OK


@click.command(name="list")
@click.option(
    "--state",
    type=click.Choice([str(state) for state in State]),
    help="Only those in this state.",
)
@json_array
@common_options
def list_photos(state: str | None, as_json: bool, **flags: object) -> int:
    """Give one row a photograph."""
    with _reader(flags) as reader:
        photos = reader.photos(None if state is None else State(state))
        if as_json:
            print_json_array(map(photo_document, photos))
        else:
            _print_list(photos)
    return EXIT_OK


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_array
@common_options
def history(file: Path, as_json: bool, **flags: object) -> int:
    """Tell every step of one photograph in plain sentences."""
    with _reader(flags) as reader:
        photos = reader.at_path(file.absolute()) or reader.at_path(file.resolve())
        stories = [(photo, reader.history(photo.id)) for photo in photos]
    if as_json:
        print_json([history_document(photo, lines) for photo, lines in stories])
    for photo, lines in () if as_json else stories:
        product = "" if photo.placement is None else f", product {photo.placement.product_id}"
        say(f"{shown(photo.path)}: {photo.state}{product}")
        for line in lines:
            say(f"  {moment(line.at)}  {plain(line.sentence)}")
    if not stories:
        _say_unknown(file)
        return EXIT_TROUBLE
    return EXIT_OK


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--failed", "all_failed", is_flag=True, help="Every photograph that failed.")
@common_options
def retry(files: Sequence[Path], all_failed: bool, **flags: object) -> int:
    """Take up again refused, failed, waiting or removed photographs.

    They are only made due: `pipeline run` on them does the work.
    """
    if not files and not all_failed:
        raise click.UsageError("name files, or give --failed")
    from pipeline.service.clock import SystemClock
    from pipeline.service.embedded_store import store_in_force

    settings = loaded(flags).settings
    missed = False
    clock = SystemClock()
    with (
        store_in_force(settings, say=lambda sentence: None) as store,
        ledger_for(settings, store.address, clock, Door.RUN, say_aside) as ledger,
    ):
        photos = list(ledger.photos(State.FAILED)) if all_failed else []
        for file in files:
            found = list(ledger.at_path(file.absolute()))
            if not found:
                _say_unknown(file)
                missed = True
            photos += found
        for photo in photos:
            again = ledger.retry(photo.id)
            word = "is due again" if again else f"is {photo.state}: nothing to take up"
            say(f"{shown(photo.path)} {word}")
    return EXIT_TROUBLE if missed else EXIT_OK


def _print_counts(tally: Tally) -> None:
    lines = []
    for state in State:
        number = tally[state] - (tally.not_for_upload if state is State.REFUSED else 0)
        if number:
            lines.append((number, str(state), STATE_MEANINGS[state]))
    if tally.not_for_upload:
        name = OUTCOME_NAMES[Outcome.NOT_FOR_UPLOAD]
        lines.append((tally.not_for_upload, name, "raw files, films, notes and the like"))
    total = sum(tally.counts.values())
    wide, long = len(str(total)), max((len(name) for _, name, _ in lines), default=0)
    for number, name, meaning in lines:
        say_styled((f"{number:>{wide}}  {name:<{long}}  ", "plain"), (meaning, "faint"))
    say_styled((f"{total:>{wide}}", "strong"), ("  in all", "plain"))


def _print_list(photos: Iterable[Photo]) -> None:
    """Print one line each, however wide the terminal is: lines can be searched and cut."""
    number = 0
    for number, photo in enumerate(photos, start=1):
        if number == 1:
            heading = f"{'state':<14} {'product':>9} {'image':>9} {'size':>10}  file"
            say_styled((heading, "strong"))
        facts = photo.picture
        product = "" if photo.placement is None else str(photo.placement.product_id)
        image = "" if photo.image is None else str(photo.image.id)
        bulk = data_size(photo.size if facts is None else facts.size)
        aside = photo.reason is Reason.NOT_FOR_UPLOAD
        word = OUTCOME_NAMES[Outcome.NOT_FOR_UPLOAD] if aside else photo.state
        line = f"{word:<14} {product:>9} {image:>9} {bulk:>10}  {shown(photo.path)}"
        sentence = "" if photo.state is State.STORED else f": {photo.sentence}"
        if not say_styled((line, "plain"), (sentence, "faint")):
            return  # nobody reads on
    if not number:
        say("The ledger holds no photograph.")


@contextmanager
def _reader(flags: dict[str, object]) -> Iterator[LedgerReader]:
    with reader_for(loaded(flags).settings, None, say_aside) as reader:
        yield reader


def _say_unknown(file: Path) -> None:
    say(f"pipeline: the ledger knows nothing of {shown(file)}", err=True)
