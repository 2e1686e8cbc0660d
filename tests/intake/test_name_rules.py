from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.intake.name_rules import (
    folder_names,
    is_camera_name,
    is_likely_sku,
    leading_names,
    shot_order,
    spelt_id,
)

# What a name may hold on a POSIX disk, bytes that are no text among it.
NAMES = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"])
    | st.integers(0xDC80, 0xDCFF).map(chr),
    min_size=1,
    max_size=60,
).filter(lambda name: name not in (".", ".."))
SKUS = st.from_regex(r"[A-Z]{2,5}-?[0-9]{1,4}(-[A-Z0-9]{1,4})?", fullmatch=True)

# Names that begin with a number which is no product's, whatever the catalogue knows.
NUMBERED = (
    "2026-11-27 10.15.00", "20261127_101500", "20261127T101500Z", "2026.11.27", "27.11.2026",
    "27-11-26", "11-27-2026", "2026_11", "11-2026", "2026-W48", "27 Nov 2026", "27. November",
    "2026 December", "261127_3", "271126", "101500", "10.15.00", "10h15", "10-15", "2026 autumn",
    "1999", "12.5x8cm-frame", "12x8", "158 x 200 cm", "158x200-frame", "500 ml bottle", "500ml",
    "158 cm", "158mm lens", "900 px wide", "1,5 l", "3 mugs", "12 pack", "900-sheets", "250 pieces",
    "120 Stück", "6er", "900 of 901", "1", "07", "0042", "99_front", "IMG_1234", "DSC01234",
    "_DSC0815", "DSCF0815", "P1010001", "PXL_20261127_101500123", "IMG-20261127-WA0001", "GOPR0042",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SM-13-front.jpg", ("SM-13-front", "SM-13", "SM")),
        ("SM-13 (2).jpg", ("SM-13 (2)", "SM-13 (2", "SM-13", "SM")),
        ("158_1.jpg", ("158_1", "158")),
        ("900_1.jpg", ("900_1", "900")),
        ("900.jpg", ("900",)),
        ("id-158_2.jpg", ("id-158_2", "id-158", "id")),
        ("SM-13", ("SM-13", "SM")),
        ("BOWL.24.front.JPG", ("BOWL.24.front", "BOWL.24", "BOWL")),
        (
            "RING-07+cut-out#3.png",
            ("RING-07+cut-out#3", "RING-07+cut-out", "RING-07+cut", "RING-07", "RING"),
        ),
        ("  SM-13 .jpg", ("SM-13", "SM")),
        ("IMG_1234.jpg", ()),
        ("IMG_1234 (2).jpg", ()),
        ("MUGB0042.jpg", ("MUGB0042",)),
        ("-SM-13.jpg", ("-SM-13", "-SM")),
        ("   .jpg", ()),
        ("cafe\u0301-1.jpg", ("caf\u00e9-1", "caf\u00e9")),
    ],
)
def test_a_file_name_proposes_what_it_begins_with(name: str, expected: tuple[str, ...]) -> None:
    assert leading_names(Path("/shop") / name) == expected


def test_folders_propose_their_names_from_the_nearest_up_to_the_one_that_was_named() -> None:
    path = Path("/studio/2026/SM-13/ id-158 /front/a.jpg")
    assert folder_names(path, Path("/studio/2026/SM-13")) == ("front", "id-158", "SM-13")
    assert folder_names(path, Path("/studio/2026/SM-13/ id-158 /front")) == ("front",)
    assert folder_names(Path("/a.jpg"), Path("/")) == ()


@pytest.mark.parametrize(
    "name",
    ["IMG_1234", "DSC_0815", "DSCF0815", "_MG_0001", "P1010001", "GOPR0001", "DSC01234",
     "100CANON", "101_PANA", "DCIM", "img_0001"],
)  # fmt: skip
def test_names_that_cameras_give_are_known_as_such(name: str) -> None:
    assert is_camera_name(name)
    assert not is_likely_sku(name)


@pytest.mark.parametrize("name", ["SM-13", "158", "IMG_12345", "BOWL-24", "158_1", "SM-13-front"])
def test_other_names_are_no_cameras(name: str) -> None:
    assert not is_camera_name(name)


@pytest.mark.parametrize("name", ["SM-13", "BOWL-24", "TOY-05", "A1/B", "X.1"])
def test_capitals_with_a_digit_look_like_a_sku(name: str) -> None:
    assert is_likely_sku(name)


@pytest.mark.parametrize(
    "name", ["front", "Front-1", "SHOP", "by-name", "", "-1", "1-", "a1", "158", "2026-11-27"]
)
def test_other_words_do_not(name: str) -> None:
    assert not is_likely_sku(name)


@pytest.mark.parametrize(
    ("name", "product", "order"),
    [
        ("158_1.jpg", "158", 1),
        ("158_02.jpg", "158", 2),
        ("158 (2).jpg", "158", 2),
        ("158[3].jpg", "158", 3),
        ("158#4.jpg", "158", 4),
        ("158-0.jpg", "158", 0),
        ("SM-13 (2).jpg", "SM-13", 2),
        ("sm-13_7.jpg", "SM-13", 7),
        ("158_9999.jpg", "158", 9999),
        ("158_0012345.jpg", "158", None),
        ("158_20260914.jpg", "158", None),
        ("158.jpg", "158", None),
        ("SM-13-front.jpg", "SM-13", None),
        ("158_1_front.jpg", "158", None),
        ("other_1.jpg", "158", None),
        ("STRASSE-1_2.jpg", "straße-1", 2),
        ("cafe\u0301_2.jpg", "caf\u00e9", 2),
    ],
)
def test_the_number_after_the_products_name_is_the_order(
    name: str, product: str, order: int | None
) -> None:
    assert shot_order(Path(name), product) == order


@pytest.mark.parametrize("stem", NUMBERED)
def test_dates_times_measures_counts_and_cameras_propose_no_number(stem: str) -> None:
    names = leading_names(Path(f"/shop/{stem}.jpg"))
    assert not [name for name in names if name.isdecimal() or is_likely_sku(name)]


@pytest.mark.parametrize(
    "folders",
    ["2026", "2026/11/27", "2026/11", "2026-11-27", "20261127", "261127", "27.11.2026", "11", "7",
     "100CANON", "DCIM", "101_PANA", "30x40", "500ml", "2026/2026-11-27"],
)  # fmt: skip
def test_folders_of_dates_measures_and_cameras_propose_nothing(folders: str) -> None:
    assert folder_names(Path(f"/shop/{folders}/a.jpg"), Path("/shop"))[:-1] == ()


def test_with_plain_ids_a_calendar_of_folders_is_no_product_and_other_numbers_are() -> None:
    def names(path: str) -> tuple[str, ...]:
        return folder_names(Path("/s") / path, Path("/s"), plain_ids=True)[:-1]

    assert names("2026/11/27/a.jpg") == names("2026/11/a.jpg") == names("2026-11-27/a.jpg") == ()
    assert names("2026/11/27/158/a.jpg") == ("158",)
    assert names("7/a.jpg") == ("7",)
    assert leading_names(Path("7_1.jpg"), plain_ids=True) == ("7_1", "7")
    assert leading_names(Path("12.5x8cm-frame.jpg"), plain_ids=True) == ("12.5x8cm-frame",)


@pytest.mark.parametrize(
    ("name", "digits"),
    [("id 158", "158"), ("id-158", "158"), ("ID_158", "158"), ("product-158", "158"),
     ("Product 158", "158"), ("158", None), ("id158", None), ("idea-158", None), ("id-", None)],
)  # fmt: skip
def test_an_id_that_is_called_one_is_read(name: str, digits: str | None) -> None:
    assert spelt_id(name) == digits


@given(SKUS, st.sampled_from(["-", "_", " ", ".", " (", "--"]), st.text("abcxyz", min_size=1))
def test_a_sku_is_among_what_a_name_that_begins_with_it_proposes(
    sku: str, separator: str, rest: str
) -> None:
    name = f"{sku}{separator}{rest}"
    assume(not is_camera_name(name))
    assert sku in leading_names(Path(f"/shop/{name}.jpg"))


@given(SKUS, st.integers(0, 9999))
def test_a_shot_number_is_read_back(sku: str, number: int) -> None:
    for name in (f"{sku}_{number}.jpg", f"{sku} ({number}).JPG", f"{sku}-{number:04}.png"):
        assert shot_order(Path("/shop") / name, sku) == number


@given(NAMES)
@example("\udcff\udcfe.jpg")
@example("a\u0301" * 30)
@example("ǅ1.jpg")
def test_whatever_a_name_is_its_proposals_are_beginnings_of_it_the_longest_first(
    name: str,
) -> None:
    path = Path("/shop") / name
    stem = normalize("NFC", path.stem).strip()
    proposed = leading_names(path)
    assert all(one and stem.startswith(one) for one in proposed)
    assert list(proposed) == sorted(set(proposed), key=len, reverse=True)
    assert set(proposed) <= set(leading_names(path, plain_ids=True))


@given(NAMES, NAMES)
def test_whatever_two_names_are_an_order_is_a_small_number_or_none(name: str, product: str) -> None:
    order = shot_order(Path("/shop") / name, product)
    assert order is None or 0 <= order <= 9999


@given(st.lists(NAMES.filter(lambda name: "/" not in name), max_size=5), NAMES)
def test_no_name_above_the_root_is_ever_proposed(folders: list[str], name: str) -> None:
    root = Path("/above/158")
    path = root.joinpath(*folders, name)
    below = {normalize("NFC", folder).strip() for folder in folders}
    assert set(folder_names(path, root)) <= below | {"158"}
    assert "above" not in folder_names(path, root) or "above" in below
