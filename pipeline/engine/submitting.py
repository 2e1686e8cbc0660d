"""What comes in is submitted: many at a time, and again a while later what was not ready."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from pipeline.engine.engine import Engine
from pipeline.engine.receiving import MOST_AT_ONCE, WRITE_SECONDS, Taken
from pipeline.left_out import By, Cause, LeftOutCount
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Arrival, KnownFile, Photo

__all__ = ["Feed", "Submitting", "changed_since_last_run"]

Feed = Callable[[Callable[[Iterable[Arrival]], Sequence[Photo | None]], Callable[[], bool]], None]
"""A source that goes on by itself, until the second function that it is given says that it is over.

It hands arrivals to the first, which asks for each when the one before has been read, and returns
the photograph of each when it is written down, or None where the file was not ready.
"""

FIRST_PAUSE: Final = 0.5
"""Seconds until what was not ready is submitted again."""


def changed_since_last_run(
    arrivals: Iterable[Arrival],
    known_files: Callable[[Sequence[Arrival]], Sequence[KnownFile | None]],
    left_out: LeftOutCount,
) -> Iterator[Arrival]:
    """Yield the arrivals of what is new, has changed, or of which something is still to be done.

    No clock has a say in it: a file is left out where the ledger has it with the very size, times
    and inode that it has now, and its arrival would change nothing. So neither a clock that jumps,
    nor a file with an old time, nor a folder that is moved here, makes one slip through.

    Args:
        arrivals: with their stamps, where the files may be known by them.
        known_files: asks the ledger (`KnownFiles.known_files`).
        left_out: counts the others.
    """
    as_it_was = Cause(By.LAST_RUN)
    for piece in _pieces(arrivals):
        for arrival, known in zip(piece, known_files(piece), strict=True):
            if known is None:
                yield arrival
            else:
                left_out.add(as_it_was, arrival.path, folder=False)


class Submitting:
    """Submits what one source gives, while the first are already being worked on.

    Attributes:
        not_taken: the files that were not ready until the end.
        known: how many were known by their stamps, and are only counted.
        beyond_limit: how many were left, for there was to be a limit.
    """

    def __init__(
        self,
        engine: Engine,
        over: Callable[[], bool],
        written: Callable[[], None],
        *,
        list_known: bool,
    ) -> None:
        """Submit nothing yet.

        Args:
            engine: takes arrivals in.
            over: tells that the rest is to be left.
            written: is called when something was written down.
            list_known: write down the arrivals of all that are known by their stamps, too.
        """
        self._engine = engine
        self._over = over
        self._written = written
        self._list_known = list_known
        self.not_taken: tuple[Path, ...] = ()
        self.known = 0
        self.beyond_limit = 0

    def feed(self, feed: Feed) -> None:
        """Submit what a feed gives, until it is over."""
        feed(self._several, self._over)

    def all_of(
        self,
        arrivals: Iterable[Arrival],
        patience: float,
        wait: Callable[[float], object],
        *,
        limit: int | None = None,
    ) -> None:
        """Submit every arrival, and those that are not ready again for a while.

        Args:
            arrivals: of files.
            patience: for so many seconds.
            wait: waits for so many seconds, or until it is over.
            limit: submit so many that are not stored yet, the first ones; None for all.
        """
        wanted = takewhile(lambda _: not self._over(), arrivals)
        waiting = self._in_turn(wanted) if limit is None else self._first(wanted, limit)
        for pause in _growing(patience):
            if not waiting or self._over():
                break
            wait(pause)
            waiting = self._in_turn(waiting)
        if not self._over():
            waiting = [arrival for arrival in waiting if self._one(arrival) is None]
        self.not_taken = tuple(arrival.path for arrival in waiting)

    def _several(self, arrivals: Iterable[Arrival]) -> Sequence[Photo | None]:
        taken = self._engine.submit_many(iter(arrivals), written=self._written)
        return [what if isinstance(what, Photo) else None for what in taken]

    def _one(self, arrival: Arrival) -> Photo | None:
        photo = self._engine.submit(arrival)
        if photo is not None:
            self._written()
        return photo

    def _in_turn(self, arrivals: Iterable[Arrival]) -> list[Arrival]:
        """Submit each arrival, and return those that were not taken, for a later try.

        Where one is not ready yet, the later ones of its folder wait for it: they may be of its
        product, and would go before it.
        """
        waiting: list[Arrival] = []
        held_up: set[Path] = set()
        for piece in _pieces(arrivals):
            self._submit(piece, held_up, waiting)
        return waiting

    def _submit(
        self, piece: Sequence[Arrival], held_up: set[Path], waiting: list[Arrival]
    ) -> Sequence[Taken]:
        taken = self._engine.submit_many(
            piece,
            list_known=self._list_known,
            held_up=held_up,
            over=self._over,
            written=self._written,
        )
        # Shorter where it is over: what was not even tried is nobody's to wait for.
        waiting += [one for one, what in zip(piece, taken, strict=False) if what is None]
        self.known += sum(isinstance(what, KnownFile) and not what.listed for what in taken)
        return taken

    def _first(self, arrivals: Iterable[Arrival], most: int) -> list[Arrival]:
        """Submit the first so many that are not stored, in their order, and count the others.

        What is known, and of which nothing is to be done, is submitted beside them. What waits,
        or has failed, is left: it would be the first again and again, and no other's turn came.
        """
        waiting: list[Arrival] = []
        held_up: set[Path] = set()
        left = most
        for piece in _pieces(arrivals):
            known = self._engine.ledger.known_files(piece)
            new = {one.path for one, what in zip(piece, known, strict=True) if what is None}
            aside = {path for path in new if self._stands_aside(path)} if left else set()
            self.beyond_limit += len(aside)
            pending = [one for one in piece if one.path not in aside]
            while pending and not self._over():
                wanted, pending = _parted(pending, new, left)
                taken = self._submit(wanted, held_up, waiting)
                left -= sum(map(_uses_a_place, taken))
                if not left:
                    self.beyond_limit += sum(one.path in new for one in pending)
                    pending = [one for one in pending if one.path not in new]
        return waiting

    def _stands_aside(self, path: Path) -> bool:
        """Whether the last photograph that came from there waits for somebody, or has failed."""
        photos = self._engine.ledger.at_path(path)
        return bool(photos) and photos[0].state in (State.WAITING, State.FAILED)


def _pieces(arrivals: Iterable[Arrival]) -> Iterator[Sequence[Arrival]]:
    """Yield arrivals in pieces: small ones first, and none is waited for long, for work waits."""
    piece: list[Arrival] = []
    most, began = 1, time.monotonic()
    for arrival in arrivals:
        piece.append(arrival)
        if len(piece) >= most or time.monotonic() - began > WRITE_SECONDS:
            yield piece
            piece, began = [], time.monotonic()
            most = min(2 * most, MOST_AT_ONCE)
    if piece:
        yield piece


def _parted(
    arrivals: Sequence[Arrival], new: Collection[Path], most: int
) -> tuple[list[Arrival], list[Arrival]]:
    """Return arrivals up to the last that may still be taken in, and those behind it."""
    for number, arrival in enumerate(arrivals):
        if arrival.path in new:
            if not most:
                return list(arrivals[:number]), list(arrivals[number:])
            most -= 1
    return list(arrivals), []


def _uses_a_place(what: Taken) -> bool:
    return what is None or (isinstance(what, Photo) and what.state in UNFINISHED_STATES)


def _growing(most: float) -> Iterator[float]:
    """Yield pauses, each twice the one before, that are together as long as that, in seconds."""
    pause, left = FIRST_PAUSE, most
    while left > 0:
        yield min(pause, left)
        left -= pause
        pause *= 2
