"""What a run shows while it works: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from pipeline.cli.terminal import console
from pipeline.engine import Observer
from pipeline.lifecycle import FINAL_STATES, Reason, State
from pipeline.report.wording import line_of
from pipeline.values import Photo
from pipeline.wording import data_size, plain

__all__ = ["LiveProgress", "PlainProgress", "RunObserver", "progress_for", "reading_shown"]


_TROUBLE = frozenset({State.WAITING, State.REFUSED, State.FAILED})


class RunObserver(Observer):
    """An observer that is also told how many photographs there are; by itself it shows nothing."""

    def found(self, number: int) -> None:
        """So many files have been found until now."""


class PlainProgress(RunObserver):
    """One line for every photograph that has come to an end or has to wait."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, str] = {}

    def ended(self, photo: Photo) -> None:
        """Write a line where something ended, or has to be tried again."""
        line = line_of(photo)
        if line is not None and self._told.get(photo.id) != line:
            self._told[photo.id] = line
            self.said(line)

    def said(self, sentence: str) -> None:
        """Write a line."""
        self._console.print(Text(plain(sentence)), soft_wrap=True, highlight=False)


class LiveProgress(PlainProgress):
    """Photographs done of those found, bytes sent, what is in hand, and the time left."""

    def __init__(self, console: Console, progress: Progress, task: TaskID) -> None:
        super().__init__(console)
        self._progress = progress
        self._task = task
        self._lock = threading.Lock()
        self._in_hand: dict[Path, str] = {}
        self._sent: dict[Path, int] = {}
        self._done: set[str] = set()
        self._trouble: dict[str, State] = {}
        # Their sums, for each event shows them: there may be very many photographs.
        self._bytes = 0
        self._troubles: Counter[State] = Counter()

    def found(self, number: int) -> None:
        """Show how many there are."""
        self._progress.update(self._task, total=number)

    def began(self, path: Path, doing: str) -> None:
        """Show what is in hand."""
        with self._lock:
            self._in_hand[path] = doing
        self._show()

    def progress(self, path: Path, done: int, total: int) -> None:
        """Show the bytes."""
        with self._lock:
            self._bytes += done - self._sent.get(path, 0)
            self._sent[path] = done
            if total:
                self._in_hand[path] = f"sending {100 * done // total} %"
        self._show()

    def ended(self, photo: Photo) -> None:
        """Count it, and write a line for what needs eyes."""
        with self._lock:
            self._in_hand.pop(photo.path, None)
            if photo.state in FINAL_STATES:
                self._done.add(photo.id)
            if photo.state in _TROUBLE and photo.reason is not Reason.NOT_FOR_UPLOAD:
                self._troubles[photo.state] += 1
                if (before := self._trouble.get(photo.id)) is not None:
                    self._troubles[before] -= 1
                self._trouble[photo.id] = photo.state
        # How many were refused is shown as a number here: the report at the end gives each.
        if photo.state not in FINAL_STATES:
            super().ended(photo)
        self._show()

    def _show(self) -> None:
        with self._lock:
            hand = "  ".join(f"{path.name} {doing}" for path, doing in self._in_hand.items())
            sent, done = self._bytes, len(self._done)
            numbers = sorted((+self._troubles).items())
        trouble = "".join(f", {number} {state}" for state, number in numbers)
        self._progress.update(
            self._task, completed=done, sent=f"{data_size(sent)} sent{trouble}", hand=hand
        )


@contextmanager
def progress_for(*, quiet: bool) -> Iterator[RunObserver]:
    """Yield the observer that fits where the output goes (standard error), until the run ends."""
    out = console(err=True)
    if quiet:
        yield RunObserver()
        return
    if not out.is_terminal:
        yield PlainProgress(out)
        return
    progress = Progress(
        SpinnerColumn(),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[sent]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[hand]}", markup=False, table_column=Column(no_wrap=True)),
        console=out,
        transient=True,
    )
    with progress:
        task = progress.add_task("photographs", total=None, sent=f"{data_size(0)} sent", hand="")
        yield LiveProgress(out, progress, task)


@contextmanager
def reading_shown(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield what shows how many products of the shop have been read, on a terminal alone.

    It is on standard error, and gone when the block ends.
    """
    out = console(err=True)
    if quiet or not out.is_terminal:
        yield lambda read, of: None
        return
    progress = Progress(
        SpinnerColumn(),
        TextColumn("reading the shop"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("products"),
        TimeRemainingColumn(compact=True),
        console=out,
        transient=True,
    )
    with progress:
        task = progress.add_task("products", total=None)
        yield lambda read, of: progress.update(task, completed=read, total=of)
