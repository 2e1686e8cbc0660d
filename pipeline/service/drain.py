"""The engines of a hook: in the background for what lies there, and for the shots of one call.

Where another process is at work on the same store, the one in the background takes shots in, and
leaves the rest to that one, which is warm: it has workers, connections, and knows what is left of
the quota. It watches over them, and does itself what nobody does.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pipeline.assembly import engine_for, receiver_for, run_engine
from pipeline.engine import DRAIN, Observer, WorkResult
from pipeline.home import BACKGROUND_LOCK, PRIVATE_FILE, of_shop
from pipeline.hook.inbox import entries
from pipeline.intake import arrival_of, take_in_awaited, take_in_inbox
from pipeline.intake.inbox import Submit
from pipeline.report.wording import given_up
from pipeline.service.clock import SystemClock
from pipeline.service.embedded_store import store_in_force
from pipeline.settings import Settings
from pipeline.store_address import StoreAddress
from pipeline.values import Arrival, Door, Photo, RunReport

__all__ = ["bring_in", "drain", "drain_in_turn"]

LOOK_SECONDS: Final = 0.1

LINGER_SECONDS: Final = 5.0
"""How long it waits for a next shot: starting anew for each would take longer than the shot."""

OTHERS_SECONDS: Final = 2.0
"""So long a shot may be due while another process is at work, and be in nobody's hand."""

LONGEST_LEFT: Final = 30.0
"""After so many seconds without a new shot, what is not stored yet is no longer left to another."""


def drain(
    settings: Settings, clock: SystemClock, observer: Observer, *, linger: float
) -> WorkResult:
    """Take in what hooks have noted down and work until nothing is due.

    Args:
        settings: in force.
        clock: time, and the wish to stop.
        observer: is told what goes on.
        linger: seconds to wait for further shots after the last.

    Returns:
        How it ended.
    """

    def feed(submit: Submit, over: Callable[[], bool]) -> None:
        last = time.monotonic()
        while not over():
            if take_in_inbox(settings.home, submit, over, settings.hook_shops):
                last = time.monotonic()
            elif time.monotonic() - last >= linger:
                return
            else:
                clock.wait(LOOK_SECONDS)

    with store_in_force(settings, say=observer.said) as store:
        if _others_did_it(settings, store.address, clock, observer, linger):
            return WorkResult(stopped=clock.stopping(), error=None)
        with engine_for(settings, store.address, clock, observer, Door.HOOK) as engine:
            return run_engine(settings, engine, feed, DRAIN)


def _others_did_it(
    settings: Settings, address: StoreAddress, clock: SystemClock, observer: Observer, linger: float
) -> bool:
    """Take in what hooks note down, as long as another process works on that.

    Returns:
        Whether nothing is left to do; False where this process is to do it.
    """
    with receiver_for(settings, address, clock, observer, Door.HOOK) as (ledger, receiving):

        def submit(arrivals: Iterable[Arrival]) -> Sequence[Photo | None]:
            taken = receiving.many(iter(arrivals))
            return [what if isinstance(what, Photo) else None for what in taken]

        last = in_hand = time.monotonic()
        while not clock.stopping():
            if not ledger.others_live():
                return False
            taken = take_in_inbox(settings.home, submit, clock.stopping, settings.hook_shops)
            now = time.monotonic()
            if taken:
                last = in_hand = now
            if not ledger.any_unfinished(any_owner=True, step=None, urgent=True):
                in_hand = now
                if now - last >= linger:
                    return True
            elif not ledger.haste_is_due():
                in_hand = now
            if now - in_hand > OTHERS_SECONDS or now - last > max(linger, LONGEST_LEFT):
                return False
            clock.wait(LOOK_SECONDS)
        return True


def drain_in_turn(
    settings: Settings, clock: SystemClock, observer: Observer, lock: int | None, shop: str = ""
) -> None:
    """Be the one engine in the background of a shop; leave at once where there is one already.

    Args:
        settings: in force.
        clock: time, and the wish to stop.
        observer: is told what goes on.
        lock: the handle of the lock file, where the hook that started us has taken it already.
        shop: the shop that the hook's call names; empty where it names none.
    """
    file = settings.home / of_shop(BACKGROUND_LOCK, shop)
    while True:
        own = None
        if lock is None:
            from filelock import FileLock, Timeout  # a hook that starts us hands its lock on

            own = FileLock(file, mode=PRIVATE_FILE, thread_local=False)
            try:
                own.acquire(blocking=False)
            except Timeout:
                return
        try:
            result = drain(settings, clock, observer, linger=LINGER_SECONDS)
        finally:
            if lock is not None:
                os.close(lock)
                lock = None
            if own is not None:
                own.release()
        if result.error is not None:
            observer.warned(str(result.error))
            return
        if (sentence := given_up(result)) is not None:
            observer.warned(sentence)
        # A hook that came just before the lock was let go has left its shot to us.
        if clock.stopping() or not entries(str(settings.home), settings.hook_shops):
            return


def bring_in(
    settings: Settings,
    clock: SystemClock,
    observer: Observer,
    noted: Sequence[tuple[str, dict[str, str]]],
) -> tuple[WorkResult, RunReport]:
    """Take in a hook's own entries, whoever else is at work, and see them into the store.

    Args:
        settings: in force.
        clock: time, and the wish to stop.
        observer: is told what goes on.
        noted: the files of the entries, each with what is noted in it.

    Returns:
        How it ended, and what became of each.
    """
    not_taken: list[Path] = []

    def feed(submit: Submit, over: Callable[[], bool]) -> None:
        latest = time.monotonic() + settings.patience
        for entry, fields in noted:
            while not take_in_awaited(Path(entry), fields, submit):
                if over() or time.monotonic() > latest:
                    not_taken.append(arrival_of(fields).path)
                    break
                clock.wait(2 * LOOK_SECONDS)

    with (
        store_in_force(settings, say=observer.said) as store,
        engine_for(settings, store.address, clock, observer, Door.HOOK) as engine,
    ):
        result = run_engine(settings, engine, feed)
        # They are few, and are asked for when the ledger is closed.
        run_report = engine.ledger.run_report()
        run_report = replace(run_report, lines=tuple(run_report.lines))
        return replace(result, not_taken=tuple(not_taken)), run_report
