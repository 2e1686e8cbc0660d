"""Files that show the same, whatever else is in them, are one photograph of a product.

Once one of them is stored, another becomes part of it, and its digest is remembered: when the same
file arrives again it is known, and nothing has to be decoded to see that.
"""

from __future__ import annotations

from pipeline.ledger.arrivals import merge
from pipeline.ledger.changes import Writer
from pipeline.ledger.database import Row, Transaction
from pipeline.ledger.rows import photo_of
from pipeline.lifecycle import State
from pipeline.values import Claim, Photo, Picture

__all__ = ["SqlSamePictures"]


class SqlSamePictures(Writer):
    """See `pipeline.ledger.port.Transitions` for what its method promises."""

    def shown_already(self, claim: Claim, picture: Picture) -> Photo | None:
        if picture.likeness is None or claim.photo.placement is None:
            return None
        product_id = claim.photo.placement.product_id
        with self._database.reading() as transaction:
            # Nearly always there is none: then nobody's turn to write is taken.
            if self._alike(transaction, claim, picture, product_id) is None:
                return None
        with self._database.writing() as transaction:
            known = self._alike(transaction, claim, picture, product_id)
            if known is None or known["state"] != State.STORED:
                return None if known is None else photo_of(known)
            photo = merge(transaction, claim, known, self._change)
            transaction.run(
                "INSERT INTO same_pictures (store, product_id, sha256, photo) "
                "VALUES (:store, :product, :sha256, :photo) "
                "ON CONFLICT (store, sha256, product_id) DO UPDATE SET photo = excluded.photo",
                store=self._store,
                product=product_id,
                sha256=claim.photo.sha256,
                photo=photo.id,
            )
            return photo

    def _alike(
        self, transaction: Transaction, claim: Claim, picture: Picture, product_id: int
    ) -> Row | None:
        """Return what is in the store before what may be."""
        return transaction.row(
            "SELECT * FROM photos WHERE store = :store AND product_id = :product "
            "AND substr(likeness, 1, 16) = substr(:likeness, 1, 16) "
            "AND (likeness = :likeness) IS TRUE AND id <> :photo "
            "AND state IN ('stored', 'uploading') ORDER BY state = 'uploading', seq LIMIT 1",
            store=self._store,
            product=product_id,
            likeness=picture.likeness,
            photo=claim.photo.id,
        )
