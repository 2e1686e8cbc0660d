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
)

# What a name may hold on a POSIX disk, bytes that are no text among it.
NAMES = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"])
    | st.integers(0xDC80, 0xDCFF).map(chr),
    min_size=1,
    max_size=60,
).filter(lambda name: name not in (".", ".."))
SKUS = st.from_regex(r"[A-Z]{2,5}-?[0-9]{1,4}(-[A-Z0-9]{1,4})?", fullmatch=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SM-13-front.jpg", ("SM-13-front", "SM-13", "SM")),
        ("SM-13 (2).jpg", ("SM-13 (2)", "SM-13 (2", "SM-13", "SM")),
        ("158_1.jpg", ("158_1", "158")),
        ("158.jpg", ("158",)),
        ("SM-13", ("SM-13", "SM")),
        ("BOWL.24.front.JPG", ("BOWL.24.front", "BOWL.24", "BOWL")),
        (
            "RING-07+cut-out#3.png",
            ("RING-07+cut-out#3", "RING-07+cut-out", "RING-07+cut", "RING-07", "RING"),
        ),
        ("  SM-13 .jpg", ("SM-13", "SM")),
        ("IMG_1234.jpg", ("IMG_1234",)),
        ("MUGB0042.jpg", ("MUGB0042",)),
        ("-SM-13.jpg", ("-SM-13", "-SM")),
        ("   .jpg", ()),
        ("cafe\u0301-1.jpg", ("caf\u00e9-1", "caf\u00e9")),
    ],
)
def test_a_file_name_proposes_what_it_begins_with(name: str, expected: tuple[str, ...]) -> None:
    assert leading_names(Path("/shop") / name) == expected


def test_folders_propose_their_names_from_the_nearest_up_to_the_one_that_was_named() -> None:
    path = Path("/studio/2026/SM-13/ 158 /front/a.jpg")
    assert folder_names(path, Path("/studio/2026/SM-13")) == ("front", "158", "SM-13")
    assert folder_names(path, Path("/studio/2026/SM-13/ 158 /front")) == ("front",)
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


@pytest.mark.parametrize("name", ["SM-13", "158", "BOWL-24", "TOY-05", "A1/B", "X.1"])
def test_capitals_with_a_digit_look_like_a_sku(name: str) -> None:
    assert is_likely_sku(name)


@pytest.mark.parametrize("name", ["front", "Front-1", "SHOP", "by-name", "", "-1", "1-", "a1"])
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
    assert (proposed[0] == stem) if stem else (proposed == ())


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
