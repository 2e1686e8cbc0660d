"""A product's pictures are put in the shoot's order in the store, with the fewest updates.

Mostly nothing is to be done: each was put where it belongs when it was made (`places`). Where one
came late, was found only by looking, or others were at work, its product is noted in the same
transaction, and arranged once nothing of it is on its way. What a person has changed in the store
since we wrote it last is kept: what was moved there, and which picture was made the main one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from pipeline.batches import ChangeKind, PlannedChange
from pipeline.engine.changing import Changing
from pipeline.engine.differences import stored_images
from pipeline.engine.engine import Engine
from pipeline.engine.fewest_moves import after_moves, fewest_moves, shown_order
from pipeline.engine.places import is_exact, key_of, moved
from pipeline.engine.ports import MOST_PRODUCTS
from pipeline.engine.reading import together
from pipeline.engine.work import WorkMode, WorkResult
from pipeline.errors import LedgerError, StoreError, StoreRejected
from pipeline.ledger.port import ByHand, Decision
from pipeline.standing import MAIN
from pipeline.values import Photo, ProductImages, StoredImage

__all__ = ["Arrangement", "Arranger", "arrange", "arrange_all", "arrangement"]

LOOK_SECONDS: Final = 5.0
"""How often a watcher asks whether something is to be arranged."""

SHORT_PATIENCE: Final = 20.0
"""Seconds in which a watcher asks the store again; what is left, it does later."""

MOST_ROUNDS: Final = 3
"""How often one product is looked at: an image that has to be moved twice is, one after the other;
and where somebody else changes it meanwhile, it is left for another time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What is to be changed of a product so that it shows the shoot's order.

    Attributes:
        product_id: of the product.
        changes: the updates, in the order in which they are to be made.
        before: the ids of its images as they are shown now.
        after: as they will be shown.
        main_before: the id of its main picture now; None where there is none.
        main_after: as it will be.
        by_hand: what a person was seen to have decided, and is kept.
        whole: no image has to be moved once more after that.
    """

    product_id: int
    changes: Sequence[PlannedChange]
    before: Sequence[int]
    after: Sequence[int]
    main_before: int | None
    main_after: int | None
    by_hand: Collection[ByHand]
    whole: bool = True


def arrangement(
    product_id: int,
    images: Sequence[StoredImage],
    photos: Mapping[int, Photo],
    made_here: Collection[int],
    known_by_hand: Collection[ByHand] = (),
    *,
    impose: bool = False,
    main: bool = False,
) -> Arrangement:
    """Return what is to be changed of a product; pure.

    Args:
        product_id: of the product.
        images: all that the store lists of it.
        photos: those of them that are ours, by id, as the ledger has them.
        made_here: which of these may be moved unasked.
        known_by_hand: what a person was seen to have decided before.
        impose: the shoot's order is asked for, whatever was decided.
        main: so is the main picture.
    """
    orders = {image.id: image.sort_order for image in images}
    ours = {one: photo for one, photo in photos.items() if one in orders}
    mine = {
        one: photo
        for one, photo in ours.items()
        if impose or (one in made_here and not is_exact(photo))
    }
    by_hand: set[ByHand] = set()
    if not impose:
        by_hand = {ByHand(one, Decision.PLACE) for one in moved(orders, mine)} - {*known_by_hand}
    stay = {one.image_id for one in {*known_by_hand, *by_hand} if one.decision is Decision.PLACE}
    movable = [one for one in mine if impose or one not in stay]
    wanted = sorted(movable, key=lambda one: (key_of(ours[one]), one))
    moves = fewest_moves(orders, wanted) if wanted else ()
    some = next(
        (at for at, move in enumerate(moves) if move.image_id in {m.image_id for m in moves[:at]}),
        len(moves),
    )
    facts: dict[int, dict[str, str | int | bool]] = {
        move.image_id: {"sort_order": move.sort_order} for move in moves[:some]
    }
    now = next((image.id for image in images if image.is_thumbnail), None)
    then, chosen = _main(now, ours, mine, known_by_hand, imposed=main)
    if chosen is not None:
        by_hand.add(chosen)
    if then is not None and then != now:
        facts.setdefault(then, {})["is_thumbnail"] = True
    records = {image.id: image for image in images}
    return Arrangement(
        product_id=product_id,
        changes=[
            PlannedChange(
                kind=ChangeKind.UPDATE,
                image=records[one],
                facts=said,
                photo_id=ours[one].id,
                # Whoever chooses another one meanwhile is not overruled.
                main=now if "is_thumbnail" in said else None,
            )
            for one, said in facts.items()
        ],
        before=shown_order(orders),
        after=shown_order(after_moves(orders, moves)),
        main_before=now,
        main_after=now if then is None else then,
        by_hand=by_hand,
        whole=some == len(moves),
    )


def _main(
    now: int | None,
    ours: Mapping[int, Photo],
    mine: Mapping[int, Photo],
    known_by_hand: Collection[ByHand],
    *,
    imposed: bool,
) -> tuple[int | None, ByHand | None]:
    """Return which image is to be the main picture, and what a person was seen to have chosen."""
    if not mine:
        return None, None
    wanted = min(mine, key=lambda one: _as_main(one, mine[one]))
    if imposed or now is None or now == wanted:
        return wanted, None
    chosen = ByHand(now, Decision.MAIN)
    photo = ours.get(now)
    if photo is None or now not in mine or chosen in known_by_hand:
        return None, None
    if photo.image is None or not photo.image.is_thumbnail:
        return None, chosen
    return wanted, None


def _as_main(image_id: int, photo: Photo) -> tuple[bool, bool, str, int]:
    placement = photo.placement
    named = placement is not None and placement.thumbnail is True
    seen = placement is not None and placement.view == MAIN
    return not named, not seen, key_of(photo), image_id


def arrange(engine: Engine, product_id: int, *, patience: float | None = None) -> int:
    """Put a product's pictures in order, but for what a person decided; return how many updates.

    Raises:
        StoreError: the store could not be asked, or did not do it.
        LedgerError: it could not be recorded.
    """
    return _arrange(engine, product_id, None, patience)


def _arrange(
    engine: Engine, product_id: int, listed: ProductImages | None, patience: float | None
) -> int:
    made = 0
    for _ in range(MOST_ROUNDS):
        found = _look(engine, product_id, listed)
        listed = None
        if found is None:
            return made
        engine.ledger.note_by_hand(product_id, found.by_hand)
        if not found.changes:
            return made
        engine.ledger.plan(found.changes)
        changed = Changing.of(engine, patience=patience).carry_out(engine.ledger.own_batch())
        made += changed.done
        if changed.left or changed.cut_off or found.whole:
            return made
    return made


def _look(engine: Engine, product_id: int, listed: ProductImages | None) -> Arrangement | None:
    here = engine.ledger.made_here(product_id)
    if not here:
        return None
    images: Sequence[StoredImage]
    if listed is not None and listed.complete:
        images = listed.images
    else:
        try:
            images = engine.stages.images(product_id)
        except StoreRejected as error:
            if not error.is_of_one_product:
                raise
            return None
    photos = stored_images(engine.ledger, product_id)
    by_hand, main = engine.ledger.by_hand(product_id), engine.places.imposes_main
    return arrangement(product_id, images, photos, here, by_hand, main=main)


def arrange_all(engine: Engine, quiet: float = 0.0, *, patience: float | None = None) -> None:
    """Arrange all products that are to be, and of which nothing was stored for so many seconds.

    Where the store does not answer, the rest is left for another time.

    Raises:
        LedgerError: it could not be recorded.
    """
    if engine.stages.shop is None:
        return
    before = engine.clock.now() - timedelta(seconds=quiet)
    after = 0
    while taken := engine.ledger.take_to_arrange(before, after, MOST_PRODUCTS):
        after = taken[-1]
        left = list(taken)
        try:
            listed = together(engine, taken)
            while left and not engine.clock.stopping():
                made = _arrange(engine, left[0], listed.get(left[0]), patience)
                engine.ledger.arranged(left[0])
                if made:
                    updates = "1 update" if made == 1 else f"{made} updates"
                    engine.observer.said(f"put product {left[0]} in order, with {updates}")
                del left[0]
        except StoreError as error:
            engine.observer.said(f"the order in the shop is seen to later: {error}")
        for product_id in left:
            engine.ledger.give_back_to_arrange(product_id)
        if left:
            return


class Arranger:
    """Arranges while others work, where that goes on for months, and at the end where it ends."""

    def __init__(self, engine: Engine, quiet: float, mode: WorkMode) -> None:
        """Take whose products, and how they are worked on.

        Args:
            engine: knows the ledger and the store.
            quiet: seconds in which nothing of a product is to have been stored, where more may
                come; what a run was given is all there at its end.
            mode: what is worked on, and what ends it.
        """
        self._engine = engine
        self._mode = mode
        self._quiet = quiet if mode.claimable.only_haste or not mode.gives_up else 0.0
        self._next = 0.0

    def beside(self, tick: Callable[[], None]) -> Callable[[], None]:
        """Return what does the same now and then, and arranges where the work does not end."""

        def both() -> None:
            tick()
            if self._mode.upload and not self._mode.gives_up:
                self._now_and_then()

        return both

    def at_the_end(self, result: WorkResult) -> WorkResult:
        """Arrange where the work came to its end; return how it ended."""
        ended = self._mode.upload and self._mode.gives_up and not result.stopped
        if not ended or result.error is not None:
            return result
        try:
            arrange_all(self._engine, self._quiet)
        except LedgerError as error:
            return replace(result, error=error)
        return result

    def _now_and_then(self) -> None:
        now = self._engine.clock.monotonic()
        if now < self._next or self._engine.stages.store_pause() > 0:
            return
        self._next = now + LOOK_SECONDS
        arrange_all(self._engine, self._quiet, patience=SHORT_PATIENCE)
