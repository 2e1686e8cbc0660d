"""What people get to read of photographs and runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.engine import Difference, Kind
from pipeline.left_out import By, Cause, LeftOut
from pipeline.lifecycle import FINAL_STATES, UNFINISHED_STATES, Reason, State
from pipeline.report.documents import Outcome, RunEnd
from pipeline.report.wording import (
    OUTCOME_NAMES,
    STATE_MEANINGS,
    difference_of,
    end_of,
    left_of,
    left_out_of,
    line_of,
    savings_of,
    today_of,
    word_of,
)
from pipeline.values import Photo, Tally
from tests.makers import START
from tests.report.photos import photo, report_of, stored_photo

WELL = RunEnd(interrupted=False, rehearsed=False, error=None)


def end(one: Photo, run: RunEnd = WELL) -> str:
    (file,) = report_of(one).lines
    return end_of(file, run)


def test_every_state_and_outcome_has_words() -> None:
    assert set(STATE_MEANINGS) == set(State)
    assert set(OUTCOME_NAMES) == set(Outcome)


def test_a_line_tells_what_was_stored_and_where() -> None:
    assert line_of(stored_photo("/in/a.jpg")) == (
        "stored   /in/a.jpg: product 158, image 7, 2048 × 1365, 812 kB"
    )


@pytest.mark.parametrize("state", [State.WAITING, State.REFUSED, State.FAILED])
def test_a_line_tells_what_needs_eyes(state: State) -> None:
    line = line_of(photo("/in/a.jpg", state, "nobody knows\x1b[2J"))
    assert line == f"{state:<8} /in/a.jpg: nobody knows\\x1b[2J"


def test_what_is_tried_again_later_is_told_and_what_goes_on_is_not() -> None:
    soon = START + timedelta(seconds=5)
    assert line_of(photo("/in/a.jpg", State.PREPARED, "no answer", not_before=soon)) == (
        "not finished /in/a.jpg: no answer"
    )
    sentence = "not sent: no network"
    kept = photo("/in/a.jpg", State.PREPARED, sentence, not_before=soon, reason=Reason.NOT_SENT)
    assert line_of(kept) == "not sent /in/a.jpg: no network"
    assert line_of(photo("/in/a.jpg", State.PREPARED, "prepared")) is None
    raw = photo("/in/a.CR3", State.REFUSED, "a raw file", reason=Reason.NOT_FOR_UPLOAD)
    assert line_of(raw) is None


def test_the_end_of_a_run_says_of_each_file_how_to_go_on() -> None:
    assert end(photo("/in/a.jpg", State.REFUSED, "the file is empty")) == "the file is empty"
    assert "pipeline retry" in end(photo("/in/a.jpg", State.REMOVED, "deleted"))
    prepared = photo("/in/a.jpg", State.PREPARED, "prepared")
    later = "will be tried at the next `pipeline run`"
    assert end(prepared) == f"its turn did not come; {later}"
    assert end(photo("/in/a.jpg", State.UPLOADING, "no answer")) == f"no answer; {later}"
    interrupted = RunEnd(interrupted=True, rehearsed=False, error=None)
    assert end(prepared, interrupted) == f"its turn did not come; {later}"
    wrong = RunEnd(interrupted=False, rehearsed=False, error="the disk is full")
    assert end(prepared, wrong) == f"the disk is full; {later}"


def test_what_the_shop_or_the_network_kept_back_is_not_sent_and_each_says_why() -> None:
    kept = RunEnd(interrupted=False, rehearsed=False, error=None, kept_back="the token is bad")
    own = photo("/in/a.jpg", State.PREPARED, "not sent: no answer", reason=Reason.NOT_SENT)
    later = "will be tried at the next `pipeline run`"
    assert end(own, kept) == f"no answer; {later}"
    assert end(photo("/in/b.jpg", State.RECEIVED, "received"), kept) == f"the token is bad; {later}"
    report = report_of(own, photo("/in/c.jpg", State.UPLOADING, "sent, no answer yet"))
    assert [kept.outcome(file) for file in report.lines] == [
        Outcome.NOT_SENT,
        Outcome.NOT_FINISHED,
    ], "of what was perhaps sent nobody says that it was not"
    assert left_of(kept.sums(report), kept) == (
        "Not waited any longer (still being written, or in hand elsewhere): 1 not sent and "
        "1 not finished. Run the same command again to go on."
    )


@pytest.mark.parametrize("state", sorted(UNFINISHED_STATES))
def test_one_word_for_all_that_is_on_its_way_and_a_state_s_own_for_the_rest(state: State) -> None:
    assert word_of(photo("/in/a.jpg", state, "")) == "not finished"
    kept_back = photo("/in/a.jpg", state, "no network", reason=Reason.NOT_SENT)
    assert word_of(kept_back) == "not sent"
    assert word_of(photo("/in/a.jpg", state, "not sent: only says so")) == "not finished"
    for other in FINAL_STATES:
        assert word_of(photo("/in/a.jpg", other, "")) == str(other)
    raw = photo("/in/a.CR3", State.REFUSED, reason=Reason.NOT_FOR_UPLOAD)
    assert word_of(raw) == "not for upload"


def test_what_today_brought_is_told_as_somebody_reads_it_out() -> None:
    counts = {State.STORED: 208, State.REFUSED: 5, State.WAITING: 1}
    assert today_of(Tally(counts=counts, not_for_upload=2), 208) == (
        "Today: 212 found, 208 in the shop, 3 refused, 1 waiting for its product."
    )
    several = Tally(counts={State.PREPARED: 2, State.WAITING: 2}, not_for_upload=0)
    assert today_of(several, 7) == (
        "Today: 4 found, 0 in the shop, 2 not finished, 2 waiting for their product. "
        "Of earlier days 7 came into the shop today."
    )
    assert today_of(Tally(counts={}, not_for_upload=0), 0) == "Today: nothing new was found."


def test_savings_are_of_what_this_run_stored() -> None:
    run = report_of(stored_photo("/in/a.jpg"), stored_photo("/in/b.jpg"))
    assert savings_of(WELL.sums(run)) == "48.00 MB of originals became 1.62 MB"
    assert savings_of(WELL.sums(report_of(stored_photo("/in/a.jpg"), already=True))) == ""


def test_every_cause_has_a_sentence_with_its_numbers_and_its_first_file() -> None:
    for by in By:
        (sentence,) = left_out_of([LeftOut(Cause(by), 12, 0, Path("/in/a.jpg"))])
        assert sentence.startswith("12 files left out")
        assert sentence.endswith("(a.jpg, …)")
    told = left_out_of(
        [
            LeftOut(Cause(By.EXCLUDE), 1, 2, Path("/in/a.jpg")),
            LeftOut(Cause(By.IGNORE_FILE, Path("/in/drafts")), 0, 1, Path("/in/drafts/b")),
            LeftOut(Cause(By.OLDER, since="2026-11-01 00:00"), 40, 0, Path("/in/c.jpg")),
        ]
    )
    assert list(told) == [
        "1 file and 2 folders left out by --exclude (a.jpg, …)",
        "1 folder left out by .pipelineignore in /in/drafts (b)",
        "40 files left out: older than 2026-11-01 00:00 (c.jpg, …)",
    ]


def test_a_difference_says_what_became_of_it() -> None:
    missing = photo("/in/a.jpg", State.STORED)
    one = Difference(
        kind=Kind.MISSING, product_id=158, image_id=6, photo=missing, sentence="is not there"
    )
    assert difference_of(one, {}) == "/in/a.jpg: is not there"
    again = {missing.id: stored_photo("/in/a.jpg")}
    assert difference_of(one, again) == "/in/a.jpg: is not there; it is image 7 now"
    failed = {missing.id: photo("/in/a.jpg", State.REFUSED, "it is gone")}
    assert difference_of(one, failed) == (
        "/in/a.jpg: is not there; it could not be put back (refused): it is gone"
    )
    stranger = Difference(
        kind=Kind.UNKNOWN, product_id=158, image_id=6, photo=None, sentence="image 6 is unknown"
    )
    assert difference_of(stranger, {}) == "image 6 is unknown"
