"""Where text meets the terminal: nothing else in the command line prints.

What comes from the shop, a file's name, a SKU or a map may hold signs that move the cursor, change
a terminal's title or turn the direction of what follows. Here they are written out for everybody.

Whoever reads our output may go before its end (`pipeline list | head`): the rest goes nowhere, and
the command does what it was called for, with the exit status that it has. Where it cannot be
written (a full disk), the command does its work as well; `main` says it and ends with 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import click

from pipeline.cli.pager import Paged
from pipeline.layout import cut_long_words, is_dumb, lines_of, width_of
from pipeline.streams import go_nowhere, lost
from pipeline.wording import plain

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.service.embedded_store import StoreInForce

__all__ = [
    "Style",
    "columns_of",
    "console",
    "laid_out",
    "one_place",
    "say",
    "say_json",
    "say_shop",
    "say_styled",
    "say_text",
]

Style: TypeAlias = Literal["plain", "strong", "faint", "good", "wait", "bad"]

_STYLES: Final[Mapping[Style, Mapping[str, Any]]] = {
    "plain": {},
    "strong": {"bold": True},
    "faint": {"dim": True},
    "good": {"fg": "green"},
    "wait": {"fg": "yellow"},
    "bad": {"fg": "red"},
}


def say(sentence: str, *, err: bool = False, indent: int = 0, cut: bool = False) -> None:
    """Print one line, on standard output or (`err`) standard error.

    A terminal gets it broken between words, all lines but the first indented by so many columns;
    with `cut`, what is longer than such a line is cut in its middle.
    """
    say_styled((sentence, "plain"), err=err, indent=indent, cut=cut)


def say_styled(
    *pieces: tuple[str, Style], err: bool = False, indent: int = 0, cut: bool = False
) -> bool:
    """Print one line of pieces as `say` does, styled, too; whether somebody reads on.

    For what is asked again and again, by people and by scripts: a console of Rich takes longer to
    be there than a ledger takes to answer.
    """
    width = columns_of(err=err)
    return _echo(_laid_out(pieces, width, indent=indent, cut=cut), err=err)


def laid_out(sentence: str, *, err: bool = False, indent: int = 0) -> str:
    """Return a sentence as `say` prints it."""
    return _laid_out([(sentence, "plain")], columns_of(err=err), indent=indent)


def columns_of(*, err: bool = False) -> int | None:
    """Return how wide the terminal is that an output goes to; None where it goes to none."""
    return width_of(sys.stderr if err else sys.stdout)


def one_place() -> bool:
    """Whether standard output and standard error go to one terminal, file or program."""
    try:
        ours, theirs = (os.fstat(stream.fileno()) for stream in (sys.stdout, sys.stderr))
    except (OSError, ValueError, AttributeError):
        return False  # nothing lies behind one of them
    return ours.st_ino != 0 and os.path.samestat(ours, theirs)


def say_shop(store: StoreInForce) -> None:
    """Print which shop an answer is about.

    Of the test shop it was said at the beginning, where both streams go to one place.
    """
    if store.page is None or not one_place():
        say(store.sentence)


def say_text(text: str, *, err: bool = False) -> bool:
    """Print a text of several lines, such as a script: into a file or a program, as it is.

    Whether somebody reads on.
    """
    stream = sys.stderr if err else sys.stdout
    text = _plain_lines(text) if stream.isatty() else text
    return _echo(text, err=err, nl=False, color=True)


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


def _laid_out(
    pieces: Iterable[tuple[str, Style]], width: int | None, *, indent: int, cut: bool = False
) -> str:
    harmless = [(plain(text), style) for text, style in pieces]
    if width is None:
        return "".join(text for text, _ in harmless)
    if cut:
        harmless = [(cut_long_words(text, width - indent), style) for text, style in harmless]
    whole = "".join(text for text, _ in harmless)
    lines = [
        "".join(_styled(text, style) for text, style in _between(harmless, begin, end))
        for begin, end in lines_of(whole, width, indent)
    ]
    return f"\n{' ' * indent}".join(lines)


def _styled(text: str, style: Style) -> str:
    how = _STYLES[style]
    if not text or not how or is_dumb() or ("fg" in how and os.environ.get("NO_COLOR")):
        return text
    return click.style(text, **how)


def _between(
    pieces: Iterable[tuple[str, Style]], begin: int, end: int
) -> Iterator[tuple[str, Style]]:
    """Yield what of the pieces lies between two places of the whole."""
    at = 0
    for text, style in pieces:
        yield text[max(begin - at, 0) : max(end - at, 0)], style
        at += len(text)


def _echo(text: str, *, err: bool = False, **how: Any) -> bool:
    """Print a text; whether there is somebody who reads it."""
    try:
        click.echo(text, err=err, **how)
    except OSError as error:
        _go_nowhere(err=err, why=None if isinstance(error, BrokenPipeError) else error)
        return False
    return lost() is None or err


def _go_nowhere(*, err: bool, why: OSError | None = None) -> None:
    """Let what is left of an output go nowhere: nobody reads it any more, or it cannot be written.

    A pager sees to that by itself.
    """
    if err or not isinstance(sys.stdout, Paged):
        go_nowhere(err=err, why=why)


def _plain_lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))


def _json_sign(sign: str) -> str:
    if sign.isprintable() or sign == "\n":
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
