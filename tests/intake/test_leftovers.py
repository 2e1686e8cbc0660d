"""What other programs leave beside photographs, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.leftovers import (
    begins_session,
    is_conflict_copy,
    is_ignored_name,
    is_leftover,
    is_session_waste,
)


def nothing_beside(name: str) -> bool:
    return False


def anything_beside(name: str) -> bool:
    return True


LEFT = [
    "front.jpg_original",
    "FRONT.JPG_ORIGINAL",
    "front.jpg.bak",
    "front.BAK",
    "front.bak2",
    "front.jpg.orig",
    "shoot.cosessiondb",
    "Shoot.COSessionDB-wal",
    "studio.cocatalogdb",
    "Icon\r",
    "Icon\uf00d",
    "front.jpg:Zone.Identifier",
    "front.jpg\uf03aZone.Identifier",
    "Thumbs.db:encryptable",
    "front.jpg:AFP_AfpInfo",
    "front.jpg:com.dropbox.attrs",
    "front.jpg@SynoEAStream",
    "Picasa.ini",
    "ehthumbs.db",
    "ZbThumbnail.info",
    "pspbrwse.jbf",
]

LEFT_OF_ANY_KIND = [
    "studio.lrcat",
    "studio.lrcat-journal",
    "studio.lrcat-data",
    "studio.lrcat.lock",
    "studio Previews.lrdata",
    "System Volume Information",
    "Network Trash Folder",
    "FOUND.000",
    "RECYCLER",
    "@__thumb",
    ".dropbox.cache",
    ".stversions",
    ".Spotlight-V100",
    ".Trashes",
    "front.jpg.opdownload",
    "front.jpg.!sync",
]

PHOTOGRAPHS = [
    "front_original.jpg",
    "original.jpg",
    "SM-13_original.png",
    "bak.jpg",
    "front.bak.jpg",
    "orig.jpeg",
    "icon.jpg",
    "Icon.png",
    "picasa.ini.jpg",
    "trash.jpg",
    "cache.jpg",
    "lrcat.jpg",
    "found.0001.jpg",
    "Zone.Identifier.jpg",
    "conflict.jpg",
    "conflict-free diamond (copper).jpg",
    "ring (conflict-free copper).jpg",
    "ring (copper, conflict-free diamond).jpg",
    "mug copy.jpg",
    "mug (copy 2026-11-27).jpg",
    "front 2.jpg",
    "front (2).jpg",
    "front(1).jpg",
    "SM-13-FRONT.jpg",
    "SM-13-DESKTOP.jpg",
    "SM-13-DESKTOP-BLACK.jpg",
    "stand-DESKTOP-LEATHER.jpg",
    "stand-LAPTOP-15.jpg",
    "stand-MacBook-Pro.jpg",
    "case-PC.jpg",
    "IMG_20261127-101500.jpg",
    "sync-conflict-20261127.jpg",
    "poster (Konflikt 2026).jpg",
    "SM-13 (Case Conflict).jpg",
]
"""None of these may be left out, whatever lies beside them."""

CONFLICT_COPIES = [
    "front.sync-conflict-20261127-101500-ABCDEF7.jpg",
    "front.sync-conflict-20261127-101500.jpg",
    "front.sync-conflict-20261127-101500-ABCDEF7",
    "front (Anna's conflicted copy 2026-11-27).jpg",
    "front (Anna's conflicted copy 2026-11-27 (1)).jpg",
    "front (Anna (Studio)'s conflicted copy 2026-11-27).jpg",
    "front (STUDIO-PC's conflicted copy).jpg",
    "front (conflicted copy 2026-11-27 101500).jpg",
    "front (In Konflikt stehende Kopie von Anna 2026-11-27).jpg",
    "front (Annas in Konflikt stehende Kopie 2026-11-27).jpg",
    "front (Copie en conflit de Anna 2026-11-27).jpg",
    "front (Copia en conflicto de Anna 2026-11-27).jpg",
    "front (Copia conflictiva de Anna 2026-11-27).jpg",
    "front (copia in conflitto di Anna 2026-11-27).jpg",
    "front (C\u00f3pia em conflito de Anna 2026-11-27).jpg",
    "front (Co\u0301pia em conflito de Anna 2026-11-27).jpg",
    "front (Anna の競合コピー 2026-11-27).jpg",
    "front (Anna 的冲突副本 2026-11-27).jpg",
    "front_conflict-20261127-101500.jpg",
    "front_conflict-anna-20261127-101500.jpg",
    "front (SFConflict anna@example.org 2026-11-27-10-15-00).jpg",
    "front_STUDIO-PC_Nov-27-101500-2026_Conflict.jpg",
    "front.Conflict.jpg",
    "front.Conflict(2).jpg",
    "front [Conflict].jpg",
    "front [conflicted].jpg",
    "front (STUDIO conflict 2026-11-27).jpg",
]

BESIDE_THE_FILE = [
    ("front-DESKTOP-4F2K9QX.jpg", "front.jpg"),
    ("front-DESKTOP-4F2K9QX-2.jpg", "front.jpg"),
    ("SM-13-front-LAPTOP-1A2B3C4D.png", "SM-13-front.png"),
    ("front-WIN-0A1B2C3D4E5.jpg", "front.jpg"),
    ("front-studio-safeBackup-0001.jpg", "front.jpg"),
    ("front-STUDIO-7.jpg", "front.jpg"),
    ("front-STUDIO-7-3.jpg", "front.jpg"),
]


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_beside_photographs_is_known_by_its_name(name: str) -> None:
    assert is_leftover(name, nothing_beside)
    assert not is_ignored_name(name), "a folder may be called so"


@pytest.mark.parametrize("name", LEFT_OF_ANY_KIND)
def test_what_is_left_as_file_or_folder_is_known_by_its_name(name: str) -> None:
    assert is_ignored_name(name)
    assert is_ignored_name(name.upper())


@pytest.mark.parametrize("beside", [nothing_beside, anything_beside])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photographs_name_is_never_taken_for_one(name: str, beside: object) -> None:
    assert callable(beside)
    assert not is_ignored_name(name)
    assert not is_leftover(name, beside)
    assert not is_conflict_copy(name, beside, "STUDIO-7")


def test_a_backup_of_a_file_without_a_suffix_counts_beside_it() -> None:
    assert is_leftover("front_original", {"front"}.__contains__)
    assert not is_leftover("front_original", {"front.jpg"}.__contains__)


@pytest.mark.parametrize("name", CONFLICT_COPIES)
def test_a_conflict_copy_says_so_itself(name: str) -> None:
    assert is_conflict_copy(name, nothing_beside)


@pytest.mark.parametrize(("name", "plain"), BESIDE_THE_FILE)
def test_a_computers_name_makes_a_conflict_copy_only_beside_the_file(name: str, plain: str) -> None:
    assert is_conflict_copy(name, {plain}.__contains__, "STUDIO-7")
    assert not is_conflict_copy(name, nothing_beside, "STUDIO-7")
    assert not is_conflict_copy(name, {name, "other.jpg"}.__contains__, "STUDIO-7")


@pytest.mark.parametrize("computer", ["", "front", "back", "7", "PC"])
def test_a_computer_that_is_called_like_a_view_makes_none(computer: str) -> None:
    assert not is_conflict_copy(f"SM-13-{computer}.jpg", anything_beside, computer)


_SKU = st.from_regex(r"[A-Z]{1,4}-?[0-9]{1,4}", fullmatch=True)
_VIEW = st.sampled_from(["front", "BACK", "detail", "Top", "2", "02", "a", "copy", "desktop", "pc"])


@given(_SKU, st.lists(_VIEW, max_size=3), st.sampled_from("-_ "), st.sampled_from(["jpg", "PNG"]))
def test_no_name_of_sku_and_views_is_left_out(
    sku: str, views: list[str], between: str, suffix: str
) -> None:
    name = f"{between.join([sku, *views])}.{suffix}"
    assert not is_ignored_name(name)
    assert not is_leftover(name, anything_beside)
    assert not is_conflict_copy(name, anything_beside, "STUDIO-7")


def test_sessions_and_what_is_waste_in_them() -> None:
    assert begins_session("Shoot.cosessiondb")
    assert begins_session("studio.LRCAT")
    assert not begins_session("studio.jpg")
    waste = ["Trash", "cache", "Cache", "Settings166"]
    assert all(map(is_session_waste, waste))
    assert not any(map(is_session_waste, ["Output", "Capture", "Settings", "Trash 2", "SM-13"]))
