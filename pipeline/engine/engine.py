"""Submit an arrival; take one photograph one step further, whatever happens on the way."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from pipeline.captions import NO_CAPTIONS
from pipeline.engine.blame import BLAMELESS, cause, health_after, may_pass
from pipeline.engine.dealings import Dealings
from pipeline.engine.holding import Holding
from pipeline.engine.kept_back import why_later
from pipeline.engine.listings import Listings
from pipeline.engine.one_preparation import is_at_hand, made_for_another
from pipeline.engine.places import Places
from pipeline.engine.ports import (
    MOST_PRODUCTS,
    Clock,
    Observer,
    RetryTimes,
    Stages,
    StoreHealth,
)
from pipeline.engine.receiving import Receiving
from pipeline.engine.same_picture import left_to_same
from pipeline.engine.stumbles import Stumbles, gave_way
from pipeline.engine.unconfirmed import Unconfirmed
from pipeline.errors import (
    ConfigError,
    LedgerError,
    LostClaim,
    NotReady,
    PhotoRefused,
    PipelineError,
    ProductUnknown,
    StoreAmbiguous,
    StoreDenied,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
    StoreUnsure,
)
from pipeline.ledger import Ledger
from pipeline.lifecycle import (
    UNFINISHED_STATES,
    Reason,
    State,
    backoff_seconds,
    needs_bytes,
)
from pipeline.values import (
    Arrival,
    Claim,
    Photo,
    Picture,
    Placement,
    SendRecord,
    StoredImage,
)
from pipeline.wording import program_defect

__all__ = ["Engine", "upload_of"]

_log = logging.getLogger(__name__)

_DOING = {
    State.RECEIVED: "checking",
    State.VALIDATED: "preparing",
    State.PREPARED: "sending",
    State.UPLOADING: "looking for it in the shop",
}

_Done = tuple[StoreHealth, Photo | None]
"""How the store answered in a step, and the photograph as the step recorded it; None where that is
to be asked of the ledger."""


class Engine:
    """Advances photographs; holds nothing but what it was handed."""

    def __init__(
        self,
        ledger: Ledger,
        stages: Stages,
        clock: Clock,
        retry_times: RetryTimes,
        observer: Observer,
    ) -> None:
        self.ledger = ledger
        self.dealings = Dealings(observer)
        self.stages = self.dealings.counting(stages)
        self.clock = clock
        self.observer = observer
        self.retry_times = retry_times
        self._receiving = Receiving(ledger, self.stages.accept, self.stages.release, observer)
        self.submit_many = self._receiving.many
        self.listings = Listings(ledger, self.stages, clock, observer, retry_times.confirm_after)
        self.places = Places(ledger)
        self.holding = Holding(ledger, stages)
        self._unconfirmed = Unconfirmed(clock, retry_times.confirm_after)
        self._stumbles = Stumbles()
        self._asked_last = float("-inf")
        self._left_to_same = partial(left_to_same, ledger, self.stages, observer.said)

    def submit(self, arrival: Arrival) -> Photo | None:
        """Write an arrival down, once however often it is submitted; no network is touched.

        Over one arrival at most that one fails, whatever is wrong with it or with the program.

        Returns:
            The photograph; None where the file is not ready, and nothing was written down.

        Raises:
            LedgerError: it could not be written down.
        """
        return self._receiving.one(arrival)

    def heard(self, product_id: int, images: Sequence[StoredImage]) -> None:
        """Take note of a whole listing of a product, made for whatever reason.

        Raises:
            LedgerError: what it shows that should not be could not be noted.
        """
        self.places.heard(product_id, images)
        self.listings.heard(product_id, images)

    def advance(self, claim: Claim) -> StoreHealth:
        """Run the one step that the photograph's state calls for, and record the result.

        Returns:
            How the store (where it was asked) answered.

        Raises:
            ConfigError: going on makes no sense; the claim was given back.
            StoreDenied: the token is not good; the photograph is as it was before.
            StoreRefusesAll: one photograph after another is refused alike.
            LedgerError: the result could not be recorded.
        """
        return self.advanced(claim)[0]

    def advanced(self, claim: Claim) -> tuple[StoreHealth, Photo | None]:
        """Do the same; return besides the photograph as it is now.

        It is None where it became part of another.
        """
        try:
            health, now = self._one_step(claim)
        except BaseException:
            self._notify(claim.photo, self.ledger.photo(claim.photo.id))
            raise
        now = now or self.ledger.photo(claim.photo.id)
        self._notify(claim.photo, now)
        return health, now

    def _one_step(self, claim: Claim) -> _Done:
        photo = claim.photo
        step = {
            State.RECEIVED: self._check,
            State.VALIDATED: self._prepare,
            State.PREPARED: self._send,
            State.UPLOADING: self._confirmed,
        }[photo.state]
        self.observer.began(photo.path, _DOING[photo.state])
        try:
            return step(claim)
        except LostClaim:
            return StoreHealth.WELL, None
        except PipelineError as error:
            return self._follow(claim, error), None
        except Exception as error:
            _log.exception("defect at %s", photo.path)
            self._defect(claim, error)
            return StoreHealth.WELL, None

    def pause_seconds(self, failures: int) -> float:
        """Return the pause after so many bad answers of the store in a row, in seconds."""
        return backoff_seconds(
            failures,
            self.clock.random(),
            first=self.retry_times.first_pause,
            most=self.retry_times.longest_pause,
        )

    def _check(self, claim: Claim) -> _Done:
        photo = claim.photo
        inspection = photo.inspection or self.stages.check(photo.original)
        try:
            placement = photo.placement
            if placement is None or placement.is_told:
                original = replace(photo.original, captions=inspection.captions or NO_CAPTIONS)
                placement = self.stages.place(original)
        except ProductUnknown as error:
            now = self.ledger.set_waiting(claim, inspection, error.reason, str(error))
            return StoreHealth.WELL, now
        sentence = (
            f"is a whole {inspection.format} of {inspection.width} × {inspection.height} pixels "
            f"for product {placement.product_id} ({placement.why})"
        )
        if inspection.captions is not None:
            inspection = replace(inspection, captions=None)
        now = self.ledger.validated(claim, inspection, placement, sentence)
        # Where it became part of another, that is not the one that was claimed.
        return StoreHealth.WELL, now if now.id == photo.id else None

    def _prepare(self, claim: Claim) -> _Done:
        if self.listings.taken_over_early(claim):
            self.holding.came(claim.photo)
            return StoreHealth.WELL, None
        photo = claim.photo
        assert photo.inspection is not None  # noqa: S101 - that is what VALIDATED means
        made = made_for_another(self.ledger, self.stages, claim, self._later(1))
        if made.soon:
            return StoreHealth.WELL, None
        picture = made.picture or self.stages.render(photo.original, photo.inspection, photo.id)
        if self._left_to_same(claim, picture, not_before=self._later(1)):
            return StoreHealth.WELL, None
        sentence = (
            f"prepared as {picture.upload_name}, {picture.width} × {picture.height} pixels, "
            f"{picture.size:,} bytes ({', '.join(picture.work)})"
        )
        return StoreHealth.WELL, self.ledger.prepared(claim, picture, sentence)

    def _send(self, claim: Claim) -> _Done:
        picture, placement = upload_of(claim.photo)
        if self.holding.keeps(claim):
            return StoreHealth.WELL, None
        if self._needs_no_sending(claim, picture):
            return StoreHealth.WELL, None
        if not is_at_hand(self.stages, claim.photo, picture):
            sentence = "to be prepared again: its prepared picture is gone or too large"
            return StoreHealth.WELL, self.ledger.unprepared(claim, sentence)
        claim = self.ledger.intend(claim)
        progress = partial(self.observer.progress, claim.photo.path)
        try:
            placed = self.places.placed(claim.photo, placement)
            image = self.stages.deliver(picture, placed, progress)
            now = self._stored_as_answered(claim, image)
        except (LedgerError, LostClaim):
            raise
        except StoreUnsure as error:
            return self._doubt(claim, error), None
        except StoreRejected as error:
            if not error.is_certain:
                return self._doubt(claim, error), None
            return self._rejected(claim, error, sent=True), None
        except (NotReady, StoreUnavailable, StoreDenied, ConfigError) as error:
            return self._not_sent(claim, error), None
        except Exception as error:
            # A defect in the middle of a request: whether an image was made is not known.
            _log.exception("defect while sending %s", claim.photo.path)
            return self._doubt(claim, error), None
        self.dealings.went_well()
        self._stumbles.went_well(claim.photo.id)
        self.ledger.when_durable(partial(self.stages.keep, picture))
        return StoreHealth.WELL, now

    def _stored_as_answered(self, claim: Claim, image: StoredImage) -> Photo:
        sentence = f"stored as image {image.id} ({image.image_file})"
        if self.listings.was_there(image):
            raise StoreUnsure(f"the shop answers image {image.id}, which it had before")
        in_place = self.places.is_in_place(claim.photo, image)
        now = self.ledger.stored(claim, image, sentence, as_answered=True, in_place=in_place)
        if now is None:
            raise StoreUnsure(f"the shop answers image {image.id}, another photograph's")
        self.places.stored(now, image)
        return now

    def _needs_no_sending(self, claim: Claim, picture: Picture) -> bool:
        if not self.listings.taken_over(claim):
            return self._left_to_same(claim, picture, not_before=self._later(1))
        self.dealings.went_well()
        self.stages.forget(picture)
        return True

    def _confirmed(self, claim: Claim) -> _Done:
        return self._confirm(claim), None

    def _confirm(self, claim: Claim) -> StoreHealth:
        """Settle a doubt by asking the store, never by guessing."""
        photo = claim.photo
        picture, _ = upload_of(photo)
        found = self._look_for(photo)
        self.dealings.answered()
        if found:
            self.dealings.went_well()
            image, *surplus = found
            sentence = f"found in the shop as image {image.id} ({image.image_file})"
            if surplus:
                listed = ", ".join(str(other.id) for other in surplus)
                sentence += f"; it is there more than once, also as {listed}: see `pipeline verify`"
                self.observer.said(f"{photo.path}: {sentence}")
            self.ledger.stored(claim, image, sentence, in_place=False)
            self._stumbles.went_well(photo.id)
            self.ledger.when_durable(partial(self.stages.keep, picture))
            return StoreHealth.WELL
        if (refusal := self._unconfirmed.refusal(photo)) is not None:
            if refusal.is_passing:
                return self._not_sent(claim, StoreUnavailable(str(refusal)))
            return self._rejected(claim, refusal, sent=True)
        blameless = self._unconfirmed.intercepted(photo)
        verdict = self._unconfirmed.not_listed(photo)
        if not verdict.certain:
            self.ledger.doubt(
                claim,
                "not in the shop yet: looking again before it may be sent again",
                ended_at=verdict.ended_at,
                missing_since=photo.missing_since or self.clock.now(),
                not_before=verdict.look_at,
            )
            return StoreHealth.WELL
        if not blameless and self._stumbles.stumbled(photo.id):
            what = "it was sent and is not in the shop"
            return self._give_way(claim, what, retry_from=State.PREPARED)
        again = photo.attempts > 0 and not blameless
        self.ledger.not_sent(
            claim,
            "certainly not in the shop: it will be sent again",
            not_before=self._later(photo.attempts) if again else None,
            attempts=photo.attempts + (not blameless),
        )
        # A store that swallows one request after another does not do well.
        return StoreHealth.BADLY if again else StoreHealth.WELL

    def _look_for(self, photo: Photo) -> Sequence[StoredImage]:
        picture, placement = upload_of(photo)
        sent = self._sent(photo)
        try:
            return self.stages.find(picture, placement, sent)
        except StoreAmbiguous:
            # The listing may have put right which image another photograph is.
            now = self._sent(photo)
            if now.known == sent.known:
                raise
            return self.stages.find(picture, placement, now)

    def _sent(self, photo: Photo) -> SendRecord:
        sent = self.ledger.send_record(photo)
        return replace(sent, answered=self._unconfirmed.answered(photo))

    def _doubt(self, claim: Claim, error: Exception) -> StoreHealth:
        self.dealings.went_wrong(error)
        answered = error.answered if isinstance(error, StoreUnsure) else None
        refusal = error if isinstance(error, StoreRejected) else None
        intercepted = isinstance(error, StoreUnsure) and error.intercepted
        now = self._unconfirmed.ended(claim.photo.id, answered, refusal, intercepted=intercepted)
        self.listings.forget(claim.photo)
        self.ledger.doubt(
            claim,
            f"sent, but whether it arrived is not known ({cause(error)}): asking the shop",
            ended_at=now,
            missing_since=None,
            not_before=now,
        )
        return StoreHealth.BADLY

    def _rejected(self, claim: Claim, error: StoreRejected, *, sent: bool) -> StoreHealth:
        """Fail a photograph that the store refuses, unless it refuses all of them alike.

        Raises:
            StoreRefusesAll: it does; the photograph has failed, or is as it was before.
        """
        photo = claim.photo
        sentence, everybody = str(error), None
        if not error.is_of_one_product:
            own = self.dealings.refused(photo, sentence, others_due=self._others_due(photo))
            everybody = self.dealings.refuses_all(sentence)
            if everybody is not None and not own:
                if sent:
                    return self._not_sent(claim, everybody)
                raise everybody
        retry_from = State.PREPARED if sent else photo.state
        self.ledger.fail(claim, Reason.STORE_REJECTED, sentence, retry_from=retry_from)
        if everybody is not None:
            raise everybody
        return StoreHealth.WELL

    def _others_due(self, photo: Photo) -> bool:
        if photo.placement is None:
            return False
        ahead = self.ledger.products_ahead(MOST_PRODUCTS)
        return any(product_id != photo.placement.product_id for product_id in ahead)

    def _not_sent(self, claim: Claim, error: PipelineError) -> StoreHealth:
        """The store made nothing of it, it says: before it is sent again, its product is listed."""
        self.listings.forget(claim.photo)
        self.dealings.went_wrong(error)
        if self._is_alone(claim.photo, error):
            return self._give_way(claim, error, retry_from=State.PREPARED)
        attempts, later = self._pause(claim.photo, error)
        gone = isinstance(error, NotReady) and self._is_gone(claim.photo)
        why, reason = why_later(error)
        # What is made again needs no pause.
        then = None if gone else later
        self.ledger.not_sent(claim, why, reason=reason, not_before=then, attempts=attempts)
        if isinstance(error, StoreDenied | ConfigError):
            raise error
        return health_after(error)

    def _follow(self, claim: Claim, error: PipelineError) -> StoreHealth:
        """Do what the family of errors asks for; the photograph is where the claim says."""
        photo = claim.photo
        if isinstance(error, LedgerError):
            raise error
        if isinstance(error, PhotoRefused) and error.reason is Reason.DEFECT:
            self.ledger.fail(claim, Reason.DEFECT, str(error), retry_from=photo.state)
        elif isinstance(error, PhotoRefused) and not may_pass(photo, error):
            self.ledger.refuse(claim, error.reason, str(error))
        elif isinstance(error, PhotoRefused | NotReady | StoreUnavailable | StoreUnsure):
            self.dealings.went_wrong(error)
            if self._is_alone(photo, error):
                return self._give_way(claim, error, retry_from=photo.state)
            attempts, not_before = self._pause(photo, error)
            why, reason = why_later(error)
            self.ledger.postpone(
                claim, why, reason=reason, not_before=not_before, attempts=attempts
            )
            return health_after(error)
        elif isinstance(error, StoreRejected):
            return self._rejected(claim, error, sent=False)
        elif isinstance(error, StoreAmbiguous):
            self.ledger.fail(claim, Reason.STORE_UNSURE, str(error), retry_from=photo.state)
        else:
            self.ledger.release(claim)
            raise error
        return StoreHealth.WELL

    def _defect(self, claim: Claim, error: Exception) -> None:
        state = claim.photo.state
        sentence = f"{program_defect(error)}, then retry"
        # Where the result was recorded before it went wrong, that stands.
        with suppress(LostClaim):
            self.ledger.fail(claim, Reason.DEFECT, sentence, retry_from=state)

    def _give_way(self, claim: Claim, what: object, *, retry_from: State) -> StoreHealth:
        """Have it hold up the others of its product no longer: the store stumbles over it alone."""
        self.ledger.fail(claim, Reason.STORE_TROUBLE, gave_way(what), retry_from=retry_from)
        return StoreHealth.WELL

    def _is_alone(self, photo: Photo, error: PipelineError) -> bool:
        """Note a try that failed; return whether it is the store's trouble with this one alone."""
        if not isinstance(error, StoreUnavailable | StoreUnsure) or isinstance(error, BLAMELESS):
            return False
        # While its product is not known, it holds up all others, whose end would show how it does.
        well = photo.state is State.RECEIVED and self._answers_others()
        return self._stumbles.stumbled(photo.id, well=well)

    def _answers_others(self) -> bool:
        """Whether the store answers a harmless question; one in trouble is spared many of them."""
        now = self.clock.monotonic()
        if now - self._asked_last < SPARED_SECONDS:
            return False
        self._asked_last = now
        return self.stages.answers()

    def _is_gone(self, photo: Photo) -> bool:
        """Whether its picture in the spool must be made again; one that cannot be read is dropped.

        It is nobody else's.
        """
        picture, _ = upload_of(photo)
        if photo.attempts >= UNREADABLE_TRIES:
            self.stages.forget(picture)
        return not self.stages.ready(picture)

    def _pause(self, photo: Photo, error: PipelineError) -> tuple[int, datetime]:
        attempts = photo.attempts + (0 if isinstance(error, BLAMELESS) else 1)
        if isinstance(error, StoreThrottled) and error.after is not None:
            return attempts, self.clock.now() + timedelta(seconds=error.after)
        return attempts, self._later(max(attempts, 1))

    def _later(self, failures: int) -> datetime:
        return self.clock.now() + timedelta(seconds=self.pause_seconds(failures))

    def _notify(self, photo: Photo, now: Photo | None) -> None:
        # What goes on is not said to be anywhere: its next step may begin before this is durable.
        if now is not None and now.state in UNFINISHED_STATES:
            self.observer.ended(now)
        elif now is not None:
            self.ledger.when_durable(partial(self.observer.ended, now))
        # It may have become part of another.
        if now is None or not needs_bytes(now.state, now.reason):
            self.ledger.when_durable(partial(self.stages.release, photo.sha256))


SPARED_SECONDS = 1.0
"""Between two harmless questions that only ask how the store does."""

UNREADABLE_TRIES = 3
"""How often a picture in the spool is tried to be read before it is made again."""


def upload_of(photo: Photo) -> tuple[Picture, Placement]:
    """Return what goes up of a photograph that is prepared, and to which product."""
    assert photo.picture is not None  # noqa: S101 - that is what PREPARED means
    assert photo.placement is not None  # noqa: S101 - that is what VALIDATED means
    return photo.picture, photo.placement
