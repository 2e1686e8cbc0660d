"""Rows of columns, as wide as the terminal: what matters least goes first, and nothing wraps.

Into a file or a program each column goes as wide as it is said to be, and nothing is cut: rows that
are searched, and cut at a column, must not depend on what else is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from pipeline.cli.terminal import columns_of, say_styled
from pipeline.layout import cells
from pipeline.wording import plain

__all__ = ["PEEKED", "Column", "print_rows"]

PEEKED: Final = 200
"""So many rows say how wide the columns are; a row with more in it has less room for its last."""

_BETWEEN: Final = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading, its width in a file (0: as it comes), its side, and how it is cut.

    `cut` makes a text fit into columns of a terminal, `least` of them at least; None: never cut.
    `weight` says which go first where there is no room for all: the lightest.
    """

    name: str
    width: int = 0
    side: str = "<"
    cut: Callable[[str, int], str] | None = None
    least: int = 0
    weight: int = 0


def print_rows(
    columns: Sequence[Column], rows: Iterable[tuple[Sequence[str], str]], *, whole: bool
) -> bool:
    """Print a heading and rows, each as it comes.

    Args:
        columns: from left to right.
        rows: the texts of each, and a sentence that stands behind it, or below.
        whole: all columns are wanted, also where they need more than a line of the terminal.

    Returns:
        Whether there was any row.
    """
    coming = iter(rows)
    first = list(islice(coming, PEEKED))
    if not first:
        return False
    width = columns_of()
    if width is None:
        _print_lines(columns, chain(first, coming))
    else:
        sizes = _sizes(columns, [texts for texts, _ in first], width, whole=whole)
        _print_fitted(columns, sizes, chain(first, coming), width)
    return True


def _print_lines(columns: Sequence[Column], rows: Iterable[tuple[Sequence[str], str]]) -> None:
    def line(texts: Sequence[str]) -> str:
        cells = (
            f"{text:{one.side}{one.width or ''}}" for one, text in zip(columns, texts, strict=True)
        )
        return _BETWEEN.join(cells).rstrip()

    say_styled((line([one.name for one in columns]), "strong"))
    for texts, sentence in rows:
        told = f": {sentence}" if sentence else ""
        if not say_styled((line(texts), "plain"), (told, "faint")):
            return  # nobody reads on


def _print_fitted(
    columns: Sequence[Column],
    sizes: Sequence[int | None],
    rows: Iterable[tuple[Sequence[str], str]],
    width: int,
) -> None:
    kept = [number for number, size in enumerate(sizes) if size is not None]
    indent = (sizes[kept[0]] or 0) + len(_BETWEEN) if len(kept) > 1 else len(_BETWEEN)

    def line(texts: Sequence[str]) -> str:
        return _line([columns[at] for at in kept], [sizes[at] or 0 for at in kept], texts, width)

    heading = line([columns[at].name for at in kept])
    say_styled((heading, "strong"), indent=indent)
    for texts, sentence in rows:
        row = line([texts[at] for at in kept])
        if not say_styled((row, "plain"), indent=indent):
            return  # nobody reads on
        if sentence:
            say_styled((" " * indent, "plain"), (sentence, "faint"), indent=indent, cut=True)


def _sizes(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, *, whole: bool
) -> list[int | None]:
    """Return how wide each column is on the terminal; None where there is no room for it."""
    wanted = [
        max(cells(one.name), *(cells(plain(texts[number])) for texts in rows))
        for number, one in enumerate(columns)
    ]
    least = [
        min(size, max(one.least, cells(one.name))) if one.cut else size
        for one, size in zip(columns, wanted, strict=True)
    ]
    sizes: list[int | None] = [None] * len(columns)
    left = width + len(_BETWEEN)
    for number in sorted(range(len(columns)), key=lambda at: -columns[at].weight):
        need = least[number] + len(_BETWEEN)
        if whole or need <= left or left > width:
            sizes[number] = least[number]
            left -= need
    for number in sorted(range(len(columns)), key=lambda at: -columns[at].weight):
        size = sizes[number]
        if size is not None and left > 0:
            more = min(wanted[number] - size, left)
            sizes[number] = size + more
            left -= more
    return sizes


def _line(columns: Sequence[Column], sizes: Sequence[int], texts: Sequence[str], width: int) -> str:
    """Return a row; where a text is longer than those before, the others make room for it."""
    shown = [plain(text) for text in texts]
    over = sum(
        cells(text) - size
        for one, size, text in zip(columns, sizes, shown, strict=True)
        if one.cut is None and cells(text) > size
    )
    parts = list(_cells_of(columns, sizes, shown, max(over - _slack(sizes, width), 0)))
    return _BETWEEN.join(parts).rstrip()


def _slack(sizes: Sequence[int], width: int) -> int:
    return max(width - sum(sizes) - len(_BETWEEN) * (len(sizes) - 1), 0)


def _cells_of(
    columns: Sequence[Column], sizes: Sequence[int], texts: Sequence[str], over: int
) -> Iterator[str]:
    for one, size, text in zip(columns, sizes, texts, strict=True):
        if one.cut is not None:
            less = min(over, max(size - one.least, 0))
            over -= less
            size -= less
            text = one.cut(text, size)
        space = " " * max(size - cells(text), 0)
        yield space + text if one.side == ">" else text + space
