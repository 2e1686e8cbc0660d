"""The ledger and the store brought together: what is made due again, what somebody settles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeline.engine.adopting import take_over_due
from pipeline.engine.differences import Difference, Kind
from pipeline.engine.engine import Engine, upload_of
from pipeline.engine.reading import all_images, together
from pipeline.errors import LedgerError
from pipeline.ledger import Ledger
from pipeline.lifecycle import State
from pipeline.scope import Scope
from pipeline.values import Photo, StoredImage
from pipeline.wording import shown

__all__ = [
    "ask_again",
    "delete_image",
    "heed_lists",
    "images_meant",
    "in_doubt",
    "put_back",
    "repaired",
    "settle",
    "take_up_appeared",
]


def put_back(images: Callable[[int], Sequence[StoredImage]], ledger: Ledger, photo: Photo) -> bool:
    """Make a stored photograph due where its image was deleted in the store; whether it was.

    Args:
        images: lists a product's images.
        ledger: records it.
        photo: stored.

    Raises:
        StoreError: the store could not be asked.
    """
    image = photo.image
    if image is None or any(one.id == image.id for one in images(image.product_id)):
        return False
    sentence = f"image {image.id} is not in the shop any more: it is sent again, as asked for"
    return ledger.requeue_missing(photo.id, sentence) is not None


def repaired(
    engine: Engine, found: Iterable[Difference], bring_in: Callable[[], object]
) -> dict[str, Photo]:
    """Put back what is missing in the store; take over what is there under another id.

    Args:
        engine: knows the ledger and the store.
        found: the differences, of whatever kind.
        bring_in: works until nothing is due.

    Returns:
        The photographs that were missing, as they are now, by id.

    Raises:
        StoreError: the store could not be asked.
    """
    due: list[str] = []
    missing: list[str] = []
    for one in found:
        if one.kind is Kind.MISSING and one.photo is not None:
            missing.append(one.photo.id)
            sentence = f"{one.sentence}: it is put back"
            if engine.ledger.requeue_missing(one.photo.id, sentence) is not None:
                due.append(one.photo.id)
    take_over_due(engine, due)
    bring_in()
    now = map(engine.ledger.photo, missing)
    return {photo.id: photo for photo in now if photo is not None}


def in_doubt(ledger: Ledger, path: Path) -> list[Photo]:
    """Return what arrived from a file, was perhaps sent, and somebody may settle."""
    return [
        photo
        for photo in ledger.at_path(path)
        if photo.state in (State.FAILED, State.UPLOADING) and photo.picture is not None
    ]


def images_meant(engine: Engine, photos: Sequence[Photo], image_id: int) -> dict[str, StoredImage]:
    """Return the image of that id for those of the photographs whose product has it, by their id.

    Raises:
        StoreError: the store could not be asked.
    """
    products = {photo.id: upload_of(photo)[1].product_id for photo in photos}
    listed = together(engine, sorted(set(products.values())))

    def that_one(images: Iterable[StoredImage]) -> StoredImage | None:
        return next((image for image in images if image.id == image_id), None)

    found = {}
    for photo_id, product_id in products.items():
        shown = listed.get(product_id)
        images = all_images(engine, product_id, shown, lambda some: bool(that_one(some)))
        if (image := that_one(images or ())) is not None:
            found[photo_id] = image
    return found


def settle(ledger: Ledger, photo: Photo, image: StoredImage | None) -> str:
    """Record which image of the store a photograph is, or that (None) it is not there.

    Returns:
        What was recorded, as a sentence about the photograph.

    Raises:
        LedgerError: it is not in doubt, or another process has it in hand.
    """
    if photo.state is State.FAILED:
        ledger.retry(photo.id)
    claim = ledger.claim(photo.id)
    if claim is None or claim.photo.state is not State.UPLOADING:
        raise LedgerError(f"{shown(photo.path)} is not in doubt, or another process has it in hand")
    if image is not None:
        sentence = f"is image {image.id} ({image.image_file}), as somebody said"
        ledger.stored(claim, image, sentence)
        ledger.make_durable()
    else:
        sentence = "is not in the shop, as somebody said: the next run sends it again"
        ledger.not_sent(claim, sentence, not_before=None, attempts=0)
    return sentence


def ask_again(engine: Engine, scope: Scope) -> None:
    """Ask anew for the products of what waits: the shop may have got them meanwhile.

    Args:
        engine: knows the ledger and the store.
        scope: what lies in it is asked for; of the others nobody asked this process.
    """
    engine.stages.forget_unknown()
    for photo in engine.ledger.photos(State.WAITING):
        if scope.holds(photo.path):
            engine.ledger.retry(photo.id)
    engine.ledger.take_up(scope)


def heed_lists(engine: Engine, scope: Scope) -> None:
    """Where a map or the shot list was changed, ask again of what waits, and of what is held.

    Args:
        engine: knows the lists.
        scope: what waits in it is asked for.

    Raises:
        LedgerError: the ledger could not be asked.
    """
    changed = engine.stages.lists_changed()
    if changed.maps:
        ask_again(engine, scope)
    if changed.shot_list:
        engine.holding.again()


def take_up_appeared(engine: Engine, scope: Scope) -> int:
    """Ask anew for the products of what waits for a name that a product has got lately.

    The store is asked one question, and none where nothing waits.

    Args:
        engine: knows the ledger and the store.
        scope: what lies in it is asked for.

    Returns:
        How many were taken up.

    Raises:
        StoreError: the store could not be asked.
    """
    rules = engine.stages.name_rules
    if rules is None or not engine.ledger.tally().counts.get(State.WAITING):
        return 0
    names = frozenset(engine.stages.appeared())
    if not names:
        return 0
    engine.stages.forget_unknown()
    taken_up = 0
    for photo in engine.ledger.photos(State.WAITING):
        if scope.holds(photo.path) and not names.isdisjoint(rules.proposed(photo.original)):
            engine.ledger.retry(photo.id)
            taken_up += 1
    if taken_up:
        engine.ledger.take_up(scope)
    return taken_up


def delete_image(
    delete: Callable[[int, int], None], ledger: Ledger, product_id: int, image_id: int
) -> Photo | None:
    """Delete an image from the store, and remember that we did.

    Returns:
        The photograph that it was; None where the ledger knows none.

    Raises:
        StoreError: `delete` did not get it deleted.
    """
    delete(product_id, image_id)
    return ledger.removed(product_id, image_id)
