"""`pipeline ledger`: is it whole, what if it is lost, and what it need not hold any more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from pipeline.assembly import engine_for
from pipeline.cli.display import reading_shown, working_shown
from pipeline.cli.given_paths import ThereAlready
from pipeline.cli.groups import Group
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.named_product import refuse_unknown
from pipeline.cli.observing import observing
from pipeline.cli.options import (
    json_document,
    loaded,
    print_json,
    product_options,
    say_aside,
    shop_options,
)
from pipeline.cli.terminal import say
from pipeline.engine import (
    Adopted,
    Engine,
    SilentObserver,
    adopt,
    images_meant,
    in_doubt,
)
from pipeline.engine import settle as settle_doubt
from pipeline.home import BACKUP_FOLDER, LEDGER_FILE
from pipeline.intake import scan
from pipeline.ledger.sqlite import open_tidying
from pipeline.ledger.sqlite.maintenance import (
    back_up,
    give_back,
    in_use,
    move_aside_if_damaged,
    problems_of,
)
from pipeline.report.documents import store_document
from pipeline.report.schemas import Document
from pipeline.service.clock import SystemClock
from pipeline.service.embedded_store import store_in_force
from pipeline.settings import Settings
from pipeline.values import Door, Photo, StoredImage
from pipeline.wording import data_size, encodable, shown

__all__ = ["ledger"]

_MOST_ELSEWHERE: Final = 1_000
"""Photographs at another product that one JSON document names."""


@click.group(cls=Group)
def ledger() -> None:
    """Look after our records: what this program knows of every photograph."""


@ledger.command()
@json_document
@common_options
def check(as_json: bool, **flags: object) -> int:
    """Check that our records are whole and agree; say everything that does not."""
    settings = loaded(flags).settings
    with working_shown("checking our records"):
        problems = problems_of(settings.home / LEDGER_FILE)
    if as_json:
        sentences = [problem.sentence for problem in problems]
        print_json(Document.CHECK, {"whole": not problems, "problems": sentences})
        return EXIT_TROUBLE if problems else EXIT_OK
    for problem in problems:
        say(f"WRONG  {problem.sentence}")
    if problems:
        say("pipeline: put back a backup, or see `pipeline ledger rebuild`", err=True)
        return EXIT_TROUBLE
    say("Our records are whole and agree.")
    return EXIT_OK


@ledger.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@common_options
def backup(file: Path | None, **flags: object) -> int:
    """Copy our records to FILE, also while they are in use, and check the copy.

    Without FILE the copy goes into the folder `backups` of the home. After putting a copy back,
    `pipeline ledger rebuild` takes over what was uploaded since.
    """
    settings = loaded(flags).settings
    copy = settings.home / BACKUP_FOLDER / f"ledger-{_stamp()}.sqlite3"
    if file is not None:
        copy = file.absolute()
    with working_shown("copying our records"):
        back_up(settings.home / LEDGER_FILE, copy)
    say(f"copied to {shown(copy)}")
    return EXIT_OK


@ledger.command()
@click.argument("paths", nargs=-1, required=True, type=ThereAlready())
@json_document
@product_options
@shop_options
@common_options
def rebuild(
    paths: Sequence[Path], product: int | None, sku: str | None, as_json: bool, **flags: object
) -> int:
    """Take over from the shop what it already has of the photographs in PATHS.

    For records that were lost, damaged or put back from an old copy: the files are read and the
    shop's images listed; nothing is sent. The next `pipeline run` then uploads only the rest.
    """
    settings = loaded(flags).settings
    clock = SystemClock()
    aside = move_aside_if_damaged(settings.home / LEDGER_FILE, _stamp())
    elsewhere = _Elsewhere(as_json=as_json)
    with ExitStack() as stack:
        observer = stack.enter_context(observing(settings.home, "rebuild", quiet=True))
        if aside is not None:
            moved = f"our records were damaged: the old file is {shown(aside)} now"
            observer.noted(moved)
            say_aside(moved)
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        refuse_unknown(settings, store.address, clock.wait, product=product, sku=sku)
        engine = stack.enter_context(engine_for(settings, store.address, clock, observer, Door.RUN))
        arrivals = scan(paths, door=Door.RUN, now=clock.now(), product_id=product, sku=sku)
        with reading_shown(quiet=as_json) as progress:
            found = adopt(engine, arrivals, elsewhere.met, progress)
        told = list(_sums(found))
        for sentence in told:
            observer.noted(sentence)
    if as_json:
        document = {
            "store": store_document(store.address),
            "taken_over": found.adopted,
            "known": found.known,
            "not_in_shop": found.others,
            "unmarked_images": found.unmarked,
            "elsewhere": elsewhere.documents,
            "elsewhere_besides": elsewhere.besides,
        }
        print_json(Document.REBUILD, document)
        return EXIT_OK
    for sentence in told:
        say(sentence)
    return EXIT_OK


def _sums(found: Adopted) -> Iterator[str]:
    """Yield what a rebuild came to, in sentences."""
    yield f"{found.adopted} taken over from the shop"
    yield f"{found.known} known already"
    yield f"{found.others} not in the shop"
    if found.unmarked and found.others:
        number = "1 image" if found.unmarked == 1 else f"{found.unmarked} images"
        yield (
            f"{number} of these products without our marks: where the shop renames what is "
            "uploaded, look there before the next run"
        )


class _Elsewhere:
    """Tells of photographs that another product has; for programs the first of them are held."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self.documents: list[dict[str, Any]] = []
        self.besides = 0

    def met(self, photo: Photo, image: StoredImage) -> None:
        """Tell of one."""
        if not self._as_json:
            say(
                f"{shown(photo.path)}: product {image.product_id} has it as image {image.id}; if "
                f"it belongs there, say so: pipeline ledger rebuild --product {image.product_id} "
                "FILE"
            )
        elif len(self.documents) < _MOST_ELSEWHERE:
            facts = {"product_id": image.product_id, "image_id": image.id}
            self.documents.append({"path": encodable(photo.path), **facts})
        else:
            self.besides += 1


@ledger.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--image", type=click.IntRange(min=1), help="It is this image of its product.")
@click.option("--not-there", is_flag=True, help="It is none of them: it may be sent again.")
@shop_options
@common_options
def settle(file: Path, image: int | None, not_there: bool, **flags: object) -> int:
    """Say which image of the shop FILE is, where the program cannot know and does not guess."""
    if (image is None) != not_there:
        raise click.UsageError("give --image with its id, or --not-there")
    settings = loaded(flags).settings
    with ExitStack() as stack:
        engine = _engine(settings, SystemClock(), stack)
        photos = in_doubt(engine.ledger, file.absolute())
        if not photos:
            say(f"pipeline: nothing about {shown(file)} is in doubt", err=True)
            return EXIT_TROUBLE
        meant = {} if image is None else images_meant(engine, photos, image)
        if image is not None and not meant:
            products = sorted({photo.placement.product_id for photo in photos if photo.placement})
            names = ", ".join(map(str, products))
            raise click.UsageError(f"product {names} has no image {image}")
        for photo in photos:
            if image is None or photo.id in meant:
                sentence = settle_doubt(engine.ledger, photo, meant.get(photo.id))
                say(f"{shown(photo.path)} {sentence}")
    return EXIT_OK


_DAYS: Final = MappingProxyType({"y": 365, "m": 30, "d": 1})


def _age(context: click.Context, parameter: click.Parameter, value: str) -> timedelta:
    """Return the time that 2y, 18m or 90d say."""
    said = re.fullmatch(r"([1-9]\d{0,3})([ymd])", value.strip().lower())
    if said is None:
        raise click.BadParameter("say it like 2y, 18m or 90d", context, parameter)
    return timedelta(days=int(said[1]) * _DAYS[said[2]])


@ledger.command()
@click.option(
    "--older-than", callback=_age, required=True, metavar="AGE", help="So long: 2y, 18m, 90d."
)
@click.option("--yes", is_flag=True, help="Do it; without this it is only said.")
@common_options
def tidy(older_than: timedelta, yes: bool, **flags: object) -> int:
    """Have what is long in the shop take little room in our records.

    The history of each photograph becomes one line: when it arrived, as what, and which image of
    the shop it is. What is noted down besides goes: through which run it arrived, when it was
    sent, how its picture was made in figures. The photographs stay known, and none is sent again.
    Then the file is made shorter, where nothing else is at work.
    """
    file = loaded(flags).settings.home / LEDGER_FILE
    before = datetime.now(UTC) - older_than
    with ExitStack() as stack:
        if not file.exists():
            say("No photograph is known yet.")
            return EXIT_OK
        tidying = stack.enter_context(closing(open_tidying(file, say_aside)))
        number = tidying.long_stored(before)
        photographs = "1 photograph was" if number == 1 else f"{number:,} photographs were"
        say(f"{photographs} stored before {before:%Y-%m-%d}")
        if not yes:
            say_aside(
                "pipeline: give --yes to make the history of each of them one line, and to forget "
                "through which runs they arrived, when they were sent, and how their pictures were "
                "made in figures"
            )
            return EXIT_OK
        with working_shown("making histories shorter"):
            smaller = sum(tidying.fold(before))
    say(f"{smaller:,} of them take less room now")
    _give_back(file)
    return EXIT_OK


def _give_back(file: Path) -> None:
    """Have the file be as short as it can, and say how that went."""
    if in_use(file):
        say(
            "the file stays as large as it is, since another `pipeline` is at work: what is free "
            "in it is used for what comes; tidy again when nothing is at work to have it shorter"
        )
        return
    say_aside("the file is made shorter: until that is done, nothing else can use our records")
    with working_shown("making the file shorter"):
        shorter = give_back(file)
    if shorter is None:
        say(
            "the file stays as large as it is: something else used it, or the disk has no room for "
            "its copy; what is free in it is used for what comes"
        )
        return
    say(f"the file is {data_size(shorter)} shorter, and takes {data_size(file.stat().st_size)}")


def _engine(settings: Settings, clock: SystemClock, stack: ExitStack) -> Engine:
    store = stack.enter_context(store_in_force(settings, say=say_aside))
    return stack.enter_context(
        engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
    )


def _stamp() -> str:
    return datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
