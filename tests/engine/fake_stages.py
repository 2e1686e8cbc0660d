"""Stages whose answers a test sets, and steps through the engine one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from pipeline.claimable import ANYBODYS
from pipeline.engine import Engine, Stages
from pipeline.values import (
    Arrival,
    Inspection,
    Original,
    Photo,
    Picture,
    Placement,
    ProductImages,
    SendRecord,
    Step,
    StoredImage,
)
from tests.makers import (
    inspection,
    original,
    picture,
    placement,
    stored_image,
)

SETTLE = 60.0

_TAGGED = re.compile(r"-([0-9a-f]{10})__")


def digest_tag(image: StoredImage) -> str | None:
    found = _TAGGED.search(image.image_file)
    return None if found is None else found[1]


@dataclass
class FakeStages:
    """Stages whose answers a test sets: an error is raised once, then all is well."""

    images: list[StoredImage] = field(default_factory=list)
    creates: int = 0
    looks: int = 0
    listings: int = 0
    alone: int = 0
    renders: int = 0
    forgotten: int = 0
    errors: dict[str, list[Exception]] = field(default_factory=dict)
    makes_it_all_the_same: bool = False
    spooled: bool = True
    answers_with: StoredImage | None = None
    unknown: set[int] = field(default_factory=set)
    most_together: int | None = None
    together: list[int] = field(default_factory=list)
    looks_alike: bool | None = True
    looked_at: list[tuple[int, int]] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    likenesses: dict[str, str] = field(default_factory=dict)
    answers_well: bool = False
    poisons: dict[tuple[str, str], Callable[[], Exception]] = field(default_factory=dict)

    def trouble(self, stage: str, *errors: Exception) -> None:
        self.errors.setdefault(stage, []).extend(errors)

    def poison(self, stage: str, product: int, name: str, error: Callable[[], Exception]) -> None:
        """Have a stage always fail for the photograph `/PRODUCT/NAME.jpg`."""
        path = f"/{product}/{name}.jpg"
        self.poisons[stage, original(path, path.encode()).sha256[:10]] = error

    def _stumble(self, stage: str, what: str) -> None:
        for (where, which), error in self.poisons.items():
            if where == stage and which in what:
                raise error()
        self._raise(stage)

    def _raise(self, stage: str) -> None:
        if self.errors.get(stage):
            raise self.errors[stage].pop(0)

    def accept(self, what: Arrival) -> Original:
        self._stumble("accept", original(what.path, str(what.path).encode()).sha256)
        return original(what.path, str(what.path).encode(), product_id=what.product_id)

    def check(self, what: Original) -> Inspection:
        self._stumble("check", what.sha256)
        return inspection()

    def place(self, what: Original) -> Placement:
        self._stumble("place", what.sha256)
        return placement()

    def render(self, what: Original, how: Inspection, photo_id: str) -> Picture:
        self._raise("render")
        self.spooled = True
        self.renders += 1
        made = picture(what.sha256.encode())
        self.dropped.discard(made.spool_name)
        likeness = self.likenesses.get(what.path.name)
        return replace(made, upload_name=f"photo-{what.sha256[:10]}.jpg", likeness=likeness)

    def deliver(
        self, what: Picture, where: Placement, progress: Callable[[int, int], None]
    ) -> StoredImage:
        self.creates += 1
        image = stored_image(
            len(self.images) + 1, where.product_id, what.upload_name.removesuffix(".jpg")
        )
        if self.errors.get("deliver") and self.makes_it_all_the_same:
            self.images.append(image)
        self._stumble("deliver", what.upload_name)
        self.images.append(image)
        return self.answers_with or image

    def find(self, what: Picture, where: Placement, sent: SendRecord) -> list[StoredImage]:
        self.looks += 1
        self._raise("find")
        tag = what.upload_name.removesuffix(".jpg")
        return [image for image in self.images if tag in image.image_file]

    def listed(self, product_id: int) -> list[StoredImage]:
        self._raise("images")
        self.listings += 1
        self.alone += 1
        return [image for image in self.images if image.product_id == product_id]

    def images_of(self, product_ids: Collection[int]) -> dict[int, ProductImages]:
        self._raise("images")
        self.listings += 1
        self.together.append(len(product_ids))
        of: dict[int, list[StoredImage]] = {id_: [] for id_ in set(product_ids) - self.unknown}
        for image in self.images:
            if image.product_id in of:
                of[image.product_id].append(image)
        most = self.most_together
        return {
            id_: ProductImages(
                images=tuple(images[:most]), complete=most is None or len(images) < most
            )
            for id_, images in of.items()
        }

    def alike(self, one: StoredImage, another: StoredImage) -> bool | None:
        self.looked_at.append((one.id, another.id))
        return self.looks_alike

    def forget(self, what: Picture) -> None:
        self.dropped.add(what.spool_name)

    def forget_unknown(self) -> None:
        self.forgotten += 1

    def stages(self) -> Stages:
        return Stages(
            accept=self.accept,
            check=self.check,
            place=self.place,
            render=self.render,
            ready=lambda what: self.spooled and what.spool_name not in self.dropped,
            deliver=self.deliver,
            find=self.find,
            forget=self.forget,
            keep=self.forget,
            store_pause=lambda: 0.0,
            images=self.listed,
            images_of=self.images_of,
            alike=self.alike,
            digest_tag=digest_tag,
            forget_unknown=self.forget_unknown,
            release=self.released.append,
            answers=lambda: self.answers_well,
        )


def advance(engine: Engine) -> None:
    """Advance whichever photograph is due by one step, whatever kind it is."""
    for kind in (Step.PREPARE, Step.UPLOAD):
        claim = engine.ledger.claim_next(kind, ANYBODYS)
        if claim is not None:
            engine.advance(claim)
            break


def step(engine: Engine) -> Photo:
    """Advance the only photograph by one step and return it."""
    advance(engine)
    engine.ledger.make_durable()
    (photo,) = engine.ledger.photos()
    return photo


def steps(engine: Engine, number: int) -> Photo:
    for _ in range(number):
        photo = step(engine)
    return photo
