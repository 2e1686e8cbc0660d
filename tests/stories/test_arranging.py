"""The shop shows a product's pictures in the shoot's order, whatever came first, and keeps by hand.

How many updates that takes is counted by the store's own log.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.engine.fewest_moves import fewest_moves
from pipeline.faultpoints import VARIABLE
from tests.engine.test_fewest_moves import fewest_by_trying
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.watching import Watching

CREATE = {"method": "POST", "path": "/catalog/products/*/images"}

KINDS: list[dict[str, Any]] = [
    {"do": "answer", "status": 503, "method": "GET"},
    {"do": "answer", "status": 500, **CREATE},
    {"do": "answer", "status": 504, "when": "after", "body": "html", **CREATE},
    {"do": "drop", "when": "after-work", "how": "reset", **CREATE},
    {"do": "answer", "status": 502, "method": "PUT"},
]
FAULTS = [{**kind, "probability": 0.03, "seed": at} for at, kind in enumerate(KINDS)]

STYLES: tuple[Callable[[str], list[str]], ...] = (
    lambda sku: [f"{sku}.jpg", *(f"{sku}_{number}.jpg" for number in range(1, 5))],
    lambda sku: [f"{sku}-{number}.jpg" for number in (1, 2, 3, 10, 11)],
    lambda sku: [f"{sku} ({number}).jpg" for number in (1, 2, 3, 10, 11)],
    lambda sku: [f"{sku}_{view}.jpg" for view in ("front", "left", "back", "detail", "packaging")],
    lambda sku: [f"{sku}.MAIN.jpg", *(f"{sku}.PT0{number}.jpg" for number in range(1, 5))],
    lambda sku: [f"{sku}/IMG_{number:04}.jpg" for number in (8, 9, 10, 99, 100)],
    lambda sku: [f"{sku}/{sku}_{number}_free.jpg" for number in range(5)],
    lambda sku: [f"brand/{sku}/{view}.jpg" for view in ("main", "vorne", "dos", "zoom", "box")],
)
"""Eight styles of names, each in the order in which the shoot is to be shown."""


def shown(store: StoreProcess, product: int) -> list[dict[str, Any]]:
    return sorted(store.images(product), key=lambda image: (image["sort_order"], image["id"]))


def names(store: StoreProcess, product: int) -> list[str]:
    """Return the beginnings of the files' names, as the shop shows the images."""
    return [
        Path(image["image_file"]).name.split("__")[0].rsplit("-", 1)[0]
        for image in shown(store, product)
    ]


def mains(store: StoreProcess, product: int) -> list[int]:
    return [at for at, image in enumerate(shown(store, product)) if image["is_thumbnail"]]


def updates(store: StoreProcess) -> int:
    return sum(1 for one in store.seen() if one["method"] == "PUT")


def wrong(pipeline: Command, store: StoreProcess, shot: dict[str, list[Path]]) -> list[str]:
    """Return the products that the shop shows otherwise than they were shot."""
    photos = {one["path"]: one for one in pipeline("list", "--json").well().document}
    found: list[str] = []
    for sku, paths in shot.items():
        here = [photos[str(path)] for path in paths]
        images = shown(store, here[0]["product_id"])
        main = [image["id"] for image in images if image["is_thumbnail"]]
        wanted = [photo["image_id"] for photo in here]
        if [image["id"] for image in images] != wanted or main != wanted[:1]:
            found.append(f"{sku}: {[Path(one['image_file']).name for one in images]}, {main}")
    return found


def shoot(folder: Path, products: int) -> dict[str, list[Path]]:
    shot: dict[str, list[Path]] = {}
    for number in range(products):
        sku = f"MUG-{number + 1:03d}"
        shot[sku] = [folder / name for name in STYLES[number % len(STYLES)](sku)]
        for at, path in enumerate(shot[sku]):
            photograph(path, number * 10 + at, (64, 48))
    return shot


def fewest(store: StoreProcess, pipeline: Command, shot: dict[str, list[Path]]) -> int:
    """Return how many updates put all products in order, at the least.

    What the planner needs is held against trying all there are, where these are not too many.
    """
    photos = {one["path"]: one for one in pipeline("list", "--json").well().document}
    needed = 0
    for paths in shot.values():
        here = [photos[str(path)] for path in paths]
        assert {one["state"] for one in here} == {"stored"}
        images = store.images(here[0]["product_id"])
        orders = {image["id"]: image["sort_order"] for image in images}
        wanted = [photo["image_id"] for photo in here]
        moves = fewest_moves(orders, wanted)
        if len(moves) in (1, 2):
            assert fewest_by_trying(orders, wanted, len(moves) - 1) is None
        main = next(image["id"] for image in images if image["is_thumbnail"])
        # What makes it the main picture goes with the update that moves it.
        is_said = main == wanted[0] or wanted[0] in {move.image_id for move in moves}
        needed += len(moves) + (not is_said)
    return needed


@pytest.mark.skipif(os.name != "posix", reason="the command is killed")
@pytest.mark.parametrize("products", [8, pytest.param(60, marks=pytest.mark.long)])
def test_photographs_in_eight_styles_come_in_the_shoots_order_among_faults(
    tmp_path: Path, products: int
) -> None:
    shot = shoot(tmp_path / "photos", products)
    paths = [path for of_one in shot.values() for path in of_one]
    random.Random(1).shuffle(paths)
    with StoreProcess(
        tmp_path / "store", "--open", "--plan", "unlimited", as_described=False
    ) as store:
        pipeline = Command(
            tmp_path / "home", store, plain_ids=False, settle_after=1, patience=60, workers=2
        )
        store.misbehave(*FAULTS)
        half = len(paths) // 2
        pipeline("run", "--quiet", *paths[:half], timeout=900)
        # Killed where it would begin to put products in order: then all are stored.
        killed = {VARIABLE: "kill:before ledger.plan@1"}
        ended = pipeline("run", "--quiet", *paths, environment=killed, timeout=900)
        store.misbehave()
        while ended.status > 0:
            ended = pipeline("run", "--quiet", *paths, environment=killed, timeout=900)
        needed = fewest(store, pipeline, shot)
        store.control("DELETE", "_log")
        pipeline("run", "--quiet", *paths, timeout=900).well()
        assert len(paths) == products * 5
        assert wrong(pipeline, store, shot) == []
        assert updates(store) == needed
        assert needed > 0
        pipeline("run", "--quiet", *paths, timeout=900).well()
        assert updates(store) == needed


def test_where_all_goes_well_no_update_is_made(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    shot = shoot(tmp_path / "photos", 8)
    pipeline("run", "--quiet", tmp_path / "photos").well()
    assert wrong(pipeline, store, shot) == []
    assert updates(store) == 0


def test_a_late_first_picture_comes_first_and_is_the_main_one_with_one_update(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    for at, name in enumerate(("SM-13_back.jpg", "SM-13_detail.jpg")):
        photograph(tmp_path / "shoot" / name, at)
    pipeline("run", "--quiet", "--product", 158, tmp_path / "shoot").well()
    photograph(tmp_path / "shoot" / "SM-13_front.jpg", 7)
    pipeline("run", "--quiet", "--product", 158, tmp_path / "shoot").well()
    assert names(store, 158) == ["sm-13-front", "sm-13-back", "sm-13-detail"]
    assert mains(store, 158) == [0]
    assert updates(store) == 1


@pytest.mark.skipif(os.name != "posix", reason="the watcher is asked to stop by a signal")
def test_a_watcher_puts_a_late_first_picture_first_once_nothing_new_comes_of_its_product(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    folder = tmp_path / "shoot"
    folder.mkdir()
    settings = {"quiet_after": 0.2, "rescan_every": 1, "arrange_after": 1}
    watching = Watching(pipeline, folder, **settings)
    with watching.running():
        for number, view in enumerate(("back", "detail", "front"), start=1):
            photograph(folder / "SM-13" / f"SM-13_{view}.jpg", number)
            watching.stored(number, 180)
        (product,) = {one["product_id"] for one in pipeline("list", "--json").well().document}
        until(lambda: mains(store, product) == [0] and updates(store) > 0, 180)
        assert names(store, product) == ["sm-13-front", "sm-13-back", "sm-13-detail"]
    assert updates(store) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "delay", "seconds": 0.7},
        {"do": "answer", "status": 500},
        {"do": "drop", "when": "mid-body", "how": "reset"},
        {"do": "drop", "when": "after-work", "how": "reset"},
    ],
    ids=["slow", "refused for a moment", "cut off", "its answer lost"],
)
def test_a_first_picture_that_is_slow_or_retried_comes_first_and_is_the_main_one(
    tmp_path: Path, pipeline: Command, store: StoreProcess, fault: dict[str, Any]
) -> None:
    for number in (1, 2, 3):
        photograph(tmp_path / "158" / f"158_{number}.jpg", number)
    store.misbehave({**fault, "times": 1, **CREATE})
    pipeline("run", "--quiet", tmp_path / "158").well()
    assert names(store, 158) == ["158-1", "158-2", "158-3"]
    assert mains(store, 158) == [0]
    assert updates(store) == 0


def test_a_first_picture_that_failed_comes_first_all_the_same(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    for number in (1, 2, 3):
        photograph(tmp_path / "158" / f"158_{number}.jpg", number)
    store.misbehave({"do": "answer", "status": 422, "times": 1, **CREATE})
    assert pipeline("run", "--quiet", tmp_path / "158").status == 1
    assert names(store, 158) == ["158-2", "158-3"]
    pipeline("retry", "--failed").well()
    pipeline("resume", "--quiet").well()
    assert names(store, 158) == ["158-1", "158-2", "158-3"]
    assert mains(store, 158) == [0]
    assert updates(store) == 1


def test_two_cameras_that_give_the_same_names_are_told_apart_by_their_clocks(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    # (folder, file, time, part of a second, offset): the second camera's clock is at another place.
    shots = [
        ("camera-b", "IMG_0001", "11:00:00", "10", "+02:00"),
        ("camera-a", "IMG_0001", "10:00:00", "25", "+01:00"),
        ("camera-a", "IMG_0002", "10:00:05", "", "+01:00"),
        ("camera-b", "IMG_0002", "11:00:05", "5", "+02:00"),
    ]
    for number, (folder, name, time, part, offset) in enumerate(shots):
        exif = Image.Exif()
        said = {0x9003: f"2026:11:27 {time}", 0x9291: part, 0x9011: offset}
        exif.get_ifd(0x8769).update({tag: text for tag, text in said.items() if text})
        photograph(tmp_path / folder / f"{name}.jpg", number, exif=exif)
    pictures = [tmp_path / folder / f"{name}.jpg" for folder, name, *_ in shots]
    # The first of all comes last, when the others' files are gone.
    pipeline("run", "--quiet", "--product", 158, *pictures[:0:-1]).well()
    for path in pictures[1:]:
        path.unlink()
    pipeline("run", "--quiet", "--product", 158, pictures[0]).well()
    assert wrong(pipeline, store, {"158": pictures}) == []


def test_what_was_there_before_stays_before_and_its_main_picture_is_kept(
    tmp_path: Path, pipeline: Command, store: StoreProcess
) -> None:
    by_hand = photograph(tmp_path / "by-hand.jpg", 90)
    pipeline("images", "create", 158, by_hand).well()
    for number in (1, 2):
        photograph(tmp_path / "158" / f"158_{number}.jpg", number)
    pipeline("run", "--quiet", tmp_path / "158").well()
    assert names(store, 158)[1:] == ["158-1", "158-2"]
    assert mains(store, 158) == [0]
    assert updates(store) == 0


@pytest.mark.parametrize("late", [False, True])
def test_a_persons_order_and_main_picture_are_kept(
    tmp_path: Path, pipeline: Command, store: StoreProcess, *, late: bool
) -> None:
    for number in (2, 3, 4):
        photograph(tmp_path / "158" / f"158_{number}.jpg", number)
    pipeline("run", "--quiet", tmp_path / "158").well()
    last = shown(store, 158)[-1]["id"]
    store.put(158, last, sort_order=-5, is_thumbnail=True)
    # What comes later finds its place among what nobody moved.
    number = 1 if late else 5
    photograph(tmp_path / "158" / f"158_{number}.jpg", number)
    pipeline("run", "--quiet", tmp_path / "158").well()
    rest = ["158-1", "158-2", "158-3"] if late else ["158-2", "158-3", "158-5"]
    assert names(store, 158) == ["158-4", *rest]
    assert mains(store, 158) == [0]
