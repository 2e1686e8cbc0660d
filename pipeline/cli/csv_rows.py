"""Rows printed as CSV, as spreadsheets open it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence

from pipeline.cli.terminal import columns_of, say_text

__all__ = ["print_csv"]


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table as its rows come, until nobody reads on."""
    text = io.StringIO(newline="")
    on_terminal = columns_of() is not None
    # Where the system ends a line with both signs, it makes both of the one.
    writer = csv.writer(
        text, lineterminator="\n" if on_terminal or os.linesep == "\r\n" else "\r\n"
    )
    if not on_terminal:
        # Excel takes what has no mark at its beginning for the letters of one country.
        say_text("\ufeff")

    def print_row(row: Sequence[str]) -> bool:
        text.seek(0)
        text.truncate()
        writer.writerow(row)
        return say_text(text.getvalue())

    print_row(columns)
    for row in rows:
        if not print_row(row):
            return
