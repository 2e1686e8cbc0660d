"""The account of a time or a batch: what was found, what came of it, of which products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pipeline.lifecycle import UNFINISHED_STATES, Reason, State
from pipeline.report.documents import photo_document
from pipeline.report.mending import mend_of
from pipeline.report.wording import account_of, word_of
from pipeline.values import Photo, Tally
from pipeline.wording import encodable

__all__ = [
    "CSV_COLUMNS",
    "MOST_NAMED",
    "Account",
    "ProductSums",
    "csv_row",
    "needs_somebody",
    "no_formula",
]

MOST_NAMED: Final = 1_000
"""Photographs that need somebody and are told one by one; `pipeline list` tells all."""

_NEEDS: Final = frozenset({State.WAITING, State.REFUSED, State.FAILED})


def needs_somebody(photo: Photo) -> bool:
    """Whether a photograph gets no further until somebody does something about it."""
    return photo.state in _NEEDS and photo.reason is not Reason.NOT_FOR_UPLOAD


@dataclass(slots=True)
class ProductSums:
    """How the photographs of one product stand, and the bytes of those in the shop."""

    sku: str = ""
    counts: Counter[State] = field(default_factory=Counter)
    stored_bytes: int = 0

    @property
    def not_finished(self) -> int:
        """How many are on their way."""
        return sum(self.counts[state] for state in UNFINISHED_STATES)


class Account:
    """Counts the photographs of a time or a batch, as they are gone through once."""

    def __init__(self, batch: int | None = None) -> None:
        """Begin with none.

        Args:
            batch: the number of the batch that they came in through; None: of any.
        """
        self.batch = batch
        self.counts: Counter[State] = Counter()
        self.not_for_upload = 0
        self.products: dict[int, ProductSums] = {}
        self.named: list[Photo] = []
        self.more = 0
        """How many need somebody besides those that are named."""
        self.stored_earlier = 0
        """How many came into the shop in that time, or with that batch, that were found before."""

    def found(self, photo: Photo, sku: str = "") -> None:
        """Count one that was found in that time; `sku` is its product's, where it is known."""
        self.counts[photo.state] += 1
        if photo.reason is Reason.NOT_FOR_UPLOAD and photo.state is State.REFUSED:
            self.not_for_upload += 1
        elif photo.placement is not None:
            sums = self.products.setdefault(photo.placement.product_id, ProductSums())
            sums.sku = sums.sku or sku
            sums.counts[photo.state] += 1
            if photo.state is State.STORED and photo.picture is not None:
                sums.stored_bytes += photo.picture.size
        if needs_somebody(photo):
            if len(self.named) < MOST_NAMED:
                self.named.append(photo)
            else:
                self.more += 1

    def sentence(self, when: str) -> str:
        """Return what the time brought, as somebody reads it out."""
        return account_of(
            self._tally, self.stored_earlier, when=when, of_batch=self.batch is not None
        )

    @property
    def _tally(self) -> Tally:
        return Tally(counts=dict(self.counts), not_for_upload=self.not_for_upload)

    def document(
        self,
        since: datetime,
        until: datetime | None,
        name_of: Callable[[int], str] = lambda product_id: "",
    ) -> dict[str, Any]:
        """Return the same for programs; `name_of` says what a product is called, or nothing."""
        tally = self._tally
        return {
            "since": since.isoformat(),
            "until": None if until is None else until.isoformat(),
            "batch": self.batch,
            "found": sum(tally.counts.values()) - tally.not_for_upload,
            "stored": tally[State.STORED],
            "not_finished": sum(tally[state] for state in UNFINISHED_STATES),
            "waiting": tally[State.WAITING],
            "refused": tally[State.REFUSED] - tally.not_for_upload,
            "failed": tally[State.FAILED],
            "removed": tally[State.REMOVED],
            "not_for_upload": tally.not_for_upload,
            "stored_of_earlier": self.stored_earlier,
            "products": [
                {**_product_document(id_, sums), "product_name": name_of(id_) or None}
                for id_, sums in self.by_product()
            ],
            "need_somebody": [_named_document(photo, name_of) for photo in self.named],
            "need_somebody_besides": self.more,
        }

    def by_product(self) -> Iterator[tuple[int, ProductSums]]:
        """Yield the products in the order of their ids, each with its sums."""
        yield from sorted(self.products.items())


def _named_document(photo: Photo, name_of: Callable[[int], str]) -> dict[str, Any]:
    name = None if photo.placement is None else name_of(photo.placement.product_id) or None
    return {**photo_document(photo), "product_name": name, "mend": mend_of(photo)}


def _product_document(product_id: int, sums: ProductSums) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "sku": sums.sku,
        "stored": sums.counts[State.STORED],
        "not_finished": sums.not_finished,
        "refused": sums.counts[State.REFUSED],
        "failed": sums.counts[State.FAILED],
        "removed": sums.counts[State.REMOVED],
        "stored_bytes": sums.stored_bytes,
    }


CSV_COLUMNS: Final = (
    *("found_at", "state", "reason", "sentence", "product_id", "sku", "image_id", "bytes", "file"),
    *("to_mend", "product_name"),
)

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula; the last four as Japanese ones write."""


def csv_row(photo: Photo, sku: str, name: str = "") -> Sequence[str]:
    """Return one photograph's row, in which no text is a formula for a spreadsheet."""
    path = Path(encodable(photo.path))
    size = photo.size if photo.picture is None else photo.picture.size
    return (
        photo.received_at.isoformat(),
        word_of(photo),
        str(photo.reason or ""),
        no_formula(photo.sentence),
        "" if photo.placement is None else str(photo.placement.product_id),
        no_formula(sku),
        "" if photo.image is None else str(photo.image.id),
        str(size),
        no_formula(str(path)),
        mend_of(photo) or "",
        no_formula(name),
    )


def no_formula(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    # Blanks before it are passed over by some.
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
