"""What names say of the view that a photograph shows, each kind of name by an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.views import ViewWords, view_said

WORDS = ViewWords()


def said(name: str, product: str | None) -> tuple[str | None, int | None]:
    found = view_said(Path("/in", name), product, WORDS)
    return found.view, found.number


@pytest.mark.parametrize(
    ("name", "view", "number"),
    [
        ("SM-13_front.jpg", "front", None),
        ("SM-13-FRONT.JPG", "front", None),
        ("SM-13_front_2.jpg", "front", 2),
        ("SM-13_back2.jpg", "back", 2),
        ("SM-13 three-quarter.jpg", "three-quarter", None),
        ("SM-13_three_quarter_view.jpg", "three-quarter", None),
        ("SM-13-front-left.jpg", "three-quarter", None),
        ("SM-13_side.jpg", "left", None),
        ("SM-13.MAIN.jpg", "main", None),
        ("SM-13.PT02.jpg", None, 2),
        ("SM-13.FRNT.jpg", "front", None),
        ("SM-13_View_2.jpg", None, 2),
        ("SM-13_0_free.jpg", None, 0),
        ("SM-13 (2).jpg", None, 2),
        ("SM-13-red_2.jpg", None, None),
        ("SM-13-2-red.jpg", None, 2),
        ("SM-13#3.jpg", None, 3),
        ("SM-13-red-front-web.jpg", "front", None),
        ("SM-13_in-use.jpg", "lifestyle", None),
        # What is seen counts before the side, and main before all.
        ("SM-13-front-detail.jpg", "detail", None),
        ("SM-13-detail-left.jpg", "detail", None),
        ("SM-13-packaging-back.jpg", "packaging", None),
        ("SM-13-front-main.jpg", "main", None),
        ("SM-13-right-side.jpg", "right", None),
        # Whole words alone.
        ("SM-13-frontier.jpg", None, None),
        ("SM-13-stopper.jpg", None, None),
        # More than one number, and those that a camera counts with, are no picture's.
        ("SM-13_2026-11-27.jpg", None, None),
        ("SM-13_20261127.jpg", None, None),
        # Other languages.
        ("SM-13_vorne.jpg", "front", None),
        ("SM-13_Rückseite.jpg", "back", None),
        ("SM-13_rueckseite_2.jpg", "back", 2),
        ("SM-13_Schräg.jpg", "three-quarter", None),
        ("SM-13_arrière.jpg", "back", None),
        ("SM-13_côté.jpg", "left", None),
        ("SM-13_emballage.jpg", "packaging", None),
        ("SM-13_gros-plan.jpg", "detail", None),
        ("SM-13_detalle.jpg", "detail", None),
        ("SM-13_atrás.jpg", "back", None),
        ("SM-13_retro.jpg", "back", None),
        ("SM-13_confezione.jpg", "packaging", None),
        ("SM-13_achterkant.jpg", "back", None),
        ("SM-13_Größe.jpg", "scale", None),
    ],
)
def test_what_follows_the_products_name_says_the_view(
    name: str, view: str | None, number: int | None
) -> None:
    assert said(name, "SM-13") == (view, number)


@pytest.mark.parametrize(
    ("code", "view"),
    [
        ("A1C1", "front"),
        ("A1N1", "front"),
        ("A1L1", "three-quarter"),
        ("A1R0", "three-quarter"),
        ("C2N1", "left"),
        ("A3C1", "top"),
        ("A7C1", "back"),
        ("B8N1", "right"),
        ("A9C1", "bottom"),
        ("A0N1", None),
        ("D1C1", None),
        ("A1X1", None),
    ],
)
def test_the_signs_of_gs1_say_the_side_that_faces_the_camera(code: str, view: str | None) -> None:
    gtin = "04006381333931"
    assert said(f"{gtin}_{code}.jpg", gtin) == (view, None)
    assert said(f"{gtin}_{code}.jpg", None) == (view, None)
    assert said(f"SM-13_{code}.jpg", "SM-13") == (None, None)


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("top-shelf.jpg", "top-shelf"),
        ("top-shelf_2.jpg", "top-shelf"),
        ("SM-13.jpg", "sm-13"),
        ("top-shelf-mug.jpg", None),
        ("front-door-mat.jpg", None),
        ("IMG_0042.jpg", "SM-13"),
        ("DSC_0815.jpg", None),
    ],
)
def test_the_products_own_name_says_nothing(name: str, product: str | None) -> None:
    assert said(name, product)[0] is None


def test_a_name_that_is_its_products_alone_is_bare() -> None:
    assert view_said(Path("/in/SM-13.jpg"), "SM-13", WORDS).bare
    assert not view_said(Path("/in/SM-131.jpg"), "SM-13", WORDS).bare
    assert not view_said(Path("/in/SM-13_1.jpg"), "SM-13", WORDS).bare


@pytest.mark.parametrize(
    ("name", "view", "number"),
    [
        ("front.jpg", "front", None),
        ("2.jpg", None, 2),
        ("back_2.jpg", "back", 2),
        ("summer-shoot-detail.jpg", "detail", None),
        ("detail-of-a-mug.jpg", None, None),
        ("mug_2.jpg", None, None),
        ("IMG_0042.jpg", None, None),
    ],
)
def test_in_a_products_folder_what_a_name_ends_with_counts(
    name: str, view: str | None, number: int | None
) -> None:
    assert said(name, "SM-13") == (view, number)
    assert said(name, None) == (view, number)


def test_a_studios_own_views_and_words_are_known_too() -> None:
    words = ViewWords(("main", "label"), ("vitrine=lifestyle", "Etikett=label"))
    assert view_said(Path("/in/A_label.jpg"), "A", words).view == "label"
    assert view_said(Path("/in/A_Etikett.jpg"), "A", words).view == "label"
    assert view_said(Path("/in/A_vitrine.jpg"), "A", words).view == "lifestyle"
    assert view_said(Path("/in/A_vorne.jpg"), "A", words).view == "front"
    with pytest.raises(ValueError, match="should be a word and its view"):
        ViewWords(own=("vitrine",))
