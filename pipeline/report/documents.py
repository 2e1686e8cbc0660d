"""What programs get to read: photographs and runs as JSON documents."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Any, Final

from pipeline.lifecycle import UNFINISHED_STATES, Reason, State
from pipeline.values import Photo, RunFile, RunReport
from pipeline.wording import encodable

__all__ = ["Outcome", "outcome_of", "photo_document", "run_counts"]


class Outcome(StrEnum):
    """What a run's report calls the end of a photograph; every one has exactly one."""

    STORED = "stored"
    ALREADY_STORED = "already_stored"
    WAITING = "waiting"
    REFUSED = "refused"
    NOT_FOR_UPLOAD = "not_for_upload"
    FAILED = "failed"


_BY_STATE: Final = {
    State.WAITING: Outcome.WAITING,
    State.REFUSED: Outcome.REFUSED,
    State.FAILED: Outcome.FAILED,
    State.REMOVED: Outcome.WAITING,
}


def outcome_of(line: RunFile, *, interrupted: bool, rehearsed: bool) -> Outcome:
    """Give the word for how a file ended in this run.

    Args:
        line: the file and its photograph.
        interrupted: what is unfinished then waits for a later run; else it is a failure of this
            one, though the next will go on with it.
        rehearsed: in a dry run a prepared picture counts as what it would become.
    """
    state = line.photo.state
    if state is State.STORED or (rehearsed and state in (State.PREPARED, State.UPLOADING)):
        return Outcome.ALREADY_STORED if line.already else Outcome.STORED
    if state in UNFINISHED_STATES:
        return Outcome.WAITING if interrupted else Outcome.FAILED
    if line.photo.reason is Reason.NOT_FOR_UPLOAD:
        return Outcome.NOT_FOR_UPLOAD
    return _BY_STATE[state]


def run_counts(run_report: RunReport, *, interrupted: bool, rehearsed: bool) -> dict[str, int]:
    """Count a run's files by outcome.

    `found` is the sum of all others but `not_for_upload`: raw files beside their JPEGs are
    nobody's photographs to store, and are counted beside them.
    """
    counts = dict.fromkeys(("found", *map(str, Outcome)), 0)
    for line in run_report.lines:
        outcome = outcome_of(line, interrupted=interrupted, rehearsed=rehearsed)
        counts[outcome] += 1
        counts["found"] += outcome is not Outcome.NOT_FOR_UPLOAD
    return counts


def photo_document(photo: Photo) -> dict[str, Any]:
    """Give a photograph as a JSON object.

    `bytes`, `width`, `height` and `format` are those of what goes up, or of the original while
    there is nothing yet that does; `sha256` is the original's.
    """
    picture, inspection = photo.picture, photo.inspection
    facts = picture or inspection
    return {
        "id": photo.id,
        "path": encodable(photo.path),
        "state": str(photo.state),
        "reason": None if photo.reason is None else str(photo.reason),
        "sentence": photo.sentence,
        "product_id": None if photo.placement is None else photo.placement.product_id,
        "rule": None if photo.placement is None else photo.placement.rule,
        "sku": photo.sku,
        "image_id": None if photo.image is None else photo.image.id,
        "image": None if photo.image is None else asdict(photo.image),
        "upload_name": None if picture is None else picture.upload_name,
        "bytes": photo.size if picture is None else picture.size,
        "width": None if facts is None else facts.width,
        "height": None if facts is None else facts.height,
        "format": None if facts is None else str(facts.format),
        "sha256": photo.sha256 or None,
        "passthrough": None if picture is None else picture.passthrough,
        "work": [] if picture is None else list(picture.work),
        "original_bytes": photo.size,
        "original_format": None if inspection is None else str(inspection.format),
        "attempts": photo.attempts,
        "not_before": None if photo.not_before is None else photo.not_before.isoformat(),
        "received_at": photo.received_at.isoformat(),
        "changed_at": photo.changed_at.isoformat(),
    }
