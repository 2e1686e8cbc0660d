"""The only place where the concrete pieces meet: settings in, a working engine out.

The client and the workers are loaded by what needs them: whoever only asks the ledger does not wait
for the libraries of HTTP.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.engine import (
    RUN,
    Arranger,
    Changing,
    Clock,
    Engine,
    Feed,
    Observer,
    Receiving,
    RetryTimes,
    Shop,
    Stages,
    WorkMode,
    WorkResult,
    note_listing,
    shop_with_fault_points,
    with_fault_points,
    work,
)
from pipeline.errors import LedgerError, StoreError
from pipeline.faultpoints import armed, around
from pipeline.home import KEPT_FOLDER, LEDGER_FILE, SPOOL_FOLDER
from pipeline.hook.inbox import sweep_copies
from pipeline.intake import Assigner, Choice, NewerThan, accept
from pipeline.intake.appeared import Appeared
from pipeline.intake.kept_catalogue import KeptCatalogue, SkuQuestions
from pipeline.intake.maps import Maps
from pipeline.intake.product_names import NotedCatalogue, ProductNames
from pipeline.intake.whose_name import NothingKept
from pipeline.kept import Kept
from pipeline.ledger import Ledger
from pipeline.left_out import LeftOut
from pipeline.memory import Budget
from pipeline.opening import ledger_for, uploaded_for
from pipeline.placing import (
    assigner_by,
    describing_for,
    heeding_lists,
    maps_for,
    no_codes,
    placed,
    shots_for,
    taking_in,
)
from pipeline.settings import Settings
from pipeline.shop_client import client_for, client_with, pacer_for
from pipeline.shown_alike import shown_alike
from pipeline.spool import Spool, Spooled
from pipeline.store_address import StoreAddress
from pipeline.upload_name import digest_tag
from pipeline.uploaded import Uploaded
from pipeline.values import Arrival, Door, Limits, Original, Picture, StoredImage

if TYPE_CHECKING:
    from pipeline.intake.watching.watcher import Watcher
    from pipeline.upload import Pacer, StoreClient
    from pipeline.workers import Workers

__all__ = [
    "assigner_for",
    "changing_for",
    "choice_for",
    "client_for",
    "engine_for",
    "note_listed",
    "receiver_for",
    "run_engine",
    "watcher_for",
    "workers_for",
]

SPOOLED_SECONDS: Final = 7 * 86_400.0
"""A picture that nobody has sent for so long is made again when it is wanted."""

UNKNOWN_SECONDS: Final = 30 * 86_400.0
"""Kept bytes that no photograph has: its ledger may have been lost, and put back."""

COPYING_SECONDS: Final = 3600.0
"""A hook writes its entry some seconds after its copy, or never."""


def choice_for(
    settings: Settings,
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    newer_than: NewerThan | None = None,
) -> Choice:
    """Return which files are taken, as the settings and a command say; the rest is left out.

    Args:
        settings: in force.
        include: the command's patterns of what alone is taken; all where there are none.
        exclude: the command's patterns of what is left out.
        newer_than: since when a file must have been written.
    """
    return Choice(
        include=include,
        exclude=exclude,
        include_setting=settings.include,
        exclude_setting=settings.exclude,
        left_out_folders=settings.left_out_folders,
        newer_than=newer_than,
        home=Path(os.path.abspath(settings.home)),  # noqa: PTH100 - as a scan names it
    )


def assigner_for(
    settings: Settings,
    address: StoreAddress,
    wait: Callable[[float], bool],
    maps: Maps,
    known: Callable[[Sequence[str]], Mapping[str, frozenset[int]]] = lambda names: {},
) -> Assigner:
    """Return what says whose a photograph is, where nothing that is kept is believed.

    Args:
        settings: in force.
        address: of the store, whose catalogue is asked.
        wait: waits so many seconds, and returns whether the program was asked to stop.
        maps: the CSV maps.
        known: tells which products bore some names when they were last seen.
    """
    client = client_for(settings, address, wait)
    return assigner_by(settings, maps)(
        client.products_by_sku,
        client.known_products,
        kept=NothingKept(known),
        by_code=client.products_by_code,
        by_mpn=client.products_by_mpn,
    )


def note_listed(
    settings: Settings,
    address: StoreAddress,
    clock: Clock,
    product_id: int,
    images: Iterable[StoredImage],
) -> None:
    """Note what a listing that was made by hand shows, where there is a ledger that can be used."""
    if (settings.home / LEDGER_FILE).exists():
        with suppress(LedgerError), ledger_for(settings, address, clock, Door.RUN) as ledger:
            note_listing(ledger, _digest_tag, product_id, images)


def changing_for(
    settings: Settings, client: StoreClient, ledger: Ledger, clock: Clock, observer: Observer
) -> Changing:
    """Return what carries out the changes that are planned in the journal, for calls by hand.

    Args:
        settings: in force: how long the store is asked again.
        client: of the store.
        ledger: holds the journal.
        clock: the time, and whether to stop.
        observer: is told what is left, and why.
    """
    shop = _shop(client)
    shop = shop_with_fault_points(shop) if armed() else shop
    return Changing(ledger, shop, clock, observer, RetryTimes(patience=settings.patience))


@contextmanager
def engine_for(
    settings: Settings,
    address: StoreAddress,
    clock: Clock,
    observer: Observer,
    door: Door,
    maps: Maps | None = None,
) -> Iterator[Engine]:
    """Put an engine together, with its ledger open; without maps, with those of the settings.

    Raises:
        LedgerError: the ledger cannot be opened.
    """
    maps = maps or maps_for(settings, observer.warned)
    spool = Spool(settings.home / SPOOL_FOLDER)
    spool.sweep(time.time() - SPOOLED_SECONDS)
    uploaded = uploaded_for(settings)
    uploaded.sweep()
    pacer = pacer_for(settings)
    # Who watches for months waits as long as it takes.
    patience = math.inf if door is Door.WATCH else settings.patience
    client = client_with(settings, address, pacer, clock.wait, patience)
    workers = workers_for(settings)

    def skus_of(product_id: int) -> frozenset[str] | None:
        with pacer.first():  # one in haste waits for it
            return client.skus_of(product_id)

    kept = Kept(settings.home / KEPT_FOLDER)
    sweep_copies(str(settings.home), time.time() - COPYING_SECONDS)
    retry_times = RetryTimes(confirm_after=settings.settle_after, patience=settings.patience)
    with closing(workers), ledger_for(settings, address, clock, door, observer.said) as ledger:
        client.named = ledger.keep_names
        kept.sweep(ledger.needs_bytes, time.time() - UNKNOWN_SECONDS)
        names = ProductNames(client.product_names)
        there = client.categories.skus_in
        shots = shots_for(settings, ledger, names, observer.warned, address.identity, there)
        assigner = assigner_by(settings, maps, shots)(
            names.noting(client.products_by_sku),
            client.known_products,
            skus_of,
            NotedCatalogue(KeptCatalogue(ledger, _sku_questions(client), clock.now), names),
            by_code=names.noting(client.products_by_code),
            by_mpn=names.noting(client.products_by_mpn),
        )
        taken_in = taking_in(settings, kept, ledger, workers.codes, partial(_needs, ledger))
        taken_in = maps.noticing(taken_in)
        stages = _stages(
            settings.limits, client, assigner, pacer, workers, spool, kept, taken_in, uploaded
        )
        appeared = Appeared(client.skus.changed, ledger, lambda: clock.now() + client.clock_ahead)
        stages = replace(
            heeding_lists(stages, maps, shots),
            appeared=appeared.names,
            place=partial(placed, assigner, describing_for(settings, names)),
            release=partial(kept.release, needed=partial(_needs, ledger)),
        )
        if armed():
            stages = with_fault_points(stages)
        engine = Engine(ledger, stages, clock, retry_times, observer)
        engine.places.imposes_main = settings.impose_main
        client.heard = engine.heard
        yield engine


@contextmanager
def receiver_for(
    settings: Settings, address: StoreAddress, clock: Clock, observer: Observer, door: Door
) -> Iterator[tuple[Ledger, Receiving]]:
    """Open the ledger and what takes arrivals in, without anything that looks into or sends them.

    Raises:
        LedgerError: the ledger cannot be opened.
    """
    kept = Kept(settings.home / KEPT_FOLDER)
    with ExitStack() as stack:
        ledger = stack.enter_context(ledger_for(settings, address, clock, door, observer.said))
        needed = partial(_needs, ledger)
        workers = stack.enter_context(closing(workers_for(settings))) if settings.labels else None
        codes = no_codes if workers is None else workers.codes
        taken_in = taking_in(settings, kept, ledger, codes, needed)
        release = partial(kept.release, needed=needed)
        yield (
            ledger,
            Receiving(
                ledger,
                around("accept", taken_in) if armed() else taken_in,
                release,
                observer,
            ),
        )


def run_engine(
    settings: Settings,
    engine: Engine,
    source: Iterable[Arrival] | Feed,
    mode: WorkMode = RUN,
    *,
    tick: Callable[[], None] = lambda: None,
) -> WorkResult:
    """Submit every arrival and advance photographs until nothing is due, as the settings say.

    Args:
        settings: in force: how much is done at once, and when to give up.
        engine: hands out the steps.
        source: what is to be taken in, besides what the ledger knows already.
        mode: what is worked on, and what ends it.
        tick: called now and then from the calling thread.

    Returns:
        How it ended.
    """
    _go_on_changing(engine, mode)
    if mode.upload and not mode.claimable.only_haste:  # a shot waits for no list
        engine.holding.again()
    arranger = Arranger(engine, settings.arrange_after, mode)
    result = work(
        engine,
        source,
        mode,
        preparing=settings.workers,
        uploading=settings.uploads,
        give_up_after=settings.patience,
        tick=arranger.beside(tick),
    )
    # What was to be created again may be there by now.
    _go_on_changing(engine, mode)
    return arranger.at_the_end(result)


def _go_on_changing(engine: Engine, mode: WorkMode) -> None:
    """Do what was planned and cut off; where the store does not answer, the next one goes on."""
    if mode.upload and engine.stages.shop is not None:
        with suppress(StoreError):
            Changing.of(engine, patience=0.0).go_on()


def watcher_for(
    settings: Settings,
    engine: Engine,
    folders: Sequence[Path],
    choice: Choice,
    *,
    polling: bool,
    say_left_out: Callable[[Sequence[LeftOut]], None] = lambda left_out: None,
) -> Watcher:
    """Put a watcher together that feeds an engine, and say how each folder is watched.

    Args:
        settings: in force.
        engine: its ledger remembers what was taken, its observer is told what happens.
        folders: absolute paths.
        choice: which files are taken.
        polling: compare listings everywhere, not only on network disks.
        say_left_out: gets what is left out of a folder, where that is not what it was.
    """
    # Only who watches loads watchdog.
    from pipeline.intake.watching.folder import Schedule, WatchedFolder
    from pipeline.intake.watching.platforms import is_on_network_drive
    from pipeline.intake.watching.stability import Waits
    from pipeline.intake.watching.wanted import Wanted
    from pipeline.intake.watching.watcher import Memory, Watcher

    limits, observer = settings.limits, engine.observer

    def prove(path: Path, root: Path, thoroughly: bool) -> None:
        arrival = Arrival(path=path, root=root, door=Door.WATCH, seen_at=engine.clock.now())
        original = accept(arrival, most_bytes=limits.most_original_bytes)
        inspection = engine.stages.check(original)
        if thoroughly:
            engine.stages.prove(original, inspection)

    watched: list[WatchedFolder] = []
    for folder in folders:
        on_network = is_on_network_drive(folder)
        if on_network and not polling:
            observer.said(f"{folder} lies on a network disk: it is watched by polling")
        waits = Waits(
            quiet=max(settings.quiet_on_share if on_network else 0.0, settings.quiet_after),
            quiet_closed=settings.quiet_on_share if on_network else settings.quiet_after_close,
            whole=settings.whole_within,
            turn=settings.turn_within,
        )
        watched.append(
            WatchedFolder(
                folder,
                waits,
                Schedule(rescan=settings.rescan_every, poll=settings.poll_every),
                polled=polling or on_network,
                on_network=on_network,
                say=observer.said,
                warn=observer.warned,
                choice=choice,
            )
        )
    memory = Memory(changed_files=engine.ledger.changed_files, remember=engine.ledger.remember)
    return Watcher(
        settings.home,
        watched,
        memory,
        prove,
        engine.clock.now,
        observer.said,
        Wanted(settings.home, choice, observer.said, say_left_out),
        shops=settings.hook_shops,
        plain_ids=settings.plain_ids,
    )


def _stages(
    limits: Limits,
    client: StoreClient,
    assigner: Assigner,
    pacer: Pacer,
    workers: Workers,
    spool: Spool,
    kept: Kept,
    taken_in: Callable[[Arrival], Original],
    uploaded: Uploaded,
) -> Stages:
    from pipeline.upload import deliver, find

    def accepted(arrival: Arrival) -> Original:
        original = taken_in(arrival)
        assigner.expect(original)
        return original

    def answers() -> bool:
        try:
            client.probe()
        except StoreError:
            return False
        return True

    def ready(picture: Picture) -> bool:
        spooled = Spooled(sha256=picture.sha256, name=picture.spool_name, size=picture.size)
        return picture.size <= limits.max_bytes and spool.has(spooled)

    return Stages(
        accept=accepted,
        check=lambda original: workers.check(kept.located(original)),
        place=assigner.place,
        prove=lambda original, found: workers.prove(kept.located(original), found),
        render=lambda original, found, photo_id: workers.render(
            kept.located(original), found, photo_id
        ),
        ready=ready,
        deliver=lambda picture, placement, progress: deliver(
            client, spool.path(picture.spool_name), picture, placement, progress
        ),
        find=partial(find, client),
        forget=lambda picture: spool.drop(picture.spool_name),
        keep=lambda picture: uploaded.keep(spool.path(picture.spool_name), picture.spool_name),
        bring_back=lambda picture: uploaded.bring_back(
            picture.spool_name, spool.path(picture.spool_name)
        ),
        store_pause=pacer.pause,
        at_once=lambda: pacer.at_once,
        name_rules=assigner.name_rules,
        learn=assigner.learn,
        first=pacer.first,
        images=client.list_images,
        images_of=client.images_of_products,
        alike=partial(shown_alike, client.rendition, workers.pixel_digest),
        digest_tag=_digest_tag,
        forget_unknown=assigner.forget_unknown,
        answers=answers,
        let_go=client.let_go,
        shop=_shop(client),
    )


def _shop(client: StoreClient) -> Shop:
    return Shop(
        images=client.list_images,
        image=client.get_image,
        update=client.update_image,
        delete=client.delete_image,
    )


def _sku_questions(client: StoreClient) -> SkuQuestions:
    return SkuQuestions(
        above=client.skus.above,
        changed=client.skus.changed,
        of=client.skus.of,
        clock_ahead=lambda: client.clock_ahead,
    )


def _needs(ledger: Ledger, sha256: str) -> bool | None:
    """Return whether an original's bytes may be needed, also after a power cut just now."""
    needed = ledger.needs_bytes(sha256)
    if needed is False:
        ledger.make_durable()
    return needed


def _digest_tag(image: StoredImage) -> str | None:
    return digest_tag(image.image_file)


def workers_for(settings: Settings) -> Workers:
    """Return the processes that look into photographs; close them at the end."""
    from pipeline.workers import Setup, Workers

    return Workers(
        Setup(
            limits=settings.limits,
            encoding=settings.encoding,
            spool=settings.home / SPOOL_FOLDER,
            memory=settings.memory_alone,
            seconds=settings.picture_timeout,
            labels=settings.labels,
        ),
        Budget(settings.memory, alone=settings.memory_alone),
    )
