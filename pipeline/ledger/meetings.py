"""Images in the store with our mark that the ledger does not know, or knows as twice the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pipeline.ledger.changes import Writer, photo_in, set_image
from pipeline.ledger.database import Row, Transaction
from pipeline.ledger.rows import text_of
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Meeting, MetImage, Photo, StoredImage

__all__ = ["SqlMeetings", "met_in", "no_longer_met"]

MOST_MET: Final = 10_000
"""So many are kept of one store; of more it is enough to know that they are so many."""


class SqlMeetings(Writer):
    """See `pipeline.ledger.port.Meetings` for what each method promises."""

    def listed(
        self, product_id: int, marked: Mapping[str, Sequence[StoredImage]]
    ) -> Sequence[MetImage]:
        with self._database.reading() as transaction:
            known = self._of_product(transaction, product_id)
            now, before = self._met(transaction, product_id, known, marked)
        if now == before and not any(_mistaken(known, marked)):
            return []
        with self._database.writing() as transaction:
            # Asked again, for it may have changed by now.
            for photo_id, image in _mistaken(self._of_product(transaction, product_id), marked):
                set_image(transaction, photo_id, image, self._change(_corrected(image)))
            known = self._of_product(transaction, product_id)
            now, before = self._met(transaction, product_id, known, marked)
            for image_id, kind in before - now:
                self._forget(transaction, product_id, image_id, kind)
            room = MOST_MET - self._number(transaction)
            new = sorted(now - before)[: max(0, room)]
            names = {image.id: image.image_file for images in marked.values() for image in images}
            at = self._now()
            for image_id, kind in new:
                transaction.run(
                    "INSERT INTO met_images (store, product_id, image_id, kind, name, met_at) "
                    "VALUES (:store, :product, :image, :kind, :name, :at)",
                    store=self._store,
                    product=product_id,
                    image=image_id,
                    kind=kind,
                    name=names[image_id],
                    at=text_of(at),
                )
        return [
            MetImage(
                product_id=product_id, image_id=image_id, name=names[image_id], kind=kind, at=at
            )
            for image_id, kind in new
        ]

    def gone(self, product_id: int, shown: Collection[int], before: datetime) -> Sequence[Photo]:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT id, image_id FROM photos WHERE store = :store AND product_id = :product "
                "AND state = 'stored' AND changed_at < :before ORDER BY image_id",
                store=self._store,
                product=product_id,
                before=text_of(before),
            )
            gone = [str(row["id"]) for row in rows if row["image_id"] not in shown]
            found = [photo_in(transaction, photo_id) for photo_id in gone]
        return [photo for photo in found if photo is not None]

    def _of_product(self, transaction: Transaction, product_id: int) -> Sequence[Row]:
        return transaction.rows(
            "SELECT id, image_id, state, sha256 FROM photos WHERE store = :store "
            "AND product_id = :product",
            store=self._store,
            product=product_id,
        )

    def _met(
        self,
        transaction: Transaction,
        product_id: int,
        known: Sequence[Row],
        marked: Mapping[str, Sequence[StoredImage]],
    ) -> tuple[set[tuple[int, Meeting]], set[tuple[int, Meeting]]]:
        """Return what is met now, and what was before."""
        before = transaction.rows(
            "SELECT image_id, kind FROM met_images WHERE store = :store AND product_id = :product",
            store=self._store,
            product=product_id,
        )
        return (
            set(_judged(known, marked)),
            {(int(row["image_id"]), Meeting(row["kind"])) for row in before},
        )

    def _forget(
        self, transaction: Transaction, product_id: int, image_id: int, kind: Meeting
    ) -> None:
        transaction.run(
            "DELETE FROM met_images WHERE store = :store AND product_id = :product "
            "AND image_id = :image AND kind = :kind",
            store=self._store,
            product=product_id,
            image=image_id,
            kind=kind,
        )

    def _number(self, transaction: Transaction) -> int:
        row = transaction.row(
            "SELECT count(*) AS number FROM met_images WHERE store = :store", store=self._store
        )
        return 0 if row is None else int(row["number"])


def met_in(transaction: Transaction, store: str | None) -> Mapping[Meeting, int]:
    """Return how many images of one store, or (None) of all, are met, of each kind."""
    which = "store IN (SELECT store FROM tallies)" if store is None else "store = :store"
    rows = transaction.rows(
        f"SELECT kind, count(*) AS number FROM met_images WHERE {which} GROUP BY kind",
        **({} if store is None else {"store": store}),
    )
    return {Meeting(row["kind"]): int(row["number"]) for row in rows}


def no_longer_met(transaction: Transaction, store: str, product_id: int, image_id: int) -> None:
    """Forget an image that the ledger knows now, or that is gone."""
    transaction.run(
        "DELETE FROM met_images WHERE store = :store AND product_id = :product "
        "AND image_id = :image",
        store=store,
        product=product_id,
        image=image_id,
    )


def _judged(
    known: Sequence[Row], marked: Mapping[str, Sequence[StoredImage]]
) -> Iterator[tuple[int, Meeting]]:
    """Yield each image that is not as the ledger has it; `known` are the rows of its product."""
    ids = {row["image_id"] for row in known}
    for tag, images in marked.items():
        unknown = sorted(image.id for image in images if image.id not in ids)
        ours = next((row for row in known if str(row["sha256"]).startswith(tag)), None)
        if ours is None:
            yield from ((image_id, Meeting.OTHER_LEDGER) for image_id in unknown)
            continue
        state, there = State(ours["state"]), ours["image_id"] in {image.id for image in images}
        if state is State.STORED and there:
            yield from ((image_id, Meeting.TWICE) for image_id in unknown)
        elif state is State.STORED or state in UNFINISHED_STATES:
            # The first is the one that is looked for.
            yield from ((image_id, Meeting.TWICE) for image_id in unknown[1:])


def _mistaken(
    known: Sequence[Row], marked: Mapping[str, Sequence[StoredImage]]
) -> Iterator[tuple[str, StoredImage]]:
    """Yield each photograph that is recorded as another one's image, and which is its own.

    A create's answer may name another image's id: where no photograph of the ledger has that one,
    only a listing shows it.
    """
    tags = {image.id: tag for tag, images in marked.items() for image in images}
    ids = {row["image_id"] for row in known}
    for row in known:
        tag = tags.get(row["image_id"])
        digest = str(row["sha256"])
        if row["state"] != State.STORED or tag is None or digest.startswith(tag):
            continue
        own = [
            image
            for other, images in marked.items()
            if digest.startswith(other)
            for image in images
            if image.id not in ids
        ]
        if own:
            yield str(row["id"]), min(own, key=lambda image: image.id)


def _corrected(image: StoredImage) -> str:
    return (
        f"is image {image.id} ({image.image_file}), as the shop lists it: what it answered when "
        "the picture was sent named another one"
    )
