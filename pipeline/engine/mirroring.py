"""What makes the shop show of a product what a folder holds of it: ours alone, in order, in words.

Nothing is sent from here. What a folder does not hold any more is to be deleted, what it holds and
the shop lacks is to be sent again, and what is there gets its order and its words. Whose a picture
is that was in the shop before us, or that another program sent, is none of the folder's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.batches import ChangeKind, ImageFacts, PlannedChange
from pipeline.engine.arranging import Arrangement, arrangement
from pipeline.engine.changing import Changing
from pipeline.engine.engine import Engine
from pipeline.engine.places import key_of
from pipeline.engine.reading import all_images, chunks, in_silence, together
from pipeline.errors import StoreRejected
from pipeline.lifecycle import State
from pipeline.shop_copy import TableRow
from pipeline.standing import standing
from pipeline.upload_name import uploaded_as
from pipeline.values import Photo, StoredImage

__all__ = ["Folder", "Mirrored", "Mirroring", "Removal", "mirror", "mirroring"]

MOST_ROUNDS: Final = 3
"""How often one product is looked at: an image may have to be moved twice."""

_MADE: Final = frozenset({State.PREPARED, State.UPLOADING, State.STORED})
"""States in which a photograph was found to be good, and a picture made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What is asked of the folder, each question about one path or one product.

    Attributes:
        holds: whether a photograph lies, or lay, below it.
        is_gone: whether there is certainly nothing at its path.
        is_vanished: whether its whole folder is gone or empty.
        rows: what a table of the shop says of its files that the shop has, by the image of each.
    """

    holds: Callable[[Photo], bool]
    is_gone: Callable[[Photo], bool]
    is_vanished: Callable[[Photo], bool]
    rows: Callable[[int], Mapping[int, TableRow]] = lambda product_id: {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One of ours that the folder does not hold any more; `vanished`: its whole folder is gone."""

    photo: Photo
    image: StoredImage
    vanished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirroring:
    """What is to become of one product.

    Attributes:
        product_id: of the product.
        ours: how many of its images are ours.
        created: photographs that will be sent, in their order.
        back: photographs that were sent once and are not in the shop any more: they will be again.
        removed: those that will be deleted.
        changes: the updates of those that stay, as far as they can be known before.
        before: the names of its images as they are shown now.
        after: as they will be shown.
        main_before: the name of its main picture now; empty where there is none.
        main_after: as it will be.
        whole: no update more is needed after those.
    """

    product_id: int
    ours: int
    created: Sequence[Photo] = ()
    back: Sequence[Photo] = ()
    removed: Sequence[Removal] = ()
    changes: Sequence[PlannedChange] = ()
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    main_before: str = ""
    main_after: str = ""
    whole: bool = True

    @property
    def anything(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.created or self.back or self.removed or self.changes)


@dataclass(slots=True, kw_only=True)
class Mirrored:
    """What was done: how many images were deleted and updated, and what was left, as sentences."""

    removed: int = 0
    updated: int = 0
    left: list[str] = field(default_factory=list)


def mirroring(engine: Engine, product_ids: Sequence[int], folder: Folder) -> Iterator[Mirroring]:
    """Yield what is to become of products, once their photographs came through this process.

    Products of which nothing is to be done are among them; those that the store does not know are
    not. Some hundred are read at a time.

    Raises:
        StoreError: the store could not be asked.
    """
    for some in chunks(product_ids, in_silence):
        listed = together(engine, some)
        for product_id in some:
            images = all_images(engine, product_id, listed.get(product_id), lambda images: False)
            if images is not None:
                yield _of(engine, product_id, images, folder)


def mirror(
    engine: Engine, product_ids: Sequence[int], folder: Folder, meant: frozenset[int]
) -> Mirrored:
    """Update and delete, in this process's batch, what a folder says of products.

    It comes after what had to be sent. Where something of a product did not get to the shop,
    nothing of that product is deleted.

    Args:
        engine: knows the ledger and the store.
        product_ids: the products.
        folder: as it is now.
        meant: the ids of the images that may be deleted: those that were shown before.

    Raises:
        StoreError: the store could not be asked.
        LedgerError: it could not be recorded.
    """
    ended = Mirrored()
    for found in mirroring(engine, product_ids, folder):
        if engine.clock.stopping():
            return ended
        _mirror(engine, found, folder, meant, ended)
    return ended


def _mirror(
    engine: Engine, found: Mirroring, folder: Folder, meant: frozenset[int], ended: Mirrored
) -> None:
    removed = [one for one in found.removed if one.image.id in meant]
    if removed and (found.created or found.back or _lacks(engine, found.product_id)):
        ended.left.append(
            f"nothing of product {found.product_id} is deleted: not all that the folder holds of "
            "it is in the shop"
        )
        removed = []
    for round_ in range(MOST_ROUNDS):
        deletes = [] if round_ else [_delete(one) for one in removed]
        if not (found.changes or deletes):
            return
        engine.ledger.plan([*found.changes, *deletes])
        changed = Changing.of(engine).carry_out(engine.ledger.own_batch())
        ended.left += changed.left
        number = sum(
            one.state is State.REMOVED
            for change in deletes
            if (one := engine.ledger.photo(change.photo_id or "")) is not None
        )
        ended.removed += number
        ended.updated += changed.done - number
        if found.whole or changed.left or changed.cut_off:
            return
        found = next(mirroring(engine, [found.product_id], folder), found)


def _delete(one: Removal) -> PlannedChange:
    return PlannedChange(kind=ChangeKind.DELETE, image=one.image, photo_id=one.photo.id)


def _lacks(engine: Engine, product_id: int) -> bool:
    """Whether some of a product's photographs that lie there did not get to the shop."""
    photos = engine.ledger.of_product(product_id)
    return any(
        one.state is not State.STORED and engine.ledger.arrived_here(one.id) for one in photos
    )


def _of(
    engine: Engine, product_id: int, images: Sequence[StoredImage], folder: Folder
) -> Mirroring:
    photos = engine.ledger.of_product(product_id)
    here = [photo for photo in photos if engine.ledger.arrived_here(photo.id)]
    arrived = {photo.id for photo in here}
    shown = {image.id: image for image in images}
    rows = folder.rows(product_id)
    ours = {
        one.image.id: _as_told(one, rows.get(one.image.id))
        for one in photos
        if one.state is State.STORED and one.image is not None and one.image.id in shown
    }
    removed = [
        Removal(photo=one, image=shown[image_id], vanished=folder.is_vanished(one))
        for image_id, one in ours.items()
        if one.id not in arrived and image_id not in rows and _is_no_more(one, here, folder)
    ]
    gone = {one.image.id for one in removed}
    stay = {image_id: one for image_id, one in ours.items() if image_id not in gone}
    created = sorted((one for one in here if one.state is State.PREPARED), key=key_of)
    back = [one for one in here if _is_to_be_back(engine, one, shown)]
    found = _arranged(product_id, images, stay)
    names = {image.id: _name_of(image) for image in images}
    labels = {one: names[one] for one in found.after if one not in gone}
    return Mirroring(
        product_id=product_id,
        ours=len(ours),
        created=created,
        back=back,
        removed=removed,
        changes=_with_words(found, stay, shown),
        before=[names[one] for one in found.before],
        after=_with_new(labels, stay, [*created, *back]),
        main_before=names.get(found.main_before or 0, ""),
        main_after="" if found.main_after in gone else names.get(found.main_after or 0, ""),
        whole=found.whole,
    )


def _is_no_more(photo: Photo, here: Iterable[Photo], folder: Folder) -> bool:
    """Whether the folder does not hold a photograph any more that came through no file of it now.

    What lay elsewhere it does not hold. At its place may lie another photograph by now; only where
    that one is good is it taken for its successor, for it may be being written.
    """
    if not folder.holds(photo) or folder.is_gone(photo):
        return True
    return any(one.path == photo.path and one.state in _MADE for one in here)


def _is_to_be_back(engine: Engine, photo: Photo, shown: Mapping[int, StoredImage]) -> bool:
    """Whether a photograph was sent once and is certainly not in the store any more."""
    if photo.state is State.REMOVED:
        return True
    if photo.state is not State.STORED or photo.image is None or photo.image.id in shown:
        return False
    shop = engine.stages.shop
    assert shop is not None  # noqa: S101 - only stages that are made up have none
    try:
        shop.image(photo.image.product_id, photo.image.id)  # a listing may come late
    except StoreRejected as error:
        return error.is_of_one_product
    return False


def _as_told(photo: Photo, row: TableRow | None) -> Photo:
    """Return a photograph as the table of a copy of the shop has it stand."""
    if row is None or photo.placement is None:
        return photo
    placement = replace(
        photo.placement,
        standing=standing(row.order, None, None),
        thumbnail=row.main,
        description=row.alt,
    )
    return replace(photo, placement=placement)


def _arranged(
    product_id: int, images: Sequence[StoredImage], stay: Mapping[int, Photo]
) -> Arrangement:
    said = any(one.placement is not None and one.placement.thumbnail for one in stay.values())
    return arrangement(product_id, images, stay, stay.keys(), impose=True, main=said)


def _with_words(
    found: Arrangement, stay: Mapping[int, Photo], shown: Mapping[int, StoredImage]
) -> Sequence[PlannedChange]:
    """Return the updates of an order, with those of words that are not as they should be."""
    facts: dict[int, ImageFacts] = {change.image.id: change.facts for change in found.changes}
    for image_id, photo in stay.items():
        words = "" if photo.placement is None else photo.placement.description or ""
        if words and words.split() != shown[image_id].description.split():
            facts[image_id] = {**facts.get(image_id, {}), "description": words}
    return [
        PlannedChange(kind=ChangeKind.UPDATE, image=shown[one], facts=said, photo_id=stay[one].id)
        for one, said in facts.items()
    ]


def _with_new(
    labels: Mapping[int, str], stay: Mapping[int, Photo], new: Iterable[Photo]
) -> Sequence[str]:
    """Return the names of a product's pictures with those that come, where they will stand."""
    order: list[tuple[str | None, str]] = [
        (key_of(stay[one]) if one in stay else None, name) for one, name in labels.items()
    ]
    for photo in sorted(new, key=key_of):
        key = key_of(photo)
        behind = (at for at, (other, _) in enumerate(order) if other is not None and other > key)
        order.insert(next(behind, len(order)), (key, photo.path.name))
    return [name for _, name in order]


def _name_of(image: StoredImage) -> str:
    return uploaded_as(image.image_file)
