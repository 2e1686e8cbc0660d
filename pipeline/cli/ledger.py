"""`pipeline ledger` and `verify`: is it whole, does it agree with the store, and what if not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from pipeline.assembly import engine_for, run_engine
from pipeline.batches import BatchKind
from pipeline.cli.display import reading_shown, working_shown
from pipeline.cli.given_paths import ThereAlready
from pipeline.cli.groups import Group
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.named_product import refuse_unknown
from pipeline.cli.options import (
    json_array,
    json_document,
    loaded,
    may_remove,
    print_json,
    print_json_array,
    product_options,
    say_aside,
    shop_options,
)
from pipeline.cli.pager import no_pager_option, paged
from pipeline.cli.shops_told import all_shops_option
from pipeline.cli.terminal import say, say_shop
from pipeline.engine import (
    Changing,
    Engine,
    SilentObserver,
    Verdict,
    WorkResult,
    adopt,
    differences,
    images_meant,
    in_doubt,
    remove_superfluous,
    repaired,
    superfluous,
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
from pipeline.lifecycle import State
from pipeline.opening import name_at
from pipeline.report.documents import difference_document, image_now, store_document
from pipeline.report.schemas import Document
from pipeline.report.wording import difference_of, given_up
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.settings import Settings
from pipeline.shops import api_address
from pipeline.values import Door, StoredImage
from pipeline.wording import data_size, shown

__all__ = ["ledger", "verify"]


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
@product_options
@shop_options
@common_options
def rebuild(paths: Sequence[Path], product: int | None, sku: str | None, **flags: object) -> int:
    """Take over from the shop what it already has of the photographs in PATHS.

    For records that were lost, damaged or put back from an old copy: the files are read and the
    shop's images listed; nothing is sent. The next `pipeline run` then uploads only the rest.
    """
    settings = loaded(flags).settings
    clock = SystemClock()
    if (aside := move_aside_if_damaged(settings.home / LEDGER_FILE, _stamp())) is not None:
        say(f"our records were damaged: the old file is {shown(aside)} now", err=True)
    with ExitStack() as stack:
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        refuse_unknown(settings, store.address, clock.wait, product=product, sku=sku)
        engine = stack.enter_context(
            engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
        )
        arrivals = scan(paths, door=Door.RUN, now=clock.now(), product_id=product, sku=sku)
        with reading_shown(quiet=False) as progress:
            found = adopt(engine, arrivals, progress)
    say(f"{len(found.adopted)} taken over from the shop")
    say(f"{len(found.known)} known already")
    say(f"{len(found.others)} not in the shop")
    for photo, image in found.elsewhere:
        say(
            f"{shown(photo.path)}: product {image.product_id} has it as image {image.id}; if it "
            f"belongs there, say so: pipeline ledger rebuild --product {image.product_id} FILE"
        )
    if found.unmarked and found.others:
        number = "1 image" if found.unmarked == 1 else f"{found.unmarked} images"
        say(
            f"{number} of these products without our marks: where the shop renames what is "
            "uploaded, look there before the next run"
        )
    return EXIT_OK


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


_INDENT: Final = 11
"""Columns of the kind of a difference."""


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
    documents: list[dict[str, Any]] = []
    status = EXIT_OK
    for number, settings in enumerate(_each_shop(flags, every=all_shops)):
        if number and not as_json:
            say("")
        found, ended = _verify(settings, clock, repair=repair, yes=yes, as_json=as_json)
        documents += found
        status = max(status, ended)
        if clock.stopping():
            break
    if as_json:
        print_json_array(Document.VERIFY, documents)
    return status


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


def _verify(
    settings: Settings, clock: SystemClock, *, repair: bool, yes: bool, as_json: bool
) -> tuple[list[dict[str, Any]], int]:
    """Hold the ledger against one shop; return the differences as documents, and an exit status."""
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(clock, say_aside))
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        engine = stack.enter_context(
            engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
        )
        with reading_shown(quiet=as_json) as progress:
            found = list(differences(engine, progress))
        ends: list[WorkResult] = []
        now = {}
        removed: dict[int, StoredImage] = {}
        if repair:
            engine.ledger.begin_batch(BatchKind.COMMAND)
            delete = Changing.of(engine).delete
            told = say_aside if as_json else say
            agreed = _agreed(superfluous(engine, found), told, yes=yes)
            removed = remove_superfluous(engine, found, delete, told, agreed)
            now = repaired(engine, found, lambda: ends.append(run_engine(settings, engine, ())))
        stored = engine.ledger.tally()[State.STORED]
    left = [one for one in found if image_now(one, now, removed) is None]
    if not as_json:
        with paged():
            say_shop(store)
            for one in found:
                what = f"product {one.product_id}  {difference_of(one, now, removed)}"
                say(f"{one.kind:9}  {what}", indent=_INDENT, cut=True)
            say(f"{stored} stored, {len(found)} differences, {len(found) - len(left)} mended")
    shop = {"store": store_document(store.address)}
    documents = [{**difference_document(one, now, removed), **shop} for one in found]
    return documents, _status(ends, stopped=clock.stopping(), left=bool(left))


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


def _status(ends: Sequence[WorkResult], *, stopped: bool, left: bool) -> int:
    """Say what put an end to the repair before it was done, and return the exit status.

    Raises:
        PipelineError: what concerned all of it.
    """
    for end in ends:
        if end.error is not None:
            raise end.error
        if (sentence := given_up(end)) is not None:
            say(f"pipeline: {sentence}", err=True)
            left = True
    if stopped:
        return EXIT_INTERRUPTED
    return EXIT_TROUBLE if left else EXIT_OK


def _engine(settings: Settings, clock: SystemClock, stack: ExitStack) -> Engine:
    store = stack.enter_context(store_in_force(settings, say=say_aside))
    return stack.enter_context(
        engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
    )


def _stamp() -> str:
    return datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
