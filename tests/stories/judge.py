"""Holds ledger, folder and store against each other: is each photograph in the store once?

The store's own listing and the bytes it was given are the measure; the program's word counts for
nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.ledger.sqlite import open_reader
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.values import Photo
from tests.localstore.process import StoreProcess

__all__ = ["Verdict", "judge"]

DIGEST_TAG = re.compile(r"-([0-9a-f]{10})__\d{5}\.")


@dataclass
class Verdict:
    """What was found; `untrue` tells in sentences what the ledger says and is not so."""

    photographs: int = 0
    stored: int = 0
    aside: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    """Why those stand aside that do, as the ledger says it."""

    @property
    def good(self) -> bool:
        return not (self.lost or self.duplicates or self.untrue)

    def __str__(self) -> str:
        wrong = [*self.lost, *self.duplicates, *self.untrue]
        return "\n".join(
            [
                f"{self.photographs} photographs, {self.stored} stored, {self.aside} aside, "
                f"{len(self.duplicates)} duplicates, {len(self.lost)} lost, "
                f"{len(self.untrue)} untrue",
                *wrong[:40],
            ]
        )


def judge(
    store: StoreProcess, ledger: Path, files: dict[Path, int], *, others: Sequence[Path] = ()
) -> Verdict:
    """Judge the end of a run.

    Args:
        store: asked for its listings.
        ledger: the database file.
        files: every photograph that lies on the disk now, with its product.
        others: ledgers that account for further images, such as one that was lost.
    """
    verdict = Verdict(photographs=len(files))
    photos, problem = _read(ledger)
    if problem is not None:
        verdict.untrue.append(f"the ledger is damaged: {problem}")
    rows = {
        (photo.placement.product_id, photo.sha256): photo for photo in photos if photo.placement
    }
    by_path = {photo.path: photo for photo in photos}
    for path, product in files.items():
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        photo = rows.get((product, sha256))
        if photo is None:
            told = by_path.get(path)
            if told is None or told.sha256 not in ("", sha256) or told.state in UNFINISHED_STATES:
                verdict.lost.append(f"lost: the ledger does not know {path}")
                continue
            photo = told
        if photo.state is State.STORED:
            verdict.stored += 1
        elif photo.state in UNFINISHED_STATES:
            verdict.lost.append(f"lost: {path} is still {photo.state}: {photo.sentence}")
        else:
            verdict.aside += 1
            verdict.reasons.append(f"{photo.state}: {path}: {photo.sentence}")
    images = {product: listed(store, product) for product in {*files.values(), *_products(photos)}}
    elsewhere = [photo for other in others for photo in _read(other)[0]]
    accounted = {photo.image.id for photo in elsewhere if photo.image is not None}
    _compare(store, verdict, photos, images, accounted)
    return verdict


def _read(ledger: Path) -> tuple[list[Photo], str | None]:
    """Return all photographs of a ledger, and what is wrong with its file, if anything."""
    reader = open_reader(ledger, None)
    try:
        return list(reader.photos()), reader.check()
    finally:
        reader.close()


def listed(store: StoreProcess, product: int) -> dict[int, dict[str, Any]]:
    """Return all images of a product by id, as the store lists them."""
    found: dict[int, dict[str, Any]] = {}
    page = 1
    while True:
        answer = store.session.get(
            f"{store.url}/catalog/products/{product}/images",
            params={"limit": "250", "page": str(page)},
            timeout=30,
        )
        assert answer.status_code in (200, 204), answer.text
        data = answer.json()["data"] if answer.status_code == 200 else []
        found |= {image["id"]: image for image in data}
        if len(data) < 250:
            return found
        page += 1


def _products(photos: Any) -> set[int]:
    return {photo.placement.product_id for photo in photos if photo.placement}


def _compare(
    store: StoreProcess,
    verdict: Verdict,
    photos: Any,
    images: dict[int, dict[int, dict[str, Any]]],
    accounted: set[int],
) -> None:
    claimed = set(accounted)
    for photo in photos:
        if photo.state is State.STORED:
            claimed.add(photo.image.id)
            verdict.untrue += _untrue(store, photo, images)
        elif photo.state in UNFINISHED_STATES and not _replaced(photo):
            verdict.untrue.append(f"untrue: {photo.path} is {photo.state} when all is over")
    for product, found in images.items():
        tags: Counter[str] = Counter()
        for image in found.values():
            match = DIGEST_TAG.search(image["image_file"])
            tags[match[1] if match else image["image_file"]] += 1
            if image["id"] not in claimed:
                verdict.untrue.append(
                    f"untrue: image {image['id']} of {product} ({image['image_file']}) has no row"
                )
        verdict.duplicates += [
            f"twice: {tag} is {number} times in product {product}"
            for tag, number in tags.items()
            for _ in range(number - 1)
        ]


def _replaced(photo: Photo) -> bool:
    """Whether another photograph has taken its place: nobody may be asking for it."""
    return hashlib.sha256(photo.path.read_bytes()).hexdigest() != photo.sha256


def _untrue(
    store: StoreProcess, photo: Photo, images: dict[int, dict[int, dict[str, Any]]]
) -> list[str]:
    assert photo.image is not None
    assert photo.placement is not None
    image = images.get(photo.placement.product_id, {}).get(photo.image.id)
    if image is None:
        return [f"untrue: {photo.path} is said to be image {photo.image.id}, which is not there"]
    if image["image_file"] != photo.image.image_file:
        return [f"untrue: image {photo.image.id} is {image['image_file']}, not {photo.image}"]
    given = store.control("GET", f"_originals/{photo.image.id}").content
    if photo.picture is not None and hashlib.sha256(given).hexdigest() != photo.picture.sha256:
        return [f"untrue: image {photo.image.id} is not the picture of {photo.path}"]
    return []
