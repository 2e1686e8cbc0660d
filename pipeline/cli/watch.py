"""`pipeline watch`: folders that are watched for months, all the way to the store."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import click

from pipeline.assembly import engine_for, run_engine, watcher_for
from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import loaded, setting_options
from pipeline.engine import WATCH, Engine, WorkResult, ask_again
from pipeline.errors import ConfigError, PipelineError
from pipeline.intake.watching.watcher import Watcher
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.service.heartbeat import beat, forget, one_watcher
from pipeline.service.logs import LogObserver, logging_to
from pipeline.service.notify import Notifier
from pipeline.service.rounds import RoundClock, SettingsFile, leaving_in_time, reading_again
from pipeline.settings import CONFIG_NAME, Settings
from pipeline.values import Door

__all__ = ["watch"]

_log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 5.0

READ_SECONDS: Final = 2.0
"""How often the settings file is looked at."""

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 60.0
"""Seconds until a ledger that could not be used is tried again."""


@click.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--polling",
    is_flag=True,
    help="Compare listings, instead of having the system tell (on network disks by itself).",
)
@setting_options
@common_options
def watch(folders: Sequence[Path], polling: bool, **flags: object) -> int:
    """Watch folders, and bring every photograph that comes to rest there into the store.

    Goes on until it is stopped (Ctrl-C), and then ends with 0. The settings are read again when
    their file changes, or on SIGHUP. There is one watcher a home folder; `pipeline status` tells
    how it does.
    """
    settings, file = _read(flags)
    places = tuple(dict.fromkeys(Path(os.path.abspath(folder)) for folder in folders))  # noqa: PTH100
    for place in places:
        if place.is_relative_to(settings.home):
            raise ConfigError(f"{place} lies in the home folder of this program: name another")
    clock, observer = SystemClock(), LogObserver()
    if settings.notify:
        observer.on_refusal = Notifier().refused
    with ExitStack() as stack:
        stack.enter_context(one_watcher(settings.home))
        stack.enter_context(leaving_in_time(clock, observer.said, partial(forget, settings.home)))
        stack.enter_context(logging_to(settings.home, "watch", terminal=True))
        stack.enter_context(stopping_on_signals(clock, observer.said))
        asked = stack.enter_context(reading_again())
        _Watch(flags, places, polling, clock, observer, asked, file).go_on(settings)
        observer.said("stopped")
    return EXIT_OK


def _read(flags: Mapping[str, object]) -> tuple[Settings, SettingsFile]:
    """Give the settings, and their file as it was before it was read: no change slips between."""
    while True:
        settings = loaded(flags).settings
        config = flags.get("config")
        file = SettingsFile(config if isinstance(config, Path) else settings.home / CONFIG_NAME)
        if loaded(flags).settings == settings:
            return settings, file


@dataclass
class _Watch:
    flags: dict[str, object]
    folders: tuple[Path, ...]
    polling: bool
    clock: SystemClock
    observer: LogObserver
    asked: Callable[[], bool]
    file: SettingsFile

    def go_on(self, settings: Settings) -> None:
        """Go round after round until the program is stopped.

        Raises:
            PipelineError: the first round could not begin.
        """
        self._started_at = self.clock.now()
        self._next: Settings | None = None
        self._begun = False
        pause = FIRST_PAUSE
        while not self.clock.stopping():
            trouble = self._trouble_of_round(settings)
            if self._next is None and trouble is not None and not self.clock.stopping():
                self.observer.warned(f"{trouble}; trying again in {pause:g} seconds")
                self.clock.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                self.settings_changed(settings, file_changed=self.file.changed())
            else:
                pause = FIRST_PAUSE
            if self._next is not None:
                settings, self._next = self._next, None

    def _trouble_of_round(self, settings: Settings) -> str | None:
        """Go one round; give why it ended, None where it was to end.

        A watcher that runs for months outlives its own defects: they are in the log, with where
        they happened.
        """
        try:
            error = self._round(settings).error
        except Exception as trouble:
            if not self._begun:
                raise
            if isinstance(trouble, PipelineError):
                return str(trouble)
            _log.exception("a defect ended the round")
            return f"a defect in this program ({type(trouble).__name__}): see the log"
        return None if error is None else str(error)

    def _round(self, settings: Settings) -> WorkResult:
        clock = RoundClock(self.clock)
        with ExitStack() as stack:
            store = stack.enter_context(store_in_force(settings, say=self.observer.said))
            engine = stack.enter_context(
                engine_for(settings, store.address, clock, self.observer, Door.WATCH)
            )
            watcher = watcher_for(settings, engine, self.folders, polling=self.polling)
            listed = ", ".join(str(folder) for folder in self.folders)
            self.observer.said(f"watching {listed} for {store.address.base_url}")
            self._begun = True
            ticker = _Ticker(self, settings, clock, engine, watcher)
            return run_engine(settings, engine, watcher.feed, WATCH, tick=ticker.tick)

    def settings_changed(self, settings: Settings, *, file_changed: bool) -> bool:
        """Read the settings again where they may be others; tell whether a new round is due."""
        if not (self.asked() or file_changed):
            return False
        try:
            self._next = loaded(self.flags).settings
        except PipelineError as error:
            self.observer.warned(f"the settings stay as they were: {error}")
            return False
        changed = [
            name
            for name in Settings.model_fields
            if getattr(self._next, name) != getattr(settings, name)
        ]
        self.observer.said(
            f"the settings were read again: {', '.join(changed) or 'nothing'} changed"
        )
        return True

    def beat(self, settings: Settings, watcher: Watcher) -> None:
        """Say that all is well; a full disk does not stop the watch."""
        with suppress(OSError):
            beat(
                settings.home,
                self._started_at,
                tuple(str(folder) for folder in self.folders),
                tuple(str(folder) for folder in watcher.folders_gone),
                watcher.unsettled,
                self.observer.last_error,
            )


class _Ticker:
    """What is done now and then while a round goes on, in the program's first thread."""

    def __init__(
        self, watch: _Watch, settings: Settings, clock: RoundClock, engine: Engine, watcher: Watcher
    ) -> None:
        self._watch = watch
        self._settings = settings
        self._clock = clock
        self._engine = engine
        self._watcher = watcher
        now = clock.monotonic()
        self._beat_at = now
        self._read_at = now + READ_SECONDS
        self._ask_at = now + settings.ask_again_every

    def tick(self) -> None:
        now = self._clock.monotonic()
        if now >= self._beat_at:
            self._beat_at = now + BEAT_SECONDS
            self._watch.beat(self._settings, self._watcher)
        if now >= self._read_at:
            self._read_at = now + READ_SECONDS
            if self._watch.settings_changed(
                self._settings, file_changed=self._watch.file.changed()
            ):
                self._clock.end()
        if now >= self._ask_at:
            self._ask_at = now + self._settings.ask_again_every
            ask_again(self._engine)
