"""The watcher that runs for months: round after round, each with the settings of its time.

A round is a store, an engine and a watcher of folders put together, and goes on until the program
is to stop, the settings are others, or something ended it; then the next begins.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from pipeline.assembly import engine_for, run_engine, watcher_for
from pipeline.engine import (
    WATCH,
    Engine,
    WorkResult,
    ask_again,
    heed_lists,
    take_up_appeared,
)
from pipeline.errors import ConfigError, PipelineError
from pipeline.left_out import LeftOut
from pipeline.report.documents import store_document
from pipeline.report.wording import left_out_of
from pipeline.scope import Scope
from pipeline.service.chores import Aside, Chore
from pipeline.service.clock import Latch, SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.service.heartbeat import Heartbeat, forget, one_watcher, say_shops
from pipeline.service.logs import LINES, LogObserver, Shown, logging_to
from pipeline.service.notify import Notifier
from pipeline.settings import CONFIG_NAME, SETTINGS, Settings
from pipeline.store_address import StoreAddress, words_of
from pipeline.values import Door
from pipeline.wording import program_defect

if TYPE_CHECKING:
    from pipeline.intake import Choice
    from pipeline.intake.watching.watcher import Watcher

__all__ = [
    "LiveSettings",
    "RoundClock",
    "Supervisor",
    "leaving_in_time",
    "settings_wanted_again",
    "watch_always",
]

BEAT_SECONDS: Final = 5.0

MOST_NAMED: Final = 3
"""Files that others wait for, named in the watcher's last word."""

APPEARED_SECONDS: Final = 60.0
"""How often the shop is asked which products have come, while something waits for one."""

READ_SECONDS: Final = 2.0
"""How often the settings file, the maps and the shot list are looked at."""

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 60.0
"""Seconds until a ledger that could not be used is tried again."""

STOP_SECONDS: Final = 8.0
"""After so long a stop no longer waits for what is in hand: the ledger is true at every moment,
and the next start goes on from it."""

SLICE_SECONDS: Final = 0.2

_log = logging.getLogger(__name__)


def watch_always(
    folders: Sequence[Path],
    read: Callable[[], Settings],
    config: Path | None,
    *,
    choice_for: Callable[[Settings], Choice],
    polling: bool,
    check_content: bool = False,
    shown: Shown = LINES,
) -> None:
    """Watch folders until the program is asked to stop.

    Args:
        folders: absolute paths.
        read: reads the settings that are in force at that moment.
        config: the settings file, where it is not the one of the home folder.
        choice_for: returns which files are taken with such settings.
        polling: compare listings everywhere, not only on network disks.
        check_content: read every file once that lies there, whatever is known of it.
        shown: how the log is shown; a watcher's always is.

    Raises:
        ConfigError: a folder lies in the home, another watches already, the settings are wrong.
        PipelineError: the first round could not begin.
    """
    clock, observer = SystemClock(), LogObserver()
    with ExitStack() as stack:
        asked = stack.enter_context(settings_wanted_again())
        live = LiveSettings(read, config, asked, observer)
        home = live.current.home
        for folder in folders:
            if folder.is_relative_to(home):
                raise ConfigError(f"{folder} lies in the home folder of this program: name another")
        if live.current.notify:
            observer.on_refusal = Notifier().refused
        stack.enter_context(one_watcher(home))
        stack.enter_context(leaving_in_time(clock, observer.said, partial(forget, home)))
        stack.enter_context(logging_to(home, "watch", replace(shown, lines=True)))
        stack.enter_context(stopping_on_signals(clock, observer.said, hangup=False))
        rounds = _WatchRounds(
            folders,
            live,
            clock,
            observer,
            choice_for=choice_for,
            polling=polling,
            check_content=check_content,
        )
        Supervisor(live, rounds.go, clock, observer).go_on()
        observer.said("stopped")


class LiveSettings:
    """The settings in force, read again when their file changes or somebody asks for it."""

    def __init__(
        self,
        read: Callable[[], Settings],
        config: Path | None,
        asked: Callable[[], bool],
        observer: LogObserver,
    ) -> None:
        """Read them.

        Args:
            read: reads the settings that are in force at that moment.
            config: their file, where it is not the one of the home folder.
            asked: whether somebody wished since the last question that they are read again.
            observer: is told what changed.

        Raises:
            ConfigError: they are wrong.
        """
        self._read = read
        self._asked = asked
        self._observer = observer
        self.current, self._file = _settings_and_file(read, config)

    def renewed(self) -> bool:
        """Whether they were read again, since they may be others; then a new round is due."""
        asked, changed = self._asked(), self._file.changed()
        if not (asked or changed):
            return False
        try:
            before, self.current = self.current, self._read()
        except PipelineError as error:
            self._observer.warned(f"the settings stay as they were: {error}")
            return False
        others = [name for name in SETTINGS if getattr(self.current, name) != getattr(before, name)]
        self._observer.said(
            f"the settings were read again: {', '.join(others) or 'nothing'} changed"
        )
        return True


class Supervisor:
    """Goes round after round, and outlives what ends one."""

    def __init__(
        self,
        live: LiveSettings,
        go_round: Callable[[Settings, Callable[[], None]], WorkResult],
        clock: SystemClock,
        observer: LogObserver,
    ) -> None:
        """Put it together.

        Args:
            live: the settings of each round.
            go_round: goes one round with settings, says when it has begun, and returns how it
                ended.
            clock: time, and the wish to stop.
            observer: is told of trouble.
        """
        self._live = live
        self._go_round = go_round
        self._clock = clock
        self._observer = observer
        self._begun = False

    def go_on(self) -> None:
        """Go round after round until the program is asked to stop.

        Raises:
            PipelineError: the first round could not begin.
        """
        pause = FIRST_PAUSE
        while not self._clock.stopping():
            settings = self._live.current
            trouble = self._trouble_of_round(settings)
            renewed = self._live.current is not settings
            if renewed or trouble is None or self._clock.stopping():
                pause = FIRST_PAUSE
                continue
            self._observer.warned(f"{trouble}; trying again in {pause:g} seconds")
            self._clock.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            self._live.renewed()

    def _trouble_of_round(self, settings: Settings) -> str | None:
        """Go one round; return why it ended, None where it was to end.

        A watcher that runs for months outlives its own defects: they are in the log, with where
        they happened.
        """
        try:
            error = self._go_round(settings, self._has_begun).error
        except Exception as trouble:
            if not self._begun:
                raise
            if isinstance(trouble, PipelineError):
                return str(trouble)
            _log.exception("an error in this program ended the round")
            return program_defect(trouble)
        return None if error is None else str(error)

    def _has_begun(self) -> None:
        self._begun = True


class RoundClock:
    """The clock of one round: asked to stop when the program is, or when the round is over."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._over = Latch()
        self._told: Callable[[], None] = lambda: None

    def end(self) -> None:
        """End the round: what is in hand is finished first."""
        self._over.open()
        self._told()

    @contextmanager
    def going(self) -> Iterator[None]:
        """End the round when the program is asked to stop."""
        with self._clock.telling(self.end):
            yield

    def tell(self, call: Callable[[], None]) -> None:
        """Have something called when the round is to end: whoever waits there for something else.

        It is called by whoever ends it, also by a signal's handler: it must be quick, and wait for
        no lock that the thread of the round may hold.
        """
        self._told = call

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Return seconds that only ever go forward."""
        return self._clock.monotonic()

    def random(self) -> float:
        """Return a random number from 0 up to 1, for jitter."""
        return self._clock.random()

    def stopping(self) -> bool:
        """Whether the round is to end."""
        return self._over.is_open or self._clock.stopping()

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the round is to end; return whether it is."""
        return self._over.wait(seconds) or self.stopping()


@contextmanager
def settings_wanted_again() -> Iterator[Callable[[], bool]]:
    """Have SIGHUP ask for the settings to be read again; yields what tells whether it did.

    Where the platform has no such signal, nothing asks.
    """
    asked = threading.Event()

    def heed(number: int, frame: FrameType | None) -> None:
        asked.set()

    def was_asked() -> bool:
        was = asked.is_set()
        asked.clear()
        return was

    number = getattr(signal, "SIGHUP", None)
    before = None if number is None else signal.signal(number, heed)
    try:
        yield was_asked
    finally:
        if number is not None:
            signal.signal(number, before)


@contextmanager
def leaving_in_time(
    clock: SystemClock, say: Callable[[str], None], at_last: Callable[[], None]
) -> Iterator[None]:
    """See that the program has ended a few seconds after it was asked to, whatever is in hand."""
    over = threading.Event()

    def watch_over() -> None:
        while not over.is_set():
            if clock.wait(3600.0) and not over.wait(STOP_SECONDS):
                say("something is still in hand: it is taken up again at the next start")
                time.sleep(SLICE_SECONDS)  # another thread prints it
                at_last()
                os._exit(0)

    threading.Thread(target=watch_over, daemon=True).start()
    try:
        yield
    finally:
        over.set()


class _WatchRounds:
    """Rounds in which folders are watched."""

    def __init__(
        self,
        folders: Sequence[Path],
        live: LiveSettings,
        clock: SystemClock,
        observer: LogObserver,
        *,
        choice_for: Callable[[Settings], Choice],
        polling: bool,
        check_content: bool,
    ) -> None:
        self._choice_for = choice_for
        self._folders = folders
        self._scope = Scope.of(folders, hook=True)
        self._live = live
        self._clock = clock
        self._observer = observer
        self._polling = polling
        self._to_forget = list(folders) if check_content else []
        self._started_at = clock.now()

    def go(self, settings: Settings, begun: Callable[[], None]) -> WorkResult:
        clock, observer = RoundClock(self._clock), self._observer
        with ExitStack() as stack:
            stack.enter_context(clock.going())
            store = stack.enter_context(store_in_force(settings, say=observer.said))
            say_shops(settings.home, settings.hook_shops)
            engine = stack.enter_context(
                engine_for(settings, store.address, clock, observer, Door.WATCH)
            )
            while self._to_forget:
                engine.ledger.forget_files(self._to_forget[-1])
                self._to_forget.pop()
            watcher = watcher_for(
                settings,
                engine,
                self._folders,
                self._choice_for(settings),
                polling=self._polling,
                say_left_out=self._say_left_out,
            )
            listed = ", ".join(str(folder) for folder in self._folders)
            shop = words_of(store.address.base_url, store.address.name)
            observer.said(f"watching {listed} for {shop}")
            clock.tell(watcher.wake)
            begun()
            tick = self._chores(settings, clock, engine, watcher, store.address)
            mode = replace(WATCH, scope=self._scope)
            return run_engine(settings, engine, watcher.feed, mode, tick=tick)

    def _chores(
        self,
        settings: Settings,
        clock: RoundClock,
        engine: Engine,
        watcher: Watcher,
        store: StoreAddress,
    ) -> Callable[[], None]:
        """Return what is to be called again and again while a round goes on."""

        def read_again() -> None:
            if self._live.renewed():
                clock.end()

        now = clock.monotonic()
        chores = [
            Chore(partial(self._beat, settings.home, watcher, engine, store), BEAT_SECONDS, now),
            Chore(read_again, READ_SECONDS, now + READ_SECONDS),
            Chore(
                partial(ask_again, engine, self._scope),
                settings.ask_again_every,
                now + settings.ask_again_every,
            ),
            Chore(
                Aside(partial(heed_lists, engine, self._scope)).do,
                READ_SECONDS,
                now + READ_SECONDS,
            ),
            Chore(
                Aside(partial(take_up_appeared, engine, self._scope)).do,
                APPEARED_SECONDS,
                now + APPEARED_SECONDS,
            ),
        ]

        def tick() -> None:
            for chore in chores:
                chore.do(clock.monotonic())

        return tick

    def _say_left_out(self, left_out: Sequence[LeftOut]) -> None:
        for sentence in left_out_of(left_out):
            self._observer.said(sentence)

    def _beat(self, home: Path, watcher: Watcher, engine: Engine, store: StoreAddress) -> None:
        error_at, error = self._observer.last_error or (None, None)
        held_back = watcher.held_back
        # A full disk does not stop the watch.
        with suppress(OSError):
            Heartbeat(
                pid=os.getpid(),
                started_at=self._started_at,
                beat_at=self._clock.now(),
                folders=tuple(str(folder) for folder in self._folders),
                gone=tuple(str(folder) for folder in watcher.folders_gone),
                settling=watcher.not_at_rest,
                held_back=sum(held_back.values()),
                waits_for=tuple(str(path) for path in sorted(held_back)[:MOST_NAMED]),
                held_up=engine.dealings.held_up,
                left_out=tuple(watcher.left_out),
                store=store_document(store),
                error_at=error_at,
                error=error,
            ).write(home)


class _SettingsFile:
    """The settings file, and whether it is another one than before."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = self._look()

    def changed(self) -> bool:
        before, self._seen = self._seen, self._look()
        return before != self._seen

    def _look(self) -> tuple[int, int, int] | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _settings_and_file(
    read: Callable[[], Settings], config: Path | None
) -> tuple[Settings, _SettingsFile]:
    """Return the settings, and their file as it was before it was read: no change slips between."""
    while True:
        settings = read()
        file = _SettingsFile(config or settings.home / CONFIG_NAME)
        if read() == settings:
            return settings, file
