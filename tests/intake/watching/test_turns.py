"""Which files wait for which, judged by their names alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.watching.turns import Turns, finished_name, is_in_the_making, standing_of

ROOT = Path("/in")


def waits(later: str, earlier: str, *, plain_ids: bool = False) -> bool:
    """Whether the one waits for the other, where that is still being written."""
    turns = Turns()
    turns.add(ROOT / earlier, standing_of(ROOT / earlier, ROOT, plain_ids=plain_ids))
    one = standing_of(ROOT / later, ROOT, plain_ids=plain_ids)
    return turns.before(ROOT / later, one, 0.0) is not None


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("SM-13/1.jpg", "SM-13/2.jpg"),
        ("SM-13/9.jpg", "SM-13/10.jpg"),
        ("SM-13/back.jpg", "SM-13/front.jpg"),
        ("SM-13/A1-back.jpg", "SM-13/B2-front.jpg"),
        ("SM-13/raw/1.jpg", "SM-13/web/2.jpg"),
        ("id 158/1.jpg", "id 158/2.jpg"),
        ("teapot/IMG_0001.JPG", "teapot/IMG_0002.JPG"),
        ("teapot/A1.jpg", "teapot/A2.jpg"),
        ("teapot/001_front.jpg", "teapot/002_back.jpg"),
        ("SM-13_1.jpg", "SM-13_2.jpg"),
        ("SM-13-back.jpg", "SM-13-front.jpg"),
        ("SM-13-BACK.jpg", "SM-13-FRONT.jpg"),
        ("SM-13 (1).jpg", "SM-13 (2).jpg"),
        ("SM-13.jpg", "SM-13_2.jpg"),
        ("monday/SM-13.jpg", "monday/SM-13_2.jpg"),
        ("IMG_0001.jpg", "IMG_0002.jpg"),
        ("monday/front/1.jpg", "monday/front/2.jpg"),
        ("a/SM-13/1.jpg", "b/SM-13/2.jpg"),
        ("SM-13/1", "SM-13/2.jpg"),
        ("4711_1.jpg", "4711_2.jpg"),
        ("20261127_101500.jpg", "20261127_101501.jpg"),
        ("1.jpg", "2.jpg"),
        ("teapot/101_front.jpg", "teapot/102_back.jpg"),
    ],
)
def test_what_may_be_of_one_product_comes_in_in_shot_order(earlier: str, later: str) -> None:
    assert waits(later, earlier)
    assert not waits(earlier, later)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("SM-13/1.jpg", "SM-14/2.jpg"),
        ("SM-13_1.jpg", "SM-14_1.jpg"),
        ("SM-13.jpg", "SM-14.jpg"),
        ("monday/SM-13-1.jpg", "monday/SM-14-1.jpg"),
        ("bottle/1.jpg", "teapot/1.jpg"),
        ("4711_1.jpg", "4712_1.jpg"),
        ("IMG_0001.jpg", "SM-13_1.jpg"),
        ("SM-13_1.jpg", "sunset.jpg"),
        ("SM-13/a-film.mov", "SM-13/b.jpg"),
        ("SM-13/a.log", "SM-13/b.jpg"),
        ("SM-13/a.nef", "SM-13/b.jpg"),
    ],
)
def test_files_of_other_products_and_what_is_no_picture_hold_up_nobody(
    earlier: str, later: str
) -> None:
    assert not waits(later, earlier)


def test_bare_numbers_tell_products_where_they_are_ids() -> None:
    assert not waits("159_1.jpg", "158_1.jpg", plain_ids=True)
    assert waits("158_2.jpg", "158_1.jpg", plain_ids=True)
    assert waits("monday/159_1.jpg", "monday/158_1.jpg")


def test_what_is_still_nameless_holds_up_what_began_later_in_its_folder() -> None:
    turns, copy = Turns(), ROOT / "SM-13" / "tmpfileQx81Zb"
    turns.add_nameless(copy, standing_of(copy, ROOT, plain_ids=False), 5.0)
    shot, other = ROOT / "SM-13" / "2.jpg", ROOT / "SM-14" / "2.jpg"
    assert turns.before(shot, standing_of(shot, ROOT, plain_ids=False), 6.0) == copy
    assert turns.before(shot, standing_of(shot, ROOT, plain_ids=False), 4.0) is None
    assert turns.before(other, standing_of(other, ROOT, plain_ids=False), 6.0) is None


@pytest.mark.parametrize(
    ("name", "finished"),
    [
        (".IMG_1.jpg.X7f2Qa", "IMG_1.jpg"),
        ("IMG_1.jpg_exiftool_tmp", "IMG_1.jpg"),
        ("IMG_1.JPG.part", "IMG_1.JPG"),
        ("IMG_1.jpeg.crdownload", "IMG_1.jpeg"),
        (".syncthing.IMG_1.png.tmp", "IMG_1.png"),
        ("~syncthing~IMG_1.png.tmp", "IMG_1.png"),
        ("IMG_1.jpg.sb-1a2b3c4d-Xy12Za", "IMG_1.jpg"),
        (".IMG_1.webp", "IMG_1.webp"),
        ("tmpfileQx81Zb", None),
        (".goutputstream-A1B2C3", None),
        ("Unconfirmed 123456.crdownload", None),
    ],
)
def test_a_passing_name_is_known_and_tells_the_last_one_where_it_can(
    name: str, finished: str | None
) -> None:
    assert is_in_the_making(name)
    assert finished_name(name) == finished


@pytest.mark.parametrize(
    "name",
    ["IMG_1.jpg", "._IMG_1.jpg", "IMG_1.jpg_original", "IMG_1.jpg~", ".DS_Store", "film.mp4.part",
     "Thumbs.db", "IMG_1.jpg.lock", ".IMG_1.jpg.swp", "my.jpgs.txt"],
)  # fmt: skip
def test_what_never_becomes_a_picture_is_not_in_the_making(name: str) -> None:
    assert not is_in_the_making(name)
