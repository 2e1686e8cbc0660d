"""The end of a run: a table that balances, and a sentence for every file that needs eyes."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.documents import Outcome, outcome_of, photo_document, sheet_counts
from pipeline.cli.wording import shown, size
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Sheet, SheetLine

__all__ = ["print_document", "print_problems", "print_table"]

_NAMES = {
    Outcome.STORED: "stored",
    Outcome.ALREADY_STORED: "already stored",
    Outcome.WAITING: "waiting",
    Outcome.REFUSED: "refused",
    Outcome.NOT_FOR_UPLOAD: "not for upload",
    Outcome.FAILED: "failed",
}

_REHEARSED = "would be stored"


def print_document(
    sheet: Sheet, *, store: str, interrupted: bool, rehearsed: bool, error: str | None
) -> None:
    """Print a run as one JSON document on standard output."""
    document: dict[str, Any] = {
        "store": store,
        "dry_run": rehearsed,
        "interrupted": interrupted,
        "error": error,
        "counts": sheet_counts(sheet, interrupted=interrupted, rehearsed=rehearsed),
        "posts": sheet.posts,
        "photographs": [
            {
                **photo_document(line.photo),
                "path": str(line.path).encode("utf-8", "backslashreplace").decode("utf-8"),
                "outcome": str(_outcome(line, interrupted, rehearsed)),
            }
            for line in sheet.lines
        ],
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_problems(sheet: Sheet, *, interrupted: bool, rehearsed: bool, err: bool) -> None:
    """Print each file that is not in the store, with its sentence."""
    console = Console(stderr=err)
    for outcome in (Outcome.WAITING, Outcome.REFUSED, Outcome.FAILED):
        for line in sheet.lines:
            if interrupted and line.photo.state in UNFINISHED_STATES:
                continue
            if _outcome(line, interrupted, rehearsed) is outcome:
                text = Text(f"{_NAMES[outcome]:<8} ", style=_STYLES[outcome])
                text.append(f"{shown(line.path)}: {_sentence(line, interrupted)}", style="")
                console.print(text, soft_wrap=True, highlight=False)


def print_table(sheet: Sheet, *, interrupted: bool, rehearsed: bool) -> None:
    """Print how many files ended how; the numbers add up to what was found."""
    console = Console()
    if rehearsed:
        _print_plans(console, sheet)
    print_problems(sheet, interrupted=interrupted, rehearsed=rehearsed, err=False)
    counts = sheet_counts(sheet, interrupted=interrupted, rehearsed=rehearsed)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    table.add_column(style="dim")
    table.add_row(Text(str(counts["found"]), style="bold"), "found", "")
    for outcome in Outcome:
        number = counts[outcome]
        if outcome is Outcome.NOT_FOR_UPLOAD:
            continue
        name = _REHEARSED if rehearsed and outcome is Outcome.STORED else _NAMES[outcome]
        style = _STYLES[outcome] if number else "dim"
        table.add_row(
            Text(str(number), style=style), Text(name, style=style), _note(sheet, outcome)
        )
    console.print(table)
    if aside := counts[Outcome.NOT_FOR_UPLOAD]:
        console.print(f"Beside them {aside} that are not for upload (raw files): left alone.")
    found = counts["found"]
    if not found:
        console.print("There is no file to take: nothing lies there, or only what is left about.")
    if found and counts[Outcome.ALREADY_STORED] == found:
        console.print("Everything was stored already: nothing was decoded, nothing was sent.")
    if interrupted:
        left = sum(line.photo.state in UNFINISHED_STATES for line in sheet.lines)
        console.print(
            f"Interrupted, {left} not finished: run the same command again to go on from here."
        )


_STYLES = {
    Outcome.STORED: "green",
    Outcome.ALREADY_STORED: "green",
    Outcome.WAITING: "yellow",
    Outcome.REFUSED: "red",
    Outcome.NOT_FOR_UPLOAD: "dim",
    Outcome.FAILED: "red",
}


def _outcome(line: SheetLine, interrupted: bool, rehearsed: bool) -> Outcome:
    return outcome_of(line, interrupted=interrupted, rehearsed=rehearsed)


def _sentence(line: SheetLine, interrupted: bool) -> str:
    photo = line.photo
    if photo.state is State.REMOVED:
        return "it was deleted from the shop by hand: `pipeline retry FILE` sends it again"
    if photo.state in UNFINISHED_STATES:
        if interrupted:
            return f"not finished ({photo.state}): a later run goes on from there"
        return f"{photo.sentence}; a later run goes on from there"
    return photo.sentence


def _note(sheet: Sheet, outcome: Outcome) -> str:
    if outcome is not Outcome.STORED:
        return ""
    pictures = {
        line.photo.id: line.photo.picture
        for line in sheet.lines
        if line.photo.picture is not None and not line.already
    }
    originals = {line.photo.id: line.photo.size for line in sheet.lines}
    if not pictures:
        return ""
    before = sum(originals[photo_id] for photo_id in pictures)
    after = sum(picture.size for picture in pictures.values())
    return f"{size(before)} of originals became {size(after)}"


def _print_plans(console: Console, sheet: Sheet) -> None:
    for line in sheet.lines:
        photo = line.photo
        if photo.picture is None or photo.placement is None or photo.state is State.STORED:
            continue
        console.print(
            Text(
                f"would go {shown(line.path)}: to product {photo.placement.product_id} "
                f"({photo.placement.rule}) as {photo.picture.upload_name}, "
                f"{photo.picture.width} × {photo.picture.height}, {size(photo.picture.size)} "
                f"({', '.join(photo.picture.work)})"
            ),
            soft_wrap=True,
            highlight=False,
        )
