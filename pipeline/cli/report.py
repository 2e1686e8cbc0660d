"""The end of a run: a table that balances, and a sentence for every file that needs eyes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.report.documents import Outcome, outcome_of, photo_document, run_counts
from pipeline.values import RunFile, RunReport
from pipeline.wording import data_size, encodable, shown

__all__ = ["RunEnd", "print_document", "print_problems", "print_table"]

_NAMES = {
    Outcome.STORED: "stored",
    Outcome.ALREADY_STORED: "already stored",
    Outcome.WAITING: "waiting",
    Outcome.REFUSED: "refused",
    Outcome.NOT_FOR_UPLOAD: "not for upload",
    Outcome.FAILED: "failed",
}

_REHEARSED = "would be stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended: by a Ctrl-C, as a rehearsal, by an error that concerned all of it."""

    interrupted: bool
    rehearsed: bool
    error: str | None

    def outcome(self, line: RunFile) -> Outcome:
        """Give the word for how a file ended."""
        return outcome_of(line, interrupted=self.interrupted, rehearsed=self.rehearsed)

    def counts(self, run_report: RunReport) -> dict[str, int]:
        """Count the files by outcome."""
        return run_counts(run_report, interrupted=self.interrupted, rehearsed=self.rehearsed)


def print_document(run_report: RunReport, ending: RunEnd, *, store: str) -> None:
    """Print a run as one JSON document on standard output."""
    document: dict[str, Any] = {
        "store": store,
        "dry_run": ending.rehearsed,
        "interrupted": ending.interrupted,
        "error": ending.error,
        "counts": ending.counts(run_report),
        "posts": run_report.posts,
        "photographs": [
            {
                **photo_document(line.photo),
                "path": encodable(line.path),
                "outcome": str(ending.outcome(line)),
            }
            for line in run_report.lines
        ],
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_problems(run_report: RunReport, ending: RunEnd, *, err: bool) -> None:
    """Print each file that is not in the store, with its sentence."""
    console = Console(stderr=err)
    for outcome in (Outcome.WAITING, Outcome.REFUSED, Outcome.FAILED):
        for line in run_report.lines:
            if ending.interrupted and line.photo.state in UNFINISHED_STATES:
                continue
            if ending.outcome(line) is outcome:
                text = Text(f"{_NAMES[outcome]:<8} ", style=_STYLES[outcome])
                text.append(f"{shown(line.path)}: {_sentence(line, ending)}", style="")
                console.print(text, soft_wrap=True, highlight=False)


def print_table(run_report: RunReport, ending: RunEnd) -> None:
    """Print how many files ended how; the numbers add up to what was found."""
    console = Console()
    if ending.rehearsed:
        _print_plans(console, run_report, ending)
    print_problems(run_report, ending, err=False)
    counts = ending.counts(run_report)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    table.add_column(style="dim")
    table.add_row(Text(str(counts["found"]), style="bold"), "found", "")
    for outcome in Outcome:
        number = counts[outcome]
        if outcome is Outcome.NOT_FOR_UPLOAD:
            continue
        name = _REHEARSED if ending.rehearsed and outcome is Outcome.STORED else _NAMES[outcome]
        style = _STYLES[outcome] if number else "dim"
        table.add_row(
            Text(str(number), style=style),
            Text(name, style=style),
            _note(run_report, ending) if outcome is Outcome.STORED else "",
        )
    console.print(table)
    if aside := counts[Outcome.NOT_FOR_UPLOAD]:
        console.print(f"Beside them {aside} that are not for upload (raw files): left alone.")
    found = counts["found"]
    if not found and ending.error is None:
        console.print("There is no file to take: nothing lies there, or only what is left about.")
    if found and counts[Outcome.ALREADY_STORED] == found:
        console.print("Everything was stored already: nothing was decoded, nothing was sent.")
    if ending.interrupted:
        left = sum(line.photo.state in UNFINISHED_STATES for line in run_report.lines)
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


def _sentence(line: RunFile, ending: RunEnd) -> str:
    photo = line.photo
    if photo.state is State.REMOVED:
        return "it was deleted from the shop by hand: `pipeline retry FILE` sends it again"
    if photo.state not in UNFINISHED_STATES:
        return photo.sentence
    if ending.interrupted:
        return f"not finished ({photo.state}): a later run goes on from there"
    if ending.error is not None:
        return f"not finished ({photo.state}), for {ending.error}; a later run goes on from there"
    if photo.state is not State.UPLOADING and photo.not_before is None:
        return f"its turn did not come ({photo.sentence}); a later run goes on from there"
    return f"{photo.sentence}; a later run goes on from there"


def _note(run_report: RunReport, ending: RunEnd) -> str:
    pictures = {
        line.photo.id: line.photo.picture
        for line in run_report.lines
        if line.photo.picture is not None and ending.outcome(line) is Outcome.STORED
    }
    originals = {line.photo.id: line.photo.size for line in run_report.lines}
    if not pictures:
        return ""
    before = sum(originals[photo_id] for photo_id in pictures)
    after = sum(picture.size for picture in pictures.values())
    return f"{data_size(before)} of originals became {data_size(after)}"


def _print_plans(console: Console, run_report: RunReport, ending: RunEnd) -> None:
    for line in run_report.lines:
        photo = line.photo
        if photo.picture is None or photo.placement is None:
            continue
        if ending.outcome(line) is not Outcome.STORED:
            continue
        console.print(
            Text(
                f"would go {shown(line.path)}: to product {photo.placement.product_id} "
                f"({photo.placement.rule}) as {photo.picture.upload_name}, "
                f"{photo.picture.width} × {photo.picture.height}, {data_size(photo.picture.size)} "
                f"({', '.join(photo.picture.work)})"
            ),
            soft_wrap=True,
            highlight=False,
        )
