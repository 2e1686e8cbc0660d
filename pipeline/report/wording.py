"""What people get to read of photographs and runs: names, lines and sentences."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.left_out import By, LeftOut
from pipeline.lifecycle import DELETED_BY_HAND, KEPT_BACK, UNFINISHED_STATES, Reason, State
from pipeline.refusals import product_unknown
from pipeline.report.documents import LEFT, Outcome, RunEnd, RunSums, image_now
from pipeline.values import Meeting, Photo, RunFile, StoredImage, Tally
from pipeline.wording import data_size, pixels, plain, shown

if TYPE_CHECKING:
    from pipeline.engine import Difference, WorkResult

__all__ = [
    "MEND",
    "NOT_READY",
    "OUTCOME_NAMES",
    "STATE_MEANINGS",
    "account_of",
    "difference_of",
    "end_of",
    "given_up",
    "held_sentence",
    "left_behind_sentences",
    "left_of",
    "left_out_of",
    "line_of",
    "met_sentences",
    "of_test_shop",
    "photographs",
    "savings_of",
    "sum_of",
    "taken_over_of",
    "today_of",
    "without_mend",
    "word_of",
]

STATE_MEANINGS: Final[Mapping[State, str]] = {
    State.RECEIVED: "to be checked",
    State.VALIDATED: "to be prepared",
    State.PREPARED: "to be sent",
    State.UPLOADING: "sent, answer not known yet",
    State.STORED: "in the shop",
    State.WAITING: "nobody knows whose product",
    State.REFUSED: "cannot be used",
    State.FAILED: "went wrong: `pipeline retry` or run again",
    State.REMOVED: DELETED_BY_HAND,
}

NOT_SENT: Final = "not sent"
"""People's word for what the shop, the network or the token keeps back."""

NOT_FINISHED: Final = "not finished"
"""People's word for whatever else is on its way."""

OUTCOME_NAMES: Final[Mapping[Outcome, str]] = {
    Outcome.STORED: "stored",
    Outcome.ALREADY_STORED: "already stored",
    Outcome.WAITING: "waiting",
    Outcome.REFUSED: "refused",
    Outcome.NOT_FOR_UPLOAD: "not for upload",
    Outcome.FAILED: "failed",
    Outcome.REMOVED: "removed",
    Outcome.NOT_SENT: NOT_SENT,
    Outcome.NOT_FINISHED: NOT_FINISHED,
}


def sum_of(counts: Mapping[str, int]) -> str:
    """Return in one line how many files of a run ended how."""
    ends = (f"{counts[one]} {name}" for one, name in OUTCOME_NAMES.items() if counts[one])
    return ", ".join((f"{counts['found']} found", *ends))


def of_test_shop(page: str | None = None) -> str:
    """Return that this is the test shop, and where its page is where that is known."""
    where = "" if page is None else f", {page}"
    return f"Test shop on this machine{where}: nothing goes to a real shop"


MOST_FOLDERS: Final = 3
"""Folders that are named of those with photographs that are not finished."""

_NOBODY_KNOWS: Final = str(product_unknown())
_UNKNOWN, _, MEND = _NOBODY_KNOWS.partition(": ")
"""What mends it where nobody knows the product; of many photographs it is said once."""

NOT_READY: Final = "still being written, or in hand elsewhere"
"""What is said of files that were not ready until a run's end."""


def without_mend(sentence: str) -> str:
    """Return a sentence about a photograph; without what mends it where nobody knows its product.

    That is the same for all of them, and is said once (`MEND`).
    """
    return _UNKNOWN if sentence == _NOBODY_KNOWS else sentence


def line_of(photo: Photo) -> str | None:
    """Return the line for a photograph that has ended or has to wait; None where it goes on."""
    if photo.reason is Reason.NOT_FOR_UPLOAD:
        return None
    if photo.state in UNFINISHED_STATES and photo.not_before is None:
        return None
    name = shown(photo.path)
    if photo.state is State.STORED and photo.image and not photo.picture:
        return (
            f"there     {name}: product {photo.image.product_id} had it already, as image "
            f"{photo.image.id}"
        )
    if photo.state is State.STORED and photo.picture and photo.image:
        size = pixels((photo.picture.width, photo.picture.height))
        return (
            f"stored   {name}: product {photo.image.product_id}, image {photo.image.id}, "
            f"{size}, {data_size(photo.picture.size)}"
        )
    if (
        photo.state in (State.WAITING, State.REFUSED, State.FAILED)
        or photo.not_before is not None
        or photo.reason is Reason.HELD
    ):
        return f"{word_of(photo):<8} {name}: {plain(photo.sentence.removeprefix(KEPT_BACK))}"
    return None


def word_of(photo: Photo) -> str:
    """Return the word for where a photograph stands: one for all that are on their way."""
    if photo.reason is Reason.NOT_FOR_UPLOAD:
        return OUTCOME_NAMES[Outcome.NOT_FOR_UPLOAD]
    if photo.state not in UNFINISHED_STATES:
        return str(photo.state)
    return NOT_SENT if photo.reason is Reason.NOT_SENT else NOT_FINISHED


def held_sentence(photo: Photo) -> str:
    """Return the sentence for a photograph that is held: for what, and how it goes up all the same.

    Args:
        photo: its reason is HELD.
    """
    sentence = plain(photo.sentence)
    return f"{sentence}; it goes up with the last view (`pipeline resume --hold never`: at once)"


def end_of(file: RunFile, end: RunEnd) -> str:
    """Return the sentence for a file that is not in the store at the end of a run."""
    photo, sentence = file.photo, plain(file.photo.sentence)
    if photo.state is State.REMOVED:
        return f"it was {DELETED_BY_HAND}: `pipeline retry FILE` sends it again"
    if photo.state not in UNFINISHED_STATES:
        return sentence
    later = "will be tried at the next `pipeline run`"
    if end.outcome(file) is Outcome.NOT_SENT:
        return f"{plain(end.sentence_of(file).removeprefix(KEPT_BACK))}; {later}"
    if photo.reason is Reason.HELD:
        return held_sentence(photo)
    if photo.state is State.UPLOADING or photo.not_before is not None:
        return f"{sentence.removeprefix(KEPT_BACK)}; {later}"
    if end.error is not None and not end.interrupted:
        return f"{plain(end.error)}; {later}"
    return f"its turn did not come; {later}"


def left_of(sums: RunSums, end: RunEnd) -> str | None:
    """Return why a run ended before it was done, and how many it left; None where it left none."""
    counts = sums.counts
    left = " and ".join(f"{counts[one]} {OUTCOME_NAMES[one]}" for one in LEFT if counts[one])
    if not left:
        return None
    if sums.held and sums.held == sum(counts[one] for one in LEFT):
        return f"Held until their products are complete: {left}. They go up with the last view."
    if end.interrupted:
        how = "Interrupted"
    elif end.error is not None:
        how = f"Ended early ({plain(end.error)})"
    else:
        how = f"Not waited any longer ({plain(end.gave_up or NOT_READY)})"
    return f"{how}: {left}. Run the same command again to go on."


_LEFT_OUT_BY: Final[Mapping[By, str]] = {
    By.EXCLUDE: "left out by --exclude",
    By.INCLUDE: "left out: not named by --include",
    By.IGNORE_FILE: "left out by .pipelineignore",
    By.UNREADABLE: "left out: .pipelineignore cannot be read",
    By.EXCLUDE_SETTING: "left out by the setting exclude",
    By.INCLUDE_SETTING: "left out: not named by the setting include",
    By.FOLDER_SETTING: "left out by the setting left_out_folders",
    By.OLDER: "left out: older than",
    By.LAST_RUN: "left out: as at the last run",
    By.HOME: "left out: the home folder of this program",
}


def left_out_of(left_out: Iterable[LeftOut]) -> Iterator[str]:
    """Yield a sentence for each cause that left files or folders out."""
    for one in left_out:
        how = _LEFT_OUT_BY[one.cause.by]
        if one.cause.where is not None:
            how += f" in {shown(one.cause.where)}"
        elif one.cause.by in (By.IGNORE_FILE, By.UNREADABLE):
            how += " in other folders"
        elif one.cause.by is By.OLDER:
            how += f" {one.cause.since}"
        numbers = [
            f"{number} {word if number == 1 else f'{word}s'}"
            for number, word in ((one.files, "file"), (one.folders, "folder"))
            if number
        ]
        yield f"{' and '.join(numbers)} {how} ({_example_of(one)})"


def _example_of(one: LeftOut) -> str:
    """Return the first of what was left out, as people read it, and whether there are more."""
    return f"{plain(one.example.name)}{', …' if one.files + one.folders > 1 else ''}"


def today_of(today: Tally, stored_today: int) -> str:
    """Return what today brought, as somebody reads it out.

    Args:
        today: where the photographs stand that were found today for the first time.
        stored_today: how many came into the shop today, whenever they were found.
    """
    earlier = stored_today - today[State.STORED]
    more = f" Of earlier days {earlier:,} came into the shop today." if earlier > 0 else ""
    return f"Today: {_brought(today)}.{more}"


def account_of(found: Tally, stored_earlier: int, *, when: str, of_batch: bool = False) -> str:
    """Return what a time or a batch brought, as somebody reads it out.

    Args:
        found: where the photographs stand that were found in that time for the first time.
        stored_earlier: how many came into the shop in that time that were found before it.
        when: the time, in words, as a sentence begins.
        of_batch: it is of a batch: what was found before came in through others.
    """
    more = ""
    if stored_earlier:
        earlier = "came in through other batches" if of_batch else "was found before"
        how = "with this one" if of_batch else "then"
        more = f" Of what {earlier}, {stored_earlier:,} came into the shop {how}."
    return f"{when}: {_brought(found)}.{more}"


def _brought(tally: Tally) -> str:
    found = sum(tally.counts.values()) - tally.not_for_upload
    if not found:
        return "nothing new was found"
    waiting = tally[State.WAITING]
    parts = [
        f"{found:,} found",
        f"{tally[State.STORED]:,} in the shop",
        *(
            f"{number:,} {what}"
            for number, what in (
                (tally[State.REFUSED] - tally.not_for_upload, "refused"),
                (tally[State.FAILED], "failed"),
                (tally[State.REMOVED], "removed"),
                (sum(tally[state] for state in UNFINISHED_STATES), NOT_FINISHED),
                (waiting, f"waiting for {'its' if waiting == 1 else 'their'} product"),
            )
            if number
        ),
    ]
    return ", ".join(parts)


def photographs(number: int) -> str:
    """Return how many photographs, in words."""
    return "1 photograph" if number == 1 else f"{number} photographs"


def left_behind_sentences(behind: Mapping[Path, int]) -> Iterator[str]:
    """Yield what is not finished and nobody works on, a sentence a folder; of many the first.

    Args:
        behind: how many, by the folder that was named when they came in.
    """
    for folder, number in islice(behind.items(), MOST_FOLDERS):
        what = photographs(number)
        name = shlex.quote(shown(folder))
        yield (
            f"{what} of {shown(folder)} {'is' if number == 1 else 'are'} not finished: "
            f"`pipeline resume {name}` goes on, `pipeline drop {name}` forgets "
            f"{'it' if number == 1 else 'them'}"
        )
    if len(behind) > MOST_FOLDERS:
        others = sum(islice(behind.values(), MOST_FOLDERS, None))
        yield (
            f"{others} more of {len(behind) - MOST_FOLDERS} other folders are not finished: "
            "`pipeline resume` goes on with all, `pipeline drop --all-pending` forgets all"
        )


def given_up(result: WorkResult) -> str | None:
    """Return that what was left was not waited for any longer, and how many; None if it was."""
    if result.gave_up is None:
        return None
    word = NOT_FINISHED if result.kept_back is None else NOT_SENT
    return f"Not waited any longer ({plain(result.gave_up)}): {result.left} {word}"


def met_sentences(met: Mapping[Meeting, int]) -> Iterator[str]:
    """Yield what is to be said of images in the shop that are not as the ledger has them."""
    if twice := met.get(Meeting.TWICE, 0):
        images = "1 image is" if twice == 1 else f"{twice} images are"
        yield (
            f"{images} in the shop though the same photograph is there already: `pipeline verify` "
            "says which, `pipeline verify --repair` puts it right"
        )
    if others := met.get(Meeting.OTHER_LEDGER, 0):
        images = "1 image" if others == 1 else f"{others} images"
        yield (
            f"The shop has {images} with this program's mark that are not in our records: "
            "another computer, another user or older records sent what is there. It is not sent "
            "again where it arrives here; `pipeline verify` says more"
        )


def taken_over_of(sums: RunSums) -> str | None:
    """Return how much was found in the shop though this ledger had not sent it; None where none."""
    number = sums.taken_over
    if not number:
        return None
    were = "1 photograph was" if number == 1 else f"{number} photographs were"
    return (
        f"{were} in the shop already, sent by another computer or user, or by "
        "records that were lost or older: taken over, not sent."
    )


def savings_of(sums: RunSums) -> str:
    """Return how much smaller the photographs became that a run stored; nothing where none."""
    if not sums.after:
        return ""
    return f"{data_size(sums.before)} of originals became {data_size(sums.after)}"


def difference_of(
    one: Difference, now: Mapping[str, Photo], removed: Mapping[int, StoredImage] | None = None
) -> str:
    """Return the sentence of a difference between ledger and store.

    Args:
        one: the difference.
        now: photographs that were sent again since, by id.
        removed: which image stays, by the id of each that was removed since: it was there twice.
    """
    where = "" if one.photo is None else f"{shown(one.photo.path)}: "
    mended = ""
    if (image := image_now(one, now, removed or {})) is not None:
        mended = f"; it is image {image.id} now{', alone' if one.twins is not None else ''}"
    elif one.photo is not None and one.photo.id in now:
        again = now[one.photo.id]
        mended = f"; it could not be put back ({again.state}): {plain(again.sentence)}"
    return f"{where}{plain(one.sentence)}{mended}"
