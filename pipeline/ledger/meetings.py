"""Images in the store with our mark that the ledger does not know, or knows as twice the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pipeline.ledger.changes import Writer
from pipeline.ledger.database import Row, Transaction
from pipeline.ledger.rows import text_of
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Meeting, MetImage, StoredImage

__all__ = ["SqlMeetings", "met_in", "no_longer_met"]

MOST_MET: Final = 10_000
"""So many are kept of one store; of more it is enough to know that they are so many."""


class SqlMeetings(Writer):
    """See `pipeline.ledger.port.Meetings` for what each method promises."""

    def listed(
        self, product_id: int, marked: Mapping[str, Sequence[StoredImage]]
    ) -> Sequence[MetImage]:
        with self._database.reading() as transaction:
            now, before = self._met(transaction, product_id, marked)
        if now == before:
            return []
        with self._database.writing() as transaction:
            # Asked again, for it may have changed by now.
            now, before = self._met(transaction, product_id, marked)
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

    def _met(
        self,
        transaction: Transaction,
        product_id: int,
        marked: Mapping[str, Sequence[StoredImage]],
    ) -> tuple[set[tuple[int, Meeting]], set[tuple[int, Meeting]]]:
        """Return what is met now, and what was before."""
        known = transaction.rows(
            "SELECT image_id, state, sha256 FROM photos WHERE store = :store "
            "AND product_id = :product",
            store=self._store,
            product=product_id,
        )
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
    rows = transaction.rows(
        "SELECT kind, count(*) AS number FROM met_images WHERE store = coalesce(:store, store) "
        "GROUP BY kind",
        store=store,
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
