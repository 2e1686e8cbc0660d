"""`pipeline run --mirror`: the shop shows of a product what a folder holds of it, no more, no less.

First the whole is tried in a home that is thrown away, and what would be done is said. Then it is
sent what the folder has more, and only after that deleted what it has no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import click

from pipeline.assembly import choice_for, engine_for, run_engine
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE
from pipeline.cli.named_product import refuse_unknown
from pipeline.cli.observing import observing
from pipeline.cli.options import agreed_to, loaded, say_aside
from pipeline.cli.plans import Plans, plans_for
from pipeline.cli.report import say_plans, tell
from pipeline.cli.saved_plans import SavedPlan
from pipeline.cli.terminal import say, say_shop
from pipeline.engine import REHEARSAL, RUN, Engine
from pipeline.engine.mirroring import Mirrored, mirror
from pipeline.engine.planning import Folder, ProductPlan
from pipeline.engine.reading import chunks, in_silence, together
from pipeline.errors import ConfigError
from pipeline.intake import mirrored, scan
from pipeline.intake.mirrored import Copies, is_gone, is_vanished
from pipeline.lifecycle import State
from pipeline.opening import rehearsal_home
from pipeline.placing import maps_for
from pipeline.report.batches import images
from pipeline.report.documents import RunEnd, Took
from pipeline.scope import Scope
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import StoreInForce, store_in_force
from pipeline.service.logs import Shown
from pipeline.settings import Settings
from pipeline.shop_copy import TABLE
from pipeline.values import Arrival, Door, ProductName
from pipeline.wanted import Wanted
from pipeline.wording import shown as in_words

__all__ = ["mirror_options"]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

ACCIDENT: Final = 10
"""So many may always be removed: a few pictures are soon a large share of a small product's."""


def mirror_options(command: _Decorated) -> _Decorated:
    """Add --mirror and --yes: with --mirror it is not the command that is called."""

    @wraps(command)
    def called(*args: object, mirror: bool, yes: bool, **others: Any) -> object:
        return _called(others, yes=yes) if mirror else command(*args, **others)

    for option in (
        click.option("--yes", is_flag=True, help="Do not ask, with --mirror."),
        click.option(
            "--mirror",
            is_flag=True,
            help="Also delete from the shop what of ours these folders do not hold any more. It is "
            "shown first, and you are asked.",
        ),
    ):
        called = option(called)
    return cast(_Decorated, called)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What `run --mirror` was asked.

    Attributes:
        folders: that the shop is to be like.
        product: the product of all that lies there, by its id, if that was said.
        sku: the same by its SKU.
        include: patterns of what alone is taken.
        exclude: patterns of what is left out.
        check_content: read every file, also one whose size and times are as they were.
        dry_run: only say what would be done.
        yes: do not ask, and remove however many there are.
        as_json: of a dry run, print a document for programs.
        quiet: show no progress.
        shown: what is shown of the log.
        save: where what is shown is to be kept.
    """

    folders: Sequence[Path]
    product: int | None
    sku: str | None
    include: Sequence[str]
    exclude: Sequence[str]
    check_content: bool
    dry_run: bool
    yes: bool
    as_json: bool
    quiet: bool
    shown: Shown
    save: SavedPlan | None


_NOT_WITH_IT: Final = ("newer_than", "listed", "limit", "verify")

_NAMES: Final = tuple(one.name for one in fields(_Call) if one.name not in ("folders", "yes"))


def _called(options: Mapping[str, Any], *, yes: bool) -> int:
    """Do what `run --mirror` was asked, with the options of `run`.

    Raises:
        UsageError: it makes no sense.
    """
    folders: Sequence[Path] = options["paths"]
    if any(options[name] not in (None, False) for name in _NOT_WITH_IT):
        raise click.UsageError(
            "--mirror takes whole folders: leave out --newer-than, --limit, --files-from and "
            "--verify"
        )
    if options["as_json"] and not options["dry_run"]:
        raise click.UsageError("give --dry-run with --mirror --json: nobody can be asked so")
    if not folders:
        raise click.UsageError("name the folders that the shop is to be like")
    if file := next((path for path in folders if not path.is_dir()), None):
        raise click.UsageError(f"--mirror takes whole folders, and {in_words(file)} is none")
    flags = {
        name: value
        for name, value in options.items()
        if name not in (*_NAMES, *_NOT_WITH_IT, "paths", "map_files")
    }
    settings = replace(loaded(flags).settings, map_files=tuple(options["map_files"]))
    call = _Call(folders=folders, yes=yes, **{name: options[name] for name in _NAMES})
    return _run_mirror(settings, call)


def _run_mirror(settings: Settings, call: _Call) -> int:
    """Make the shop's pictures of ours what folders hold, once it was shown; return the status.

    Raises:
        PipelineError: it cannot be done; what would be removed was not.
    """
    # A copy of the shop says in its tables what stood where, with what words.
    settings = replace(settings, maps=(*settings.maps, TABLE))
    clock = SystemClock()
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(clock, say_aside))
        folders = mirrored.Mirrored(call.folders)
        store = stack.enter_context(store_in_force(settings, say=say_aside, scratch=call.dry_run))
        refuse_unknown(settings, store.address, clock.wait, product=call.product, sku=call.sku)
        mirror_ = _Mirror(settings, call, folders, store, clock)
        found = mirror_.looked()
        if call.dry_run:
            return EXIT_OK if found.status is None else found.status
        if not found.product_ids:
            say("The shop is as the folder has it: nothing is to be done.")
            return EXIT_OK
        if not call.yes:
            _refuse_accident(found, settings.most_removed)
        number = f", and delete {images(len(found.removed))}" if found.removed else ""
        agreed_to(f"Do that{number}?", yes=call.yes)
        return mirror_.done(found)


@dataclass(slots=True, kw_only=True)
class _Found:
    """What is to be done, by ids alone: of a large folder it is much.

    Attributes:
        product_ids: the products of which anything is to be done.
        back: the photographs that are to be sent again.
        removed: the images that are to be deleted.
        vanished: how many of these lay in folders that are gone or empty.
        ours: how many images are ours of all products that the folders are about.
        status: of a dry run, its exit status.
    """

    product_ids: list[int] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    vanished: int = 0
    ours: int = 0
    status: int | None = None

    def note(self, plan: ProductPlan, name: ProductName | None) -> None:
        """Take note of a product."""
        self.ours += plan.ours
        if not plan.anything:
            return
        self.product_ids.append(plan.product_id)
        self.back += [photo.id for photo in plan.back]
        self.removed.update(one.image.id for one in plan.removed)
        self.vanished += sum(one.vanished for one in plan.removed)


class _Mirror:
    """One call: what it finds, and what it does."""

    def __init__(
        self,
        settings: Settings,
        call: _Call,
        folders: mirrored.Mirrored,
        store: StoreInForce,
        clock: SystemClock,
    ) -> None:
        self._settings, self._call, self._folders = settings, call, folders
        self._store, self._clock, self._began = store, clock, clock.now()
        self._copies = Copies(one.path for one in self._scanned())

    def looked(self) -> _Found:
        """Say what is to become of the products, and return it; nothing is changed.

        Raises:
            PipelineError: it cannot be said.
        """
        found = _Found()
        mode = replace(REHEARSAL, lists_known=True)
        with (
            rehearsal_home(self._settings.home) as home,
            self._at_work(replace(self._settings, home=home), None) as (engine, display),
        ):
            for some in chunks(self._copies.products, in_silence):
                for listed in together(engine, some).values():
                    self._copies.in_shop(image.id for image in listed.images)
            result = run_engine(self._settings, engine, self._arrivals(), mode)
            if result.error is not None:
                raise result.error
            if result.stopped or result.kept_back is not None:
                raise ConfigError(f"nothing was changed: {result.kept_back or 'it was stopped'}")
            products = self._products(engine)
            plans = plans_for(
                self._settings,
                self._store.address,
                engine,
                products,
                self._folder(),
                save=self._call.save,
                noted=found.note,
            )
            display.close()
            if self._call.dry_run:
                found.status = self._tell(
                    engine, RunEnd.of(result, rehearsed=True, took=self._took()), plans
                )
            else:
                say_shop(self._store)
                say_plans(plans)
            if plans.failed is not None:
                raise plans.failed
        return found

    def done(self, found: _Found) -> int:
        """Send what is to be sent, then update and delete; say how it went; return the status.

        Raises:
            PipelineError: it cannot be done.
        """
        settings = self._settings
        with self._at_work(settings, settings.home) as (engine, display):
            engine.ledger.recover()
            for photo_id in found.back:
                _again(engine, photo_id)
            mode = replace(RUN, lists_known=True, scope=Scope.of(self._folders.folders, hook=True))
            result = run_engine(settings, engine, self._arrivals(), mode)
            ended = Mirrored()
            if result.error is None and not result.stopped:
                self._folders.refuse_changed()
                meant = frozenset(found.removed)
                ended = mirror(engine, found.product_ids, self._folder(), meant)
            display.close()
            own = engine.ledger.batch_so_far()
            status = self._tell(engine, RunEnd.of(result, took=self._took(), batch=own), None)
        _tell_done(ended, own)
        return EXIT_TROUBLE if ended.left and status == EXIT_OK else status

    def _took(self) -> Took:
        return Took(began_at=self._began, ended_at=self._clock.now())

    def _tell(self, engine: Engine, ending: RunEnd, plans: Plans | None) -> int:
        report = engine.ledger.run_report()
        return tell(
            report,
            ending,
            ending.sums(report),
            store=self._store,
            as_json=self._call.as_json,
            quiet=self._call.quiet,
            plans=plans,
        )

    def _scanned(self) -> Iterator[Arrival]:
        call = self._call
        return scan(
            self._folders.folders,
            door=Door.RUN,
            now=self._clock.now(),
            product_id=call.product,
            sku=call.sku,
            choice=choice_for(self._settings, include=call.include, exclude=call.exclude),
            stamps=not call.check_content,
        )

    def _arrivals(self) -> Iterator[Arrival]:
        return self._copies.lacking(self._scanned())

    @contextmanager
    def _at_work(self, settings: Settings, home: Path | None) -> Iterator[tuple[Engine, ExitStack]]:
        """Open an engine, with a display that is closed before anything is told."""
        call = self._call
        with ExitStack() as stack:
            display = stack.enter_context(ExitStack())
            observer = display.enter_context(
                observing(
                    home,
                    "run",
                    shown=call.shown,
                    quiet=call.quiet,
                    tells_end=not call.as_json,
                )
            )
            maps = maps_for(settings, observer.said)
            address, clock = self._store.address, self._clock
            engine = stack.enter_context(
                engine_for(settings, address, clock, observer, Door.RUN, maps)
            )
            yield engine, display

    def _folder(self) -> Folder:
        return Folder(
            holds=lambda photo: self._folders.holds(photo.path),
            is_gone=lambda photo: is_gone(photo.path),
            is_vanished=lambda photo: self._folders.holds(photo.path) and is_vanished(photo.path),
            rows=self._copies.rows,
        )

    def _products(self, engine: Engine) -> Sequence[int]:
        """Return the products of which the folders hold something, or held it.

        Raises:
            ConfigError: one of the folders holds nothing of any.
        """
        products: set[int] = set()
        for line in engine.ledger.run_report().lines:
            placement = line.photo.placement
            if placement is not None and line.photo.state is not State.REFUSED:
                self._folders.note(line.path)
                products.add(placement.product_id)
        for product_id in self._copies.products:
            for row in self._copies.rows(product_id).values():
                self._folders.note(self._copies.folder_of(product_id) / row.file)
                products.add(product_id)
        self._folders.refuse_empty()
        for folder in self._folders.folders:
            stored = Wanted(states=frozenset({State.STORED}), within=folder)
            products.update(
                photo.image.product_id
                for photo in engine.ledger.wanted(stored)
                if photo.image is not None and is_gone(photo.path)
            )
        return sorted(products)


def _again(engine: Engine, photo_id: str) -> None:
    photo = engine.ledger.photo(photo_id)
    if photo is None:
        return
    if photo.state is State.REMOVED:
        engine.ledger.retry(photo.id)
    elif photo.image is not None:
        sentence = f"image {photo.image.id} is not in the shop any more: the folder holds it"
        engine.ledger.requeue_missing(photo.id, sentence)


def _refuse_accident(found: _Found, most_removed: int) -> None:
    """Refuse to remove what looks as if nobody meant it.

    Args:
        found: what would be.
        most_removed: so many of a hundred of ours, at most.

    Raises:
        UsageError: it looks so.
    """
    removed, ours = len(found.removed), found.ours
    if removed > ACCIDENT and removed * 100 > most_removed * ours:
        raise click.UsageError(
            f"{images(removed)} of {ours:,} would be deleted, which looks like an accident (the "
            f"setting most_removed is {most_removed} %): nothing was changed; give --yes if it is "
            "meant"
        )
    if found.vanished:
        raise click.UsageError(
            f"the folders of {images(found.vanished)} that would be deleted are gone or empty, as "
            "where a disk is away: nothing was changed; give --yes if it is meant"
        )


def _tell_done(ended: Mirrored, batch: int | None) -> None:
    for sentence in ended.left:
        say(f"pipeline: {sentence}", err=True)
    if ended.removed or ended.updated:
        say(
            f"{images(ended.removed)} deleted, {images(ended.updated)} put in order or given other "
            f"words (batch {batch}): `pipeline undo {batch}` takes it back"
        )
