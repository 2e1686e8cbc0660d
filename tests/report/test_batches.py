"""Of a batch is said what it did, and whether it can be undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.batches import Batch, BatchKind, ChangeKind, ChangeState
from pipeline.report.batches import batch_document, done_of, images, undo_of
from tests.makers import START

BATCH = Batch(number=4, kind=BatchKind.RUN, command="pipeline run /shop", began_at=START)


@pytest.mark.parametrize(
    ("batch", "done"),
    [
        (BATCH, "nothing"),
        (replace(BATCH, created=1200), "1,200 uploaded"),
        (
            replace(
                BATCH,
                created=2,
                changes={
                    (ChangeKind.CREATE, ChangeState.DONE): 1,
                    (ChangeKind.UPDATE, ChangeState.DONE): 4,
                    (ChangeKind.DELETE, ChangeState.LEFT): 1,
                    (ChangeKind.DELETE, ChangeState.PLANNED): 2,
                    (ChangeKind.DELETE, ChangeState.INTENDED): 1,
                },
            ),
            "3 uploaded, 4 changed, 1 left, 3 to do",
        ),
    ],
)
def test_what_a_batch_did_is_told_in_figures(batch: Batch, done: str) -> None:
    assert done_of(batch) == done


@pytest.mark.parametrize(
    ("batch", "lost", "undo"),
    [
        (replace(BATCH, created=1), 0, "yes"),
        (BATCH, 0, "nothing to undo"),
        (replace(BATCH, created=1, taken_back_by=5), 0, "taken back by batch 5"),
        (replace(BATCH, created=1), 2, "but for 2 images, not kept any more"),
    ],
)
def test_whether_it_can_be_undone_is_told(batch: Batch, lost: int, undo: str) -> None:
    assert undo_of(batch, lost) == undo


def test_a_program_gets_the_figures_alone() -> None:
    document = batch_document(replace(BATCH, created=3, takes_back=2), 1)
    assert document["uploaded"] == 3
    assert document["takes_back"] == 2
    assert document["not_kept"] == 1
    assert document["ended_at"] is None


def test_one_image_is_one() -> None:
    assert (images(1), images(1500)) == ("1 image", "1,500 images")
