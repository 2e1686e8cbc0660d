"""What would become of a product, from what the ledger and the shop show of it; nothing is changed.

What would be sent is laid among what is there, by the rules by which it will be sent; then it is
asked what would have to be put right. So the order and the main picture that are told are those
that the shop will show, as far as the shop does what its reference says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipeline.batches import ChangeKind, ImageFacts, PlannedChange
from pipeline.engine.arranging import Arrangement, arrangement
from pipeline.engine.engine import Engine
from pipeline.engine.places import Places, key_of
from pipeline.engine.ports import MOST_PRODUCTS
from pipeline.engine.reading import all_images, chunks, in_silence, together
from pipeline.errors import StoreRejected
from pipeline.lifecycle import State
from pipeline.shop_copy import TableRow
from pipeline.standing import standing
from pipeline.upload_name import uploaded_as
from pipeline.values import Photo, StoredImage

__all__ = ["Folder", "ProductPlan", "Removal", "plan_products", "requests_of"]

_MADE: Final = frozenset({State.PREPARED, State.UPLOADING, State.STORED})
"""States in which a photograph was found to be good, and a picture made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What is asked of a folder that the shop is to be like: each about one path or one product.

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
class ProductPlan:
    """What is to become of one product.

    Attributes:
        product_id: of the product.
        images: what the shop shows of it now.
        ours: how many of these are ours.
        created: photographs that will be sent, in their order.
        back: photographs that were sent once and are not in the shop any more: they will be again.
        removed: those that will be deleted.
        changes: the updates of those that are there and stay.
        later: how many updates more what is sent will need.
        before: the names of its images as they are shown now.
        after: as they will be shown.
        main_before: the name of its main picture now; empty where there is none.
        main_after: as it will be.
        whole: no update more is needed after those.
    """

    product_id: int
    images: Sequence[StoredImage] = ()
    ours: int
    created: Sequence[Photo] = ()
    back: Sequence[Photo] = ()
    removed: Sequence[Removal] = ()
    changes: Sequence[PlannedChange] = ()
    later: int = 0
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    main_before: str = ""
    main_after: str = ""
    whole: bool = True

    @property
    def anything(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.created or self.back or self.removed or self.changes)


def plan_products(
    engine: Engine, product_ids: Sequence[int], folder: Folder | None = None
) -> Iterator[ProductPlan]:
    """Yield what is to become of products, once their photographs came through this process.

    Products of which nothing is to be done are among them; those that the store does not know are
    not. Some hundred are read at a time.

    Args:
        engine: knows the ledger and the store.
        product_ids: the products.
        folder: that they are to be like; None where it is only sent what is new.

    Raises:
        StoreError: the store could not be asked.
    """
    for some in chunks(product_ids, in_silence):
        listed = together(engine, some)
        for product_id in some:
            images = all_images(engine, product_id, listed.get(product_id), lambda images: False)
            if images is not None:
                yield _of(engine, product_id, images, folder)


def requests_of(plans: Iterable[ProductPlan]) -> int:
    """Return how many requests it takes to do what is planned, about."""
    number = products = 0
    for plan in plans:
        updates = len(plan.changes) + plan.later + len(plan.removed)
        # Before and after it the product is listed.
        number += len(plan.created) + len(plan.back) + updates + (2 if updates else 0)
        products += plan.anything
    return number + -(-products // MOST_PRODUCTS)


def _of(
    engine: Engine, product_id: int, images: Sequence[StoredImage], folder: Folder | None
) -> ProductPlan:
    photos = engine.ledger.of_product(product_id)
    here = [photo for photo in photos if engine.ledger.arrived_here(photo.id)]
    arrived = {photo.id for photo in here}
    shown = {image.id: image for image in images}
    rows: Mapping[int, TableRow] = {} if folder is None else folder.rows(product_id)
    ours = {
        one.image.id: _as_told(one, rows.get(one.image.id))
        for one in photos
        if one.state is State.STORED and one.image is not None and one.image.id in shown
    }
    removed: list[Removal] = []
    back: list[Photo] = []
    if folder is not None:
        removed = [
            Removal(photo=one, image=shown[image_id], vanished=folder.is_vanished(one))
            for image_id, one in ours.items()
            if one.id not in arrived and image_id not in rows and _is_no_more(one, here, folder)
        ]
        back = [one for one in here if _is_to_be_back(engine, one, shown)]
    gone = {one.image.id for one in removed}
    stay = {image_id: one for image_id, one in ours.items() if image_id not in gone}
    created = sorted((one for one in here if one.state is State.PREPARED), key=key_of)
    new = _as_images(engine, product_id, images, sorted([*created, *back], key=key_of))
    found = _arranged(engine, product_id, images, stay, new, impose=folder is not None)
    names = {
        **{image.id: uploaded_as(image.image_file) for image in images},
        **{image_id: one.path.name for image_id, one in (*ours.items(), *new.items())},
    }
    changes = _with_words(found, stay, shown) if folder is not None else _known(found, shown)
    return ProductPlan(
        product_id=product_id,
        images=images,
        ours=len(ours),
        created=created,
        back=back,
        removed=removed,
        changes=changes,
        later=sum(change.image.id in new for change in found.changes),
        before=[names[one] for one in found.before if one in shown],
        after=[names[one] for one in found.after if one not in gone],
        main_before=next((names[one.id] for one in images if one.is_thumbnail), ""),
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


def _as_images(
    engine: Engine, product_id: int, images: Sequence[StoredImage], new: Sequence[Photo]
) -> dict[int, Photo]:
    """Return photographs that will be sent as what they will be, by ids that the store may give."""
    places = Places(engine.ledger)
    places.heard(product_id, images)
    last = max((image.id for image in images), default=0)
    made: dict[int, Photo] = {}
    for number, photo in enumerate(new, start=last + 1):
        assert photo.placement is not None  # noqa: S101 - it was found by its product
        placement = places.placed(photo, photo.placement)
        image = StoredImage(
            id=number,
            product_id=product_id,
            image_file=photo.path.name,
            is_thumbnail=bool(placement.thumbnail) or not (images or made),
            sort_order=placement.order or 0,
            description=placement.description or "",
            url_zoom="",
            url_standard="",
            url_thumbnail="",
            url_tiny="",
            date_modified="",
        )
        made[number] = replace(photo, image=image, state=State.STORED)
        places.stored(made[number], image)
    return made


def _arranged(
    engine: Engine,
    product_id: int,
    images: Sequence[StoredImage],
    stay: Mapping[int, Photo],
    new: Mapping[int, Photo],
    *,
    impose: bool,
) -> Arrangement:
    photos = {**stay, **new}
    main = engine.places.imposes_main
    there = [*images, *(one.image for one in new.values() if one.image is not None)]
    if any(one.image is not None and one.image.is_thumbnail for one in new.values()):
        there = [_not_main(one) if one.id not in new else one for one in there]
    if impose:
        main |= any(one.placement and one.placement.thumbnail for one in photos.values())
        return arrangement(product_id, there, photos, photos.keys(), impose=True, main=main)
    here = engine.ledger.made_here(product_id)
    known = engine.ledger.by_hand(product_id)
    return arrangement(product_id, there, photos, {*here, *new}, known, main=main)


def _not_main(image: StoredImage) -> StoredImage:
    return replace(image, is_thumbnail=False)


def _known(found: Arrangement, shown: Mapping[int, StoredImage]) -> Sequence[PlannedChange]:
    return [change for change in found.changes if change.image.id in shown]


def _with_words(
    found: Arrangement, stay: Mapping[int, Photo], shown: Mapping[int, StoredImage]
) -> Sequence[PlannedChange]:
    """Return the updates of an order, with those of words that are not as they should be."""
    facts: dict[int, ImageFacts] = {
        change.image.id: change.facts for change in _known(found, shown)
    }
    for image_id, photo in stay.items():
        words = "" if photo.placement is None else photo.placement.description or ""
        if words and words.split() != shown[image_id].description.split():
            facts[image_id] = {**facts.get(image_id, {}), "description": words}
    return [
        PlannedChange(kind=ChangeKind.UPDATE, image=shown[one], facts=said, photo_id=stay[one].id)
        for one, said in facts.items()
    ]
