"""What lies beside photographs, at each door: left out, noted, or told; and never a photograph."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.watching import Watching, counts

FILM = b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + bytes(200)

NOT_FOR_UPLOAD = {
    "notes.txt": b"Front view, then the back.\n",
    "empty.csv": b"",
    "clip.mp4": FILM,
    "alone.nef": b"II*\0\x08\0\0\0\0\0" + bytes(100),
    "README": b"What is in this folder.\n",
}

LEFT_OUT = [
    "front.jpg_original",
    "front.jpg.bak",
    "front.orig",
    "Icon\r",
    "Picasa.ini",
    "front.jpg:Zone.Identifier",
]

COPIES = [
    "front.sync-conflict-20261127-101500-ABCDEF7.jpg",
    "front (Anna's conflicted copy 2026-11-27).jpg",
    "front-DESKTOP-4F2K9QX.jpg",
]


def lay_down(folder: Path) -> None:
    """Three photographs, two of them under strange names, and all that may lie beside them."""
    photograph(folder / "158" / "front.jpg", 1)
    photograph(folder / "158" / "front 2.jpg", 2)
    photograph(folder / "158" / "side.jpg", 3).rename(folder / "158" / "side.txt")
    for name, content in NOT_FOR_UPLOAD.items():
        (folder / "158" / name).write_bytes(content)
    for number, name in enumerate(LEFT_OUT + COPIES, start=10):
        photograph(folder / "158" / "later.jpg", number).rename(folder / "158" / name)
    (folder / "Shoot.cosessiondb").write_bytes(b"SQLite format 3\0")
    photograph(folder / "158" / "Trash" / "old.jpg", 30)
    photograph(folder / "158" / "CaptureOne" / "Cache" / "Thumbnails" / "old.jpg", 31)


def test_a_run_takes_the_photographs_and_ends_well(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "shoot"
    lay_down(folder)
    run = pipeline("run", "--json", folder).well()
    assert (run.counts["found"], run.counts["stored"], run.counts["not_for_upload"]) == (3, 3, 5)
    outcomes = {Path(one["path"]).name: one["outcome"] for one in run.document["photographs"]}
    assert {name for name, one in outcomes.items() if one == "not_for_upload"} == set(
        NOT_FOR_UPLOAD
    )
    assert re.search(r"^3 conflict copies were left out \(.*front.*…\): ", run.err, re.M)
    assert len(store.images(158)) == 3
    again = pipeline("run", folder).well()
    assert re.search(
        r"^Beside them 5 that are not for upload \(.*, .*, .* and 2 more\)", again.out, re.M
    )
    assert "3 conflict copies were left out" in again.err
    listed = pipeline("list").well().out
    assert len(re.findall(r"^not for upload ", listed, re.M)) == 5
    assert "refused" not in listed
    assert pipeline("status", "--json").document["counts"]["not_for_upload"] == 5
    assert len(store.images(158)) == 3


def test_what_is_named_by_hand_is_taken_or_said(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "158"
    copies = [photograph(folder / name, number) for number, name in enumerate(COPIES)]
    film = folder / "front.jpg"
    film.write_bytes(FILM)
    notes = folder / "notes.txt"
    notes.write_bytes(b"Front view.\n")
    backup = photograph(folder / "b.jpg", 9).rename(folder / "b.jpg_original")
    run = pipeline("run", "--json", *copies, film, notes, backup)
    assert run.status == 1, "a film that is called a picture is a mistake"
    assert (run.counts["stored"], run.counts["refused"], run.counts["not_for_upload"]) == (4, 1, 1)
    only = pipeline("run", notes).well()
    assert "No picture lies there, only 1 that are not for upload (notes.txt)" in only.out
    called = pipeline("hook", "--wait", notes, copies[0]).well()
    assert called.err == ""
    assert pipeline("hook", "--wait", film).status == 1
    assert len(store.images(158)) == 4


@pytest.fixture
def watching(pipeline: Command, tmp_path: Path) -> Watching:
    (tmp_path / "shoot").mkdir()
    return Watching(pipeline, tmp_path / "shoot", whole_within=0.5)


@pytest.mark.long
def test_a_watcher_takes_the_same_and_says_the_same(
    watching: Watching, pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "shoot"
    lay_down(folder)
    with watching.running():
        until(lambda: counts(pipeline)["stored"] == 3)
        until(lambda: counts(pipeline)["refused"] == len(NOT_FOR_UPLOAD))
        late = photograph(tmp_path / "late.jpg", 40)
        for name in (
            "back.jpg_original",
            "back (conflicted copy 2026-11-27 101500).jpg",
            "Trash/back.jpg",
        ):
            shutil.copy(late, folder / "158" / name)
        photograph(folder / "158" / "back.jpg", 41)
        until(lambda: counts(pipeline)["stored"] == 4)
        said = watching.log()
    assert "3 conflict copies were left out" in said
    assert "refused" not in said
    assert len(store.images(158)) == 4
    assert pipeline("status", "--json").document["counts"]["not_for_upload"] == 5
