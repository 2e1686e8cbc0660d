"""What goes on in a run, shown to whoever started it and written into the run's log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from pipeline import __version__
from pipeline.cli.display import PlainProgress, RunObserver, progress_for
from pipeline.cli.terminal import console
from pipeline.errors import PipelineError
from pipeline.service.logs import FILE_ALONE, LogObserver, Shown, logging_to
from pipeline.values import Photo

__all__ = ["observing"]


class _Both(RunObserver):
    """Shows what it is told, and writes it into the log."""

    def __init__(self, display: RunObserver, log: LogObserver) -> None:
        self._display = display
        self._log = log

    def found(self, number: int) -> None:
        """Show it."""
        self._display.found(number)

    def found_all(self) -> None:
        """Show it."""
        self._display.found_all()

    def compared(self, number: int, of: int) -> None:
        """Show it."""
        self._display.compared(number, of)

    def began(self, path: Path, doing: str) -> None:
        """Show it, and write it where every step is wanted."""
        self._display.began(path, doing)
        self._log.began(path, doing)

    def progress(self, path: Path, done: int, total: int) -> None:
        """Show it."""
        self._display.progress(path, done, total)

    def ended(self, photo: Photo) -> None:
        """Show it, and write its line."""
        self._display.ended(photo)
        self._log.ended(photo)

    def nothing_to_do(self, number: int) -> None:
        """Show it."""
        self._display.nothing_to_do(number)

    def said(self, sentence: str) -> None:
        """Show it, and write it."""
        self._display.said(sentence)
        self._log.said(sentence)

    def warned(self, sentence: str) -> None:
        """Show it, and write it."""
        self._display.warned(sentence)
        self._log.warned(sentence)

    def noted(self, sentence: str) -> None:
        """Write it, and show it to nobody who does not see the log."""
        self._log.said(sentence)


@contextmanager
def observing(
    home: Path | None,
    command: str,
    *,
    shown: Shown = FILE_ALONE,
    quiet: bool = False,
    plain: bool = False,
    tells_end: bool = True,
) -> Iterator[RunObserver]:
    """Yield the observer of a run, whose log begins and ends with the block.

    Args:
        home: the home folder; None for a rehearsal, which leaves nothing behind.
        command: what it is the run of.
        shown: what of the log is shown; where all lines are, there is no other display.
        quiet: show nothing besides.
        plain: show lines, also on a terminal.
        tells_end: whether the command says at its end what became of each file.

    Raises:
        LedgerError: the home folder cannot be written.
    """
    quiet = quiet or shown.lines
    lines = nullcontext(PlainProgress(console(err=True)))
    showing = lines if plain and not quiet else progress_for(quiet=quiet, tells_end=tells_end)
    with logging_to(home, command, shown), showing as display:
        observer = _Both(display, LogObserver())
        observer.noted(f"begun: version {__version__}, process {os.getpid()}")
        how = "interrupted"
        try:
            yield observer
            how = ""
        except PipelineError as error:
            how = str(error)
            raise
        finally:
            observer.noted(f"ended: {how}" if how else "ended")
