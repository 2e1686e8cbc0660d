"""What programs get to read: every file of a run has one outcome, and every word its place."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.engine import Difference, Kind
from pipeline.engine.twins import Verdict
from pipeline.left_out import By, Cause, LeftOut
from pipeline.lifecycle import Reason, State
from pipeline.report.documents import (
    Outcome,
    RunEnd,
    counts_document,
    difference_document,
    history_document,
    left_out_document,
    photo_document,
    run_document,
    run_file_document,
)
from pipeline.store_address import StoreAddress
from pipeline.values import HistoryLine, RunFile, StoredImage, Tally
from tests.makers import START, picture, stored_image
from tests.report.photos import photo, report_of, stored_photo

WELL = RunEnd(interrupted=False, rehearsed=False, error=None)
INTERRUPTED = RunEnd(interrupted=True, rehearsed=False, error=None)
REHEARSED = RunEnd(interrupted=False, rehearsed=True, error=None)


@pytest.mark.parametrize("end", [WELL, INTERRUPTED, REHEARSED], ids=["well", "interrupted", "dry"])
@pytest.mark.parametrize("state", State)
def test_every_state_has_an_outcome_however_a_run_ends(state: State, end: RunEnd) -> None:
    (file,) = report_of(photo("/in/a.jpg", state)).lines
    assert isinstance(end.outcome(file), Outcome)


@pytest.mark.parametrize(
    ("state", "end", "outcome"),
    [
        (State.STORED, WELL, Outcome.STORED),
        (State.PREPARED, WELL, Outcome.NOT_FINISHED),
        (State.PREPARED, INTERRUPTED, Outcome.NOT_FINISHED),
        (State.PREPARED, REHEARSED, Outcome.STORED),
        (State.UPLOADING, REHEARSED, Outcome.STORED),
        (State.VALIDATED, REHEARSED, Outcome.NOT_FINISHED),
        (State.REMOVED, WELL, Outcome.REMOVED),
        (State.REFUSED, INTERRUPTED, Outcome.REFUSED),
    ],
)
def test_what_is_not_finished_is_called_by_how_the_run_ended(
    state: State, end: RunEnd, outcome: Outcome
) -> None:
    (file,) = report_of(photo("/in/a.jpg", state)).lines
    assert end.outcome(file) is outcome


def test_what_was_stored_before_is_not_counted_as_stored() -> None:
    (file,) = report_of(stored_photo("/in/a.jpg"), already=True).lines
    assert WELL.outcome(file) is Outcome.ALREADY_STORED


def test_the_counts_add_up_and_raw_files_stand_beside_them() -> None:
    raw = photo("/in/a.CR3", State.REFUSED, reason=Reason.NOT_FOR_UPLOAD)
    counts = WELL.sums(
        report_of(stored_photo("/in/a.jpg"), photo("/in/b.jpg", State.REFUSED), raw)
    ).counts
    assert counts == {
        "found": 2,
        "stored": 1,
        "already_stored": 0,
        "waiting": 0,
        "refused": 1,
        "not_for_upload": 1,
        "failed": 0,
        "removed": 0,
        "not_sent": 0,
        "not_finished": 0,
    }


def test_a_run_tells_of_the_file_that_was_found_under_the_photograph_it_is() -> None:
    file = RunFile(path=Path("/in/again.jpg"), photo=stored_photo("/in/a.jpg"), already=True)
    run = report_of(file.photo)
    report = type(run)(lines=(file,), posts=0)
    document = run_document(
        report,
        REHEARSED,
        REHEARSED.sums(report),
        store=StoreAddress(base_url="https://shop.example/v3", token="token"),
    )
    one = run_file_document(file, REHEARSED)
    assert (one["path"], one["outcome"], one["state"]) == (
        "/in/again.jpg",
        "already_stored",
        "stored",
    )
    assert document == {
        "store": {"kind": "real", "address": "https://shop.example/v3", "name": None},
        "batch": None,
        "began_at": None,
        "ended_at": None,
        "dry_run": True,
        "interrupted": False,
        "error": None,
        "error_code": None,
        "gave_up": None,
        "gave_up_code": None,
        "not_taken": [],
        "counts": REHEARSED.sums(report).counts,
        "left_out": [],
        "beyond_limit": 0,
        "posts": 0,
        "taken_over": 0,
        "gone": [],
        "met": {"other_ledger": 0, "twice": 0},
    }


def test_what_was_left_out_is_told_by_its_cause() -> None:
    one = LeftOut(Cause(By.IGNORE_FILE, Path("/in/drafts")), 12, 1, Path("/in/drafts/a.jpg"))
    assert left_out_document(one) == {
        "by": "ignore_file",
        "where": "/in/drafts",
        "since": "",
        "files": 12,
        "folders": 1,
        "example": "/in/drafts/a.jpg",
    }
    older = LeftOut(Cause(By.OLDER, since="2026-11-01"), 1, 0, Path("/in/a.jpg"))
    assert (left_out_document(older)["where"], left_out_document(older)["since"]) == (
        None,
        "2026-11-01",
    )


def test_a_photograph_is_told_by_its_picture_once_there_is_one() -> None:
    early = photo_document(photo("/in/a.jpg", State.RECEIVED))
    assert (early["bytes"], early["width"], early["format"], early["work"]) == (
        24_000_000,
        None,
        None,
        [],
    )
    late = photo_document(stored_photo("/in/a.jpg"))
    assert (late["bytes"], late["width"], late["height"]) == (picture().size, 2048, 1365)
    assert (late["original_bytes"], late["image_id"], late["product_id"]) == (24_000_000, 7, 158)
    assert set(early) == set(late)


def test_a_name_of_any_bytes_can_be_printed_as_json() -> None:
    name = Path(os.fsdecode(b"/in/gr\xfc\xdfe.jpg"))
    document = photo_document(photo(name, State.RECEIVED))
    assert "gr\\udcfc\\udcdfe" in document["path"]
    json.dumps(document, ensure_ascii=False).encode("utf-8")


def test_states_are_counted_with_raw_files_apart() -> None:
    counts = dict.fromkeys(State, 0) | {State.STORED: 2, State.REFUSED: 3}
    document = counts_document(Tally(counts=counts, not_for_upload=2))
    assert (document["stored"], document["refused"], document["not_for_upload"]) == (2, 1, 2)
    assert set(document) == {*map(str, State), "not_for_upload"}


def test_a_history_tells_every_step_with_its_time() -> None:
    steps = [
        HistoryLine(at=START, state=State.RECEIVED, sentence="received as a.jpg"),
        HistoryLine(at=START + timedelta(seconds=1), state=State.STORED, sentence="stored"),
    ]
    document = history_document(stored_photo("/in/a.jpg"), steps)
    assert document["history"][1] == {
        "at": "2026-11-24T09:00:01+00:00",
        "state": "stored",
        "step": "stored",
    }
    assert document["path"] == "/in/a.jpg"


def test_a_difference_is_mended_only_by_an_image_in_the_store() -> None:
    missing = photo("/in/a.jpg", State.STORED)
    one = Difference(
        kind=Kind.MISSING, product_id=158, image_id=6, photo=missing, sentence="is not in the shop"
    )
    for now in ({}, {missing.id: photo("/in/a.jpg", State.FAILED)}):
        assert difference_document(one, now)["mended_as"] is None
    assert difference_document(one, {missing.id: stored_photo("/in/a.jpg")}) == {
        "kind": "missing",
        "product_id": 158,
        "image_id": 6,
        "path": "/in/a.jpg",
        "sentence": "is not in the shop",
        "mended_as": 7,
    }


def test_what_was_removed_mends_all_that_was_said_of_it_and_of_its_twins() -> None:
    """Of three images 7 stayed for 9, and then 12 for 7."""
    seven, nine, twelve = (stored_image(number) for number in (7, 9, 12))
    removed = {9: seven, 7: twelve}

    def mended(image_id: int, twins: Verdict | None) -> object:
        one = Difference(
            kind=Kind.THUMBNAIL if twins is None else Kind.TWICE,
            product_id=158,
            image_id=image_id,
            photo=stored_photo("/in/a.jpg"),
            sentence="",
            twins=twins,
        )
        return difference_document(one, {}, removed)["mended_as"]

    def pair(keep: StoredImage, other: StoredImage) -> Verdict:
        return Verdict(keep=keep, other=other, removable=True, sentence="")

    assert mended(7, None) == 12
    assert mended(9, pair(seven, nine)) == 12
    assert mended(7, pair(twelve, seven)) == 12
    assert mended(13, None) is None
    assert mended(14, pair(seven, stored_image(14))) is None, "it is there still"
