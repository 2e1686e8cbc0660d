"""The shoot's order is put on products because somebody asks for it, whatever was decided by hand.

What it would change is told first. It is written to the journal as one batch, so that it can be cut
off, gone on with and taken back; what a person changes after it was told is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.arranging import MOST_ROUNDS, Arrangement, arrangement
from pipeline.engine.changing import Changing
from pipeline.engine.differences import stored_images
from pipeline.engine.engine import Engine
from pipeline.engine.reading import all_images, chunks, in_silence, together
from pipeline.ledger.port import Decision
from pipeline.values import Photo, StoredImage

__all__ = ["Imposed", "Shown", "asked_for", "give_up_by_hand", "impose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An image as a product shows it, as far as people know it.

    Attributes:
        image_id: its id.
        file: its name in the store.
        path: the photograph that it is, where it is ours.
    """

    image_id: int
    file: str
    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imposed:
    """What the shoot's order means for a product.

    Attributes:
        product_id: of the product.
        plan: what is to be changed; None where the store has no such product, or nothing of ours.
        images: all of it, in no order.
        is_there: the store has such a product.
        other_main: another one than the shoot's first is the main picture, and stays it.
    """

    product_id: int
    plan: Arrangement | None
    images: Sequence[Shown] = ()
    is_there: bool = True
    other_main: bool = False


def asked_for(engine: Engine, product_ids: Sequence[int], *, main: bool) -> Iterator[Imposed]:
    """Yield what the shoot's order means for products; nothing is changed.

    Args:
        engine: knows the ledger and the store.
        product_ids: of the products.
        main: the main picture is to be the shoot's, too.

    Raises:
        StoreError: the store could not be asked, after several tries.
    """
    for some in chunks(product_ids, in_silence):
        listed = together(engine, some)
        for product_id in some:
            if engine.clock.stopping():
                return
            images = all_images(engine, product_id, listed.get(product_id), lambda images: False)
            if images is None:
                yield Imposed(product_id=product_id, plan=None, is_there=False)
            else:
                yield _imposed(
                    product_id, images, stored_images(engine.ledger, product_id), main=main
                )


def impose(engine: Engine, batch: int, asked: Iterable[Imposed], *, main: bool) -> Sequence[str]:
    """Change what was told, in this process's batch.

    Args:
        engine: knows the ledger and the store.
        batch: the number of this process's batch.
        asked: what was told; what was decided by hand of these is given up.
        main: as above.

    Returns:
        The sentences of what was left, each with its reason.

    Raises:
        StoreDenied, StoreUnavailable, LedgerError: as `Changing.carry_out` does.
    """
    left: list[str] = []
    plans = [one.plan for one in asked if one.plan is not None]
    for _ in range(MOST_ROUNDS):
        for plan in plans:
            give_up_by_hand(engine, plan, main=main)
        engine.ledger.plan([change for plan in plans for change in plan.changes])
        ended = Changing.of(engine).carry_out(batch)
        left += ended.left
        again = [plan.product_id for plan in plans if not plan.whole]
        if ended.cut_off or ended.left or not again:
            break
        plans = [one.plan for one in asked_for(engine, again, main=main) if one.plan is not None]
    return left


def give_up_by_hand(engine: Engine, plan: Arrangement, *, main: bool) -> None:
    """Forget what a person decided of a product's order, and with `main` of its main picture."""
    what = Decision if main else (Decision.PLACE,)
    engine.ledger.forget_by_hand(plan.product_id, [*what])
    engine.ledger.note_by_hand(plan.product_id, plan.by_hand)
    if not plan.whole:
        # Where this is cut off, whoever works next sees to the rest.
        engine.ledger.to_be_arranged(plan.product_id)


def _imposed(
    product_id: int, images: Sequence[StoredImage], ours: dict[int, Photo], *, main: bool
) -> Imposed:
    plan = arrangement(product_id, images, ours, ours.keys(), impose=True, main=main)
    if not any(image.id in ours for image in images):
        return Imposed(product_id=product_id, plan=None)
    wanted = arrangement(product_id, images, ours, ours.keys(), impose=True, main=True)
    shown = [
        Shown(
            image_id=image.id,
            file=image.image_file,
            path=ours[image.id].path if image.id in ours else None,
        )
        for image in images
    ]
    return Imposed(
        product_id=product_id,
        plan=plan,
        images=shown if plan.changes else (),
        other_main=plan.main_after != wanted.main_after,
    )
