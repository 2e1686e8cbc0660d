"""The images of the products: their rows, and the rules of thumbnail and order."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection, Row
from typing import Final

from pipeline.localstore.errors import ApiError, no_such
from pipeline.localstore.options import Limits
from pipeline.localstore.quirks import Quirks
from pipeline.localstore.storage.database import Database

__all__ = ["LARGEST_ORDER", "SMALLEST_ORDER", "ImageChange", "Images", "KeptPicture"]

SMALLEST_ORDER: Final = -(2**31)
LARGEST_ORDER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """A picture whose bytes are kept already: their key, the name it got, what it is."""

    key: str
    image_file: str
    format: str
    width: int
    height: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChange:
    """What a request says of an image; None: nothing."""

    is_thumbnail: bool | None = None
    sort_order: int | None = None
    description: str | None = None


class Images:
    """All images of the store."""

    def __init__(self, database: Database, limits: Limits, quirks: Quirks) -> None:
        self._database = database
        self._limits = limits
        self._quirks = quirks

    def page(self, product_id: int, page: int, size: int) -> tuple[list[Row], int]:
        """Return a page of a product's images, by sort order, and how many there are in all.

        Args:
            product_id: whose.
            page: from 1.
            size: images a page.
        """
        # One moment for both questions, so that the total fits the page.
        seen = time.time() - self._quirks.seconds("listing_lag")
        rows = self._database.rows(
            "SELECT * FROM images WHERE product_id = ? AND made <= ? "
            "ORDER BY sort_order, id LIMIT ? OFFSET ?",
            product_id,
            seen,
            size,
            min((page - 1) * size, LARGEST_ORDER),
        )
        total = self._database.number(
            "SELECT count(*) FROM images WHERE product_id = ? AND made <= ?", product_id, seen
        )
        return rows, total

    def of_products(self, product_ids: Sequence[int]) -> list[Row]:
        """Return the images that come along with products, of each by sort order.

        As many of each as the store gives then.
        """
        most = self._quirks.most_included_images
        return self._database.rows(
            "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY product_id "  # noqa: S608
            "ORDER BY sort_order, id) AS place FROM images WHERE product_id IN "
            f"({', '.join('?' * len(product_ids))}) AND made <= ?) WHERE place <= ? "
            "ORDER BY product_id, place",
            *product_ids,
            time.time() - self._quirks.seconds("listing_lag"),
            self._limits.images if most is None else most,
        )

    def image(self, image_id: int) -> Row | None:
        """Return an image by its id alone; None where there is none."""
        return self._database.row(
            "SELECT * FROM images WHERE id = ?", min(image_id, LARGEST_ORDER + 1)
        )

    def create(self, product_id: int, picture: KeptPicture, said: ImageChange) -> Row:
        """Add an image to a product and return its row.

        Raises:
            ApiError: the product is full, or gone.
        """
        now = time.time()
        with self._database.transaction() as transaction:
            if not transaction.execute(
                "SELECT 1 FROM products WHERE id = ?", (product_id,)
            ).fetchone():
                raise no_such("product")
            count, highest = transaction.execute(
                "SELECT count(*), max(sort_order) FROM images WHERE product_id = ?", (product_id,)
            ).fetchone()
            if count >= self._limits.images:
                raise ApiError(
                    422,
                    "The product has as many images as it can have",
                    {"product_id": f"has {count} images, the most there can be"},
                )
            if said.is_thumbnail:
                _no_thumbnail(transaction, product_id)
            order = said.sort_order
            if order is None:
                nothing = highest is None or self._quirks.sort_order == "zero"
                order = 0 if nothing else min(highest + 1, LARGEST_ORDER)
            row: Row = transaction.execute(
                "INSERT INTO images (product_id, is_thumbnail, sort_order, description, "
                "image_file, made, pictured, modified, picture, format, width, height, bytes) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (
                    product_id,
                    # An only image is the thumbnail, whatever was asked for.
                    int(bool(said.is_thumbnail) or count == 0),
                    order,
                    said.description or "",
                    *(picture.image_file, now, int(now), int(now), picture.key),
                    *(picture.format, picture.width, picture.height, picture.bytes),
                ),
            ).fetchone()
        return row

    def update(
        self, product_id: int, image_id: int, said: ImageChange, picture: KeptPicture | None
    ) -> tuple[Row, str | None]:
        """Change an image.

        Args:
            product_id: whose.
            image_id: which.
            said: what it says anew.
            picture: what it shows anew; None: what it showed.

        Returns:
            The image, and the key of the picture that it does not show any more.

        Raises:
            ApiError: there is no such image.
        """
        with self._database.transaction() as transaction:
            before = _row(transaction, product_id, image_id)
            if said.is_thumbnail and not before["is_thumbnail"]:
                _no_thumbnail(transaction, product_id)
                transaction.execute("UPDATE images SET is_thumbnail = 1 WHERE id = ?", (image_id,))
            if said.sort_order is not None:
                if said.sort_order > before["sort_order"]:
                    transaction.execute(
                        "UPDATE images SET sort_order = min(sort_order + 1, ?) "
                        "WHERE product_id = ? AND id <> ? AND sort_order >= ?",
                        (LARGEST_ORDER, product_id, image_id, said.sort_order),
                    )
                transaction.execute(
                    "UPDATE images SET sort_order = ? WHERE id = ?", (said.sort_order, image_id)
                )
            if said.description is not None:
                transaction.execute(
                    "UPDATE images SET description = ? WHERE id = ?", (said.description, image_id)
                )
            if picture is not None:
                transaction.execute(
                    "UPDATE images SET picture = ?, image_file = ?, format = ?, width = ?, "
                    "height = ?, bytes = ?, pictured = ? WHERE id = ?",
                    (
                        *(picture.key, picture.image_file, picture.format, picture.width),
                        *(picture.height, picture.bytes, int(time.time()), image_id),
                    ),
                )
            transaction.execute(
                "UPDATE images SET modified = ? WHERE id = ?", (int(time.time()), image_id)
            )
            after = _row(transaction, product_id, image_id)
        return after, before["picture"] if picture is not None else None

    def delete(self, product_id: int, image_id: int) -> str | None:
        """Delete an image and return its picture's key; None where there was no such image."""
        with self._database.transaction() as transaction:
            row: Row | None = transaction.execute(
                "DELETE FROM images WHERE id = ? AND product_id = ? RETURNING *",
                (image_id, product_id),
            ).fetchone()
            if row is None:
                return None
            if row["is_thumbnail"] and self._quirks.thumbnail_deleted == "promoted":
                transaction.execute(
                    "UPDATE images SET is_thumbnail = 1 WHERE id = (SELECT id FROM images "
                    "WHERE product_id = ? ORDER BY sort_order, id LIMIT 1)",
                    (product_id,),
                )
        return str(row["picture"])

    def pictures(self) -> list[str]:
        """Return the keys of all pictures that are shown."""
        return [row["picture"] for row in self._database.rows("SELECT picture FROM images")]


def _row(transaction: Connection, product_id: int, image_id: int) -> Row:
    row: Row | None = transaction.execute(
        "SELECT * FROM images WHERE id = ? AND product_id = ?", (image_id, product_id)
    ).fetchone()
    if row is None:
        raise no_such("image")
    return row


def _no_thumbnail(transaction: Connection, product_id: int) -> None:
    transaction.execute("UPDATE images SET is_thumbnail = 0 WHERE product_id = ?", (product_id,))
