"""The end of a run: a table that balances, and a sentence for every file that needs eyes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, EXIT_WRONG
from pipeline.cli.options import print_json_with
from pipeline.cli.plans import Plans
from pipeline.cli.terminal import Style, say, say_shop, say_styled
from pipeline.engine import no_longer_there
from pipeline.lifecycle import UNFINISHED_STATES, Reason, State
from pipeline.report.documents import (
    LEFT,
    Outcome,
    RunEnd,
    RunSums,
    run_document,
    run_file_document,
)
from pipeline.report.plans import pace_of, plan_document, plan_lines
from pipeline.report.schemas import Document
from pipeline.report.wording import (
    MEND,
    NOT_READY,
    OUTCOME_NAMES,
    end_of,
    left_of,
    left_out_of,
    met_sentences,
    savings_of,
    taken_over_of,
    without_mend,
)
from pipeline.service.embedded_store import StoreInForce
from pipeline.store_address import StoreAddress, words_of
from pipeline.suffixes import Says, what_suffix_says
from pipeline.values import Meeting, RunFile, RunReport
from pipeline.wording import plain, shown

__all__ = ["print_document", "print_problems", "print_table", "say_plans", "tell"]

_REHEARSED = "would be stored"

_NAMED: Final = 3
"""Files named of those that are not for upload; `pipeline list` has them all."""

MOST_ALIKE: Final = 20
"""Lines for photographs that were not sent for the reason of all; `--json` tells each."""

_STYLES: Final[Mapping[Outcome, Style]] = {
    Outcome.STORED: "good",
    Outcome.ALREADY_STORED: "good",
    Outcome.WAITING: "wait",
    Outcome.REFUSED: "bad",
    Outcome.NOT_FOR_UPLOAD: "faint",
    Outcome.FAILED: "bad",
    Outcome.REMOVED: "wait",
    Outcome.NOT_SENT: "wait",
    Outcome.NOT_FINISHED: "wait",
}

_INDENT: Final = 9
"""Columns of the word before a sentence about a file."""

_PROBLEMS: Final = (
    Outcome.WAITING,
    Outcome.REFUSED,
    Outcome.FAILED,
    Outcome.REMOVED,
    Outcome.NOT_SENT,
    Outcome.NOT_FINISHED,
)

_ONLY_WHERE_THERE_ARE: Final = (Outcome.REMOVED, *LEFT)
"""What has a line of the table only where it is not none."""


def print_document(
    run_report: RunReport,
    ending: RunEnd,
    sums: RunSums,
    *,
    store: StoreAddress,
    plans: Plans | None = None,
) -> None:
    """Print a run as one JSON document on standard output, each file as it is read."""
    plan = [plan_document(*one) for one in plans or ()]
    pace = {
        "requests": None if plans is None else plans.requests,
        "seconds": None if plans is None else plans.seconds,
    }
    print_json_with(
        Document.RUN,
        {**run_document(run_report, ending, sums, store=store), "plan": plan, **pace},
        "photographs",
        (run_file_document(file, ending) for file in run_report.lines),
    )


def tell(
    run_report: RunReport,
    ending: RunEnd,
    sums: RunSums,
    *,
    store: StoreInForce,
    as_json: bool,
    quiet: bool,
    plans: Plans | None = None,
) -> int:
    """Print how a run ended, as it was asked for, and return its exit status.

    Args:
        run_report: its files.
        ending: how it ended.
        sums: what its files come to.
        store: to which it went.
        as_json: for programs.
        quiet: only what needs eyes.
        plans: of a dry run, what would become of the products.
    """
    if as_json:
        print_document(run_report, ending, sums, store=store.address, plans=plans)
    elif quiet:
        print_problems(run_report, ending, sums, err=True)
        for photo in ending.gone:
            say(f"pipeline: {no_longer_there(photo)}", err=True)
    else:
        say_shop(store)
        say_plans(plans)
        print_table(run_report, ending, sums)
    left = left_of(sums, ending)
    if left is not None and (as_json or quiet):
        # Nothing else says of which of several shops a mail of cron is.
        address = store.address
        shop = "" if address.name is None else f"{words_of(address.base_url, address.name)}: "
        say(f"pipeline: {shop}{left}", err=True)
    elif ending.error is not None:
        say(f"pipeline: {ending.error}", err=True)
    return exit_status_of(sums, ending)


def exit_status_of(sums: RunSums, ending: RunEnd) -> int:
    """Return the exit status that tells how a run ended."""
    if ending.error is not None:
        return EXIT_WRONG
    if ending.interrupted:
        return EXIT_INTERRUPTED
    counts = sums.counts
    trouble = any(counts[one] for one in (Outcome.REFUSED, Outcome.FAILED, *LEFT))
    return EXIT_TROUBLE if trouble else EXIT_OK


def print_problems(run_report: RunReport, ending: RunEnd, sums: RunSums, *, err: bool) -> None:
    """Print each file that is not in the store, with its sentence, and how many are left."""
    for outcome in _PROBLEMS:
        alike = unknown = 0
        for line in run_report.lines if sums.counts[outcome] else ():
            if ending.outcome(line) is not outcome:
                continue
            held = line.photo.reason is Reason.HELD
            if held or _only_left(line, ending):
                told = held or outcome is Outcome.NOT_SENT
                alike += told
                if not told or alike > MOST_ALIKE:
                    continue
            why = end_of(line, ending)
            if outcome is Outcome.WAITING and sums.counts[outcome] > 1:
                unknown += (brief := without_mend(why)) != why
                why = brief
            _print_problem(outcome, f"{shown(line.path)}: {why}", err=err)
        if unknown:
            say(f"What nobody knows: {MEND}.", err=err)
        if alike > MOST_ALIKE:
            more = f"{alike - MOST_ALIKE} more, for the same reason"
            _print_problem(outcome, more, err=err)
    for path in ending.not_taken:
        _print_problem(Outcome.NOT_FINISHED, f"{shown(path)}: {NOT_READY}", err=err)


def _print_problem(outcome: Outcome, about: str, *, err: bool) -> None:
    word = f"{OUTCOME_NAMES[outcome]:<8} "
    say_styled((word, _STYLES[outcome]), (about, "plain"), err=err, indent=_INDENT)


def print_table(run_report: RunReport, ending: RunEnd, sums: RunSums) -> None:
    """Print how many files ended how; the numbers add up to what was found."""
    print_problems(run_report, ending, sums, err=False)
    counts = sums.counts
    _print_counts(counts, savings_of(sums), rehearsed=ending.rehearsed)
    aside, found = counts[Outcome.NOT_FOR_UPLOAD], counts["found"]
    _print_beside(run_report, ending, counts)
    if not (found or aside or ending.left_out) and ending.error is None:
        say("No pictures found in this folder.")
    if found and counts[Outcome.ALREADY_STORED] == found:
        say("Everything was in the shop already: nothing was sent.")
    if (taken_over := taken_over_of(sums)) is not None:
        say(taken_over)
    twice = run_report.met.get(Meeting.TWICE, 0)
    for sentence in met_sentences({Meeting.TWICE: twice}):
        say(sentence)
    if (left := left_of(sums, ending)) is not None:
        say(left)


def _print_counts(counts: Mapping[str, int], savings: str, *, rehearsed: bool) -> None:
    """Print how many ended how, the numbers below each other."""
    rows: list[tuple[int, str, Style, str]] = [(counts["found"], "found", "strong", "")]
    for outcome in Outcome:
        number = counts[outcome]
        if outcome is Outcome.NOT_FOR_UPLOAD or (outcome in _ONLY_WHERE_THERE_ARE and not number):
            continue
        would = rehearsed and outcome is Outcome.STORED
        name = _REHEARSED if would else OUTCOME_NAMES[outcome]
        about = savings if outcome is Outcome.STORED else ""
        rows.append((number, name, _STYLES[outcome] if number else "faint", about))
    wide = max(len(str(number)) for number, *_ in rows)
    long = max(len(name) for _, name, *_ in rows)
    for number, name, style, about in rows:
        row = f"{number:>{wide}}  {name:<{long if about else 0}}"
        say_styled((row, style), (f"  {about}" if about else "", "faint"), indent=wide + 2)


def _print_beside(run_report: RunReport, ending: RunEnd, counts: Mapping[str, int]) -> None:
    """Print what lay there and is not among those found: not for upload, or left out."""
    if counts[Outcome.NOT_FOR_UPLOAD]:
        say(_not_for_upload(run_report, ending, counts))
    for sentence in left_out_of(ending.left_out):
        say_styled((sentence, "faint"))
    if ending.beyond_limit:
        say(f"{ending.beyond_limit} more: not taken (--limit)")


def _is_source(path: Path) -> bool:
    """Whether a picture could be made of a file that is not for upload."""
    return what_suffix_says(path.suffix) in (Says.RAW, Says.WORKING)


def _only_left(line: RunFile, ending: RunEnd) -> bool:
    """Whether nothing is to be said of a file but that its turn did not come."""
    tried = line.photo.state is State.UPLOADING or line.photo.not_before is not None
    return line.photo.state in UNFINISHED_STATES and (ending.interrupted or not tried)


def _not_for_upload(run_report: RunReport, ending: RunEnd, counts: Mapping[str, int]) -> str:
    number = counts[Outcome.NOT_FOR_UPLOAD]
    files = (file for file in run_report.lines if ending.outcome(file) is Outcome.NOT_FOR_UPLOAD)
    names = ", ".join(plain(file.path.name) for file in islice(files, _NAMED))
    more = f" and {number - _NAMED} more" if number > _NAMED else ""
    if counts["found"]:
        return f"Beside them {number} that are not for upload ({names}{more}): left alone."
    sentence = f"No picture lies there, only {number} that are not for upload ({names}{more})"
    if any(_is_source(file.path) for file in run_report.lines):
        return f"{sentence}: export raw and working files as JPEG if the shop is to have them."
    return f"{sentence}: left alone."


def say_plans(plans: Plans | None) -> None:
    """Say what would become of each product, and how long that takes."""
    if plans is None:
        return
    for plan, name in plans:
        for line in plan_lines(plan, name):
            say(line, indent=11 if line.startswith("  ") else 5)
    if plans.failed is not None:
        say(f"What the shop shows now could not be read ({plans.failed}).", err=True)
    elif plans.requests:
        say(pace_of(plans.requests, plans.seconds))
