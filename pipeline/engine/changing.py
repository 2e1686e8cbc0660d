"""What is planned in the journal is done: images get what is said of them, or are deleted.

One product after another: the store is asked what is there, each change is written down as
intended with what was there before it, sent, and written down as done. All of it may be repeated,
so what was cut off is taken up by whoever comes next. What a person has changed since it was
planned is left as it is, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from pipeline.batches import ChangeKind, ChangeState, ImageFacts, PlannedChange, ShopChange
from pipeline.engine.engine import Engine
from pipeline.engine.ports import Clock, Observer, RetryTimes, Shop
from pipeline.errors import StoreError, StoreRejected, StoreThrottled, StoreUnavailable
from pipeline.ledger import Ledger
from pipeline.lifecycle import DELETED_BY_HAND, State, backoff_seconds
from pipeline.values import Picture, Placement, StoredImage

__all__ = ["Changed", "Changing"]

_GONE: Final = "it is not in the shop any more"

_WORDS: Final = {
    "sort_order": "its order",
    "is_thumbnail": "the main picture",
    "description": "its description",
    "image_file": "the picture itself",
}
"""What somebody may have changed of an image; whatever else is said of one cannot be seen."""

_OF_A_DELETE: Final = ("sort_order", "description", "image_file")
"""What must be as it was where an image is to be deleted. Which is the main picture changes without
anybody's doing, as others come and go."""

_FELT_BY_OTHERS: Final = frozenset({"sort_order", "is_thumbnail"})
"""What may change others of the product, too, where it is said of an image."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What became of the changes of a batch.

    Attributes:
        done: how many were made now.
        left: the sentences of those that were left now, each with its reason.
        cut_off: the program was asked to stop before the end; whoever comes next goes on.
    """

    done: int
    left: Sequence[str]
    cut_off: bool


@dataclass(slots=True, kw_only=True)
class _Product:
    """A product while its images are changed.

    `moves` counts the orders that were said in this batch: for each, the store may have moved
    others back by one. `unsettled` are those said just now, which may have been moved since.
    """

    images: dict[int, StoredImage]
    moves: int
    unsettled: list[ShopChange] = field(default_factory=list)

    def main_but(self, image: StoredImage) -> int | None:
        """Return which image is the main picture; None where none is, or this one."""
        mains = (one.id for one in self.images.values() if one.is_thumbnail and one.id != image.id)
        return next(mains, None)

    def becomes(self, image: StoredImage) -> None:
        """Have an image be so; where it is the main picture, no other one is."""
        if image.is_thumbnail:
            for other in self.images.values():
                self.images[other.id] = replace(other, is_thumbnail=False)
        self.images[image.id] = image


class Changing:
    """Carries out what is planned in the journal."""

    def __init__(
        self,
        ledger: Ledger,
        shop: Shop,
        clock: Clock,
        observer: Observer,
        retry_times: RetryTimes,
        bring_back: Callable[[Picture], bool] | None = None,
    ) -> None:
        """Take where it is planned, what does it, and who is told of what is left.

        Args:
            ledger: holds the journal.
            shop: changes images.
            clock: the time, and whether to stop.
            observer: is told of each change that is left, and why.
            retry_times: how long the store is asked again.
            bring_back: lays a kept picture into the spool once more, and returns whether it was
                kept; None: what is to be created again is left to another process.
        """
        self._ledger = ledger
        self._shop = shop
        self._clock = clock
        self._observer = observer
        self._retry_times = retry_times
        self._bring_back = bring_back
        self._done = 0
        self._left: list[str] = []

    @classmethod
    def of(cls, engine: Engine, *, patience: float | None = None) -> Changing:
        """Return what carries them out with what an engine was handed: its store, its pace.

        Args:
            engine: whose they are.
            patience: how long the store is asked again, in seconds; None: as the engine does.
        """
        shop, times = engine.stages.shop, engine.retry_times
        assert shop is not None  # noqa: S101 - only stages that are made up have none
        times = times if patience is None else replace(times, patience=patience)
        bring_back = engine.stages.bring_back
        return cls(engine.ledger, shop, engine.clock, engine.observer, times, bring_back)

    def carry_out(self, batch: int) -> Changed:
        """Do all that is to be done in a batch that this process sees to.

        Raises:
            StoreDenied: the token is not good.
            StoreUnavailable: the store did not answer for as long as it is waited for.
            LedgerError: something could not be recorded.
        """
        self._done, self._left = 0, []
        after = 0
        while (
            not self._clock.stopping()
            and (product_id := self._ledger.product_to_do(batch, after)) is not None
        ):
            self._change_product(batch, product_id)
            after = product_id
        self._ledger.make_durable()
        cut_off = self._ledger.product_to_do(batch, 0) is not None
        return Changed(done=self._done, left=self._left, cut_off=cut_off)

    def delete(self, product_id: int, image_id: int) -> None:
        """Delete one image now, in this process's batch.

        Raises:
            StoreError: it could not be deleted; what is not there is rejected with 404.
            LedgerError: that could not be recorded.
        """
        image = self._asked(lambda: self._shop.image(product_id, image_id))
        self._ledger.plan([PlannedChange(kind=ChangeKind.DELETE, image=image)])
        ended = self.carry_out(self._ledger.own_batch())
        if ended.left:
            raise StoreError(ended.left[-1])

    def go_on(self) -> None:
        """Do what an earlier process was to do, and did not, where nobody else sees to it.

        Raises:
            StoreDenied, StoreUnavailable, LedgerError: as `carry_out` does.
        """
        self._ledger.recover()
        for batch in self._ledger.take_up_batches():
            self._observer.said(f"going on with batch {batch}, which was cut off")
            self.carry_out(batch)

    def _change_product(self, batch: int, product_id: int) -> None:
        changes = self._ledger.changes_in(batch, product_id)
        product = _Product(
            images=self._listed(product_id),
            moves=sum(
                "sort_order" in one.facts for one in changes if one.state is not ChangeState.PLANNED
            ),
        )
        to_do = sorted((one for one in changes if one.is_open), key=_turn)
        for change in to_do:
            if self._clock.stopping():
                return
            self._change(change, product)
        if any(map(_is_felt_by_others, to_do)):
            product.images |= self._listed(product_id)
            for change in product.unsettled:
                self._settle(change, product)
            self._ledger.shown_as(product.images.values())

    def _settle(self, change: ShopChange, product: _Product) -> None:
        """Say an order once more where the store moved it back, which moves no other one."""
        assert change.image_id is not None  # noqa: S101 - only a create has none
        now = product.images.get(change.image_id)
        if now is None:  # it was deleted after that
            self._leave(change, _GONE)
            return
        if not _says(change.facts, now):
            at, facts = (now.product_id, now.id), {"sort_order": change.facts["sort_order"]}
            try:
                now = self._asked(lambda: self._shop.update(*at, facts))
            except StoreRejected as error:
                self._leave(change, _GONE if error.is_of_one_product else str(error))
                return
            product.becomes(now)
        self._done_with(change, now)

    def _change(self, change: ShopChange, product: _Product) -> None:
        if change.kind is ChangeKind.CREATE:
            self._create_again(change)
            return
        now = self._now(change, product)
        if now is None and _was_sent(change, ChangeKind.DELETE):
            self._record(change, None, product)
        elif now is None:
            self._leave(change, _GONE)
        elif (what := _changed_since(change, now, product)) is not None:
            self._leave(change, f"somebody changed {what} in the shop")
        else:
            self._carry_out(change, now, product)

    def _create_again(self, change: ShopChange) -> None:
        """Have a photograph's very picture go up once more, as every picture does; see to its end.

        This is called before the engine works, and after that.
        """
        assert change.photo_id is not None  # noqa: S101
        assert change.before is not None  # noqa: S101 - a create has both
        photo = self._ledger.photo(change.photo_id)
        if photo is None or photo.picture is None:
            self._leave(change, "our records do not know its photograph any more")
        elif photo.state is State.STORED and photo.image is not None:
            self._done_with(change, photo.image)
        elif photo.state in (State.REFUSED, State.FAILED, State.WAITING):
            self._leave(change, photo.sentence)
        elif self._bring_back is not None:
            kept = self._bring_back(photo.picture)
            if photo.state is State.REMOVED and not kept:
                self._leave(change, "its picture is not kept any more")
            else:
                sentence = f"put back into the shop, as it was (batch {change.batch})"
                self._ledger.restore(photo.id, _place_of(change.before), sentence)

    def _carry_out(self, change: ShopChange, now: StoredImage, product: _Product) -> None:
        """Write a change down, send it, and write down that it is done."""
        if change.state is ChangeState.PLANNED:
            main = product.main_but(now) if change.facts.get("is_thumbnail") else None
            self._ledger.intend_change(change.number, now, main)
        try:
            self._record(change, self._sent(change, now), product)
        except StoreRejected as error:
            self._leave(change, _GONE if error.is_of_one_product else str(error))

    def _sent(self, change: ShopChange, now: StoredImage) -> StoredImage | None:
        """Return the image as it is after a change; None: there is none any more."""
        at = now.product_id, now.id
        if change.kind is ChangeKind.UPDATE:
            facts = change.facts
            return now if _says(facts, now) else self._asked(lambda: self._shop.update(*at, facts))
        try:
            self._asked(lambda: self._shop.delete(*at))
        except StoreRejected as error:
            if not error.is_of_one_product:
                raise
        return None

    def _record(self, change: ShopChange, now: StoredImage | None, product: _Product) -> None:
        if now is not None:
            product.becomes(now)
        elif change.image_id is not None:
            product.images.pop(change.image_id, None)
        if "sort_order" in change.facts:
            product.moves += 1
            product.unsettled.append(change)
        else:
            self._done_with(change, now)

    def _done_with(self, change: ShopChange, now: StoredImage | None) -> None:
        self._ledger.change_done(change, now, _history(change))
        self._done += 1

    def _leave(self, change: ShopChange, why: str) -> None:
        self._ledger.leave_change(change.number, why)
        image_id = change.before.id if change.before is not None else change.image_id
        sentence = f"image {image_id} of product {change.product_id} is left: {why}"
        self._left.append(sentence)
        self._observer.said(sentence)

    def _listed(self, product_id: int) -> dict[int, StoredImage]:
        try:
            images = self._asked(lambda: self._shop.images(product_id))
        except StoreRejected as error:
            if not error.is_of_one_product:
                raise
            return {}
        return {image.id: image for image in images}

    def _now(self, change: ShopChange, product: _Product) -> StoredImage | None:
        """Return the image of a change as it is; None where it is not there."""
        image_id = change.image_id
        assert image_id is not None  # noqa: S101 - only a create has none
        if (listed := product.images.get(image_id)) is not None:
            return listed
        # A listing may come late.
        try:
            return self._asked(lambda: self._shop.image(change.product_id, image_id))
        except StoreRejected as error:
            if not error.is_of_one_product:
                raise
            return None

    def _asked(self, question: Callable[[], _Answer]) -> _Answer:
        """Ask the store, again and again while it does not answer; all of it may be repeated."""
        until = self._clock.monotonic() + self._retry_times.patience
        tries = 0
        while True:
            try:
                return question()
            except (StoreUnavailable, StoreRejected) as error:
                if isinstance(error, StoreRejected) and not error.is_passing:
                    raise
                tries += 1
                pause = self._pause(error, tries)
                if self._clock.monotonic() + pause > until or self._clock.wait(pause):
                    raise

    def _pause(self, error: StoreUnavailable | StoreRejected, tries: int) -> float:
        if isinstance(error, StoreThrottled) and error.after is not None:
            return error.after
        first, most = self._retry_times.first_pause, self._retry_times.longest_pause
        return backoff_seconds(tries, self._clock.random(), first=first, most=most)


def _turn(change: ShopChange) -> tuple[bool, int, int]:
    """Return when a change comes: deletes last, and orders from the lowest up.

    Where one is moved back, a store moves back all that stand at its new place or behind it; those
    that have theirs by then mostly stand before that.
    """
    order = change.facts.get("sort_order")
    lowest = -(2**63)
    number = int(order) if order is not None else lowest
    return change.kind is ChangeKind.DELETE, number, change.number


def _place_of(image: StoredImage) -> Placement:
    """Return where an image was, and what was said of it."""
    return Placement(
        product_id=image.product_id,
        rule="it was there before",
        order=image.sort_order,
        thumbnail=image.is_thumbnail,
        description=image.description,
        exact=True,
    )


def _is_felt_by_others(change: ShopChange) -> bool:
    return change.kind is not ChangeKind.UPDATE or not _FELT_BY_OTHERS.isdisjoint(change.facts)


def _was_sent(change: ShopChange, kind: ChangeKind) -> bool:
    return change.kind is kind and change.state is ChangeState.INTENDED


def _changed_since(change: ShopChange, now: StoredImage, product: _Product) -> str | None:
    """Return what somebody changed of what a change is about, in words; None where nothing."""
    before = change.before
    assert before is not None  # noqa: S101 - only a create has none
    about: Iterable[str] = change.facts if change.kind is ChangeKind.UPDATE else _OF_A_DELETE
    for name in about:
        if name not in _WORDS:
            continue
        was, is_now = getattr(before, name), getattr(now, name)
        moved = name == "sort_order" and any(
            base <= is_now <= base + product.moves for base in _orders_of(change)
        )
        if is_now != was and is_now != change.facts.get(name) and not moved:
            return _WORDS[name]
    main, planned = product.main_but(now), change.state is ChangeState.PLANNED
    if planned and change.main_before is not None and main not in (None, change.main_before):
        return _WORDS["is_thumbnail"]
    return None


def _orders_of(change: ShopChange) -> Iterable[int]:
    """Return the orders that an image may have had before the store moved it back.

    They are what it had, and what was perhaps said already.
    """
    assert change.before is not None  # noqa: S101 - only a create has none
    yield change.before.sort_order
    if change.state is ChangeState.INTENDED and "sort_order" in change.facts:
        yield int(change.facts["sort_order"])


def _says(facts: ImageFacts, image: StoredImage) -> bool:
    """Whether all that is to be said of an image is so already, as far as that can be seen."""
    return all(name in _WORDS and getattr(image, name) == fact for name, fact in facts.items())


def _history(change: ShopChange) -> str:
    what = DELETED_BY_HAND if change.kind is ChangeKind.DELETE else change.words
    return f"{what} (batch {change.batch})"
