"""How text is laid out on a terminal: broken between words, cut in the middle of a path.

What goes into a file or a program is never laid out. A *sentence* loses nothing: it is broken
between words, and a command in it, between grave accents, is not broken, so that it can be copied.
Only what stands in a column is cut.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, TextIO

__all__ = [
    "cells",
    "cut_long_words",
    "cut_middle",
    "cut_path",
    "cut_words",
    "height_of",
    "is_dumb",
    "lines_of",
    "pieces_that_fit",
    "width_of",
]

USUAL_WIDTH: Final = 80
"""Columns of a terminal that does not say how wide it is."""

USUAL_HEIGHT: Final = 24
"""Lines of one that does not say how many it has."""

CUT: Final = "…"

_WORDS: Final = re.compile(r"`[^`]*`\S*|\S+")
"""A command between grave accents is one word, with what stands right behind it."""


def width_of(stream: TextIO | None) -> int | None:
    """Return how many columns the terminal behind a stream has; None where it is none.

    As everywhere, the variable COLUMNS has the last word.
    """
    if stream is None or not stream.isatty():
        return None
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and len(said) < 6 and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns or USUAL_WIDTH
    except (OSError, ValueError):
        return USUAL_WIDTH


def height_of(stream: TextIO) -> int:
    """Return how many lines the terminal behind a stream has."""
    try:
        return os.get_terminal_size(stream.fileno()).lines or USUAL_HEIGHT
    except (OSError, ValueError):
        return USUAL_HEIGHT


def is_dumb() -> bool:
    """Whether the terminal, where there is one, understands nothing but lines."""
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def cells(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def cut_path(text: str, room: int) -> str:
    """Return a path in at most so many columns: what lies between its beginning and its end goes.

    Its end is its name, with its folder where there is room for both. Where the name alone is too
    long, it is cut in its middle: numbers stand at its ends.
    """
    if cells(text) <= room:
        return text
    at = _last_separator(text)
    name = text[at + 1 :]
    if at >= 0 and cells(name) == room - 1:
        return CUT + name
    if at < 0 or cells(name) >= room:
        return cut_middle(name, room)
    folder = _last_separator(text[:at])
    if folder > 0 and cells(text[folder:]) <= room * 3 // 4:
        at = folder
    head = _first(text[:at], room - cells(text[at:]) - 1)
    return f"{head[: _last_separator(head) + 1]}{CUT}{text[at:]}"


def cut_middle(text: str, room: int) -> str:
    """Return a text in at most so many columns, of which its middle goes."""
    if cells(text) <= room:
        return text
    if room < 1:
        return ""
    behind = room // 2
    return _first(text, room - 1 - behind) + CUT + _first(text[::-1], behind)[::-1]


def cut_words(text: str, room: int) -> str:
    """Return a text in at most so many columns, cut behind a word."""
    if cells(text) <= room:
        return text
    kept = _first(text, room - 1)
    if not text[len(kept)].isspace() and " " in kept:
        kept = kept[: kept.rindex(" ")]
    return f"{kept.rstrip(' ,;:')}{CUT}" if room > 0 else ""


def cut_long_words(text: str, room: int) -> str:
    """Return a text in which no word takes more columns: such a word is a path, or an address."""
    return text if cells(text) <= room else _WORDS.sub(lambda word: cut_path(word[0], room), text)


def pieces_that_fit(pieces: Iterable[str], room: int, between: str = "  ") -> str:
    """Return as many of the first pieces, on one line, as there is room for; the first always."""
    line = ""
    for number, piece in enumerate(pieces):
        longer = f"{line}{between}{piece}" if number else piece
        if number and cells(longer) > room:
            break
        line = longer
    return line


def lines_of(text: str, width: int, indent: int = 0) -> Iterator[tuple[int, int]]:
    """Yield where each line of a text begins and ends, broken between words.

    A word that is longer than a line has one of its own, and is left to the terminal.

    Args:
        text: one line, as it would be without a terminal.
        width: columns of the terminal.
        indent: columns by which all lines but the first are moved to the right.
    """
    if cells(text) <= width:
        yield 0, len(text)
        return
    start = end = 0
    room = width
    for word in _WORDS.finditer(text):
        if end > start and cells(text[start : word.end()]) > room:
            yield start, end
            start, room = word.start(), width - indent
        end = word.end()
    yield start, end


def _last_separator(text: str) -> int:
    return max(text.rfind("/"), text.rfind(os.sep))


def _cells(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _first(text: str, room: int) -> str:
    """Return as many of the first signs as there is room for."""
    if text.isascii():
        return text[: max(room, 0)]
    used = 0
    for number, sign in enumerate(text):
        used += _cells(sign)
        if used > room:
            return text[:number]
    return text
