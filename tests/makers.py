"""Values for tests that need some: real ones, with only what matters spelled out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.lifecycle import State
from pipeline.values import (
    Arrival,
    Door,
    ImageFormat,
    Inspection,
    Original,
    Photo,
    Picture,
    Placement,
    Profile,
    StoredImage,
)

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class ManualClock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.time = START
        self.stopped = False

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - START).total_seconds()

    def wait(self, seconds: float) -> bool:
        self.time += timedelta(seconds=seconds)
        return self.stopped

    def stopping(self) -> bool:
        return self.stopped

    def random(self) -> float:
        return 1.0

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def arrival(path: Path | str, *, product_id: int | None = None, sku: str | None = None) -> Arrival:
    place = Path(path)
    return Arrival(
        path=place,
        root=place.parent,
        door=Door.RUN,
        seen_at=START,
        product_id=product_id,
        sku=sku,
    )


def original(
    path: Path | str,
    content: bytes = b"a photograph",
    *,
    product_id: int | None = None,
    sku: str | None = None,
    from_current_product: bool = False,
) -> Original:
    place = Path(path)
    return Original(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        path=place,
        root=place.parent,
        sku=sku,
        from_current_product=from_current_product,
        placement=None if product_id is None else placement(product_id),
    )


def placement(product_id: int = 158) -> Placement:
    return Placement(product_id=product_id, rule="the product was given")


def inspection() -> Inspection:
    return Inspection(
        format=ImageFormat.JPEG,
        width=6000,
        height=4000,
        orientation=1,
        mode="RGB",
        bit_depth=8,
        profile=Profile.UNTAGGED,
        frames=1,
        private=False,
        trailing=False,
    )


def picture(content: bytes = b"a photograph") -> Picture:
    digest = hashlib.sha256(content).hexdigest()
    return Picture(
        sha256=digest,
        spool_name=f"{digest[:2]}/{digest}.jpg",
        size=812_334,
        width=2048,
        height=1365,
        format=ImageFormat.JPEG,
        upload_name=f"photo-{digest[:10]}.jpg",
        passthrough=False,
        work=("6000 × 4000 → 2048 × 1365", "JPEG quality 91"),
    )


def stored_image(image_id: int = 7, product_id: int = 158, name: str = "photo") -> StoredImage:
    return StoredImage(
        id=image_id,
        product_id=product_id,
        image_file=f"o/381/{name}__98178.jpg",
        is_thumbnail=False,
        sort_order=0,
        description="",
        url_zoom="",
        url_standard="",
        url_thumbnail="",
        url_tiny="",
        date_modified="2026-11-24T09:00:00+00:00",
    )


def photo() -> Photo:
    """Return a photograph of the product 158 that was checked and prepared."""
    return Photo(
        id="photo-1",
        state=State.PREPARED,
        path=Path("/studio/158/photo.jpg"),
        root=Path("/studio"),
        sha256="ab" * 32,
        size=12,
        sku=None,
        from_current_product=False,
        reason=None,
        sentence="prepared",
        placement=placement(),
        inspection=inspection(),
        picture=picture(),
        image=None,
        attempts=0,
        not_before=None,
        attempt_ended_at=None,
        missing_since=None,
        received_at=ManualClock().now(),
        changed_at=ManualClock().now(),
    )
