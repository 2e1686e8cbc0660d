"""What a command shows while it works: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import Progress, ProgressColumn, Task
from rich.text import Text

from pipeline.cli.terminal import columns_of, console, laid_out, one_place
from pipeline.engine import Observer
from pipeline.layout import cells, cut_path, is_dumb, pieces_that_fit
from pipeline.lifecycle import FINAL_STATES, Reason, State
from pipeline.report.wording import line_of
from pipeline.values import Photo
from pipeline.wording import data_size, plain, time_left

__all__ = [
    "LiveProgress",
    "PlainProgress",
    "RunObserver",
    "progress_for",
    "reading_shown",
    "working_shown",
]


_TROUBLE = frozenset({State.WAITING, State.REFUSED, State.FAILED})

_REMEMBERED: Final = 1_000
"""Photographs whose end is remembered, for the same may be told twice, soon one after the other."""

_PATIENCE_SECONDS: Final = 2.0
"""What takes no longer shows nothing of what goes on."""

_MEASURED_SECONDS: Final = 120.0
"""What was done in so long says how long the rest will take."""

_Value = TypeVar("_Value")

_INDENT: Final = 9
"""Columns of the word before a sentence about a photograph."""

_LEAST_NAME: Final = 12
"""Columns in which a file's name can still be told from others."""


class RunObserver(Observer):
    """An observer that is also told how many photographs there are; by itself it shows nothing."""

    def found(self, number: int) -> None:
        """So many files have been found until now."""

    def found_all(self) -> None:
        """No more will be found."""

    def noted(self, sentence: str) -> None:
        """Something that belongs into the log, and is shown to people in another way."""

    def compared(self, number: int, of: int) -> None:
        """So many products were compared with the shop, after all was done."""


class PlainProgress(RunObserver):
    """One line for every photograph that has come to an end or has to wait.

    Args:
        console: where the lines go.
        told_at_end: what needs eyes is told at the end in the same place, and not twice.
    """

    def __init__(self, console: Console, *, told_at_end: bool = False) -> None:
        self._console = console
        self._told_at_end = told_at_end
        self._told: OrderedDict[str, str] = OrderedDict()

    def ended(self, photo: Photo) -> None:
        """Write a line where something ended, or has to be tried again."""
        if self._told_at_end and photo.state in _TROUBLE:
            return
        line = line_of(photo)
        if line is not None and self._told.get(photo.id) != line:
            _remember(self._told, photo.id, line)
            self._print(line, _INDENT)

    def said(self, sentence: str) -> None:
        """Write a line."""
        self._print(sentence, 0)

    def _print(self, sentence: str, indent: int) -> None:
        text = laid_out(sentence, err=True, indent=indent)
        self._console.print(Text(text), soft_wrap=True, highlight=False)


@dataclass(slots=True)
class _Shown:
    """What the live line of a run says."""

    done: int = 0
    found: int | None = None
    all_found: bool = False
    seconds_left: float | None = None
    troubles: Counter[State] = field(default_factory=Counter)
    sent: int = 0
    in_hand: dict[Path, str] = field(default_factory=dict)

    def line(self, width: int) -> str:
        """Return the line: what matters most first, and what does not fit left out from the right.

        Args:
            width: columns that it may take; the count is there in any case.
        """
        of = "" if self.found is None else f" of {self.found:,}"
        left = "" if self.all_found or self.found is None else " found so far"
        if self.all_found and self.seconds_left is not None and self.done < (self.found or 0):
            left = f", {time_left(self.seconds_left)}"
        count = f"{self.done:,}{of or ' done'}"
        pieces = [f"{count}{left}" if cells(count + left) <= width else count]
        pieces += [f"{number:,} {state}" for state, number in sorted((+self.troubles).items())]
        if self.sent:
            pieces.append(f"{data_size(self.sent)} sent")
        line = pieces_that_fit(pieces, width)
        if line != "  ".join(pieces):
            return line
        return line + self._hand(width - cells(line))

    def _hand(self, room: int) -> str:
        line = ""
        for path, doing in list(self.in_hand.items()):
            name = plain(path.name)
            least = min(cells(name), _LEAST_NAME)
            if cells(line) + 2 + least + 1 + cells(doing) > room:
                break
            line += f"  {cut_path(name, room - cells(line) - 3 - cells(doing))} {doing}"
        return line


class LiveProgress(PlainProgress):
    """Photographs done of those found, the time left, trouble, bytes sent, and what is in hand."""

    def __init__(self, console: Console, progress: Progress, *, told_at_end: bool = False) -> None:
        super().__init__(console, told_at_end=told_at_end)
        self._progress = progress
        self._task = progress.add_task("photographs", total=None)
        self._lock = threading.Lock()
        self._shown = _Shown()
        self._compared = ""
        self._sent: dict[Path, int] = {}
        self._ended: OrderedDict[str, State] = OrderedDict()

    def line(self, width: int) -> str:
        """Return what is shown, in so many columns."""
        speed = self._progress.tasks[0].speed
        with self._lock:
            if self._compared:
                return pieces_that_fit(self._compared.split(" "), width, " ")
            left = (self._shown.found or 0) - self._shown.done
            self._shown.seconds_left = left / speed if speed else None
            return self._shown.line(width)

    def found(self, number: int) -> None:
        """Show how many there are."""
        with self._lock:
            self._shown.found = number

    def found_all(self) -> None:
        """Show from now on how long the rest will take."""
        with self._lock:
            self._shown.all_found = True

    def compared(self, number: int, of: int) -> None:
        """Show that from now on."""
        with self._lock:
            self._compared = f"{number:,} of {of:,} products compared with the shop"

    def nothing_to_do(self, number: int) -> None:
        """Show them as done."""
        with self._lock:
            self._shown.done += number

    def began(self, path: Path, doing: str) -> None:
        """Show what is in hand."""
        with self._lock:
            self._shown.in_hand[path] = doing

    def progress(self, path: Path, done: int, total: int) -> None:
        """Show the bytes."""
        with self._lock:
            self._shown.sent += done - self._sent.get(path, 0)
            self._sent[path] = done
            if total:
                self._shown.in_hand[path] = f"sending {100 * done // total} %"

    def ended(self, photo: Photo) -> None:
        """Count it, and write a line for what needs eyes."""
        aside = photo.reason is Reason.NOT_FOR_UPLOAD
        with self._lock:
            self._shown.in_hand.pop(photo.path, None)
            self._sent.pop(photo.path, None)
            is_new = photo.state in FINAL_STATES and photo.id not in self._ended
            if photo.state in FINAL_STATES:
                before = self._ended.get(photo.id)
                self._shown.done += is_new
                self._shown.troubles.update({photo.state: photo.state in _TROUBLE and not aside})
                if before in _TROUBLE:
                    self._shown.troubles[before] -= 1
                _remember(self._ended, photo.id, photo.state)
        # How many were refused is shown as a number here: the report at the end gives each.
        if photo.state not in FINAL_STATES:
            super().ended(photo)
        if is_new:
            # What was done with says nothing of how long the others take: only this is measured.
            self._progress.advance(self._task)


class _Line(ProgressColumn):
    """One line, made anew each time for the terminal as wide as it is then."""

    def __init__(self, line: Callable[[int], str]) -> None:
        super().__init__()
        self.line = line

    def render(self, task: Task) -> Text:
        # One column less, for a full line makes some terminals begin a new one.
        width = (columns_of(err=True) or console(err=True).width) - 1
        return Text(self.line(width), no_wrap=True, overflow="crop", end="")


def _live(out: Console, line: Callable[[int], str]) -> Progress:
    return Progress(
        _Line(line), console=out, transient=True, speed_estimate_period=_MEASURED_SECONDS
    )


@contextmanager
def progress_for(*, quiet: bool, tells_end: bool = True) -> Iterator[RunObserver]:
    """Yield the observer that fits where the output goes (standard error), until the run ends.

    Args:
        quiet: show nothing.
        tells_end: standard output is told at the end what needs eyes, for people.
    """
    out = console(err=True)
    told_at_end = tells_end and one_place()
    if quiet:
        yield RunObserver()
        return
    if not out.is_terminal or is_dumb():
        yield PlainProgress(out, told_at_end=told_at_end)
        return
    shown: list[LiveProgress] = []
    progress = _live(out, lambda width: shown[0].line(width) if shown else "")
    with progress:
        shown.append(LiveProgress(out, progress, told_at_end=told_at_end))
        yield shown[0]


@contextmanager
def reading_shown(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield what shows how many products of the shop have been read, on a terminal alone.

    It is on standard error, and gone when the block ends.
    """
    out = console(err=True)
    if quiet or not out.is_terminal or is_dumb():
        yield lambda read, of: None
        return
    with _live(out, lambda width: _products(progress.tasks, width)) as progress:
        task = progress.add_task("products", total=None)
        yield lambda read, of: progress.update(task, completed=read, total=of)


@contextmanager
def working_shown(doing: str, *, after: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Show what goes on and for how long, on a terminal alone, where it takes long.

    It is on standard error, and gone when the block ends.

    Args:
        doing: what goes on.
        after: so many seconds must have passed.
    """
    out = console(err=True)
    if not out.is_terminal or is_dumb():
        yield
        return
    began, over, changing = time.monotonic(), threading.Event(), threading.Lock()
    progress = _live(out, lambda width: _since(doing, time.monotonic() - began, width))
    progress.add_task(doing, total=None)

    def show() -> None:
        with changing:
            if not over.is_set():
                progress.start()

    waiting = threading.Timer(after, show)
    waiting.daemon = True
    waiting.start()
    try:
        yield
    finally:
        waiting.cancel()
        with changing:
            over.set()
            progress.stop()


def _since(doing: str, seconds: float, width: int) -> str:
    return pieces_that_fit([doing, f"{seconds:.0f} s"], width, ", ")[:width]


def _products(tasks: Sequence[Task], width: int) -> str:
    if not tasks or tasks[0].total is None:
        return "reading the shop"[:width]
    (task,) = tasks
    seconds = task.time_remaining
    count = f"{int(task.completed):,} of {int(task.total or 0):,}"
    pieces = [f"{count} products read"]
    if seconds is not None and not task.finished:
        pieces.append(time_left(seconds))
    line = pieces_that_fit(pieces, width, ", ")
    return line if cells(line) <= width else count


def _remember(told: OrderedDict[str, _Value], key: str, what: _Value) -> None:
    told[key] = what
    told.move_to_end(key)
    if len(told) > _REMEMBERED:
        told.popitem(last=False)
