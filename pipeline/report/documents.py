"""What programs get to read of photographs and runs: JSON objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pipeline.left_out import LeftOut
from pipeline.lifecycle import KEPT_BACK, UNFINISHED_STATES, Reason, State
from pipeline.report.failures import Code, code_of
from pipeline.values import (
    Meeting,
    Photo,
    Placement,
    RunFile,
    RunReport,
    StoredImage,
    Tally,
)
from pipeline.wording import encodable

if TYPE_CHECKING:
    from pipeline.engine import Difference, WorkResult
    from pipeline.home_shops import HomeShop
    from pipeline.intake.naming import Naming
    from pipeline.ledger import HistoryLine
    from pipeline.store_address import StoreAddress

__all__ = [
    "LEFT",
    "Outcome",
    "RunEnd",
    "RunSums",
    "Took",
    "counts_document",
    "difference_document",
    "history_document",
    "image_now",
    "left_out_document",
    "met_document",
    "naming_document",
    "photo_document",
    "run_document",
    "run_file_document",
    "store_document",
]


class Outcome(StrEnum):
    """What a run's report calls the end of a photograph; every one has exactly one."""

    STORED = "stored"
    ALREADY_STORED = "already_stored"
    WAITING = "waiting"
    REFUSED = "refused"
    NOT_FOR_UPLOAD = "not_for_upload"
    FAILED = "failed"
    REMOVED = "removed"
    """It was deleted from the shop by hand, and is not sent again unless somebody asks."""
    NOT_SENT = "not_sent"
    """The shop, the network or the token kept it back."""
    NOT_FINISHED = "not_finished"


_NONE: Final[Mapping[int, StoredImage]] = MappingProxyType({})

_BY_STATE: Final = {
    State.WAITING: Outcome.WAITING,
    State.REFUSED: Outcome.REFUSED,
    State.FAILED: Outcome.FAILED,
    State.REMOVED: Outcome.REMOVED,
}

LEFT: Final = (Outcome.NOT_SENT, Outcome.NOT_FINISHED)
"""What the next run goes on with."""

_AS_GOOD_AS_STORED: Final = (State.PREPARED, State.UPLOADING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """When a run began and ended, in UTC."""

    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended; what its files are called in its report depends on it."""

    interrupted: bool
    """By a Ctrl-C or a termination signal."""

    rehearsed: bool
    """A dry run: a prepared picture counts as what it would become."""

    error: str | None
    """What concerned all of it, and ended it."""

    error_code: Code | None = None
    """The same, as a word for programs."""

    gave_up: str | None = None
    """Why what was left was not waited for any longer."""

    gave_up_code: Code | None = None
    """The same, as a word for programs; None where neither the shop nor the network was why."""

    kept_back: str | None = None
    """Why the shop, the network or the token kept back what was left."""

    not_taken: tuple[Path, ...] = ()
    """The files that were not ready, and of which nothing is written down."""

    known: int = 0
    """How many were stored already and are not in the report one by one."""

    left_out: Sequence[LeftOut] = ()
    """What lay there and was not to be taken, by what left it out."""

    beyond_limit: int = 0
    """How many were not taken in, for there was to be a limit."""

    gone: Sequence[Photo] = ()
    """What was stored, and was deleted in the shop, as far as the run met it."""

    took: Took | None = None
    """When it was; None where nobody is told."""

    batch: int | None = None
    """The number of the batch that it brought photographs in and changed the shop with, if any."""

    @classmethod
    def of(
        cls,
        result: WorkResult,
        *,
        rehearsed: bool = False,
        left_out: Sequence[LeftOut] = (),
        gone: Sequence[Photo] = (),
        took: Took | None = None,
        batch: int | None = None,
    ) -> RunEnd:
        """Return how a run ended whose work ended so, and which left so much out."""
        return cls(
            interrupted=result.stopped,
            rehearsed=rehearsed,
            error=None if result.error is None else str(result.error),
            error_code=None if result.error is None else code_of(result.error),
            gave_up=result.gave_up,
            gave_up_code=None if result.gave_up_by is None else code_of(result.gave_up_by),
            kept_back=None if result.stopped else result.kept_back,
            not_taken=result.not_taken,
            known=result.known,
            left_out=left_out,
            beyond_limit=result.beyond_limit,
            gone=gone,
            took=took,
            # What is rehearsed is thrown away.
            batch=None if rehearsed else batch,
        )

    def outcome(self, file: RunFile) -> Outcome:
        """Return the word for how a file ended in this run."""
        state = file.photo.state
        if state is State.STORED or (self.rehearsed and state in _AS_GOOD_AS_STORED):
            return Outcome.ALREADY_STORED if file.already else Outcome.STORED
        if state in UNFINISHED_STATES:
            # Of one that was sent, and no answer came, nobody can say that it was not.
            kept = self.kept_back is not None and state is not State.UPLOADING
            return Outcome.NOT_SENT if kept else Outcome.NOT_FINISHED
        if file.photo.reason is Reason.NOT_FOR_UPLOAD:
            return Outcome.NOT_FOR_UPLOAD
        return _BY_STATE[state]

    def sums(self, run_report: RunReport) -> RunSums:
        """Return what a run comes to; its files are gone through once."""
        counts = dict.fromkeys(("found", *map(str, Outcome)), 0)
        counts["found"] = counts[Outcome.ALREADY_STORED] = self.known
        taken_over = before = after = held = 0
        for file in run_report.lines:
            outcome = self.outcome(file)
            counts[outcome] += 1
            counts["found"] += outcome is not Outcome.NOT_FOR_UPLOAD
            taken_over += file.taken_over
            held += file.photo.reason is Reason.HELD
            # Of a photograph that came as several files one counts as stored.
            if outcome is Outcome.STORED and file.photo.picture is not None:
                before += file.photo.size
                after += file.photo.picture.size
        for name in ("found", Outcome.NOT_FINISHED):
            counts[name] += len(self.not_taken)
        return RunSums(counts=counts, taken_over=taken_over, before=before, after=after, held=held)

    def sentence_of(self, file: RunFile) -> str:
        """Return what is to be said of a file: of one that was not sent, why it was not."""
        photo = file.photo
        if self.outcome(file) is not Outcome.NOT_SENT:
            return photo.sentence
        # What ended the run ended the questions that were under way, too: those say only that.
        if self.error is None and photo.reason is Reason.NOT_SENT:
            return photo.sentence
        return f"{KEPT_BACK}{self.kept_back}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSums:
    """What the files of a run come to.

    Attributes:
        counts: how many have each outcome. `found` is the sum of all others but `not_for_upload`:
            raw files, films and notes are nobody's photographs to store, and are counted beside
            them.
        taken_over: how many were found in the store though this ledger had not sent them.
        before: bytes of the originals that were stored.
        after: bytes of what was made of these.
        held: how many of those that are not finished are held until their product is complete.
    """

    counts: Mapping[str, int]
    taken_over: int = 0
    before: int = 0
    after: int = 0
    held: int = 0


def run_document(
    run_report: RunReport, end: RunEnd, sums: RunSums, *, store: StoreAddress
) -> dict[str, Any]:
    """Return a run as a JSON object, but for its files, which may be very many (`photographs`).

    Args:
        run_report: its create calls, and what it met.
        end: how it ended.
        sums: what its files come to.
        store: to which it went.
    """
    return {
        "store": store_document(store),
        "batch": end.batch,
        "began_at": None if end.took is None else end.took.began_at.isoformat(),
        "ended_at": None if end.took is None else end.took.ended_at.isoformat(),
        "dry_run": end.rehearsed,
        "interrupted": end.interrupted,
        "error": end.error,
        "error_code": None if end.error_code is None else str(end.error_code),
        "gave_up": end.gave_up,
        "gave_up_code": None if end.gave_up_code is None else str(end.gave_up_code),
        "not_taken": [encodable(path) for path in end.not_taken],
        "counts": dict(sums.counts),
        "left_out": [left_out_document(one) for one in end.left_out],
        "beyond_limit": end.beyond_limit,
        "posts": run_report.posts,
        "taken_over": sums.taken_over,
        "met": met_document(run_report.met),
        "gone": [
            {
                "path": encodable(photo.path),
                "product_id": None if photo.image is None else photo.image.product_id,
                "image_id": None if photo.image is None else photo.image.id,
            }
            for photo in end.gone
        ],
    }


def run_file_document(file: RunFile, end: RunEnd) -> dict[str, Any]:
    """Return a file of a run that ended so as a JSON object."""
    return {
        **photo_document(file.photo),
        "path": encodable(file.path),
        "outcome": str(end.outcome(file)),
        "sentence": end.sentence_of(file),
    }


def store_document(store: StoreAddress | HomeShop | None) -> dict[str, str | None]:
    """Return a shop as a JSON object.

    Args:
        store: it; None for the test shop where it is not started.

    Returns:
        `kind`, "test" for a shop on this machine and "real" for any other; its API's `address`;
        its `name`, null where it has none.
    """
    if store is None:
        return {"kind": "test", "address": None, "name": None}
    kind = "test" if store.is_local else "real"
    return {"kind": kind, "address": store.base_url, "name": store.name}


def counts_document(tally: Tally) -> dict[str, int]:
    """Return how many photographs are in each state; raw files and the like are counted apart."""
    counts = {str(state): tally[state] for state in State}
    counts["refused"] -= tally.not_for_upload
    return {**counts, "not_for_upload": tally.not_for_upload}


def left_out_document(one: LeftOut) -> dict[str, Any]:
    """Return what one cause left out as a JSON object."""
    return {
        "by": str(one.cause.by),
        "where": None if one.cause.where is None else encodable(one.cause.where),
        "since": one.cause.since,
        "files": one.files,
        "folders": one.folders,
        "example": encodable(one.example),
    }


def met_document(met: Mapping[Meeting, int]) -> dict[str, int]:
    """Return how many images in the store are not as the ledger has them, of each kind."""
    return {str(kind): met.get(kind, 0) for kind in Meeting}


def history_document(photo: Photo, history: Iterable[HistoryLine]) -> dict[str, Any]:
    """Return a photograph as a JSON object, with every step of it."""
    return {
        **photo_document(photo),
        "history": [
            {"at": line.at.isoformat(), "state": str(line.state), "step": line.sentence}
            for line in history
        ],
    }


def photo_document(photo: Photo) -> dict[str, Any]:
    """Return a photograph as a JSON object.

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
        **_said_by(photo.placement),
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


def difference_document(
    one: Difference, now: Mapping[str, Photo], removed: Mapping[int, StoredImage] = _NONE
) -> dict[str, Any]:
    """Return a difference between ledger and store as a JSON object.

    Args:
        one: the difference.
        now: photographs that were sent again since, by id.
        removed: which image stays, by the id of each that was removed since: it was there twice.
    """
    image = image_now(one, now, removed)
    return {
        "kind": str(one.kind),
        "product_id": one.product_id,
        "image_id": one.image_id,
        "path": None if one.photo is None else encodable(one.photo.path),
        "sentence": one.sentence,
        "mended_as": None if image is None else image.id,
    }


def image_now(
    one: Difference, now: Mapping[str, Photo], removed: Mapping[int, StoredImage] = _NONE
) -> StoredImage | None:
    """Return the image by which a difference is mended; None while it is not."""
    if one.twins is not None:
        keep, other = (_left(image, removed) for image in (one.twins.keep, one.twins.other))
        return keep if keep.id == other.id else None
    if one.image_id in removed:
        return _left(removed[one.image_id], removed)
    again = None if one.photo is None else now.get(one.photo.id)
    if again is None or again.state is not State.STORED:
        return None
    return again.image


def _left(image: StoredImage, removed: Mapping[int, StoredImage]) -> StoredImage:
    """Return the image that is left of those that were removed for one another."""
    while image.id in removed:
        image = removed[image.id]
    return image


def naming_document(one: Naming) -> dict[str, Any]:
    """Return what the name of a file says of its product, for programs."""
    placement = one.placement
    return {
        "path": encodable(one.path),
        "for_upload": one.meant,
        "product_id": None if placement is None else placement.product_id,
        "order": None if placement is None else placement.order,
        "view": None if placement is None else placement.view,
        "rule": None if placement is None else placement.rule,
        **_said_by(placement),
        "waits": one.why_not or None,
    }


def _said_by(placement: Placement | None) -> dict[str, Any]:
    """Return which rule answered, and what the others said."""
    by = None if placement is None else placement.by
    return {
        "by": None if by is None else str(by),
        "others": [] if placement is None else list(placement.others),
    }
