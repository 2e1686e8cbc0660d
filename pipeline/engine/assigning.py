"""A person gives photographs to a product: each is taken in as that, whatever else is said of it.

What is in the shop as that product's already is brought up to date by way of the journal; its order
is seen to with that of its product (`arranging`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pipeline.batches import ChangeKind, PlannedChange
from pipeline.engine.engine import Engine
from pipeline.errors import NotReady, PhotoRefused
from pipeline.ledger.port import Assigned, Obstacle
from pipeline.lifecycle import Reason, State
from pipeline.values import Arrival, Door, Original, Photo, Placement
from pipeline.wanted import Wanted

__all__ = ["Given", "assigned", "brought_up_to_date", "waiting_arrivals"]

PATIENCE: Final = 20
"""How often one that is in hand is asked for again, a tenth of a second apart: a step mostly takes
less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What became of a file that was given to a product.

    Attributes:
        path: of the file.
        product_id: of the product.
        photo: the photograph, as it was; None where it is new, or cannot be read.
        obstacle: why it was not given to the product; None where it was.
        sentence: why the file cannot be taken in at all; empty where it can.
    """

    path: Path
    product_id: int
    photo: Photo | None = None
    obstacle: Obstacle | None = None
    sentence: str = ""

    @property
    def is_done(self) -> bool:
        """Whether the photograph is that product's."""
        return self.obstacle is None and not self.sentence


def assigned(
    engine: Engine,
    files: Iterable[tuple[Arrival, Original | None]],
    told: Callable[[Path], Placement],
    *,
    only_asked: bool,
) -> Iterator[Given]:
    """Give files to a product, and yield what became of each.

    Args:
        engine: knows the ledger and the rules.
        files: each with its content, where that is known without reading it.
        told: returns what is decided of a file.
        only_asked: nothing is to be changed.

    Raises:
        LedgerError: it could not be recorded.
        StoreError: the name of the product is needed, and the store could not be asked.
    """
    for arrival, known in files:
        said = told(arrival.path)
        try:
            original = known or _read(engine, arrival)
        except (PhotoRefused, NotReady) as error:
            yield Given(path=arrival.path, product_id=said.product_id, sentence=str(error))
            continue
        found = _given(engine, arrival, original, said, only_asked=only_asked)
        yield Given(
            path=arrival.path,
            product_id=said.product_id,
            photo=found.photo,
            obstacle=found.obstacle,
        )


def waiting_arrivals(engine: Engine, folder: Path) -> Iterator[tuple[Arrival, Original]]:
    """Yield all that waits below a folder, as if it arrived just now; its files are not read."""
    wanted = Wanted(states=frozenset({State.WAITING}), within=folder)
    for photo in engine.ledger.wanted(wanted):
        yield _again(engine, photo), photo.original


def brought_up_to_date(given: Iterable[Given]) -> Iterator[PlannedChange]:
    """Yield what is to be changed of those that are in the store with other words."""
    for one in given:
        photo = one.photo
        if not one.is_done or photo is None or photo.image is None or photo.placement is None:
            continue
        said = photo.placement.description or ""
        decided = "description" in photo.placement.decided
        if photo.state is State.STORED and decided and said != photo.image.description:
            yield PlannedChange(
                kind=ChangeKind.UPDATE,
                image=photo.image,
                facts={"description": said},
                photo_id=photo.id,
            )


def _read(engine: Engine, arrival: Arrival) -> Original:
    """Digest a file; where it is not there any more, what waits for it is meant."""
    try:
        return engine.stages.accept(arrival)
    except PhotoRefused as error:
        if error.reason is Reason.VANISHED:
            for photo in engine.ledger.at_path(arrival.path):
                if photo.state is State.WAITING:
                    return photo.original
        raise


def _given(
    engine: Engine, arrival: Arrival, original: Original, told: Placement, *, only_asked: bool
) -> Assigned:
    original = replace(original, sku=None, from_current_product=False, placement=told)
    # What else is said of the picture is the product's rules' to say, and is told with it.
    placement = engine.stages.place(original)
    before = engine.ledger.assignable(original)
    known = None if before.photo is None else before.photo.placement
    if known is not None and "description" not in told.decided:
        # What its own metadata said of it is not looked up again.
        placement = replace(placement, description=known.description, words_from=known.words_from)
    if known is not None:
        placement = replace(placement, taken=known.taken)
    original = replace(original, placement=placement)
    if only_asked:
        return before
    for _ in range(PATIENCE):
        found = engine.ledger.assign(arrival, original)
        if found.obstacle is not Obstacle.IN_HAND or engine.clock.wait(0.1):
            break
    return found


def _again(engine: Engine, photo: Photo) -> Arrival:
    now = engine.clock.now()
    return Arrival(path=photo.path, root=photo.root, door=Door.RUN, seen_at=now)
