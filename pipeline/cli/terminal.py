"""Where text meets the terminal: nothing else in the command line prints.

What comes from the shop, a file's name, a SKU or a map may hold signs that move the cursor, change
a terminal's title or turn the direction of what follows. Here they are written out for everybody.

Whoever reads our output may go before its end (`pipeline list | head`): the rest goes nowhere, and
the command does what it was called for, with the exit status that it has.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click

from pipeline.wording import plain

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Style", "console", "say", "say_json", "say_styled", "say_text"]

Style: TypeAlias = Literal["plain", "strong", "faint"]


def say(sentence: str, *, err: bool = False) -> None:
    """Print one line, on standard output or (`err`) standard error."""
    _echo(plain(sentence), err=err)


def say_styled(*pieces: tuple[str, Style]) -> bool:
    """Print one line of pieces, styled where a terminal shows it; whether somebody reads on.

    For what is asked again and again, by people and by scripts: a console of Rich takes longer to
    be there than a ledger takes to answer.
    """
    dumb = os.environ.get("TERM") in ("dumb", "unknown")
    line = "".join(_styled(plain(text), "plain" if dumb else style) for text, style in pieces)
    return _echo(line)


def say_text(text: str, *, err: bool = False) -> None:
    """Print a text of several lines, such as a script: into a file or a program, as it is."""
    stream = sys.stderr if err else sys.stdout
    text = _plain_lines(text) if stream.isatty() else text
    _echo(text, err=err, nl=False, color=True)


def say_json(document: str) -> bool:
    """Print JSON on standard output: letters as they are, what would do something by its number.

    Whether somebody reads on.
    """
    if not document.replace("\n", "").isprintable():
        document = "".join(_json_sign(sign) for sign in document)
    return _echo(document)


def console(*, err: bool = False) -> Console:
    """Return a console for tables, styles and progress, on standard output or standard error."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

    class Harmless(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            # Before it is measured: what is longer than its column is cut off.
            return super().render_str(_plain_lines(text), **how)

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            for segment in super().render(renderable, options):
                # What moves the cursor on purpose is a control of its own, and no text.
                if segment.control:
                    yield segment
                else:
                    yield Segment(_plain_lines(segment.text), segment.style)

        def on_broken_pipe(self) -> None:
            self.quiet = True
            _go_nowhere(err=err)

    # What looks like markup in a name is part of the name.
    return Harmless(stderr=err, markup=False, emoji=False)


def _styled(text: str, style: Style) -> str:
    return (
        text
        if style == "plain"
        else click.style(text, bold=style == "strong" or None, dim=style == "faint" or None)
    )


def _echo(text: str, *, err: bool = False, **how: Any) -> bool:
    """Print a text; whether there is somebody who reads it."""
    try:
        click.echo(text, err=err, **how)
    except BrokenPipeError:
        _go_nowhere(err=err)
        return False
    return True


def _go_nowhere(*, err: bool) -> None:
    """Let what is left of an output that nobody reads any more go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, (sys.stderr if err else sys.stdout).fileno())
    os.close(nowhere)


def _plain_lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))


def _json_sign(sign: str) -> str:
    if sign.isprintable() or sign == "\n":
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
