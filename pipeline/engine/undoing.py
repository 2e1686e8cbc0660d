"""What takes a batch back: which changes make the shop what it was before it.

What was created is deleted; what was deleted is created again, as it was; order, main picture and
words become what they were. Nothing is decided here about what a person has changed since: whoever
carries the changes out looks, and leaves that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.batches import Batch, BatchKind, ChangeKind, ChangeState, PlannedChange, ShopChange
from pipeline.ledger import LedgerReader
from pipeline.lifecycle import State
from pipeline.values import Photo, Picture, StoredImage

__all__ = ["TakingBack", "batch_to_take_back", "removal_of", "taking_back"]

_RESTORED = ("sort_order", "description")
"""What of an image is as it was once it is said again."""

_LOOKED_AT = 50
"""So many batches back is looked for the last one that can be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingBack:
    """What takes a batch back.

    Attributes:
        changes: that are to be made.
        left: what cannot be taken back, a sentence each.
    """

    changes: Sequence[PlannedChange]
    left: Sequence[str]

    def number_of(self, kind: ChangeKind) -> int:
        """Return how many changes of a kind there are."""
        return sum(change.kind is kind for change in self.changes)


def batch_to_take_back(ledger: LedgerReader, *, redo: bool) -> Batch | None:
    """Return the last batch that changed something and was not taken back; None: there is none.

    Args:
        ledger: knows the batches.
        redo: the last undo is meant; else the last one that is none.
    """
    for batch in ledger.batches(_LOOKED_AT):
        anything = any(batch.number_of(kind) for kind in ChangeKind)
        undo = batch.kind is BatchKind.UNDO
        if anything and batch.taken_back_by is None and undo is redo:
            return batch
    return None


def taking_back(ledger: LedgerReader, batch: int, kept: Callable[[Picture], bool]) -> TakingBack:
    """Return what takes a batch back, as our records have it now.

    Args:
        ledger: knows the batch, and what became of its photographs.
        batch: its number.
        kept: whether the very bytes of a picture are kept.
    """
    done = [one for one in ledger.changes_of(batch) if one.state is ChangeState.DONE]
    created = {photo.id: photo for photo in _created(ledger, batch, done)}
    products: dict[int, _Product] = {}
    for change in done:
        products.setdefault(change.product_id, _Product()).note(change)
    ours = {photo.image.id for photo in created.values() if photo.image is not None}
    changes = [one for product in products.values() for one in product.updates(ours)]
    changes += removal_of(created.values())
    left = [one for product in products.values() for one in product.left]
    for product in products.values():
        for image, photo_id in product.deleted():
            photo = None if photo_id is None else ledger.photo(photo_id)
            if (why := _why_not(photo, kept)) is not None:
                left.append(f"image {image.id} of product {image.product_id} is left: {why}")
            else:
                changes.append(
                    PlannedChange(kind=ChangeKind.CREATE, image=image, photo_id=photo_id)
                )
    return TakingBack(changes=changes, left=left)


def removal_of(photos: Iterable[Photo]) -> Iterator[PlannedChange]:
    """Yield the deletes that take photographs out of the shop, those that are in it."""
    for photo in photos:
        if photo.state is State.STORED and photo.image is not None:
            yield PlannedChange(kind=ChangeKind.DELETE, image=photo.image, photo_id=photo.id)


def _created(ledger: LedgerReader, batch: int, done: Iterable[ShopChange]) -> Iterator[Photo]:
    """Yield the photographs that are in the shop as images that a batch made."""
    yield from ledger.created_in(batch)
    for change in done:
        if change.kind is ChangeKind.CREATE and change.photo_id is not None:
            photo = ledger.photo(change.photo_id)
            if photo is not None and photo.image is not None and photo.image.id == change.image_id:
                yield photo


def _why_not(photo: Photo | None, kept: Callable[[Picture], bool]) -> str | None:
    """Return why a photograph cannot be put back into the shop as it was; None: it can."""
    if photo is None or photo.picture is None:
        return "it was not uploaded by this program, so its picture is not kept"
    if photo.state is not State.REMOVED:
        return "its photograph is in the shop again, or on its way"
    if not kept(photo.picture):
        return "its picture is not kept any more"
    return None


@dataclass(slots=True)
class _Product:
    """What a batch did in one product, as it goes on from change to change.

    `before` and `after` say of each image that it changed or deleted how it was before the first
    change, and is after the last; `gone` which it deleted, and what photograph each was.
    """

    before: dict[int, StoredImage] = field(default_factory=dict)
    after: dict[int, StoredImage] = field(default_factory=dict)
    gone: dict[int, str | None] = field(default_factory=dict)
    main_before: int | None = None
    main_after: int | None = None
    left: list[str] = field(default_factory=list)

    def note(self, change: ShopChange) -> None:
        image = change.before
        if image is None or change.kind is ChangeKind.CREATE:
            return
        self.before.setdefault(image.id, image)
        if change.kind is ChangeKind.DELETE:
            self.gone[image.id] = change.photo_id
            return
        if "image_url" in change.facts:
            self.left.append(
                f"image {image.id} of product {image.product_id} shows another picture since: "
                "the one before is not known"
            )
        facts = {name: fact for name, fact in change.facts.items() if hasattr(image, name)}
        after = replace(self.after.get(image.id, image), **facts)  # type: ignore[arg-type]
        self.after[image.id] = after
        if facts.get("is_thumbnail") and change.main_before is not None:
            self.main_before = self.main_before or change.main_before
            self.main_after = image.id

    def updates(self, ours: Iterable[int]) -> Iterator[PlannedChange]:
        """Yield what makes those images as they were that are to stay."""
        no_more = {*ours, *self.gone}
        for image_id, after in self.after.items():
            before = self.before[image_id]
            facts = {
                name: getattr(before, name)
                for name in _RESTORED
                if getattr(before, name) != getattr(after, name)
            }
            if before.is_thumbnail and not after.is_thumbnail:
                facts["is_thumbnail"] = True
            if facts and image_id not in no_more:
                yield PlannedChange(kind=ChangeKind.UPDATE, image=after, facts=facts)
        if self.main_before is None or self.main_before in no_more:
            return
        assert self.main_after is not None  # noqa: S101 - one says both
        main = self.after.get(self.main_before, self.after[self.main_after])
        yield PlannedChange(
            kind=ChangeKind.UPDATE,
            image=replace(main, id=self.main_before, is_thumbnail=False),
            facts={"is_thumbnail": True},
            main=self.main_after,
        )

    def deleted(self) -> Iterator[tuple[StoredImage, str | None]]:
        """Yield the images that were deleted, as they were, with the photograph of each."""
        for image_id, photo_id in self.gone.items():
            yield self.before[image_id], photo_id
